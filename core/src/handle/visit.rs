//! Visits: what a check left, and how a check is filed.

use super::{PAGE, fault::meanings, no_vehicle, no_visit, vehicle::register, vehicle::resolve};
use crate::{
    Engine,
    engine::{actor, now, put_blob},
    journal::{
        NewEvent,
        kind::{self, Checked, Exported},
    },
    store::{
        Fail, Fallible, Store, Writing,
        blob::{self, Blob, Shows},
        clearing::{self, Became},
        registration, setting, vehicle, visit,
    },
    verdict,
};
use roadworthy_api::{
    Code, Error, Result,
    call::Handle,
    calls::{CompareVisits, ExportTraffic, GetVisit, ListVisits, MakeCheckReport},
    check::CheckReport,
    id::{VehicleId, VisitId},
    role::Actor,
    system::{BlobInfo, Settings},
    vehicle::{Page, VehicleDetail},
    visit::{Comparison, Differences, VisitDetail, VisitRow},
};
use rusqlite::Connection;

impl Handle<ListVisits> for Engine {
    fn handle(&self, _: &Actor, call: ListVisits) -> Result<Page<VisitRow>> {
        self.store.read(|conn| {
            let main = registration::vehicle(conn, call.vehicle)?.ok_or_else(no_vehicle)?;
            visit::list(conn, main, call.offset, call.limit.min(PAGE))
        })
    }
}

impl Handle<GetVisit> for Engine {
    fn handle(&self, _: &Actor, call: GetVisit) -> Result<VisitDetail> {
        self.store.read(|conn| Ok(detail(conn, call.visit)?.0))
    }
}

impl Handle<CompareVisits> for Engine {
    fn handle(&self, _: &Actor, call: CompareVisits) -> Result<Comparison> {
        self.store.read(|conn| {
            let find = |id| {
                Ok::<_, Fail>((
                    visit::one(conn, id)?.ok_or_else(no_visit)?,
                    visit::get(conn, id)?.ok_or_else(no_visit)?,
                ))
            };
            let (mut old, mut new) = (find(call.one)?, find(call.other)?);
            if old.0.vehicle != new.0.vehicle {
                return Err(Error::new(Code::Invalid, "These two visits are of different vehicles.")
                    .hint("Choose two visits of one vehicle; if they are one, attach the one without a VIN first.")
                    .into());
            }
            if (old.0.ended, old.0.id) > (new.0.ended, new.0.id) {
                std::mem::swap(&mut old, &mut new);
            }
            let (before, after) = (&old.1.checked.report, &new.1.checked.report);
            let km = |report| verdict::odometer_km(report).map(|(km, _)| km);
            Ok(Comparison {
                km_between: km(before).zip(km(after)).map(|(before, after)| after - before),
                rows: verdict::compared(before, after),
                verdicts: (old.1.verdict, new.1.verdict),
                older: old.0,
                newer: new.0,
            })
        })
    }
}

impl Handle<ExportTraffic> for Engine {
    fn handle(&self, _: &Actor, call: ExportTraffic) -> Result<BlobInfo> {
        self.store.read(|conn| {
            let stored = visit::get(conn, call.visit)?.ok_or_else(no_visit)?;
            if stored.checked.traffic.is_empty() {
                return Err(Error::new(Code::NotFound, "This visit has no recorded traffic.")
                    .hint("Checks that never reached an adapter have none.")
                    .into());
            }
            let found = blob::get(conn, &stored.checked.traffic)?;
            Ok(found
                .ok_or_else(|| {
                    Error::new(Code::NotFound, "The recorded traffic of this visit is not stored here.")
                        .hint("It stays on the device that made the check.")
                })?
                .info)
        })
    }
}

/// Said of the check before a clearing.
const NOBODY_KNOWS: &str = "The program ended before it could say whether they were: the codes may have been cleared, and nobody knows. Check the vehicle again.";
/// Said of the first check after that.
const MAYBE_CLEARED: &str =
    "Codes may have been cleared before this check, and nobody knows: a fault that is still there may not show yet.";

/// A visit as shown, and the registration it was filed under.
pub(crate) fn detail(conn: &Connection, id: VisitId) -> Fallible<(VisitDetail, VehicleId)> {
    let stored = visit::get(conn, id)?.ok_or_else(no_visit)?;
    let differences = match visit::before(conn, id)? {
        None => Differences::default(),
        Some(with) => {
            let old = visit::get(conn, with)?.ok_or_else(no_visit)?.checked.report;
            Differences { with: Some(with), lines: verdict::differences(&old, &stored.checked.report) }
        }
    };
    let became = match clearing::after(conn, id)? {
        Some(Became::Announced) => Some("Nothing was said yet of whether they were."),
        Some(Became::Unknown) => Some(NOBODY_KNOWS),
        Some(Became::Told) | None => None,
    };
    let told: Vec<&str> =
        [Some(stored.summary.as_str()), stored.checked.note.as_deref(), became].into_iter().flatten().collect();
    let summary = told.join(" ");
    let shown = VisitDetail {
        id,
        vehicle: stored.vehicle,
        verdict: stored.verdict,
        summary,
        meanings: meanings(stored.checked.report.codes.iter().map(|c| c.code.as_str())),
        check: stored.checked.report,
        differences,
        traffic: stored.checked.traffic,
    };
    Ok((shown, stored.registration))
}

impl Handle<MakeCheckReport> for Engine {
    fn handle(&self, who: &Actor, call: MakeCheckReport) -> Result<BlobInfo> {
        report(self, who, call.visit, || ())
    }
}

/// Times a report is drawn anew because its vehicle changed meanwhile.
const DRAWINGS: u32 = 5;

/// Draws and stores a report. What it shows of a person must still be so when it is stored: one made while they are being
/// forgotten would outlive them. `drawn` is called between the two.
pub(super) fn report(engine: &Engine, who: &Actor, visit: VisitId, mut drawn: impl FnMut()) -> Result<BlobInfo> {
    let store = &engine.store;
    for _ in 0..DRAWINGS {
        let (visit, vehicle, settings, shows) = store.read(|conn| {
            let (visit, registration) = detail(conn, visit)?;
            let (vehicle, shows) = shown(conn, visit.vehicle, registration)?;
            let settings: Option<Settings> = setting::get(conn, setting::SETTINGS)?;
            Ok((visit, vehicle, settings.unwrap_or_default(), shows))
        })?;
        let zone = jiff::tz::TimeZone::system();
        let pdf = crate::report::check_pdf(&vehicle, &visit, &settings.shop_name, &zone)?;
        let day = jiff::Timestamp::from_millisecond(visit.check.ended).map(|t| t.to_zoned(zone).date().to_string());
        let name = format!("check-report-{}.pdf", day.unwrap_or_else(|_| visit.id.to_string()));
        let hash = store.files.put(&pdf, false)?;
        drawn();
        let info = BlobInfo { hash, name, media: "application/pdf".to_owned(), bytes: pdf.len() as u64 };
        let blob = Blob { info, deflated: false };
        let now = now();
        let stored = store.write(&actor(who), now, |w| {
            let (newest, shows_now) = shown(w.tx(), visit.vehicle, shows.vehicle)?;
            let same = |v: &VehicleDetail| (v.row.plate.clone(), v.row.name.clone(), v.owner_name.clone());
            if (same(&newest), &shows_now) != (same(&vehicle), &shows) {
                if !blob::named(w.tx(), &blob.info.hash)? {
                    store.files.remove(&blob.info.hash)?;
                }
                return Ok(false);
            }
            blob::put(w.tx(), &blob, now, Some(&shows))?;
            let id = w.mint()?;
            let exported = Exported { visit: visit.id, file: blob.info.hash.clone() };
            w.append(NewEvent::new(id, kind::REPORT_EXPORTED, Some(shows.vehicle.bytes()), &exported)?)?;
            Ok(true)
        })?;
        if stored {
            return Ok(blob.info);
        }
    }
    Err(Error::new(Code::Conflict, "The vehicle kept changing while its report was made; none was stored.")
        .hint("Make the report again."))
}

/// A vehicle as a report shows it, and whose data that is.
fn shown(conn: &Connection, vehicle: VehicleId, registration: VehicleId) -> Fallible<(VehicleDetail, Shows)> {
    let shown = vehicle::get(conn, vehicle)?.ok_or_else(no_vehicle)?;
    let keys = registration::shown_keys(conn, shown.row.id)?;
    let shows = Shows { vehicle: registration, owner: shown.owner, keys };
    Ok((shown, shows))
}

/// A check that was filed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Filed {
    /// The visit.
    pub(crate) visit: VisitId,
    /// The vehicle it belongs to.
    pub(crate) vehicle: VehicleId,
    /// What must be known of how it was filed, in a sentence.
    pub(crate) note: Option<String>,
}

/// How a check is filed that is not an ordinary one.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Filing {
    /// The visit's id, where it was named before.
    pub(crate) visit: Option<VisitId>,
    /// What must be known of it, in a sentence.
    pub(crate) note: Option<&'static str>,
    /// Codes were cleared just before it.
    pub(crate) after_clearing: bool,
}

/// Stores a check with its raw traffic (empty: none was recorded): finds the vehicle, or registers it.
///
/// The VIN that was read decides. `chosen` is used when none was read, and takes over a VIN that no vehicle has yet.
pub(crate) fn file(
    store: &Store,
    who: &Actor,
    chosen: Option<VehicleId>,
    report: CheckReport,
    traffic: &str,
) -> Result<Filed> {
    file_as(store, who, chosen, report, traffic, Filing::default())
}

/// The same of a check that is not an ordinary one.
pub(crate) fn file_as(
    store: &Store,
    who: &Actor,
    chosen: Option<VehicleId>,
    report: CheckReport,
    traffic: &str,
    filing: Filing,
) -> Result<Filed> {
    let hash = match traffic {
        "" => String::new(),
        text => put_blob(store, "adapter-traffic.txt", "text/plain; charset=utf-8", text.as_bytes(), true)?.hash,
    };
    store.write(&actor(who), now(), |w| {
        let (registration, note) = vehicle_of(w, chosen, report.vin.as_deref())?;
        let id = w.mint()?;
        let visit = match filing.visit {
            Some(visit) => visit,
            None => VisitId(w.mint()?.0),
        };
        let after_clearing = filing.after_clearing;
        let of = registration::vehicle(w.tx(), registration)?;
        let maybe_cleared = !after_clearing && of.map_or(Ok(false), |of| clearing::doubtful(w.tx(), of))?;
        let doubt = maybe_cleared.then_some(MAYBE_CLEARED);
        let notes: Vec<&str> = doubt.into_iter().chain(filing.note).chain(note.as_deref()).collect();
        let note = (!notes.is_empty()).then(|| notes.join(" "));
        let checked = Checked { visit, report, traffic: hash, note: note.clone(), after_clearing, maybe_cleared };
        w.append(NewEvent::new(id, kind::VEHICLE_CHECKED, Some(registration.bytes()), &checked)?)?;
        let vehicle = resolve(w, registration)?;
        Ok(Filed { visit, vehicle, note })
    })
}

/// The registration that a check is filed under: the one with the VIN that was read, so that detaching another takes no check
/// along that is not its own.
fn vehicle_of(
    w: &mut Writing<'_>,
    chosen: Option<VehicleId>,
    vin: Option<&str>,
) -> Fallible<(VehicleId, Option<String>)> {
    let chosen = chosen.map(|id| resolve(w, id)).transpose()?;
    let Some(vin) = vin else {
        return match chosen {
            Some(chosen) => Ok((registration::root(w.tx(), chosen)?, None)),
            None => {
                let note = "The vehicle gave no VIN and none was chosen: it was registered anew, without one. Give it its VIN on its page, or join it to the vehicle that it is.";
                Ok((register(w, None, None, None)?, Some(note.to_owned())))
            }
        };
    };
    let known = registration::of_vin(w.tx(), vin)?;
    let Some(chosen) = chosen else {
        return Ok((known.map_or_else(|| register(w, Some(vin), None, None), Ok)?, None));
    };
    if let Some(known) = known
        && registration::vehicle(w.tx(), known)? == Some(chosen)
    {
        return Ok((known, None));
    }
    let root = registration::root(w.tx(), chosen)?;
    if known.is_none() && registration::vin(w.tx(), root.bytes())?.is_none() {
        super::identity::give_vin(w, root, vin)?;
        return Ok((root, None));
    }
    let note = "The VIN that was read is not that of the vehicle chosen; this check was filed under the VIN.";
    Ok((known.map_or_else(|| register(w, Some(vin), None, None), Ok)?, Some(note.to_owned())))
}
