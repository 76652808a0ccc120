//! Service records.

use super::{PAGE, about, no_vehicle};
use crate::{
    Engine,
    engine::{actor, now},
    history::{
        own,
        record::{self, Draft},
    },
    journal::{
        NewEvent,
        kind::{self, OdometerJudged, ServiceCorrected, ServiceRecorded, ServiceRemoved},
    },
    store::{Fallible, Writing, registration, service},
};
use jiff::tz::TimeZone;
use roadworthy_api::{
    Code, Error, Result, Timestamp,
    call::Handle,
    calls::{AddService, CorrectService, ExportService, GetService, JudgeOdometer, ListService, RemoveService},
    id::{ServiceId, VehicleId},
    role::Actor,
    service::{Judgement, OdometerFlag, ServiceFields, ServiceRow},
    valid::LongText,
    vehicle::Page,
};

fn no_record() -> Error {
    Error::new(Code::NotFound, "There is no such service record (any more).")
        .hint("Look for it among the vehicle's service records.")
}

impl Handle<ListService> for Engine {
    fn handle(&self, _: &Actor, call: ListService) -> Result<Page<ServiceRow>> {
        self.store.read(|conn| {
            let main = registration::vehicle(conn, call.vehicle)?.ok_or_else(no_vehicle)?;
            service::list(conn, main, call.offset, call.limit.min(PAGE))
        })
    }
}

impl Handle<GetService> for Engine {
    fn handle(&self, _: &Actor, call: GetService) -> Result<ServiceRow> {
        let stored = self.store.read(|conn| service::get(conn, call.service))?;
        Ok(stored.filter(|s| !s.removed).ok_or_else(no_record)?.row)
    }
}

impl Handle<ExportService> for Engine {
    fn handle(&self, _: &Actor, call: ExportService) -> Result<LongText> {
        let mut rows = self.store.read(|conn| {
            let main = registration::vehicle(conn, call.vehicle)?.ok_or_else(no_vehicle)?;
            Ok(service::list(conn, main, 0, u32::MAX)?.rows)
        })?;
        rows.reverse();
        Ok(LongText(own::write(rows.iter().map(|row| (&row.fields, row.judged, row.line)))))
    }
}

/// A record that says something, with its ends trimmed.
fn written(mut fields: ServiceFields) -> Result<ServiceFields> {
    for text in [
        &mut fields.day,
        &mut fields.kind_said,
        &mut fields.description,
        &mut fields.vendor,
        &mut fields.notes,
        &mut fields.source_id,
    ] {
        *text = text.trim().to_owned();
    }
    fields.time = fields.time.map(|t| t.trim().to_owned()).filter(|t| !t.is_empty());
    let says = !fields.description.is_empty()
        || !fields.notes.is_empty()
        || !fields.tasks.is_empty()
        || fields.odometer.is_some()
        || fields.cost.is_some()
        || fields.fuel.is_some();
    if says {
        return Ok(fields);
    }
    Err(Error::new(Code::Invalid, "The service record says nothing but a day.")
        .hint("Write what was done, or the odometer reading."))
}

/// What is wrong with the odometer of a record, and whether its writer is sure of it.
fn sure_of(
    w: &Writing<'_>,
    vehicle: VehicleId,
    fields: &ServiceFields,
    moment: (Timestamp, Timestamp),
    but: Option<ServiceId>,
    sure: bool,
) -> Fallible<(Option<OdometerFlag>, Option<Judgement>)> {
    let main = registration::vehicle(w.tx(), vehicle)?.ok_or_else(no_vehicle)?;
    let it = record::reading(fields, moment, None, "this record".into());
    let flag = record::doubt(record::known(w.tx(), main, but)?, it, end_of_today());
    match flag {
        Some(flag) if !sure => Err(Error::new(Code::Conflict, flag.reason)
            .hint("Check the figure, its unit and the day. If it is right, as after a change of the instrument, confirm it.")
            .into()),
        Some(flag) => Ok((Some(flag), Some(Judgement::Accept))),
        None => Ok((None, None)),
    }
}

/// The last moment of this day by the clock of this machine.
pub(crate) fn end_of_today() -> Timestamp {
    let now = jiff::Zoned::now();
    record::moment(&now.date().to_string(), None, now.time_zone()).map_or_else(|_| crate::engine::now(), |(_, end)| end)
}

impl Handle<AddService> for Engine {
    fn handle(&self, who: &Actor, call: AddService) -> Result<ServiceId> {
        let fields = written(call.fields)?;
        let moment = record::moment(&fields.day, fields.time.as_deref(), &TimeZone::system())?;
        self.store.write(&actor(who), now(), |w| {
            let vehicle = about(w, call.vehicle, None)?;
            let (flag, judged) = sure_of(w, vehicle, &fields, moment, None, call.sure)?;
            let (event, service) = (w.mint()?, ServiceId(w.mint()?.0));
            let draft = Draft { service, fields: &fields, moment, flag, judged, line: None, key: None };
            let said = ServiceRecorded { records: vec![record::say(w, vehicle, event, draft)?], import: None };
            w.append(NewEvent::new(event, kind::SERVICE_RECORDED, Some(vehicle.bytes()), &said)?)?;
            Ok(service)
        })
    }
}

fn stored(w: &Writing<'_>, id: ServiceId) -> Fallible<service::Stored> {
    service::get(w.tx(), id)?.ok_or_else(|| no_record().into())
}

impl Handle<CorrectService> for Engine {
    fn handle(&self, who: &Actor, call: CorrectService) -> Result<ServiceRow> {
        let fields = written(call.fields)?;
        let moment = record::moment(&fields.day, fields.time.as_deref(), &TimeZone::system())?;
        self.store.write(&actor(who), now(), |w| {
            let old = stored(w, call.service)?;
            if old.row.fields == fields || old.removed {
                return if old.removed { Err(no_record().into()) } else { Ok(()) };
            }
            // Where the reading is not touched, what was said of it stands.
            let untouched = old.row.fields.odometer == fields.odometer && (old.row.at, old.until) == moment;
            let (flag, judged) = if untouched && !call.sure {
                (old.row.flag, old.row.judged)
            } else {
                sure_of(w, old.registration, &fields, moment, Some(call.service), call.sure)?
            };
            let event = w.mint()?;
            let draft = Draft {
                service: call.service,
                fields: &fields,
                moment,
                flag,
                judged,
                line: old.row.line,
                key: Some(old.key),
            };
            let said = ServiceCorrected { record: record::say(w, old.registration, event, draft)? };
            w.append(NewEvent::new(event, kind::SERVICE_CORRECTED, Some(old.registration.bytes()), &said)?)?;
            Ok(())
        })?;
        self.handle(who, GetService { service: call.service })
    }
}

impl Handle<RemoveService> for Engine {
    fn handle(&self, who: &Actor, call: RemoveService) -> Result<()> {
        self.store.write(&actor(who), now(), |w| {
            let old = stored(w, call.service)?;
            if old.removed == call.removed {
                return Ok(());
            }
            let id = w.mint()?;
            let said = ServiceRemoved { service: call.service, removed: call.removed };
            w.append(NewEvent::new(id, kind::SERVICE_REMOVED, Some(old.registration.bytes()), &said)?)?;
            Ok(())
        })
    }
}

impl Handle<JudgeOdometer> for Engine {
    fn handle(&self, who: &Actor, call: JudgeOdometer) -> Result<ServiceRow> {
        self.store.write(&actor(who), now(), |w| {
            let old = stored(w, call.service)?;
            if old.row.fields.odometer.is_none() {
                return Err(Error::new(Code::Invalid, "This service record states no odometer reading.")
                    .hint("Correct the record, where one belongs to it.")
                    .into());
            }
            if old.row.judged == call.judged {
                return Ok(());
            }
            let id = w.mint()?;
            let said = OdometerJudged { service: call.service, judged: call.judged };
            w.append(NewEvent::new(id, kind::SERVICE_ODOMETER_JUDGED, Some(old.registration.bytes()), &said)?)?;
            Ok(())
        })?;
        self.handle(who, GetService { service: call.service })
    }
}
