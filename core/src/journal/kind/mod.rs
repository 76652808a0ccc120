//! What happens: the kinds of events and their payloads, version 1 of each.
//!
//! A payload is written once, when the event is minted, and read ever after: add fields with a default, never rename one,
//! and raise [`version`] of a kind when an older build must not guess at its meaning.

mod service;
mod spine;

pub use service::*;
pub use spine::*;

use crate::keys::Sealed;
use roadworthy_api::{
    Timestamp,
    adapter::Passport,
    check::{CheckReport, TroubleCode},
    clear::ClearAnswer,
    id::{EventId, MeasurementId, NoteId, PersonId, PhotoId, RecordingId, VehicleId, VisitId},
    live::Mark,
    note::Measured,
};
use serde::{Deserialize, Serialize};

/// A vehicle became known. Subject: the vehicle.
pub const VEHICLE_REGISTERED: &str = "vehicle.registered";
/// Its VIN, plate or name changed. Subject: the vehicle.
pub const VEHICLE_EDITED: &str = "vehicle.edited";
/// Its owner changed. Subject: the vehicle.
pub const VEHICLE_OWNER_SET: &str = "vehicle.owner.set";
/// It was read out. Subject: the vehicle.
pub const VEHICLE_CHECKED: &str = "vehicle.checked";
/// Its ECUs are about to be told to clear trouble codes: the last thing written before the request goes out. Subject: the vehicle.
pub const VEHICLE_CODES_CLEARING: &str = "vehicle.codes.clearing";
/// Whoever was about to clear codes ended before it could say what came of it. Subject: the vehicle.
pub const VEHICLE_CLEARING_UNKNOWN: &str = "vehicle.clearing.unknown";
/// Its ECUs were told to clear trouble codes. Subject: the vehicle.
pub const VEHICLE_CODES_CLEARED: &str = "vehicle.codes.cleared";
/// Live data was recorded. Subject: the vehicle, if it is known.
pub const VEHICLE_RECORDED: &str = "vehicle.recorded";
/// A registration without a VIN was said to be a part of another vehicle, or not any more. Subject: the registration.
pub const VEHICLE_ATTACHED: &str = "vehicle.attached";
/// A note was written. Subject: the vehicle.
pub const NOTE_ADDED: &str = "note.added";
/// Its text was replaced. Subject: the vehicle.
pub const NOTE_EDITED: &str = "note.edited";
/// It was removed, or brought back. Subject: the vehicle.
pub const NOTE_REMOVED: &str = "note.removed";
/// A photo was added. Subject: the vehicle.
pub const PHOTO_ADDED: &str = "photo.added";
/// Its caption was replaced. Subject: the vehicle.
pub const PHOTO_EDITED: &str = "photo.edited";
/// It was removed, or brought back. Subject: the vehicle.
pub const PHOTO_REMOVED: &str = "photo.removed";
/// Something was measured by hand. Subject: the vehicle.
pub const MEASUREMENT_ADDED: &str = "measurement.added";
/// It was removed, or brought back. Subject: the vehicle.
pub const MEASUREMENT_REMOVED: &str = "measurement.removed";
/// A customer became known. Subject: the person.
pub const PERSON_ADDED: &str = "person.added";
/// Details changed. Subject: the person.
pub const PERSON_EDITED: &str = "person.edited";
/// A customer was forgotten for good. Subject: the person.
pub const PERSON_FORGOTTEN: &str = "person.forgotten";
/// The traffic of a visit was read by another decoder, and that is shown. Subject: the vehicle.
pub const VISIT_REDECODED: &str = "visit.redecoded";
/// An adapter was measured. Subject: the adapter.
pub const ADAPTER_MEASURED: &str = "adapter.measured";
/// A report left the house. Subject: the vehicle.
pub const REPORT_EXPORTED: &str = "report.exported";
/// Data was exported. Subject: the vehicle, or the customer; none where it is everybody's.
pub const DATA_EXPORTED: &str = "data.exported";
/// The tables were made anew. No subject.
pub const JOURNAL_REBUILT: &str = "journal.rebuilt";
/// A device said its name; the first event of every chain. Subject: the device.
pub const DEVICE_NAMED: &str = "device.named";
/// Personal data was read, or data taken out. No subject.
pub const ACCESS_RECORDED: &str = "access.recorded";

/// Version of a kind's payload that this build writes and reads.
pub fn version(_kind: &str) -> u32 {
    1
}

/// Payload of [`VEHICLE_REGISTERED`] and [`VEHICLE_EDITED`]: what is absent says nothing, an empty text clears.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct VehicleFields {
    /// VIN in capitals.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vin: Option<String>,
    /// Number plate, sealed with a key of this vehicle.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plate: Option<Sealed>,
    /// Name, sealed like the plate: people name vehicles after people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<Sealed>,
}

/// Payload of [`VEHICLE_OWNER_SET`].
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct OwnerSet {
    /// `None`: nobody's.
    pub person: Option<PersonId>,
}

/// Payload of [`VEHICLE_ATTACHED`].
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Attached {
    /// The registration it is a part of while it has no VIN; `None`: it stands for itself.
    pub to: Option<VehicleId>,
}

/// Payload of [`NOTE_ADDED`] and [`NOTE_EDITED`].
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct NoteText {
    /// The note.
    pub note: NoteId,
    /// The visit it is about; said when it is added.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visit: Option<VisitId>,
    /// Text, sealed with a key of the vehicle: people write about people.
    pub text: Sealed,
}

/// Payload of [`NOTE_REMOVED`].
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct NoteRemoved {
    /// The note.
    pub note: NoteId,
    /// Whether it is removed now.
    pub removed: bool,
}

/// Payload of [`PHOTO_ADDED`].
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PhotoAdded {
    /// The photo.
    pub photo: PhotoId,
    /// The visit it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visit: Option<VisitId>,
    /// BLAKE3 of the file in hex.
    pub file: String,
    /// Its media type.
    pub media: String,
    /// Its size in bytes.
    pub bytes: u64,
    /// BLAKE3 of its thumbnail in hex.
    pub thumbnail: String,
    /// Width in pixels, upright.
    pub width: u32,
    /// Height in pixels, upright.
    pub height: u32,
    /// Caption, sealed with a key of the vehicle, also where it is empty: the key says whose photo it is.
    pub caption: Sealed,
}

/// Payload of [`PHOTO_EDITED`].
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PhotoEdited {
    /// The photo.
    pub photo: PhotoId,
    /// Caption, sealed with a key of the vehicle.
    pub caption: Sealed,
}

/// Payload of [`PHOTO_REMOVED`].
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PhotoRemoved {
    /// The photo.
    pub photo: PhotoId,
    /// Whether it is removed now.
    pub removed: bool,
}

/// Payload of [`MEASUREMENT_ADDED`].
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct MeasurementAdded {
    /// The measurement.
    pub measurement: MeasurementId,
    /// When it was taken.
    pub at: Timestamp,
    /// What it is.
    pub measured: Measured,
    /// Whether it contradicted those around it and a person said that it is right.
    #[serde(default)]
    pub confirmed: bool,
}

/// Payload of [`MEASUREMENT_REMOVED`].
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct MeasurementRemoved {
    /// The measurement.
    pub measurement: MeasurementId,
    /// Whether it is removed now.
    pub removed: bool,
}

/// Payload of [`PERSON_ADDED`] and [`PERSON_EDITED`]: what is absent says nothing. All sealed with a key of this person.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
#[allow(missing_docs, reason = "as in PersonDetails")]
pub struct PersonFields {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<Sealed>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<Sealed>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<Sealed>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<Sealed>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<Sealed>,
}

/// Payload of [`PERSON_FORGOTTEN`].
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Forgot {
    /// Registrations of the vehicles that are theirs; their plates and names go too.
    pub vehicles: Vec<VehicleId>,
    /// Every key that was erased: the person's, and those of plates and names, also of vehicles that used to be theirs.
    pub keys: Vec<EventId>,
}

/// Payload of [`VEHICLE_CHECKED`].
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Checked {
    /// The visit.
    pub visit: VisitId,
    /// All that was read.
    pub report: CheckReport,
    /// BLAKE3 of the raw traffic in hex; empty where there is none.
    pub traffic: String,
    /// What the technician must know of how it was filed, as when the VIN read was not that of the vehicle chosen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Codes were cleared just before it: that one is not there any more proves nothing.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub after_clearing: bool,
    /// Codes may have been cleared before it, and nobody knows: as little is proved by one that is not there any more.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub maybe_cleared: bool,
}

/// Payload of [`VEHICLE_CODES_CLEARING`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodesClearing {
    /// The check before it.
    pub before: VisitId,
    /// Codes that were there.
    pub codes: Vec<TroubleCode>,
    /// The requests that are about to go out, in hex, as in `04`.
    pub requests: Vec<String>,
}

/// Payload of [`VEHICLE_CLEARING_UNKNOWN`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClearingUnknown {
    /// The event that said it was about to happen.
    pub clearing: EventId,
    /// The check before it.
    pub before: VisitId,
    /// Codes that were there.
    pub codes: Vec<TroubleCode>,
}

/// Payload of [`VEHICLE_CODES_CLEARED`]. Why it was done is a note at the check before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodesCleared {
    /// The check before it.
    pub before: VisitId,
    /// The check after it, if one could be made: it may be missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<VisitId>,
    /// Codes that were there.
    #[serde(default)]
    pub codes: Vec<TroubleCode>,
    /// What each ECU did.
    #[serde(default)]
    pub answers: Vec<ClearAnswer>,
    /// The event that said it was about to happen; none where an older version wrote this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clearing: Option<EventId>,
}

/// Payload of [`VISIT_REDECODED`].
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Redecoded {
    /// The visit.
    pub visit: VisitId,
    /// Version of the decoder that read it.
    pub decoder: u32,
    /// All that it read.
    pub report: CheckReport,
}

/// Payload of [`VEHICLE_RECORDED`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recorded {
    /// The recording.
    pub recording: RecordingId,
    /// Start.
    pub started: Timestamp,
    /// End.
    pub ended: Timestamp,
    /// Port.
    pub port: String,
    /// VIN that the session read: whose it is where the event has no subject.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vin: Option<String>,
    /// Its signals, in the order in which they first came.
    pub signals: Vec<RecordedSignal>,
    /// Samples that hold a value.
    pub samples: u64,
    /// Moments that somebody marked, oldest first.
    pub marks: Vec<Mark>,
    /// BLAKE3 of the stored file in hex; `live/spool.rs` says what is in it.
    pub file: String,
    /// No person ended it.
    pub cut_short: bool,
}

/// A signal of a recording.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "as in SignalInfo")]
pub struct RecordedSignal {
    pub id: String,
    pub label: String,
    pub unit: String,
}

/// Payload of [`ADAPTER_MEASURED`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AdapterMeasured {
    /// By what it is known again; its id is made from this.
    pub key: String,
    /// What that is, in words.
    pub known_by: String,
    /// Port it was on.
    pub port: String,
    /// All that was measured.
    pub passport: Passport,
}

/// Payload of [`REPORT_EXPORTED`].
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Exported {
    /// Of which visit.
    pub visit: VisitId,
    /// BLAKE3 of the file in hex.
    pub file: String,
}

/// Payload of [`DATA_EXPORTED`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DataExported {
    /// `vehicle`, `telemetry`, `fleet` or `customer`.
    pub what: String,
    /// BLAKE3 of the file in hex; of a folder that of its manifest.
    pub file: String,
    /// Size in bytes.
    pub bytes: u64,
}

/// Payload of [`JOURNAL_REBUILT`].
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Rebuilt {
    /// Events applied.
    pub events: u64,
    /// Tables that had differed.
    pub differing: Vec<String>,
}

/// Payload of [`DEVICE_NAMED`].
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Named {
    /// Its name.
    pub name: String,
}

/// Payload of [`ACCESS_RECORDED`].
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Access {
    /// The call's name.
    pub call: String,
    /// `done`, or the code of the error.
    pub outcome: String,
}
