//! Telemetry: samples over time. They gather in a tail on disk, are sealed into compressed blocks that the journal names by
//! hash, and are kept as minutes and hours for ever.

use roadworthy_api::{
    id::{EventId, RecordingId, VehicleId},
    live::Sample,
};

/// New samples of one recording, right after they are on disk.
#[derive(Clone, Debug)]
pub(crate) struct Batch {
    /// Its place in the tail: grows, may have gaps.
    pub(crate) place: u64,
    /// The recording.
    pub(crate) recording: RecordingId,
    /// Whose, if known.
    pub(crate) vehicle: Option<VehicleId>,
    /// The event that began the recording: what is said of the samples belongs to its story.
    pub(crate) story: EventId,
    /// The samples, oldest first.
    pub(crate) samples: Vec<Sample>,
}
