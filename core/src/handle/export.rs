//! Exports.

use crate::{
    Engine,
    export::{Values, Wanted},
};
use roadworthy_api::{
    Code, Error, Result,
    call::Handle,
    calls::{ExportCustomer, ExportFleet, ExportTelemetry, ExportVehicle},
    id::JobId,
    role::Actor,
};

impl Handle<ExportVehicle> for Engine {
    fn handle(&self, who: &Actor, call: ExportVehicle) -> Result<JobId> {
        self.exports.start(who, Wanted::Vehicle(call.vehicle), &call.out)
    }
}

impl Handle<ExportTelemetry> for Engine {
    fn handle(&self, who: &Actor, call: ExportTelemetry) -> Result<JobId> {
        let ExportTelemetry { vehicle, signals, from, to, format, layout, out } = call;
        if from.zip(to).is_some_and(|(from, to)| from >= to) {
            return Err(Error::new(Code::Invalid, "The end of the range is not after its start.")
                .hint("Give a start and a later end."));
        }
        self.exports.start(who, Wanted::Telemetry(vehicle, Values { signals, from, to, format, layout }), &out)
    }
}

impl Handle<ExportFleet> for Engine {
    fn handle(&self, who: &Actor, call: ExportFleet) -> Result<JobId> {
        self.exports.start(who, Wanted::Fleet, &call.out)
    }
}

impl Handle<ExportCustomer> for Engine {
    fn handle(&self, who: &Actor, call: ExportCustomer) -> Result<JobId> {
        self.exports.start(who, Wanted::Customer(call.person), &call.out)
    }
}
