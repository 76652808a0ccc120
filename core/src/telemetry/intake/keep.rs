//! From memory to the disk: portions written in their order, held while the disk takes none, sealed when there is enough.

use super::{
    PATIENCE, Whose,
    gather::{Gather, Portion},
    lock::{folder, lock_path},
    over::{close, seal_ended},
};
use crate::{
    engine::now,
    files::{io_error, private_folder, private_options},
    journal::{
        NewEvent,
        kind::{self, RecordingStarted},
    },
    store::{self, Store, Turn, capture, registration},
    telemetry::seal,
};
use roadworthy_api::{
    Code, Error, Result, Timestamp,
    id::{RecordingId, VehicleId},
    live::RecordingRow,
};
use std::{
    collections::VecDeque,
    fs::{self, File},
    sync::Arc,
    time::{Duration, Instant},
};

/// Samples of a recording in the tail that are sealed at once: at the usual pace of 27 signals, an hour.
const MANY: u64 = 1 << 18;
/// Milliseconds after which they are sealed if every signal has enough to make a block worth its row in the journal, and after
/// which they are in any case.
const SOON: i64 = 600_000;
const LATE: i64 = 3_600_000;
const ENOUGH: u64 = 4096;
/// Most bytes held, and how long, while the disk takes none.
const HELD: usize = 64 << 20;
const HELD_FOR: Duration = Duration::from_secs(600);

/// What is in the tail of this recording.
#[derive(Debug, Default)]
struct Open {
    place: u64,
    samples: u64,
    from: Option<Timestamp>,
    to: Timestamp,
    /// Since when they wait for workers.
    due: Option<Instant>,
}

/// Puts portions on disk.
pub(crate) struct Keep {
    store: Arc<Store>,
    recording: RecordingId,
    lock: Option<File>,
    waiting: VecDeque<Portion>,
    held: usize,
    failing: Option<Instant>,
    /// Samples that were given up, and the time of the first of them.
    lost: u64,
    lost_at: Option<Timestamp>,
    open: Open,
    signals: u64,
}

impl Keep {
    /// Begins a recording; `actor` is who records.
    pub(crate) fn begin(
        store: &Arc<Store>,
        actor: &str,
        port: &str,
        whose: &Whose,
        started: Timestamp,
    ) -> Result<Self> {
        Self::begin_as(store, actor, port, whose, started, RecordingId(uuid::Uuid::now_v7().as_u128()))
    }

    /// Begins it under an id that is minted already.
    pub(crate) fn begin_as(
        store: &Arc<Store>,
        actor: &str,
        port: &str,
        whose: &Whose,
        started: Timestamp,
        id: RecordingId,
    ) -> Result<Self> {
        let folder = folder(store);
        private_folder(&folder).map_err(|e| io_error(&folder, &e))?;
        let path = lock_path(store, id);
        let file =
            private_options().create(true).truncate(false).open(&path).and_then(|file| file.lock().map(|()| file));
        let lock = file.map_err(|e| {
            drop(fs::remove_file(&path));
            io_error(&path, &e)
        })?;
        let begun = store.write(actor, now(), |w| {
            let event = w.mint()?;
            let registration = whose.vehicle.map(|v| registration::root(w.tx(), v)).transpose()?;
            let said = RecordingStarted { recording: id, started, port: port.to_owned(), vin: whose.vin.clone() };
            let subject = registration.map(VehicleId::bytes);
            w.append(NewEvent::new(event, kind::RECORDING_STARTED, subject, &said)?)?;
            let (vin, port, actor) = (whose.vin.clone(), port.to_owned(), actor.to_owned());
            let (story, recording) = (event, id);
            let capture = capture::Capture {
                recording,
                story,
                registration,
                vin,
                started,
                ended: None,
                port,
                actor,
                sealed: 0,
                marks: vec![],
            };
            capture::begin(w.tx(), &capture)
        });
        if let Err(error) = begun {
            drop(fs::remove_file(&path));
            return Err(error);
        }
        Ok(Self {
            store: Arc::clone(store),
            recording: id,
            lock: Some(lock),
            waiting: VecDeque::new(),
            held: 0,
            failing: None,
            lost: 0,
            lost_at: None,
            open: Open::default(),
            signals: 0,
        })
    }

    pub(crate) fn recording(&self) -> RecordingId {
        self.recording
    }

    /// Samples that were given up since the disk took none.
    pub(crate) fn lost(&self) -> u64 {
        self.lost
    }

    /// Writes a portion, and those that could not be written before.
    ///
    /// # Errors
    /// What the database says. The portion is held and written by a later call, unless too much is held already.
    pub(crate) fn commit(&mut self, portion: Portion) -> Result<()> {
        self.hold(portion);
        if self.waiting.is_empty() {
            return Ok(());
        }
        let (waiting, id) = (&self.waiting, self.recording);
        let written = self.store.write_local_in(Turn::Live, |tx| {
            let mut place = 0;
            for portion in waiting {
                for (number, signal) in &portion.signals {
                    capture::signal(tx, id, *number, signal)?;
                }
                if let Some(marks) = &portion.marks {
                    capture::marks(tx, id, marks)?;
                }
                if let Some(packed) = &portion.packed {
                    place = store::tail::put(tx, id, packed)?;
                }
            }
            Ok(place)
        });
        match written {
            Ok(place) => {
                for portion in self.waiting.drain(..) {
                    self.signals += portion.signals.len() as u64;
                    if let Some(packed) = portion.packed {
                        self.open.samples += packed.n;
                        self.open.from = Some(self.open.from.map_or(packed.from, |f| f.min(packed.from)));
                        self.open.to = self.open.to.max(packed.to);
                    }
                }
                self.open.place = self.open.place.max(place);
                (self.held, self.failing) = (0, None);
                Ok(())
            }
            Err(error) => {
                self.failing.get_or_insert_with(Instant::now);
                Err(error)
            }
        }
    }

    /// Time of the first sample that was given up since this was last asked, if the disk takes samples again: to be said with
    /// [`Gather::lose`].
    pub(crate) fn gap(&mut self) -> Option<Timestamp> {
        if self.failing.is_some() { None } else { self.lost_at.take() }
    }

    fn hold(&mut self, mut portion: Portion) {
        let bytes = portion.packed.as_ref().map_or(0, |p| p.bytes.len());
        let long = self.failing.is_some_and(|since| since.elapsed() > HELD_FOR);
        if bytes > 0 && (long || self.held + bytes > HELD) {
            if let Some(packed) = portion.packed.take() {
                self.lost += packed.n;
                self.lost_at.get_or_insert(packed.from);
            }
        } else {
            self.held += bytes;
        }
        if portion.packed.is_some() || !portion.signals.is_empty() || portion.marks.is_some() {
            self.waiting.push_back(portion);
        }
    }

    /// Seals what is in the tail if there is enough of it, or if it is old; whether it did.
    ///
    /// # Errors
    /// What the database says; the samples stay in the tail.
    pub(crate) fn seal_if_due(&mut self) -> Result<bool> {
        let Open { samples, from, to, .. } = self.open;
        let age = from.map_or(0, |from| to.saturating_sub(from));
        let due = samples >= MANY || age >= LATE || (age >= SOON && samples >= ENOUGH * self.signals);
        if !due {
            return Ok(false);
        }
        let since = *self.open.due.get_or_insert_with(Instant::now);
        let passed = self.store.read(store::worker::tail_passed)?;
        if passed < self.open.place && since.elapsed() < PATIENCE {
            return Ok(false);
        }
        seal::seal(&self.store, self.recording, self.open.place, now())?;
        self.open = Open { place: self.open.place, ..Open::default() };
        Ok(true)
    }

    /// Ends the recording. What is held is written first, which is tried for a few seconds.
    ///
    /// # Errors
    /// [`Code::NotFound`] when it holds no value and is therefore not kept; what the database says: then what was stored is
    /// taken up at the next start.
    pub(crate) fn finish(
        mut self,
        gather: &mut Gather,
        whose: &Whose,
        ended: Timestamp,
        cut_short: bool,
    ) -> Result<RecordingRow> {
        let until = Instant::now() + Duration::from_secs(3);
        let portion = gather.take();
        let mut written = self.commit(portion);
        while written.is_err() && Instant::now() < until {
            std::thread::sleep(Duration::from_millis(100));
            written = self.commit(Portion::default());
        }
        if let Some(at) = self.gap() {
            gather.lose(at);
            written = self.commit(gather.take());
        }
        if let Err(error) = written {
            let held: u64 = self.waiting.iter().filter_map(|p| p.packed.as_ref()).map(|p| p.n).sum::<u64>() + self.lost;
            let message = format!("The last {held} samples of the recording could not be kept: {}", error.message);
            return Err(Error::new(error.code, message)
                .hint("What was stored before is kept at the next start, once there is room."));
        }
        let row = close(&self.store, self.recording, whose, Some(ended), cut_short)?;
        let recording = self.recording;
        self.let_go();
        let row = row.ok_or_else(|| {
            Error::new(Code::NotFound, "No value came while it was recorded, so there is nothing to keep.")
                .hint("Record while the session reads.")
        })?;
        if let Err(error) = seal_ended(&self.store, recording, false) {
            // It stays in the tail, and is sealed by whoever looks next.
            tracing::warn!(%error, "a recording that ended could not be sealed yet");
        }
        Ok(row)
    }

    fn let_go(&mut self) {
        let path = lock_path(&self.store, self.recording);
        if let Some(lock) = self.lock.take() {
            drop(fs::remove_file(&path));
            drop(lock);
        }
    }
}
