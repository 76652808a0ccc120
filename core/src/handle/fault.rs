//! Trouble codes over a vehicle's visits, and what they mean.

use super::no_vehicle;
use crate::{
    Engine,
    store::{registration, trouble_code},
};
use roadworthy_api::{
    Code, Error, Result,
    call::Handle,
    calls::{ExplainCodes, GetFaultHistory, ListFaults},
    fault::{CodeMeaning, FaultHistory, FaultRow},
    role::Actor,
};
use roadworthy_obd::dtc;
use std::collections::BTreeSet;

/// Codes that are explained at once.
const CODES_MAX: usize = 500;

impl Handle<ListFaults> for Engine {
    fn handle(&self, _: &Actor, call: ListFaults) -> Result<Vec<FaultRow>> {
        self.store.read(|conn| {
            let main = registration::vehicle(conn, call.vehicle)?.ok_or_else(no_vehicle)?;
            trouble_code::faults(conn, main)
        })
    }
}

fn explained(code: &str) -> Result<CodeMeaning> {
    dtc::explain(code).ok_or_else(|| {
        Error::new(Code::Invalid, format!("{code:?} is no trouble code."))
            .hint("A code is written as in P0301 or P0301-11.")
    })
}

impl Handle<GetFaultHistory> for Engine {
    fn handle(&self, _: &Actor, call: GetFaultHistory) -> Result<FaultHistory> {
        let meaning = explained(&call.code)?;
        self.store.read(|conn| {
            let main = registration::vehicle(conn, call.vehicle)?.ok_or_else(no_vehicle)?;
            let sightings = trouble_code::sightings(conn, main, &meaning.code)?;
            let absent_since = trouble_code::absent_since(conn, main, &sightings)?;
            Ok(FaultHistory { meaning, sightings, absent_since })
        })
    }
}

impl Handle<ExplainCodes> for Engine {
    fn handle(&self, _: &Actor, call: ExplainCodes) -> Result<Vec<CodeMeaning>> {
        if call.codes.len() > CODES_MAX {
            return Err(Error::new(Code::Invalid, "More than 500 codes at once.").hint("Ask for fewer."));
        }
        call.codes.iter().map(|code| explained(code)).collect()
    }
}

/// What codes of a report mean, each code once, in the order read.
pub(super) fn meanings<'a>(codes: impl Iterator<Item = &'a str>) -> Vec<CodeMeaning> {
    let mut seen = BTreeSet::new();
    codes.filter(|code| seen.insert(*code)).filter_map(dtc::explain).collect()
}
