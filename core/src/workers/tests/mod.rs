//! Workers that fail, panic, stall and recover, on stores and engines of their own.

mod batches;
mod once;
mod seam;
mod wakes;

use super::{
    Done, Pace, Read, Worker, Workers,
    run::{Loop, Next},
    shared::Shared,
};
use crate::{
    KeyPlace,
    journal::{Event, NewEvent, kind},
    store::{Fallible, Store, journal, worker},
    telemetry::Batch,
};
use roadworthy_api::{Code, Error, Timestamp, id::EventId};
use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    thread,
    time::{Duration, Instant},
};
use tempfile::TempDir;

const NOW: Timestamp = 1_795_215_600_000;

/// What a trial worker does with what comes next; afterwards it says something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Act {
    Fail,
    Panic,
    /// The disk is full, as it would say.
    Full,
    Stall(Duration),
}

/// A worker that says what it heard, unless its script has it do otherwise.
#[derive(Clone)]
struct Trial {
    name: &'static str,
    script: Arc<Mutex<VecDeque<Act>>>,
    telemetry: bool,
    /// When it wants to be woken, and how often it was.
    due: Arc<Mutex<(Option<Timestamp>, u32)>>,
}

impl Trial {
    fn new(name: &'static str) -> Self {
        Self { name, script: Arc::default(), telemetry: false, due: Arc::default() }
    }

    fn hearing(name: &'static str) -> Self {
        Self { telemetry: true, ..Self::new(name) }
    }

    fn will(&self, acts: &[Act]) {
        self.script.lock().unwrap().extend(acts);
    }

    fn say(&self, read: &Read<'_>, what: &str) -> Fallible<Done> {
        let act = self.script.lock().unwrap().pop_front();
        match act {
            Some(Act::Fail) => return Err(Error::new(Code::Internal, format!("{what} is too heavy")).into()),
            Some(Act::Full) => return Err(Error::new(Code::DiskFull, "The disk is full.").into()),
            Some(Act::Panic) => panic!("{what} fell"),
            Some(Act::Stall(time)) => thread::sleep(time),
            None => {}
        }
        let mut done = Done::nothing();
        let said = kind::Access { call: what.to_owned(), outcome: "done".into() };
        done.say(read, kind::ACCESS_RECORDED, None, &said)?;
        Ok(done)
    }
}

impl Worker for Trial {
    fn name(&self) -> &'static str {
        self.name
    }
    fn does(&self) -> &'static str {
        "Says what it heard"
    }
    fn listens(&self) -> &'static [&'static str] {
        &[kind::VEHICLE_REGISTERED]
    }
    fn handle(&self, read: &Read<'_>, event: &Event) -> Fallible<Done> {
        self.say(read, &vin(event))
    }
    fn hears_telemetry(&self) -> bool {
        self.telemetry
    }
    fn telemetry(&self, read: &Read<'_>, batch: &Batch) -> Fallible<Done> {
        self.say(read, &format!("batch of {}", batch.samples.len()))
    }
    fn due(&self, _: &Read<'_>) -> Fallible<Option<Timestamp>> {
        Ok(self.due.lock().unwrap().0)
    }
    fn wake(&self, read: &Read<'_>) -> Fallible<Done> {
        self.due.lock().unwrap().1 += 1;
        let done = self.say(read, "woken")?;
        self.due.lock().unwrap().0 = None;
        Ok(done)
    }
}

fn vin(event: &Event) -> String {
    serde_json::from_str::<kind::VehicleFields>(&event.payload).unwrap().vin.unwrap()
}

struct Own {
    store: Arc<Store>,
    folder: TempDir,
}

fn open(folder: &TempDir) -> Arc<Store> {
    Arc::new(Store::open(folder.path(), KeyPlace::FileOnly, NOW).unwrap())
}

fn own() -> Own {
    let folder = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap();
    Own { store: open(&folder), folder }
}

/// Short times, with the real clock.
fn pace() -> Pace {
    Pace {
        first: Duration::from_millis(2),
        cap: Duration::from_millis(8),
        attempts: 3,
        stall: Duration::from_millis(60),
        look: Duration::from_millis(5),
        leave: Duration::from_millis(200),
        ..Pace::default()
    }
}

fn register(store: &Store, vin: &str) -> EventId {
    store
        .write("owner/window", NOW, |w| {
            let id = w.mint()?;
            let fields = kind::VehicleFields { vin: Some(vin.into()), ..Default::default() };
            w.append(NewEvent::new(id, kind::VEHICLE_REGISTERED, Some(id.bytes()), &fields)?)
        })
        .unwrap()
}

fn events(store: &Store) -> Vec<Event> {
    store.read(|conn| journal::chain(conn, store.device(), 1, u32::MAX)).unwrap()
}

/// What a worker has said, in order.
fn said(store: &Store, name: &str) -> Vec<String> {
    let by = format!("engine/{name}");
    let said = events(store).into_iter().filter(|event| event.actor == by);
    said.map(|event| serde_json::from_str::<kind::Access>(&event.payload).unwrap().call).collect()
}

/// Loops of their own, driven by hand.
fn shared(store: &Arc<Store>, trials: &[&Trial]) -> Arc<Shared> {
    let list: Vec<Arc<dyn Worker>> = trials.iter().map(|t| Arc::new((*t).clone()) as _).collect();
    let known: Vec<(&str, bool)> = list.iter().map(|w| (w.name(), w.hears_telemetry())).collect();
    store.write_local(|tx| worker::ensure(tx, &known)).unwrap();
    Arc::new(Shared::new(Arc::clone(store), pace(), Arc::new(list)))
}

fn by_hand(store: &Arc<Store>, trial: &Trial) -> Loop {
    Loop::new(&shared(store, &[trial]), 0, Arc::new(trial.clone()))
}

/// Works until there is nothing to do for a while.
fn work(by_hand: &mut Loop) {
    let until = Instant::now() + Duration::from_secs(20);
    loop {
        match by_hand.step() {
            Next::Again => {}
            Next::Wait(pause) if pause <= Duration::from_millis(50) => thread::sleep(pause),
            Next::Wait(_) => return,
        }
        assert!(Instant::now() < until, "because a worker comes to rest");
    }
}

fn runtime(store: &Arc<Store>, trials: &[&Trial]) -> Workers {
    let list = trials.iter().map(|t| Box::new((*t).clone()) as _).collect();
    Workers::open(Arc::clone(store), list, pace(), Some(Box::new(Vec::new))).unwrap()
}

/// Waits until it is so.
fn until(what: &str, so: impl Fn() -> bool) {
    let until = Instant::now() + Duration::from_secs(20);
    while !so() {
        assert!(Instant::now() < until, "{what}");
        thread::sleep(Duration::from_millis(2));
    }
}
