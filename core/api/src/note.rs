//! Notes, photos and measurements by hand: what the shop adds to a vehicle.

use crate::{
    Timestamp,
    error::{Code, Error, Result},
    id::{MeasurementId, NoteId, PhotoId, ServiceId, VisitId},
    valid::Valid,
};
use serde::{Deserialize, Serialize};

/// Bytes of a note that a list shows.
pub const NOTE_START: usize = 2000;

/// A note in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoteRow {
    /// Id.
    pub id: NoteId,
    /// The visit it is about, if one.
    pub visit: Option<VisitId>,
    /// When it was written.
    pub at: Timestamp,
    /// When it was changed last, if it was.
    pub edited: Option<Timestamp>,
    /// Who wrote it, as in `owner/window`.
    pub by: String,
    /// Its text up to about [`NOTE_START`] bytes.
    pub start: String,
    /// Bytes of the whole text.
    pub bytes: u32,
}

/// A photo in a list. `file` and `thumbnail` are fetched at the blob endpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PhotoRow {
    /// Id.
    pub id: PhotoId,
    /// The visit it is about, if one.
    pub visit: Option<VisitId>,
    /// When it was added.
    pub at: Timestamp,
    /// Who added it.
    pub by: String,
    /// Caption.
    pub caption: String,
    /// BLAKE3 of the photo as it came.
    pub file: String,
    /// Its media type.
    pub media: String,
    /// Its size in bytes.
    pub bytes: u64,
    /// BLAKE3 of a JPEG of at most 480 pixels a side, upright.
    pub thumbnail: String,
    /// Width in pixels, upright.
    pub width: u32,
    /// Height in pixels, upright.
    pub height: u32,
}

/// A wheel or its brake.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs, reason = "each variant is the wheel of its name, left and right as the driver sits")]
pub enum Wheel {
    FrontLeft,
    FrontRight,
    RearLeft,
    RearRight,
    Spare,
}

/// What was measured. Values outside what can be are refused, not clamped.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "kebab-case")]
pub enum Measured {
    /// Odometer in km, 0 to 5,000,000.
    Odometer {
        /// Kilometres.
        km: f64,
    },
    /// Lining left on the thinner pad of a brake, 0 to 40 mm.
    BrakePad {
        /// Whose brake.
        wheel: Wheel,
        /// Millimetres.
        mm: f64,
    },
    /// Least tread depth of a tyre, 0 to 30 mm.
    Tread {
        /// Which tyre.
        wheel: Wheel,
        /// Millimetres.
        mm: f64,
    },
    /// A battery tester's word.
    Battery {
        /// Voltage at rest, 0 to 60 V.
        volts: Option<f64>,
        /// Cold cranking current measured, 0 to 3000 A.
        cold_cranking_amps: Option<f64>,
        /// State of health as the tester says, 0 to 100 %.
        health_percent: Option<f64>,
    },
    /// Engine oil as filled.
    Oil {
        /// As in `5W-30`.
        grade: String,
        /// Specification, as in `ACEA C3`; may be empty.
        specification: String,
    },
}

impl Valid for Measured {
    fn valid(&self, field: &str) -> Result<()> {
        let within = |value: f64, least: f64, most: f64, unit: &str| {
            if value.is_finite() && (least..=most).contains(&value) {
                return Ok(());
            }
            Err(Error::new(Code::Invalid, format!("{field}: {value} is outside {least} to {most} {unit}."))
                .hint("Measure again, or check the unit."))
        };
        match self {
            Self::Odometer { km } => within(*km, 0.0, 5_000_000.0, "km"),
            Self::BrakePad { mm, .. } => within(*mm, 0.0, 40.0, "mm"),
            Self::Tread { mm, .. } => within(*mm, 0.0, 30.0, "mm"),
            Self::Battery { volts, cold_cranking_amps, health_percent } => {
                volts.map_or(Ok(()), |v| within(v, 0.0, 60.0, "V"))?;
                cold_cranking_amps.map_or(Ok(()), |a| within(a, 0.0, 3000.0, "A"))?;
                health_percent.map_or(Ok(()), |h| within(h, 0.0, 100.0, "%"))?;
                if volts.or(*cold_cranking_amps).or(*health_percent).is_none() {
                    return Err(Error::new(Code::Invalid, "A battery test needs at least one figure.")
                        .hint("Type the voltage, the cranking current or the state of health."));
                }
                Ok(())
            }
            Self::Oil { grade, specification } => {
                grade.valid(field)?;
                specification.valid(field)?;
                if grade.trim().is_empty() {
                    return Err(Error::new(Code::Invalid, "The oil's grade is missing.").hint("As in 5W-30."));
                }
                Ok(())
            }
        }
    }
}

/// A measurement in a list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MeasurementRow {
    /// Id; `None` for an odometer reading that a check read from the vehicle or a service record states.
    pub id: Option<MeasurementId>,
    /// When it was taken (for oil: filled).
    pub at: Timestamp,
    /// Who typed it, or who answered, as in `Engine (PID A6)`.
    pub source: String,
    /// Whether it contradicted those around it and a person said that it is right.
    #[serde(default)]
    pub confirmed: bool,
    /// The service record that states it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<ServiceId>,
    /// In words, how an odometer reading contradicts the one before it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remark: Option<String>,
    /// What it is.
    #[serde(flatten)]
    pub measured: Measured,
}
