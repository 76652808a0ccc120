//! Service history: what was done to a vehicle, when, at which odometer reading, by whom and for how much.
//!
//! A record says what its source says. A unit or a currency that nobody stated stays unknown, and no amount is ever converted.
//! An odometer reading that cannot be right is flagged ([`OdometerFlag`]) and does not count until a person has judged it.

use crate::{
    Timestamp,
    error::{Code, Error, Result},
    id::{ImportId, ServiceId, VehicleId},
    valid::{LINE_MAX, Valid},
};
use serde::{Deserialize, Serialize};

/// Longest free text of a record (description, notes, one other field), in bytes.
pub const SERVICE_TEXT_MAX: usize = 64 << 10;
/// Most entries of each list of a record.
pub const SERVICE_LIST_MAX: usize = 200;
/// Kilometres of a statute mile, exact (international yard and pound agreement of 1959).
pub const KM_PER_MILE: f64 = 1.609_344;

/// What a record is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ServiceKind {
    /// Maintenance.
    Service,
    /// Something was broken.
    Repair,
    /// Something was added or made better.
    Upgrade,
    /// Looked at, as by an authority.
    Inspection,
    /// Tyres.
    Tyre,
    /// Fuel or charge.
    Fuel,
    /// An odometer reading and nothing else.
    Odometer,
    /// Tax, registration, insurance.
    Tax,
    /// Work that is planned and was not done yet.
    Plan,
    /// None of these, or nobody said which.
    #[default]
    Other,
}

impl ServiceKind {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Service,
        Self::Repair,
        Self::Upgrade,
        Self::Inspection,
        Self::Tyre,
        Self::Fuel,
        Self::Odometer,
        Self::Tax,
        Self::Plan,
        Self::Other,
    ];

    /// As it is written in files and typed, as in `service`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Service => "service",
            Self::Repair => "repair",
            Self::Upgrade => "upgrade",
            Self::Inspection => "inspection",
            Self::Tyre => "tyre",
            Self::Fuel => "fuel",
            Self::Odometer => "odometer",
            Self::Tax => "tax",
            Self::Plan => "plan",
            Self::Other => "other",
        }
    }

    /// For people, as in `Tyres`.
    pub fn label(self) -> &'static str {
        match self {
            Self::Service => "Service",
            Self::Repair => "Repair",
            Self::Upgrade => "Upgrade",
            Self::Inspection => "Inspection",
            Self::Tyre => "Tyres",
            Self::Fuel => "Fuel",
            Self::Odometer => "Odometer reading",
            Self::Tax => "Tax or insurance",
            Self::Plan => "Planned work",
            Self::Other => "Other work",
        }
    }
}

impl Valid for ServiceKind {}

/// Unit of an odometer or of an hour meter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MeterUnit {
    /// Kilometres.
    Km,
    /// Statute miles.
    Mi,
    /// Hours of the engine: no distance.
    H,
}

impl MeterUnit {
    /// As in `km`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Km => "km",
            Self::Mi => "mi",
            Self::H => "h",
        }
    }
}

impl Valid for MeterUnit {}

/// A meter's reading as it was stated.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Meter {
    /// 0 to 5,000,000, in `unit`.
    pub value: f64,
    /// Its unit.
    pub unit: MeterUnit,
}

impl Meter {
    /// Kilometres; `None` for an hour meter.
    pub fn km(self) -> Option<f64> {
        match self.unit {
            MeterUnit::Km => Some(self.value),
            MeterUnit::Mi => Some(self.value * KM_PER_MILE),
            MeterUnit::H => None,
        }
    }
}

/// An amount as it was stated.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Money {
    /// Amount; below zero for what was given back.
    pub amount: f64,
    /// ISO 4217, as in `EUR`, or a sign that several currencies have, as it was stated (`$`); `None`: not stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
}

/// A part that was used.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Part {
    /// What it is; may be empty where there is a number.
    pub name: String,
    /// Part number; may be empty.
    pub number: String,
    /// How many.
    pub quantity: Option<f64>,
}

/// A share of the cost.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CostShare {
    /// As in `labour`.
    pub what: String,
    /// How much.
    pub money: Money,
}

/// Unit of a volume of fuel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FuelUnit {
    /// Litres.
    L,
    /// Gallons of 3.785411784 l.
    UsGal,
    /// Gallons of 4.54609 l.
    UkGal,
    /// Kilowatt hours.
    Kwh,
}

impl FuelUnit {
    /// As in `us-gal`.
    pub fn word(self) -> &'static str {
        match self {
            Self::L => "l",
            Self::UsGal => "us-gal",
            Self::UkGal => "uk-gal",
            Self::Kwh => "kwh",
        }
    }
}

/// Fuel that was filled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FuelFilled {
    /// How much, in `unit`.
    pub quantity: f64,
    /// `None`: not stated.
    pub unit: Option<FuelUnit>,
    /// Whether the tank was full after it; `None`: not stated.
    pub full: Option<bool>,
    /// Whether a filling before it was not written down; `None`: not stated.
    pub missed: Option<bool>,
}

/// What is said of a record.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ServiceFields {
    /// The day it was done, as in `2024-03-05`.
    pub day: String,
    /// Time of day by the clock on the wall, as in `14:30` or `14:30:05`, with its offset where that was stated
    /// (`14:30:05+02:00`); `None`: not stated.
    pub time: Option<String>,
    /// What it is about.
    pub kind: ServiceKind,
    /// How the source calls that; empty where it does not.
    pub kind_said: String,
    /// What was done.
    pub description: String,
    /// Odometer or hour meter.
    pub odometer: Option<Meter>,
    /// All of the cost.
    pub cost: Option<Money>,
    /// Shares of it that were stated apart.
    pub shares: Vec<CostShare>,
    /// Components or tasks.
    pub tasks: Vec<String>,
    /// Parts.
    pub parts: Vec<Part>,
    /// Fuel.
    pub fuel: Option<FuelFilled>,
    /// Who did it; may be empty.
    pub vendor: String,
    /// Notes; may be empty.
    pub notes: String,
    /// Tags.
    pub tags: Vec<String>,
    /// Number that the source gives it; may be empty.
    pub source_id: String,
    /// What else the source says, as name and text, so that nothing is lost.
    pub more: Vec<(String, String)>,
}

fn invalid(message: String, hint: &str) -> Result<()> {
    Err(Error::new(Code::Invalid, message).hint(hint))
}

fn text(field: &str, what: &str, text: &str, most: usize) -> Result<()> {
    if text.len() > most {
        return invalid(format!("{field}: {what} is longer than {most} bytes."), "Shorten it, or attach it as a file.");
    }
    if text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\t')) {
        return invalid(format!("{field}: {what} holds a control character."), "Type it again.");
    }
    Ok(())
}

impl Valid for Money {
    fn valid(&self, field: &str) -> Result<()> {
        if !self.amount.is_finite() || self.amount.abs() > 1e12 {
            return invalid(format!("{field}: {} is no amount of money.", self.amount), "Type it again.");
        }
        self.currency.as_deref().map_or(Ok(()), |c| text(field, "the currency", c, 12))
    }
}

impl Valid for ServiceFields {
    fn valid(&self, field: &str) -> Result<()> {
        if self.day.len() != 10 || !self.day.is_ascii() {
            return invalid(format!("{field}: {:?} is no day.", self.day), "Write it as 2024-03-05.");
        }
        self.time.as_deref().map_or(Ok(()), |t| text(field, "the time", t, 32))?;
        if let Some(Meter { value, unit }) = self.odometer
            && !(value.is_finite() && (0.0..=5_000_000.0).contains(&value))
        {
            let message = format!("{field}: {value} is outside 0 to 5000000 {}.", unit.word());
            return invalid(message, "Read it again, or check the unit.");
        }
        self.cost.valid(field)?;
        if let Some(fuel) = &self.fuel
            && !(fuel.quantity.is_finite() && (0.0..=100_000.0).contains(&fuel.quantity))
        {
            return invalid(format!("{field}: {} is no quantity of fuel.", fuel.quantity), "Type it again.");
        }
        for (what, list) in [
            ("tasks", self.tasks.len()),
            ("parts", self.parts.len()),
            ("shares of the cost", self.shares.len()),
            ("tags", self.tags.len()),
            ("other fields", self.more.len()),
        ] {
            if list > SERVICE_LIST_MAX {
                return invalid(format!("{field} has more than {SERVICE_LIST_MAX} {what}."), "Write two records.");
            }
        }
        let short = |what: &str, t: &str| text(field, what, t, LINE_MAX * 4);
        short("the kind", &self.kind_said)?;
        short("the vendor", &self.vendor)?;
        short("the number", &self.source_id)?;
        text(field, "the description", &self.description, SERVICE_TEXT_MAX)?;
        text(field, "the text of the notes", &self.notes, SERVICE_TEXT_MAX)?;
        self.tasks.iter().try_for_each(|t| text(field, "a task", t, SERVICE_TEXT_MAX))?;
        self.tags.iter().try_for_each(|t| short("a tag", t))?;
        for part in &self.parts {
            short("a part", &part.name)?;
            short("a part's number", &part.number)?;
            if part.quantity.is_some_and(|q| !q.is_finite()) {
                return invalid(format!("{field}: a quantity of a part is no number."), "Type it again.");
            }
        }
        for share in &self.shares {
            short("a share of the cost", &share.what)?;
            share.money.valid(field)?;
        }
        self.more.iter().try_for_each(|(name, said)| {
            short("a field's name", name)?;
            text(field, "a field", said, SERVICE_TEXT_MAX)
        })
    }
}

/// What is wrong with an odometer reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OdometerDoubt {
    /// Below an earlier reading.
    Below,
    /// Above a later reading.
    Above,
    /// Further than anybody drives in that time.
    Jump,
    /// It fits as miles where kilometres are said, or the other way round (factor 1.609344).
    Unit,
    /// It fits with one digit less.
    ExtraDigit,
    /// It fits with one digit more.
    MissingDigit,
    /// From some day on the readings begin anew: as after a change of the instrument.
    Replaced,
    /// Its day has not come yet.
    Future,
    /// It and another one contradict each other, and neither is better supported.
    Contradicts,
}

/// A reading that speaks against another one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OdometerEvidence {
    /// Its day.
    pub day: String,
    /// Kilometres.
    pub km: f64,
    /// Where it is from, in words, as in `line 12` or `read from Engine (PID A6)`.
    pub source: String,
}

/// Why an odometer reading does not count until a person has judged it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OdometerFlag {
    /// What is wrong.
    pub what: OdometerDoubt,
    /// In a sentence or two, with the figures.
    pub reason: String,
    /// What speaks against it.
    pub evidence: Vec<OdometerEvidence>,
}

/// What a person says of an odometer reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "as", rename_all = "kebab-case")]
pub enum Judgement {
    /// It is right, and counts.
    Accept,
    /// It does not count; the record stays.
    LeaveOut,
    /// The figure is right and the unit was this one.
    Unit {
        /// Which.
        unit: MeterUnit,
    },
}

impl Valid for Judgement {}

/// A record in a list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ServiceRow {
    /// Id.
    pub id: ServiceId,
    /// Whose.
    pub vehicle: VehicleId,
    /// When it was done, to sort by: the time that was stated, else the beginning of the day, by the clock of the machine that
    /// recorded it.
    pub at: Timestamp,
    /// What is said. Once its customer was forgotten only day, time, kind, odometer, cost and fuel are left.
    pub fields: ServiceFields,
    /// Its words were erased with its customer.
    pub forgotten: bool,
    /// When it was recorded here.
    pub recorded: Timestamp,
    /// By whom.
    pub by: String,
    /// When it was corrected last, if it was.
    pub corrected: Option<Timestamp>,
    /// The import that brought it.
    pub import: Option<ImportId>,
    /// Line of that file on which it begins.
    pub line: Option<u64>,
    /// Odometer in km as it counts; `None`: there is none, or it does not count.
    pub km: Option<f64>,
    /// Why its odometer reading was flagged.
    pub flag: Option<OdometerFlag>,
    /// What a person said of the reading.
    pub judged: Option<Judgement>,
}
