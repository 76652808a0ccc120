//! What was measured of an adapter, judged. Pure: what it did comes in as [`Evidence`], a [`Passport`] goes out.
//!
//! The usual case: [`super::Adapter::measure`] makes one of a live adapter. You need the parts only to judge again what was
//! recorded ([`judge`]), or to know an adapter again ([`Identity`]).
//!
//! Nothing is taken from the version that an adapter claims, but for the question whether it keeps its word.

mod commands;
mod evidence;
mod identity;
mod judge;

pub use commands::{Own, PROBED};
pub(super) use commands::{STN, STN_MORE, TELLING};
pub use evidence::{Asked, Evidence, OnBus, Tried};
pub use identity::Identity;
pub use judge::judge;

use crate::traffic::{Direction, Traffic};
use roadworthy_api::adapter::Passport;
use std::{fmt, sync::Arc};

/// Name for people: what an STN device calls itself, else the adapter's own word, marked where measuring refuted it.
pub fn name(passport: &Passport) -> String {
    let own = passport.stn.as_ref().map(|stn| stn.device.as_ref().unwrap_or(&stn.chip));
    let claims = own.unwrap_or(&passport.claims).trim();
    let claims = if claims.is_empty() { "Adapter without a name" } else { claims };
    if passport.counterfeit.is_some() { format!("{claims} (clone)") } else { claims.to_owned() }
}

/// Finds the passport that is kept of an adapter.
pub type Lookup = Arc<dyn Fn(&Identity) -> Option<Passport> + Send + Sync>;

/// Where a driver finds the passport of the adapter it meets.
#[derive(Clone, Default)]
pub enum Passports {
    /// Nowhere: it is neither looked for nor measured, and nothing is used that needs proof.
    #[default]
    Unused,
    /// Here; an adapter that is not known is measured at the end of a check.
    Kept(Lookup),
    /// In a recording: what was done then is done again, and no passport comes of it.
    Recorded {
        /// Whether requests were counted.
        counted: bool,
        /// Whether the adapter was measured.
        measured: bool,
    },
}

impl Passports {
    /// Those with which the check of a recording was made, so that it can be played back.
    pub fn of(traffic: &Traffic) -> Self {
        let sent: Vec<String> = traffic
            .chunks
            .iter()
            .filter(|c| c.direction == Direction::ToAdapter)
            .flat_map(|c| String::from_utf8_lossy(&c.bytes).split('\r').map(str::to_owned).collect::<Vec<_>>())
            .collect();
        if !sent.iter().any(|text| text == commands::DESCRIBE) {
            return Self::Unused;
        }
        let measured = sent.iter().any(|text| text == commands::LONG);
        // The measuring tries a count by itself; before it nothing is counted.
        let odd = |text: &String| text.len() % 2 == 1 && text.bytes().all(|b| b.is_ascii_hexdigit());
        Self::Recorded { counted: !measured && sent.iter().any(odd), measured }
    }

    /// Whether anything is used that needs proof.
    pub(crate) fn used(&self) -> bool {
        !matches!(self, Self::Unused)
    }

    /// Whether an adapter that is not known is measured.
    pub(crate) fn measures(&self) -> bool {
        matches!(self, Self::Kept(_) | Self::Recorded { measured: true, .. })
    }
}

impl fmt::Debug for Passports {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unused => "Unused",
            Self::Kept(_) => "Kept",
            Self::Recorded { .. } => "Recorded",
        })
    }
}
