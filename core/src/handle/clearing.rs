//! Clearing codes: what is written down of it.

use super::{
    no_vehicle,
    visit::{Filing, file_as},
};
use crate::{
    Engine,
    clearing::{Announced, Before, Deed, Intent, Papers},
    engine::{actor, now},
    journal::{
        NewEvent,
        kind::{self, CodesCleared, CodesClearing, NoteText},
    },
    keys,
    store::{Store, registration, vehicle, visit},
};
use roadworthy_api::{
    Code, Error, Result,
    call::Handle,
    calls::StartClearing,
    check::CheckReport,
    clear,
    id::{JobId, NoteId, VehicleId, VisitId},
    role::Actor,
};
use roadworthy_obd::traffic::Traffic;
use std::sync::Arc;

const BEFORE: &str = "This check was made because codes were about to be cleared.";
const AFTER: &str = "This check was made right after codes were cleared: a fault that is still there may not show yet.";

impl Handle<StartClearing> for Engine {
    fn handle(&self, who: &Actor, call: StartClearing) -> Result<JobId> {
        clear::confirmed(&call.confirmed)?;
        let reason = call.reason.0.trim().to_owned();
        if reason.is_empty() {
            return Err(
                Error::new(Code::Invalid, "Why the codes are cleared is missing.").hint("Say it in a few words.")
            );
        }
        let (named, gave_vin) = self.store.read(|conn| {
            let named = registration::vehicle(conn, call.vehicle)?.ok_or_else(no_vehicle)?;
            let vin = vehicle::get(conn, named)?.and_then(|v| v.row.vin);
            let gave_vin = match vin {
                Some(vin) => visit::read_vin(conn, &vin)?,
                None => false,
            };
            Ok((named, gave_vin))
        })?;
        let of = |who: &Actor| (self.store.clone(), who.clone());
        let papers = Papers {
            before: {
                let ((store, who), adapters) = (of(who), self.adapters.clone());
                Box::new(move |report, traffic| {
                    adapters.keep_of(&actor(&who), &report);
                    before(&store, &who, (named, gave_vin), &reason, report, &traffic)
                })
            },
            intent: {
                let (store, who) = of(who);
                Box::new(move |intent| announced(&store, &who, intent))
            },
            deed: {
                let (store, who) = of(who);
                Box::new(move |deed| journalled(&store, &who, deed))
            },
            after: {
                let (store, who) = of(who);
                Box::new(move |visit, report, traffic| {
                    let filing = Filing { visit: Some(visit), note: Some(AFTER), after_clearing: true };
                    file_as(&store, &who, Some(named), report, &traffic.to_text(), filing).map(|_| ())
                })
            },
        };
        let job = self.checks.clear(&call.port, call.baud, papers)?;
        if let Err(error) = self.remember(&call.port) {
            tracing::warn!(%error, "the port could not be remembered");
        }
        Ok(job)
    }
}

/// Stores the check before, with the reason as a note at it: that codes were about to be cleared is known from here on,
/// whatever happens next.
fn before(
    store: &Arc<Store>,
    who: &Actor,
    (named, gave_vin): (VehicleId, bool),
    reason: &str,
    report: CheckReport,
    traffic: &Traffic,
) -> Result<Before> {
    let filing = Filing { note: Some(BEFORE), ..Filing::default() };
    let filed = file_as(store, who, Some(named), report, &traffic.to_text(), filing)?;
    store.write(&actor(who), now(), |w| {
        let subject = registration::root(w.tx(), filed.vehicle)?.bytes();
        let (id, note) = (w.mint()?, NoteId(w.mint()?.0));
        let text = w.seal(subject, id, "note", &format!("Codes to be cleared: {reason}"))?;
        let text = NoteText { note, visit: Some(filed.visit), text };
        w.append(NewEvent::new(id, kind::NOTE_ADDED, Some(subject), &text)?)?;
        Ok(())
    })?;
    Ok(Before { visit: filed.visit, vehicle: filed.vehicle, named, gave_vin })
}

/// Journals what is about to be done. The lock is taken first, so that no other process that sees the event takes this one
/// for gone.
fn announced(store: &Arc<Store>, who: &Actor, intent: Intent) -> Result<Announced> {
    let at = now();
    let announced = Announced::new(store, keys::mint(at)?)?;
    store.write(&actor(who), at, |w| {
        let subject = registration::root(w.tx(), intent.before.vehicle)?.bytes();
        let Intent { before, codes, requests } = intent;
        let said = CodesClearing { before: before.visit, codes, requests };
        w.append(NewEvent::new(announced.event, kind::VEHICLE_CODES_CLEARING, Some(subject), &said)?)?;
        Ok(())
    })?;
    Ok(announced)
}

/// Journals what was done, and names the check that comes after it.
fn journalled(store: &Arc<Store>, who: &Actor, deed: Deed) -> Result<VisitId> {
    store.write(&actor(who), now(), |w| {
        let subject = registration::root(w.tx(), deed.before.vehicle)?.bytes();
        w.because(deed.announced)?;
        let (id, after) = (w.mint()?, VisitId(w.mint()?.0));
        let said = CodesCleared {
            before: deed.before.visit,
            after: Some(after),
            codes: deed.report.codes.clone(),
            answers: deed.answers.clone(),
            clearing: Some(deed.announced),
        };
        w.append(NewEvent::new(id, kind::VEHICLE_CODES_CLEARED, Some(subject), &said)?)?;
        Ok(after)
    })
}
