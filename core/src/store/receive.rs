//! Events of other devices: verified per chain, kept once, refused with the reason.

use super::{Fallible, Store, Turn, apply, immediate, journal, quarantine};
use crate::journal::{
    Event,
    chain::{Received, Refusal, Refused},
};
use roadworthy_api::{Result, Timestamp, id::DeviceId};
use rusqlite::Connection;
use std::collections::BTreeMap;

impl Store {
    /// Takes events of other devices, in any order; see [`Received`]. Repeats change nothing. One transaction.
    pub(crate) fn receive(&self, events: &[Event], now: Timestamp) -> Result<Received> {
        let mut chains: BTreeMap<DeviceId, Vec<&Event>> = BTreeMap::new();
        for event in events {
            chains.entry(event.device).or_default().push(event);
        }
        let mut conn = self.writer(Turn::Person);
        let received = immediate(&mut conn, |tx| {
            self.device_now(tx)?;
            let mut received = Received::default();
            for device in quarantine::devices(tx)? {
                while let Some(event) = quarantine::release(tx, device, now)? {
                    self.keep(tx, &event, &mut received)?;
                }
            }
            for (device, mut chain) in chains {
                chain.sort_by_key(|e| e.seq);
                for event in chain {
                    if let Err(why) = self.take(tx, event, now, &mut received)? {
                        received.refused.push(Refused { device, seq: event.seq, why });
                        break;
                    }
                }
            }
            Ok(received)
        })?;
        self.scrub(&conn);
        Ok(received)
    }

    fn take(
        &self,
        tx: &Connection,
        event: &Event,
        now: Timestamp,
        received: &mut Received,
    ) -> Fallible<Result<(), Refusal>> {
        let (device, seq) = (event.device, event.seq);
        let held = match journal::hash_at(tx, device, seq)? {
            None => quarantine::hash_at(tx, device, seq)?,
            held => held,
        };
        match held {
            Some(hash) if hash == event.hash && hash == event.sealed_hash() => {
                received.known += 1;
                return Ok(Ok(()));
            }
            Some(hash) if hash == event.hash => return Ok(Err(Refusal::Altered)),
            Some(_) => return Ok(Err(Refusal::Forked)),
            None if device == self.device() => return Ok(Err(Refusal::OwnChain)),
            None if journal::holds(tx, event.id)? || quarantine::holds(tx, event.id)? => {
                return Ok(Err(Refusal::Forked));
            }
            None => {}
        }
        let aside = quarantine::head(tx, device)?;
        let head = match aside {
            Some(head) => head,
            None => journal::head(tx, device)?,
        };
        if let Err(why) = head.advance(event) {
            return Ok(Err(why));
        }
        if aside.is_some() || event.hlc.too_far_ahead(now) {
            quarantine::insert(tx, event, now)?;
            received.quarantined += 1;
        } else {
            self.keep(tx, event, received)?;
        }
        Ok(Ok(()))
    }

    fn keep(&self, tx: &Connection, event: &Event, received: &mut Received) -> Fallible<()> {
        journal::insert(tx, event)?;
        received.appended += 1;
        if apply::apply(tx, &self.master, event)? == apply::Applied::Unknown {
            received.unknown += 1;
        }
        Ok(())
    }
}
