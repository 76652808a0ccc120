//! Devices with clocks of their own, which hand one another what they hold, and are restored.

use super::*;
use crate::{journal::DAY_MS, store::backup};
use std::path::PathBuf;

const HOUR: i64 = 3_600_000;
/// By then every clock is right, and no event is of the future any more.
pub(super) const LATER: Timestamp = NOW + 30 * DAY_MS;

/// One device.
struct Device {
    own: Own,
    /// Hours that its clock is wrong by.
    wrong: i8,
    copy: Option<PathBuf>,
    /// Ids that it wrote under before it was restored.
    selves: Vec<DeviceId>,
}

pub(super) struct World {
    devices: Vec<Device>,
    elapsed: i64,
    pub(super) tally: Tally,
}

impl World {
    pub(super) fn new(clocks: &[i8]) -> Self {
        let mut all: Vec<Own> = clocks.iter().map(|_| own()).collect();
        // Their ids are random and decide which of two that wrote at once wrote last: in order, a seed repeats that too.
        all.sort_by_key(|own| own.device());
        let devices =
            all.into_iter().zip(clocks).map(|(own, wrong)| Device { own, wrong: *wrong, copy: None, selves: vec![] });
        Self { devices: devices.collect(), elapsed: 0, tally: Tally::default() }
    }

    pub(super) fn stores(&self) -> impl Iterator<Item = &Own> {
        self.devices.iter().map(|device| &device.own)
    }

    /// What a device's clock says.
    fn now(&self, device: usize) -> Timestamp {
        NOW + self.elapsed + i64::from(self.devices[device].wrong) * HOUR
    }

    /// Has a device do something; its clock may be set back by `skew` for that moment.
    pub(super) fn act(&mut self, device: usize, step: i64, skew: i64, deed: &Deed) {
        self.elapsed += step;
        let now = self.now(device) + skew;
        match deed {
            Deed::Clock { hours } => self.devices[device].wrong = *hours,
            Deed::Backup => drop(self.back_up(device)),
            Deed::Restore => self.restore(device, now),
            Deed::Send { to, chain, count } if *to != device => {
                let chains = self.held(device);
                let chain = chains[chain % chains.len()];
                self.send(chain, device, *to, usize::from(*count), self.now(*to));
            }
            Deed::Send { .. } => {}
            other => do_it(&self.devices[device].own, now, other),
        }
    }

    fn back_up(&mut self, device: usize) -> PathBuf {
        let device = &mut self.devices[device];
        let path = device.own.folder.path().join("copy.db");
        drop(std::fs::remove_file(&path));
        assert!(backup::copy(device.own.path(), &path, |_, _| true).unwrap());
        device.copy = Some(path.clone());
        path
    }

    /// What [`crate::backup`] does with a backup that is whole.
    fn restore(&mut self, device: usize, now: Timestamp) {
        let copy = self.devices[device].copy.clone().unwrap_or_else(|| self.back_up(device));
        let live = &self.devices[device].own;
        let before = live.device();
        let carried = restore(live, &copy, now);
        self.tally.restores += 1;
        self.tally.lost += carried.lost;
        assert_ne!(live.device(), before, "because two must never write one chain");
        let device = &mut self.devices[device];
        device.selves.push(before);
        let live = &device.own;
        let ours = |of: DeviceId| {
            let sql = format!("select ?2 {}", crate::store::device::OURS);
            let read = |conn: &Connection| {
                Ok(conn.query_row(&sql, [live.device().bytes(), of.bytes()], |row| row.get::<_, bool>(0))?)
            };
            live.read(read).unwrap()
        };
        assert!(device.selves.iter().all(|of| ours(*of)) && ours(live.device()) && !ours(DeviceId(7)));
    }

    /// Every chain of which a device holds something.
    fn held(&self, device: usize) -> Vec<DeviceId> {
        let held = self.devices[device].own.read(crate::store::journal::devices).unwrap();
        held.into_iter().map(|(device, _)| device).collect()
    }

    /// The next events of a chain, with up to two that the other has already. Says how many it took.
    fn send(&mut self, chain_of: DeviceId, from: usize, to: usize, count: usize, now: Timestamp) -> u64 {
        let (from, to) = (&self.devices[from].own, &self.devices[to].own);
        share_keys(from, to);
        let has = chain(to, chain_of).len();
        let all = chain(from, chain_of);
        let start = has.saturating_sub(2).min(all.len());
        let page: Vec<Event> = all[start..].iter().take(count + 2).cloned().collect();
        let received = to.receive(&page, now).unwrap();
        assert_eq!(received.refused, []);
        assert_eq!(received.unknown, 0, "because every kind is one that this build knows");
        self.tally.pages += 1;
        self.tally.repeated += received.known;
        self.tally.quarantined += received.quarantined;
        received.appended + received.quarantined
    }

    /// All to all, everything they hold, in the order given, until nothing is new anywhere.
    pub(super) fn settle(&mut self, order: &[usize]) {
        loop {
            let mut new = 0;
            for pair in order {
                let (from, to) = (pair / self.devices.len(), pair % self.devices.len());
                if from != to {
                    for chain in self.held(from) {
                        new += self.send(chain, from, to, 5, LATER);
                    }
                }
            }
            if new == 0 {
                return;
            }
        }
    }

    /// A device that hears of everything at last, from one that may hold no key of what was erased, and only now.
    pub(super) fn late(&mut self, from: usize) {
        self.devices.push(Device { own: own(), wrong: 0, copy: None, selves: vec![] });
        let to = self.devices.len() - 1;
        let mut chains = self.held(from);
        chains.reverse();
        for chain in chains {
            while self.send(chain, from, to, 50, LATER) > 0 {}
        }
        // Its own name is all that the others lack.
        let own = self.devices[to].own.device();
        for other in 0..to {
            self.send(own, to, other, 1, LATER);
        }
    }
}

/// What was done, over all cases.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) cases: u64,
    pub(super) pages: u64,
    pub(super) repeated: u64,
    pub(super) quarantined: u64,
    pub(super) restores: u64,
    pub(super) lost: u64,
    pub(super) rebuilds: u64,
    /// Events by kind, as the journals held them in the end.
    pub(super) kinds: BTreeMap<String, u64>,
    /// Rows of each said table, compared.
    pub(super) rows: BTreeMap<&'static str, u64>,
}

impl Tally {
    pub(super) fn add(&mut self, other: &Self) {
        self.cases += 1;
        self.pages += other.pages;
        self.repeated += other.repeated;
        self.quarantined += other.quarantined;
        self.restores += other.restores;
        self.lost += other.lost;
        self.rebuilds += other.rebuilds;
        for (kind, n) in &other.kinds {
            *self.kinds.entry(kind.clone()).or_default() += n;
        }
        for (table, n) in &other.rows {
            *self.rows.entry(table).or_default() += n;
        }
    }
}

/// Gives `to` the keys that `from` holds, but for erased ones: what sync will have to do before it sends events.
pub(super) fn share_keys(from: &Store, to: &Store) {
    let rows: Vec<([u8; 16], [u8; 16], Vec<u8>)> = from
        .read(|conn| {
            let mut all = conn.prepare("select key, subject, wrapped from person_key")?;
            let rows = all.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
        .unwrap();
    to.write_local(|tx| {
        for (key, subject, wrapped) in rows {
            let id = EventId::from_bytes(key);
            let plain = keys::unwrap(&from.master.get()?, id, subject, &wrapped).unwrap();
            let wrapped = keys::wrap(&to.master.get()?, id, subject, &plain)?;
            tx.execute(
                "insert or ignore into person_key (key, subject, wrapped) select ?1, ?2, ?3 where not exists (select 1 from erased_key where key = ?1)
                 and not exists (select 1 from person where id = ?2 and forgotten)",
                params![key, subject, wrapped],
            )?;
        }
        Ok(())
    })
    .unwrap();
}
