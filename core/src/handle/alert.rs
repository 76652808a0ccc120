//! Alerts.

use super::{PAGE, no_vehicle};
use crate::{
    Engine,
    engine::{actor, now},
    journal::{
        NewEvent,
        kind::{self, AlertAcknowledged, AlertClosed, AlertSnoozed},
    },
    store::{Fallible, Writing, alert, registration, story},
};
use roadworthy_api::{
    Code, Error, Result, Timestamp,
    alert::{AlertCounts, AlertDetail, AlertRow, AlertState},
    call::Handle,
    calls::{AcknowledgeAlert, CloseAlert, CountAlerts, GetAlert, ListAlerts, SnoozeAlert},
    id::{AlertId, VehicleId},
    role::Actor,
    vehicle::Page,
};
use rusqlite::Connection;

/// Longest that an alert may be put off.
const SNOOZE_MAX_MS: i64 = 366 * 24 * 3_600_000;

fn no_alert() -> Error {
    Error::new(Code::NotFound, "There is no such alert.").hint("Look for it in the list of alerts.")
}

impl Handle<ListAlerts> for Engine {
    fn handle(&self, _: &Actor, call: ListAlerts) -> Result<Page<AlertRow>> {
        self.store.read(|conn| {
            let of = match call.vehicle {
                Some(id) => Some(registration::vehicle(conn, id)?.ok_or_else(no_vehicle)?),
                None => None,
            };
            alert::list(conn, call.view, of, now(), call.offset, call.limit.min(PAGE))
        })
    }
}

impl Handle<GetAlert> for Engine {
    fn handle(&self, _: &Actor, call: GetAlert) -> Result<AlertDetail> {
        let detail = self.store.read(|conn| alert::detail(conn, &self.store.master, call.alert, now()))?;
        detail.ok_or_else(no_alert)
    }
}

impl Handle<CountAlerts> for Engine {
    fn handle(&self, _: &Actor, _: CountAlerts) -> Result<AlertCounts> {
        self.store.read(|conn| alert::counts(conn, now()))
    }
}

fn stored(conn: &Connection, id: AlertId, at: Timestamp) -> Fallible<(VehicleId, AlertRow)> {
    alert::get(conn, id, at)?.ok_or_else(|| no_alert().into())
}

/// An alert that is not over.
fn open(w: &Writing<'_>, id: AlertId, at: Timestamp) -> Fallible<(VehicleId, AlertRow)> {
    let (registration, row) = stored(w.tx(), id, at)?;
    if matches!(row.state, AlertState::Closed { .. }) {
        return Err(Error::new(Code::Conflict, "This alert is closed.").hint("Open it again first.").into());
    }
    Ok((registration, row))
}

/// What is said from now on belongs to the story of the alert.
fn about(w: &mut Writing<'_>, id: AlertId) -> Fallible<()> {
    match story::made(w.tx(), id.bytes())? {
        Some(raised) => w.because(raised),
        None => Ok(()),
    }
}

fn say(
    w: &mut Writing<'_>,
    alert: AlertId,
    kind: &'static str,
    registration: VehicleId,
    payload: &impl serde::Serialize,
) -> Fallible<()> {
    about(w, alert)?;
    let id = w.mint()?;
    w.append(NewEvent::new(id, kind, Some(registration.bytes()), payload)?)?;
    Ok(())
}

impl Handle<AcknowledgeAlert> for Engine {
    fn handle(&self, who: &Actor, call: AcknowledgeAlert) -> Result<AlertRow> {
        let now = now();
        self.store.write(&actor(who), now, |w| {
            let (registration, row) = open(w, call.alert, now)?;
            if matches!(row.state, AlertState::Acknowledged { .. }) != call.acknowledged {
                let said = AlertAcknowledged { alert: call.alert, acknowledged: call.acknowledged };
                say(w, call.alert, kind::ALERT_ACKNOWLEDGED, registration, &said)?;
            }
            Ok(stored(w.tx(), call.alert, now)?.1)
        })
    }
}

impl Handle<SnoozeAlert> for Engine {
    fn handle(&self, who: &Actor, call: SnoozeAlert) -> Result<AlertRow> {
        let now = now();
        let until = call.until.filter(|until| *until > now);
        if until.is_some_and(|until| until - now > SNOOZE_MAX_MS) {
            return Err(Error::new(Code::Invalid, "An alert can be put off for a year at most.")
                .hint("Choose an earlier day, or close it."));
        }
        self.store.write(&actor(who), now, |w| {
            let (registration, row) = open(w, call.alert, now)?;
            let asleep = match row.state {
                AlertState::Snoozed { until, .. } => Some(until),
                _ => None,
            };
            if asleep != until {
                say(w, call.alert, kind::ALERT_SNOOZED, registration, &AlertSnoozed { alert: call.alert, until })?;
            }
            Ok(stored(w.tx(), call.alert, now)?.1)
        })
    }
}

impl Handle<CloseAlert> for Engine {
    fn handle(&self, who: &Actor, call: CloseAlert) -> Result<AlertRow> {
        let now = now();
        let why = call.why.trim();
        if call.closed && why.is_empty() {
            return Err(Error::new(Code::Invalid, "Why is it closed?").hint("Say it in a few words."));
        }
        self.store.write(&actor(who), now, |w| {
            let (registration, row) = stored(w.tx(), call.alert, now)?;
            if matches!(row.state, AlertState::Closed { .. }) == call.closed {
                return match call.closed {
                    true => Err(Error::new(Code::Conflict, "This alert is closed already.")
                        .hint("Nothing is to be done.")
                        .into()),
                    false => Ok(row),
                };
            }
            about(w, call.alert)?;
            let id = w.mint()?;
            let word = match call.closed {
                true => Some(w.seal(registration.bytes(), id, "word", why)?),
                false => None,
            };
            let said = AlertClosed {
                alert: call.alert,
                closed: call.closed,
                why: String::new(),
                word,
                evidence: None,
                at: None,
            };
            w.append(NewEvent::new(id, kind::ALERT_CLOSED, Some(registration.bytes()), &said)?)?;
            Ok(stored(w.tx(), call.alert, now)?.1)
        })
    }
}
