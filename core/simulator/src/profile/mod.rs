//! Adapters that misbehave, as data: the format of `docs/adapters.md` read into a [`Profile`].
//!
//! The usual case: [`Profile::named`] for one that ships with the program, [`Profile::parse`] for a file of somebody's own.
//! A profile is laid over the strict adapter: what it does not name is done as the data sheet says. What it may not do is
//! lie about the vehicle: no key lets it print a reply that the vehicle did not give.

pub(crate) mod habits;
mod read;
mod shipped;

pub(crate) use habits::Habits;
use roadworthy_api::{Code, Error};

/// An adapter with its habits, the reported case that it comes from, and what must become of a check on it.
#[derive(Clone, Debug, PartialEq)]
pub struct Profile {
    /// One word, as in `late-answers`.
    pub name: String,
    /// What it does, for people, in a few words.
    pub about: String,
    /// The reported case: an address, or a data sheet and its words.
    pub source: String,
    /// The vehicle that it is played with, one of [`crate::names`].
    pub vehicle: String,
    /// How a program reaches it.
    pub door: Door,
    /// What must become of a check.
    pub expect: Expect,
    pub(crate) habits: Habits,
}

/// How a program reaches an adapter when it is played.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Door {
    /// Inside this process.
    #[default]
    Process,
    /// Over TCP, as a Wi-Fi adapter: one client at a time.
    Tcp,
    /// Over a pseudo-terminal, as a serial adapter: at another speed than its own it understands nothing.
    Serial,
}

/// What must become of a check.
#[derive(Clone, Debug, PartialEq)]
pub enum Expect {
    /// It comes to its end and finds all of these that the strict adapter finds on the same vehicle.
    Finishes(Vec<Part>),
    /// It cannot come to its end, and says why: this code, with these words in the message.
    Names {
        /// For programs.
        code: Code,
        /// For people; a part of the message.
        says: String,
    },
}

macro_rules! parts {
    ($($(#[$doc:meta])* $part:ident = $name:literal,)+) => {
        /// A part of what a check finds.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Part {
            $($(#[$doc])* $part,)+
        }

        impl Part {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$part),+];

            /// As a profile names it.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$part => $name,)+
                }
            }
        }
    };
}

parts! {
    /// The ECUs.
    Ecus = "ecus",
    /// The VIN.
    Vin = "vin",
    /// Calibrations, their verification numbers and the ECUs' own names.
    Information = "information",
    /// Readiness.
    Readiness = "readiness",
    /// Trouble codes of all three lists.
    Codes = "codes",
    /// Freeze frames with their values.
    FreezeFrames = "freeze-frames",
    /// Present values.
    Values = "values",
}

impl Profile {
    /// Reads a file.
    ///
    /// # Errors
    /// [`Code::Malformed`], naming the key, with the guide to the format as the next step.
    pub fn parse(text: &str) -> Result<Self, Error> {
        read::profile(text)
    }

    /// One that ships with the program.
    ///
    /// # Errors
    /// [`Code::NotFound`] for a name that is not in [`Profile::names`].
    pub fn named(name: &str) -> Result<Self, Error> {
        match shipped::text(name) {
            Some(text) => Self::parse(text),
            None => Err(Error::new(Code::NotFound, format!("There is no simulated adapter \"{name}\"."))
                .hint(format!("There is: strict, {}.", Self::names().join(", ")))),
        }
    }

    /// Names of those that ship with the program.
    pub fn names() -> &'static [&'static str] {
        shipped::NAMES
    }

    /// Bit/s of its serial line.
    pub fn baud(&self) -> u32 {
        self.habits.line.baud
    }
}
