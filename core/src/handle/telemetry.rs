//! Telemetry: signals, trends, storage, pins, retention.

use super::{given, no_vehicle};
use crate::{
    Engine,
    engine::{actor, now},
    journal::{
        NewEvent,
        kind::{self, TelemetryPinned},
    },
    store::{block, pin, registration, tail},
    telemetry::{query, retain},
};
use roadworthy_api::{
    Code, Error, Result,
    call::Handle,
    calls::{ApplyRetention, GetStorage, GetTrend, ListSignals, PinTelemetry, UnpinTelemetry},
    id::PinId,
    role::Actor,
    telemetry::{Retained, SignalSpan, Storage, Trend},
};

/// Most signals and columns of one trend.
const SIGNALS: usize = 16;
const COLUMNS: u32 = 4000;
/// Longest reason of a pin, in characters.
const REASON: usize = 200;

impl Handle<ListSignals> for Engine {
    fn handle(&self, _: &Actor, call: ListSignals) -> Result<Vec<SignalSpan>> {
        self.store.read(|conn| {
            let vehicle = registration::vehicle(conn, call.vehicle)?.ok_or_else(no_vehicle)?;
            query::spans(conn, vehicle)
        })
    }
}

impl Handle<GetTrend> for Engine {
    fn handle(&self, _: &Actor, call: GetTrend) -> Result<Trend> {
        if call.signals.len() > SIGNALS || !(1..=COLUMNS).contains(&call.columns) {
            let words = format!("A trend has at most {SIGNALS} signals and 1 to {COLUMNS} columns.");
            return Err(Error::new(Code::Invalid, words).hint("Ask for fewer."));
        }
        range(call.from, call.to)?;
        self.store.read(|conn| {
            let vehicle = registration::vehicle(conn, call.vehicle)?.ok_or_else(no_vehicle)?;
            query::trend(conn, vehicle, &call.signals, (call.from, call.to), call.columns)
        })
    }
}

fn range(from: i64, to: i64) -> Result<()> {
    if from < to && to.checked_sub(from).is_some() {
        return Ok(());
    }
    Err(Error::new(Code::Invalid, "The end of the range is not after its start.").hint("Give a start and a later end."))
}

impl Handle<GetStorage> for Engine {
    fn handle(&self, _: &Actor, _: GetStorage) -> Result<Storage> {
        let (sums, tail_samples, pins) =
            self.store.read(|conn| Ok((block::sums(conn)?, tail::samples(conn)?, pin::list(conn)?)))?;
        let size = |ending: &str| {
            let mut path = self.store.path().as_os_str().to_owned();
            path.push(ending);
            std::fs::metadata(path).map_or(0, |m| m.len())
        };
        Ok(Storage {
            database_bytes: size("") + size("-wal"),
            file_bytes: self.store.files.bytes(),
            free_bytes: None,
            tail_samples,
            blocks: sums.blocks,
            samples: sums.samples,
            block_bytes: sums.data_bytes,
            aggregate_bytes: sums.aggregate_bytes,
            dropped_blocks: sums.dropped,
            oldest_raw: sums.oldest_raw,
            pins,
        })
    }
}

impl Handle<PinTelemetry> for Engine {
    fn handle(&self, who: &Actor, call: PinTelemetry) -> Result<PinId> {
        range(call.from, call.to)?;
        let reason = given(Some(call.reason)).filter(|r| r.chars().count() <= REASON).ok_or_else(|| {
            Error::new(Code::Invalid, format!("A pin needs a reason of at most {REASON} characters."))
                .hint("Say in a few words what the values are needed for; no names.")
        })?;
        self.store.write(&actor(who), now(), |w| {
            let main = registration::vehicle(w.tx(), call.vehicle)?.ok_or_else(no_vehicle)?;
            let root = registration::root(w.tx(), main)?;
            let event = w.mint()?;
            let pin = PinId(event.0);
            let said = TelemetryPinned { pin, from: call.from, to: call.to, reason: reason.clone(), pinned: true };
            w.append(NewEvent::new(event, kind::TELEMETRY_PINNED, Some(root.bytes()), &said)?)?;
            Ok(pin)
        })
    }
}

impl Handle<UnpinTelemetry> for Engine {
    fn handle(&self, who: &Actor, call: UnpinTelemetry) -> Result<()> {
        self.store.write(&actor(who), now(), |w| {
            let (registration, said) = pin::get(w.tx(), call.pin)?.ok_or_else(|| {
                Error::new(Code::NotFound, "There is no such pin (any more).").hint("Look for it among the pins.")
            })?;
            let event = w.mint()?;
            let said = TelemetryPinned { pinned: false, ..said };
            w.append(NewEvent::new(event, kind::TELEMETRY_PINNED, Some(registration.bytes()), &said)?)?;
            Ok(())
        })
    }
}

impl Handle<ApplyRetention> for Engine {
    fn handle(&self, who: &Actor, _: ApplyRetention) -> Result<Retained> {
        retain::apply(&self.store, &actor(who), now())
    }
}
