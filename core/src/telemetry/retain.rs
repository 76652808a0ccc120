//! Drops single values that are old, and says so in the journal; minutes and hours stay for ever.
//!
//! What a pin covers stays, and so does what an open alert rests on. Runs once a day, whichever process is quicker.

use crate::{
    journal::{
        NewEvent,
        kind::{self, TelemetryDropped},
    },
    keys::hex,
    store::{Store, block, pin, setting},
};
use roadworthy_api::{Result, Timestamp, system::Settings, telemetry::Retained};
use std::collections::HashMap;

/// Blocks dropped in one transaction.
const AT_ONCE: u32 = 500;
const DAY: i64 = 86_400_000;

/// Drops what is older than the settings allow.
pub(crate) fn apply(store: &Store, actor: &str, now: Timestamp) -> Result<Retained> {
    let mut all = Retained::default();
    let settings: Settings = store.read(|conn| setting::get(conn, setting::SETTINGS))?.unwrap_or_default();
    let Some(days) = settings.keep_raw_days else { return Ok(all) };
    let before = now.saturating_sub(i64::from(days).saturating_mul(DAY));
    let mut after = 0;
    loop {
        let (next, part) = store.write(actor, now, |w| {
            let (mut part, mut said) = (Retained::default(), Vec::new());
            let old = block::old(w.tx(), before, after, AT_ONCE)?;
            let (mut pins, mut referred) = (HashMap::new(), HashMap::new());
            for block in &old {
                let ranges: &Vec<(Timestamp, Timestamp)> = match pins.entry(block.subject) {
                    std::collections::hash_map::Entry::Occupied(known) => known.into_mut(),
                    std::collections::hash_map::Entry::Vacant(new) => {
                        new.insert(pin::of_subject(w.tx(), block.subject)?)
                    }
                };
                let held = match referred.entry(block.recording) {
                    std::collections::hash_map::Entry::Occupied(known) => *known.get(),
                    std::collections::hash_map::Entry::Vacant(new) => {
                        *new.insert(pin::referred(w.tx(), &block.recording.to_string())?)
                    }
                };
                if held || ranges.iter().any(|(from, to)| *from <= block.to && *to > block.from) {
                    part.pinned += 1;
                } else if let Some(bytes) = block::drop_data(w.tx(), block.id)? {
                    part.blocks += 1;
                    part.samples += block.n;
                    part.bytes += bytes;
                    said.push(hex::write(&block.hash));
                }
            }
            if !said.is_empty() {
                let event = w.mint()?;
                let dropped = TelemetryDropped { blocks: said, samples: part.samples, days };
                w.append(NewEvent::new(event, kind::TELEMETRY_DROPPED, None, &dropped)?)?;
            }
            Ok((old.last().map(|b| b.id), part))
        })?;
        all.blocks += part.blocks;
        all.samples += part.samples;
        all.bytes += part.bytes;
        all.pinned += part.pinned;
        match next {
            Some(id) => after = id,
            None => return Ok(all),
        }
    }
}

/// As [`apply`], unless that was done within a day.
pub(crate) fn daily(store: &Store, now: Timestamp) -> Result<()> {
    let due = |last: Option<Timestamp>| last.is_none_or(|last| now.abs_diff(last) >= DAY.unsigned_abs());
    let last = store.read(|conn| setting::get(conn, setting::RETAINED))?;
    if !due(last) {
        return Ok(());
    }
    let mine = store.write_local(|tx| {
        let mine = due(setting::get(tx, setting::RETAINED)?);
        setting::set(tx, setting::RETAINED, &now)?;
        Ok(mine)
    })?;
    if mine {
        let done = apply(store, "engine/telemetry", now)?;
        if done.blocks > 0 {
            tracing::info!(blocks = done.blocks, bytes = done.bytes, "old single values were dropped");
        }
    }
    Ok(())
}
