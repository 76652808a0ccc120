//! Which signals a frame carries: those that a switch in it calls for, where switches may be switched too (extended multiplexing).

use super::{malformed, wire::Wire};
use can_dbc::{Dbc, ExtendedMultiplex, Message, MessageId, MultiplexIndicator as Is, Signal};
use roadworthy_api::Result;
use std::collections::HashMap;

/// When a signal is there.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum When {
    Always,
    /// The switch, by its place, is there and has a value in one of the ranges; either end belongs to them.
    Switched {
        by: usize,
        ranges: Vec<(u64, u64)>,
    },
}

pub(super) fn is_switch(signal: &Signal) -> bool {
    matches!(signal.multiplexer_indicator, Is::Multiplexor | Is::MultiplexorAndMultiplexedSignal(_))
}

/// What a file says of all its switches.
pub(super) struct Switches<'a> {
    said: HashMap<(MessageId, &'a str), Vec<&'a ExtendedMultiplex>>,
}

/// Those of one message, by name, with their places.
pub(super) type Own<'a> = HashMap<&'a str, usize>;

pub(super) fn own(message: &Message) -> Own<'_> {
    message.signals.iter().enumerate().filter(|(_, s)| is_switch(s)).map(|(at, s)| (s.name.as_str(), at)).collect()
}

impl<'a> Switches<'a> {
    pub(super) fn of(dbc: &'a Dbc) -> Self {
        let mut said: HashMap<_, Vec<_>> = HashMap::new();
        for line in &dbc.extended_multiplex {
            said.entry((line.message_id, line.signal_name.as_str())).or_default().push(line);
        }
        Self { said }
    }

    /// When a signal is there: as `SG_MUL_VAL_` says, else by the one switch that it can be.
    pub(super) fn when(&self, message: &Message, own: &Own<'_>, signal: &Signal) -> Result<When> {
        let bad = |why: &str| malformed(format!("signal {} of message {} {why}", signal.name, message.name));
        let said = self.said.get(&(message.id, signal.name.as_str())).map(Vec::as_slice).unwrap_or_default();
        let value = match signal.multiplexer_indicator {
            Is::MultiplexedSignal(value) | Is::MultiplexorAndMultiplexedSignal(value) => value,
            Is::Plain | Is::Multiplexor if said.is_empty() => return Ok(When::Always),
            Is::Plain | Is::Multiplexor => return Err(bad("is switched in one place of the file and not in another")),
        };
        let (by, ranges) = match said {
            [] => {
                // No switch switches itself.
                let mut all = own.iter().filter(|(name, _)| **name != signal.name);
                let (_, by) = all.next().ok_or_else(|| bad("is switched, and there is no switch"))?;
                if all.next().is_some() {
                    return Err(bad("does not say by which of several switches it is switched"));
                }
                (*by, vec![(value, value)])
            }
            [said] => {
                let by = own.get(said.multiplexor_signal_name.as_str());
                let by = by.ok_or_else(|| bad("is switched by a signal that is no switch"))?;
                let ranges: Vec<(u64, u64)> = said.mappings.iter().map(|m| (m.min_value, m.max_value)).collect();
                if ranges.iter().any(|(least, most)| least > most) {
                    return Err(bad("is switched by a range that is empty"));
                }
                if !ranges.iter().any(|(least, most)| (*least..=*most).contains(&value)) {
                    return Err(bad("is switched by another value in one place of the file than in another"));
                }
                (*by, ranges)
            }
            _ => return Err(bad("is switched twice")),
        };
        Ok(When::Switched { by, ranges })
    }
}

/// Whether each ends at a signal that is always there.
pub(super) fn end(wires: &[Wire]) -> bool {
    // Signals that are known to end, so that a long row of switches is walked once.
    let mut sound = vec![false; wires.len()];
    for start in 0..wires.len() {
        let (mut at, mut way) = (start, Vec::new());
        while !sound.get(at).copied().unwrap_or(true) {
            if way.len() > wires.len() {
                return false;
            }
            way.push(at);
            match wires.get(at).map(|w| &w.when) {
                Some(When::Switched { by, .. }) => at = *by,
                _ => break,
            }
        }
        for passed in way {
            if let Some(sound) = sound.get_mut(passed) {
                *sound = true;
            }
        }
    }
    true
}

/// Whether a frame carries a signal; one too short for a switch carries nothing that it switches.
pub(super) fn carries<'a>(wires: &'a [Wire], mut wire: &'a Wire, data: &[u8]) -> bool {
    // This ends: see [`end`].
    while let When::Switched { by, ranges } = &wire.when {
        let Some(switch) = wires.get(*by) else { return false };
        let Some(now) = switch.raw(data) else { return false };
        if !ranges.iter().any(|(least, most)| (*least..=*most).contains(&now)) {
            return false;
        }
        wire = switch;
    }
    true
}
