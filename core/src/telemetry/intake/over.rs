//! A recording that is over: said in the journal, and sealed.

use super::Whose;
use crate::{
    engine::now,
    journal::{NewEvent, kind},
    store::{self, Store, capture, recording, registration},
    telemetry::{Value, seal, tail::unpack},
};
use roadworthy_api::{
    Result, Timestamp,
    id::{RecordingId, VehicleId},
    live::RecordingRow,
};

/// Says that a recording is over, once; `None` if it held no value and is forgotten.
pub(crate) fn close(
    store: &Store,
    id: RecordingId,
    whose: &Whose,
    ended: Option<Timestamp>,
    cut_short: bool,
) -> Result<Option<RecordingRow>> {
    let Some(actor) = store.read(|conn| capture::get(conn, id))?.map(|c| c.actor) else {
        return Ok(store.read(|conn| recording::get(conn, id))?.map(|(row, _)| row));
    };
    // Nobody asked for what ends by itself.
    let actor = if ended.is_some() { actor } else { "engine".to_owned() };
    store.write(&actor, now(), |w| {
        let Some(capture) = capture::get(w.tx(), id)? else {
            return Ok(recording::get(w.tx(), id)?.map(|(row, _)| row));
        };
        if capture.ended.is_none() {
            let (mut values, mut last) = (capture.sealed, capture.started);
            for batch in store::tail::of(w.tx(), id, u64::MAX, None)? {
                for sample in unpack(&batch.samples)? {
                    let (_, at, value) = sample?;
                    values += u64::from(!matches!(value, Value::Missing(_)));
                    last = last.max(at);
                }
            }
            if values == 0 {
                store::tail::remove(w.tx(), id, u64::MAX)?;
                capture::remove(w.tx(), id)?;
                return Ok(None);
            }
            last = last.max(store::block::last_of(w.tx(), id)?.unwrap_or(last));
            last = capture.marks.iter().map(|m| m.at).fold(last, Timestamp::max);
            let vehicle = whose.vehicle.map(|v| registration::root(w.tx(), v)).transpose()?.or(capture.registration);
            let ended = ended.unwrap_or(0).max(last);
            let said = kind::Recorded {
                recording: id,
                started: capture.started,
                ended,
                port: capture.port,
                vin: whose.vin.clone().or(capture.vin),
                signals: capture::signals(w.tx(), id)?.into_iter().map(|(_, signal)| signal).collect(),
                samples: values,
                marks: capture.marks,
                file: String::new(),
                cut_short,
            };
            let event = w.mint()?;
            w.because(capture.story)?;
            w.append(NewEvent::new(event, kind::VEHICLE_RECORDED, vehicle.map(VehicleId::bytes), &said)?)?;
            capture::end(w.tx(), id, ended, vehicle)?;
        }
        Ok(recording::get(w.tx(), id)?.map(|(row, _)| row))
    })
}

/// Seals what is left of a recording that is over, unless workers have not seen it, whose work would be lost; with `waited`
/// they have had their time. Whether nothing is left.
pub(crate) fn seal_ended(store: &Store, recording: RecordingId, waited: bool) -> Result<bool> {
    let (passed, newest, over) = store.read(|conn| {
        let over = capture::get(conn, recording)?.is_none_or(|c| c.ended.is_none());
        Ok((store::worker::tail_passed(conn)?, store::tail::newest(conn)?, over))
    })?;
    if over {
        return Ok(true);
    }
    if !waited && passed < newest {
        return Ok(false);
    }
    seal::seal(store, recording, newest, now())?;
    store.read(|conn| Ok(capture::get(conn, recording)?.is_none()))
}
