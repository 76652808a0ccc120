//! How samples come in: gathered in memory, committed to the tail, sealed when there is enough of them.
//!
//! While it lasts a file with its id is locked. A capture whose file is not locked was left by a process that was killed;
//! [`super::keep::recover`] ends it. What the disk does not take is held in memory, bounded, and tried again.

use super::{
    Value, seal,
    tail::{Packed, Packer, unpack},
};
use crate::{
    engine::now,
    files::{io_error, private_folder, private_options},
    journal::{
        NewEvent,
        kind::{self, RecordedSignal, RecordingStarted},
    },
    store::{self, Store, Turn, capture, recording, registration},
};
use roadworthy_api::{
    Code, Error, Result, Timestamp,
    id::{RecordingId, VehicleId},
    live::{Mark, RecordingRow},
};
use std::{
    collections::{HashMap, VecDeque},
    fs::{self, File, TryLockError},
    path::{Path, PathBuf},
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
/// How long sealing waits for workers that have not seen the samples.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);
/// Most bytes held, and how long, while the disk takes none.
const HELD: usize = 64 << 20;
const HELD_FOR: Duration = Duration::from_secs(600);

/// Whose a recording is, as far as is known.
#[derive(Clone, Debug, Default)]
pub(crate) struct Whose {
    pub(crate) vehicle: Option<VehicleId>,
    /// VIN that was read.
    pub(crate) vin: Option<String>,
}

/// Folder of the locks, where recordings of older versions lie too.
pub(crate) fn folder(store: &Store) -> PathBuf {
    store.path().parent().unwrap_or(Path::new(".")).join("recordings")
}

/// The file that is locked while a recording runs.
pub(crate) fn lock_path(store: &Store, recording: RecordingId) -> PathBuf {
    folder(store).join(format!("{recording}.lock"))
}

/// Whether some process records just now.
pub(crate) fn recording_anywhere(store: &Store) -> bool {
    let entries = fs::read_dir(folder(store)).into_iter().flatten().filter_map(|e| e.ok().map(|e| e.path()));
    let locked = |path: &PathBuf| {
        File::open(path).is_ok_and(|file| matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)))
    };
    entries.filter(|path| path.extension().is_some_and(|e| e == "lock")).any(|path| locked(&path))
}

/// What has come since the last commit.
#[derive(Debug, Default)]
pub(crate) struct Gather {
    known: HashMap<String, u32>,
    fresh: Vec<(u32, RecordedSignal)>,
    marks: Vec<Mark>,
    marked: bool,
    packer: Packer,
    /// Time and bits of the last number of each signal.
    last: Vec<(Timestamp, u64)>,
    values: u64,
}

/// What one commit writes.
#[derive(Debug, Default)]
pub(crate) struct Portion {
    packed: Option<Packed>,
    signals: Vec<(u32, RecordedSignal)>,
    marks: Option<Vec<Mark>>,
}

impl Gather {
    /// The number of a signal, if it is known.
    pub(crate) fn number(&self, id: &str) -> Option<u32> {
        self.known.get(id).copied()
    }

    /// The number of a signal, known or new.
    pub(crate) fn signal(&mut self, signal: RecordedSignal) -> u32 {
        if let Some(number) = self.number(&signal.id) {
            return number;
        }
        let number = u32::try_from(self.known.len()).unwrap_or(u32::MAX);
        self.known.insert(signal.id.clone(), number);
        self.last.push((Timestamp::MIN, 0));
        self.fresh.push((number, signal));
        number
    }

    /// Adds a sample; the very same one again is not added.
    pub(crate) fn add(&mut self, number: u32, at: Timestamp, value: Value<'_>) {
        if let Value::Number(value) = value
            && let Some(last) = self.last.get_mut(number as usize)
            && std::mem::replace(last, (at, value.to_bits())) == (at, value.to_bits())
        {
            return;
        }
        self.values += u64::from(!matches!(value, Value::Missing(_)));
        self.packer.add(number, at, value);
    }

    pub(crate) fn mark(&mut self, mark: Mark) {
        self.marks.push(mark);
        self.marked = true;
    }

    /// Samples so far that hold a value.
    pub(crate) fn values(&self) -> u64 {
        self.values
    }

    pub(crate) fn take(&mut self) -> Portion {
        let marks = std::mem::take(&mut self.marked).then(|| self.marks.clone());
        Portion { packed: self.packer.take(), signals: std::mem::take(&mut self.fresh), marks }
    }

    /// Says for every signal that values of that time were not kept.
    pub(crate) fn lose(&mut self, at: Timestamp) {
        let why = "Not kept: the disk took no samples for too long.";
        for number in 0..u32::try_from(self.known.len()).unwrap_or(u32::MAX) {
            self.packer.add(number, at, Value::Missing(why));
        }
    }
}

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

/// A recording that is fed by whoever has values: a file, another program, a benchmark.
pub struct Intake {
    gather: Gather,
    keep: Keep,
    vehicle: Option<VehicleId>,
}

impl Intake {
    /// Begins one; `port` says where the values come from, `started` when the first of them was.
    ///
    /// # Errors
    /// What the disk and the database say.
    pub(crate) fn begin(
        store: &Arc<Store>,
        actor: &str,
        port: &str,
        vehicle: Option<VehicleId>,
        started: Timestamp,
    ) -> Result<Self> {
        let keep = Keep::begin(store, actor, port, &Whose { vehicle, vin: None }, started)?;
        Ok(Self { gather: Gather::default(), keep, vehicle })
    }

    /// Its id.
    pub fn recording(&self) -> RecordingId {
        self.keep.recording()
    }

    /// The number of a signal: `id` as in `7E8:0C:engine_rpm`, then its name for people and its unit.
    pub fn signal(&mut self, id: &str, label: &str, unit: &str) -> u32 {
        self.gather.signal(RecordedSignal { id: id.to_owned(), label: label.to_owned(), unit: unit.to_owned() })
    }

    /// Adds a number; one that is not finite counts as missing.
    pub fn number(&mut self, signal: u32, at: Timestamp, value: f64) {
        let value = if value.is_finite() { Value::Number(value) } else { Value::Missing("The value is not a number.") };
        self.gather.add(signal, at, value);
    }

    /// Adds a word.
    pub fn word(&mut self, signal: u32, at: Timestamp, text: &str) {
        self.gather.add(signal, at, Value::Word(text));
    }

    /// Says that there is no value, and why.
    pub fn missing(&mut self, signal: u32, at: Timestamp, why: &str) {
        self.gather.add(signal, at, Value::Missing(why));
    }

    /// Puts what came since the last commit on disk, and seals when there is enough.
    ///
    /// # Errors
    /// What the database says; what could not be written is held and tried again by the next commit.
    pub fn commit(&mut self) -> Result<()> {
        self.keep.commit(self.gather.take())?;
        if let Some(at) = self.keep.gap() {
            self.gather.lose(at);
        }
        self.keep.seal_if_due().map(drop)
    }

    /// Ends it.
    ///
    /// # Errors
    /// [`Code::NotFound`] when it holds no value and is therefore not kept; what the database says.
    pub fn finish(mut self, ended: Timestamp) -> Result<RecordingRow> {
        let whose = Whose { vehicle: self.vehicle, vin: None };
        self.keep.finish(&mut self.gather, &whose, ended, false)
    }
}
