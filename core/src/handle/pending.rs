//! Calls whose rooms are being built; nothing of this file stays.

use crate::Engine;
use roadworthy_api::{
    Code, Error, Result,
    call::{Handle, Request},
    calls::*,
    role::Actor,
};

macro_rules! pending {
    ($($name:ident)*) => {$(
        impl Handle<$name> for Engine {
            fn handle(&self, _: &Actor, _: $name) -> Result<<$name as Request>::Reply> {
                Err(Error::new(Code::Internal, concat!(stringify!($name), " is being built.")))
            }
        }
    )*};
}

pending! {
    AttachVehicle
    DetachVehicle
    SetVin
    ListNotes
    GetNote
    AddNote
    EditNote
    RemoveNote
    ListPhotos
    AddPhoto
    EditPhoto
    RemovePhoto
    ListMeasurements
    AddMeasurement
    RemoveMeasurement
    GetFaultHistory
    ExplainCodes
    CompareVisits
    ExportTraffic
}
