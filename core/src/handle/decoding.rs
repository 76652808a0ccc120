//! Decodings of a visit's traffic: today's beside what is shown, and those of before.

use super::{PAGE, fault::meanings, no_visit};
use crate::{
    Engine,
    bundle::{self, EventHash},
    engine::{actor, now, put_loose},
    journal::{
        NewEvent,
        kind::{self, Redecoded},
    },
    keys::hex,
    redecode::{differences, nothing_differs, redecode},
    store::{decoding, journal, registration, visit},
};
use roadworthy_api::{
    Code, Error, Result,
    call::Handle,
    calls::{ExportTraffic, GetDecoding, ListDecodings, ListWithTraffic, MakeBundle, RedecodeVisit},
    check::CheckReport,
    role::Actor,
    system::BlobInfo,
    vehicle::Page,
    visit::{DecodingRow, Redecoding, VisitRow},
};
use roadworthy_obd::decode::DECODER;

impl Engine {
    /// The recorded traffic of a visit as text.
    pub(super) fn traffic(&self, who: &Actor, visit: roadworthy_api::id::VisitId) -> Result<String> {
        let info = self.handle(who, ExportTraffic { visit })?;
        let (_, bytes) = self.blob(&info.hash)?;
        String::from_utf8(bytes).map_err(|_| {
            Error::new(Code::Malformed, "The recorded traffic of this visit is no text.")
                .hint("Run `roadworthy journal verify`; it names what is damaged.")
        })
    }
}

impl Handle<RedecodeVisit> for Engine {
    fn handle(&self, who: &Actor, call: RedecodeVisit) -> Result<Redecoding> {
        let stored = self.store.read(|conn| visit::get(conn, call.visit))?.ok_or_else(no_visit)?;
        let shown = stored.checked.report;
        let report = redecode(&shown, &self.traffic(who, call.visit)?)?;
        let rows = differences(&shown, &report);
        let kept = call.keep && !nothing_differs(&rows);
        if kept {
            let said = Redecoded { visit: call.visit, decoder: DECODER, report };
            self.store.write(&actor(who), now(), |w| {
                let id = w.mint()?;
                w.append(NewEvent::new(id, kind::VISIT_REDECODED, Some(stored.registration.bytes()), &said)?)?;
                Ok(())
            })?;
        }
        Ok(Redecoding { visit: call.visit, shown: shown.decoder, decoder: DECODER, rows, kept })
    }
}

impl Handle<ListDecodings> for Engine {
    fn handle(&self, _: &Actor, call: ListDecodings) -> Result<Vec<DecodingRow>> {
        self.store.read(|conn| {
            let (event, at, checked) = visit::first_read(conn, call.visit)?.ok_or_else(no_visit)?;
            let kept = decoding::of(conn, call.visit)?;
            let decoder = checked.report.decoder;
            let last = kept.last().filter(|kept| kept.decoder >= decoder).map(|kept| kept.event);
            let first = DecodingRow { event, decoder, at, shown: last.is_none() };
            let row = |kept: decoding::Kept| DecodingRow {
                event: kept.event,
                decoder: kept.decoder,
                at: kept.at,
                shown: Some(kept.event) == last,
            };
            Ok([first].into_iter().chain(kept.into_iter().map(row)).collect())
        })
    }
}

impl Handle<GetDecoding> for Engine {
    fn handle(&self, _: &Actor, call: GetDecoding) -> Result<CheckReport> {
        self.store.read(|conn| {
            let (event, _, checked) = visit::first_read(conn, call.visit)?.ok_or_else(no_visit)?;
            if event == call.decoding {
                return Ok(checked.report);
            }
            let of_visit = decoding::of(conn, call.visit)?.into_iter().any(|kept| kept.event == call.decoding);
            let found = if of_visit { decoding::report(conn, call.decoding)? } else { None };
            Ok(found.ok_or_else(|| {
                Error::new(Code::NotFound, "This visit has no such decoding.").hint("Look for it among its decodings.")
            })?)
        })
    }
}

impl Handle<ListWithTraffic> for Engine {
    fn handle(&self, _: &Actor, call: ListWithTraffic) -> Result<Page<VisitRow>> {
        self.store.read(|conn| visit::with_traffic(conn, call.offset, call.limit.min(PAGE)))
    }
}

impl Handle<MakeBundle> for Engine {
    fn handle(&self, who: &Actor, call: MakeBundle) -> Result<BlobInfo> {
        let (stored, event, vins) = self.store.read(|conn| {
            let stored = visit::get(conn, call.visit)?.ok_or_else(no_visit)?;
            let (event, ..) = visit::first_read(conn, call.visit)?.ok_or_else(no_visit)?;
            let event = journal::get(conn, event)?.ok_or_else(no_visit)?;
            let mut vins = Vec::new();
            for id in [stored.vehicle, stored.registration] {
                vins.extend(registration::vin(conn, id.bytes())?);
            }
            Ok((stored, event, vins))
        })?;
        let shown = stored.checked.report;
        let day = jiff::Timestamp::from_millisecond(shown.started)
            .map(|at| at.to_zoned(jiff::tz::TimeZone::system()).date().to_string());
        let form = if call.full { "full-bundle" } else { "bundle" };
        let name = format!("{form}-{}.zip", day.unwrap_or_else(|_| call.visit.to_string()));
        let visit = bundle::Visit {
            id: call.visit,
            event: EventHash { id: event.id, device: event.device, seq: event.seq, hash: hex::write(&event.hash) },
            meanings: meanings(shown.codes.iter().map(|code| code.code.as_str())),
            shown,
            traffic: self.traffic(who, call.visit)?,
            vins,
        };
        put_loose(&self.store, &name, bundle::MEDIA, &bundle::make(&visit, call.full)?, false)
    }
}
