//! What a diagnosis looks at, and the questions that specialists ask of it.

use super::evidence;
use crate::{
    acquire::{self, number},
    journal::kind::ReadingFlag,
    verdict::{
        ecu_name, is_misfire,
        press::{self, Pressing},
        pressing,
    },
};
use roadworthy_api::{
    Timestamp,
    check::{CheckReport, CodeClass, FreezeFrame, Ignition},
    finding::{Evidence, Finding},
    note::Wheel,
};

/// A brake pad as it was measured last.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Pad {
    pub(crate) wheel: Wheel,
    pub(crate) mm: f64,
    pub(crate) at: Timestamp,
}

/// Everything that a diagnosis rests on.
pub(crate) struct Case<'a> {
    pub(crate) report: &'a CheckReport,
    /// What acquisition says of the readings.
    pub(crate) flags: &'a [ReadingFlag],
    /// The newest measurement of each wheel's pads.
    pub(crate) pads: &'a [Pad],
    /// Findings of this vehicle that were known before.
    pub(crate) earlier: &'a [Finding],
}

/// One code of one ECU, in whichever lists it stands.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Held {
    pub(crate) code: String,
    pub(crate) ecu: String,
    pub(crate) classes: Vec<CodeClass>,
}

/// A value that may be believed.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Known {
    pub(super) label: String,
    pub(super) value: f64,
    pub(super) unit: String,
    pub(super) ecu: String,
    pub(super) at: Timestamp,
}

impl Held {
    /// Confirmed, and not only remembered or suspected.
    pub(super) fn stored(&self) -> bool {
        self.classes.contains(&CodeClass::Stored)
    }
}

impl Case<'_> {
    /// Every code of every ECU once, in the order read.
    pub(super) fn held(&self) -> Vec<Held> {
        let mut all: Vec<Held> = Vec::new();
        for code in &self.report.codes {
            match all.iter_mut().find(|h| h.code == code.code && h.ecu == code.ecu) {
                Some(held) if held.classes.contains(&code.class) => {}
                Some(held) => held.classes.push(code.class),
                None => all.push(Held { code: code.code.clone(), ecu: code.ecu.clone(), classes: vec![code.class] }),
            }
        }
        all
    }

    /// The codes that an ECU holds and the filter keeps, each once.
    pub(super) fn codes_of(&self, ecu: &str, keep: impl Fn(&str) -> bool) -> Vec<String> {
        let mut codes: Vec<String> =
            self.held().into_iter().filter(|h| h.ecu == ecu && keep(&h.code)).map(|h| h.code).collect();
        codes.sort();
        codes
    }

    /// Whether any ECU holds one of these, confirmed or not. A permanent code alone tells of the past.
    pub(super) fn present(&self, is: impl Fn(&str) -> bool) -> bool {
        self.report.codes.iter().any(|c| c.class != CodeClass::Permanent && is(&c.code))
    }

    pub(super) fn misfires(&self) -> bool {
        self.present(is_misfire)
    }

    pub(super) fn pressing(&self, held: &Held) -> Pressing {
        pressing(self.report, &held.code, &held.ecu, &held.classes)
    }

    pub(super) fn ecu(&self, id: &str) -> String {
        ecu_name(self.report, id)
    }

    pub(super) fn diesel(&self) -> bool {
        self.report.readiness.iter().any(|r| r.ignition == Ignition::Compression)
    }

    /// A present value that acquisition does not doubt; of several ECUs the first that gives it.
    pub(super) fn value(&self, name: &str) -> Option<Known> {
        self.values(name).next()
    }

    /// The same of every ECU that gives it.
    pub(super) fn values(&self, name: &str) -> impl Iterator<Item = Known> {
        acquire::numbers(self.report)
            .filter(move |(seen, _)| seen.name == name && !acquire::distrusted(self.flags, name, seen.ecu))
            .map(move |(seen, reading)| Known {
                label: reading.item.label.clone().unwrap_or_else(|| acquire::called(name)),
                value: seen.value,
                unit: seen.unit.unwrap_or_default().to_owned(),
                ecu: self.ecu(seen.ecu),
                at: seen.at,
            })
    }

    /// The freeze frame that a code of an ECU caused.
    pub(super) fn frame(&self, held: &Held) -> Option<&FreezeFrame> {
        self.report.freeze_frames.iter().find(|f| f.ecu == held.ecu && f.cause == held.code)
    }

    /// A value of that frame, if it can be.
    pub(super) fn frozen(&self, held: &Held, name: &str) -> Option<f64> {
        press::frozen(self.report, &held.code, &held.ecu, name)
    }

    /// Whether the engine runs, as far as that was read.
    pub(super) fn running(&self) -> bool {
        self.value("engine_rpm").is_some_and(|rpm| rpm.value >= acquire::RUNNING)
    }
}

impl Known {
    /// `87.5 °C`.
    pub(super) fn shown(&self) -> String {
        format!("{} {}", number(self.value), self.unit).trim_end().to_owned()
    }

    pub(super) fn evidence(&self) -> Evidence {
        evidence(self.label.clone(), self.shown(), self.ecu.clone(), self.at)
    }
}
