//! Tests of the workers from a diagnosis to a message, driven one event at a time on a real store.

mod alerts;
mod calls;
mod decisions;
mod messages;

use super::{Read, Worker, alerts::Alerts, approval::Approval, notification::Notification, orchestrator::Orchestrator};
use crate::{
    Engine, KeyPlace, Options,
    journal::{
        Event, NewEvent,
        kind::{self, Absent, DiagnosisMade},
    },
    outbox::NewMessage,
    store::{Store, alert, journal},
};
use roadworthy_api::{
    Result, Timestamp,
    alert::{AlertRow, AlertView, DecisionRow},
    call::{self, Handle, Request},
    calls::{ListDecisions, RegisterVehicle},
    finding::{Evidence, Finding, Severity, Source, Specialist},
    id::{EventId, VehicleId, VisitId},
    role::{Actor, Door},
    system::Settings,
};
use std::{cell::RefCell, collections::BTreeMap, sync::Arc};
use tempfile::TempDir;

pub(super) const HOUR: i64 = 3_600_000;
pub(super) const DAY: i64 = 24 * HOUR;
pub(super) const KEY: &str = "code/P0301/7E8";

const ALL: [&dyn Worker; 4] = [&Orchestrator, &Approval, &Alerts, &Notification];

/// An engine whose workers run only when they are told to.
pub(super) struct Rig {
    pub(super) engine: Arc<Engine>,
    pub(super) settings: Settings,
    pub(super) vehicle: VehicleId,
    /// When it all begins.
    pub(super) start: Timestamp,
    order: Vec<usize>,
    at: RefCell<BTreeMap<&'static str, usize>>,
    messages: RefCell<Vec<NewMessage>>,
    /// What led to events that no event led to at once.
    pub(super) because: RefCell<Vec<(EventId, EventId)>>,
    _folder: TempDir,
    _runtime: tokio::runtime::Runtime,
}

pub(super) fn rig() -> Rig {
    rig_in_order(&[0, 1, 2, 3])
}

/// The workers take their turns in this order.
pub(super) fn rig_in_order(order: &[usize]) -> Rig {
    let folder = tempfile::tempdir().unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (data, handle) = (folder.path().to_owned(), runtime.handle().clone());
    let options = Options { data, runtime: handle, keys: KeyPlace::FileOnly, workers: false };
    let engine = Engine::open(options).unwrap();
    let owner = Actor::owner(Door::Window);
    let register = RegisterVehicle { vin: None, plate: Some("RW 1".into()), name: None };
    let vehicle = call::call(&*engine, &owner, register).unwrap();
    Rig {
        engine,
        settings: Settings::default(),
        vehicle,
        start: crate::engine::now(),
        order: order.to_vec(),
        at: RefCell::default(),
        messages: RefCell::default(),
        because: RefCell::default(),
        _folder: folder,
        _runtime: runtime,
    }
}

pub(super) fn finding(severity: Severity) -> Finding {
    Finding {
        key: KEY.into(),
        specialist: Specialist::Engine,
        severity,
        confidence: 0.9,
        title: "Cylinder 1 misfires".into(),
        explanation: "Unburnt fuel reaches the catalyst.".into(),
        check_next: vec!["Swap its ignition coil with that of cylinder 2".into(), "Look at the plug".into()],
        evidence: vec![Evidence {
            what: "Stored code P0301".into(),
            value: "present".into(),
            ecu: "Engine".into(),
            at: 1,
        }],
    }
}

pub(super) fn visit(n: u128) -> Source {
    Source::Visit { visit: VisitId(n) }
}

impl Rig {
    pub(super) fn ask<C: Request>(&self, request: C) -> Result<C::Reply>
    where
        Engine: Handle<C>,
    {
        call::call(&*self.engine, &Actor::owner(Door::Window), request)
    }

    fn store(&self) -> &Store {
        &self.engine.store
    }

    /// Says something as its author would.
    pub(super) fn say(&self, at: Timestamp, kind: &'static str, payload: &impl serde::Serialize) {
        let subject = Some(self.vehicle.bytes());
        self.store()
            .write("engine/diagnosis", at, |w| {
                let id = w.mint()?;
                w.append(NewEvent::new(id, kind, subject, payload)?)?;
                Ok(())
            })
            .unwrap();
    }

    /// A visit's diagnosis `ms` after the start, and all that follows from it.
    pub(super) fn diagnose(&self, n: u128, ms: i64, findings: &[Finding]) {
        self.diagnosed(n, ms, findings, &[]);
    }

    /// One that can tell that these are gone.
    pub(super) fn diagnosed(&self, n: u128, ms: i64, findings: &[Finding], absent: &[&str]) {
        let absent =
            absent.iter().map(|key| Absent { key: (*key).into(), why: "The same ECU did not report it again.".into() });
        let made = DiagnosisMade {
            source: visit(n),
            at: self.start + ms,
            findings: findings.to_vec(),
            absent: absent.collect(),
            limits: vec![],
        };
        self.say(self.start + ms, kind::DIAGNOSIS_MADE, &made);
        self.pump(ms);
    }

    pub(super) fn chain(&self) -> Vec<Event> {
        self.store().read(|conn| journal::chain(conn, self.store().device(), 1, u32::MAX)).unwrap()
    }

    /// Has every worker handle what it has not, and wakes those that are due, until nothing is left to do.
    pub(super) fn pump(&self, ms: i64) {
        loop {
            let mut idle = true;
            for worker in self.order.iter().map(|index| ALL[*index]) {
                let from = self.at.borrow().get(worker.name()).copied().unwrap_or(0);
                let chain = self.chain();
                for event in &chain[from.min(chain.len())..] {
                    if worker.listens().contains(&event.kind.as_str()) {
                        idle = false;
                        self.run(worker, ms, |read| worker.handle(read, event));
                    }
                }
                self.at.borrow_mut().insert(worker.name(), chain.len());
                let due = self.read(ms, |read| worker.due(read));
                if due.is_some_and(|due| due <= self.start + ms) {
                    idle = false;
                    self.run(worker, ms, |read| worker.wake(read));
                    let later = self.read(ms, |read| worker.due(read));
                    assert!(later != due, "{} would be woken again and again", worker.name());
                }
            }
            if idle {
                return;
            }
        }
    }

    fn read<T>(&self, ms: i64, with: impl FnOnce(&Read<'_>) -> crate::store::Fallible<T>) -> T {
        let store = self.store();
        store
            .read(|conn| {
                let settings = &self.settings;
                with(&Read { conn, now: self.start + ms, device: store.device(), settings })
            })
            .unwrap()
    }

    fn run(&self, worker: &dyn Worker, ms: i64, work: impl FnOnce(&Read<'_>) -> crate::store::Fallible<super::Done>) {
        let done = self.read(ms, work);
        self.because.borrow_mut().extend(&done.because);
        self.store()
            .write(&format!("engine/{}", worker.name()), self.start + ms, |w| {
                done.events.into_iter().try_for_each(|event| w.append(event).map(drop))
            })
            .unwrap();
        let mut kept = self.messages.borrow_mut();
        for message in done.messages {
            if !kept.iter().any(|known| known.key == message.key) {
                kept.push(message);
            }
        }
    }

    /// Messages put in since the last time.
    pub(super) fn messages(&self) -> Vec<NewMessage> {
        self.messages.take()
    }

    /// Their subjects on the desktop.
    pub(super) fn told(&self) -> Vec<String> {
        self.messages().into_iter().filter(|m| m.channel == "desktop").map(|m| m.subject).collect()
    }

    pub(super) fn alerts(&self, view: AlertView, ms: i64) -> Vec<AlertRow> {
        self.store().read(|conn| alert::list(conn, view, Some(self.vehicle), self.start + ms, 0, 100)).unwrap().rows
    }

    /// The vehicle's only alert.
    pub(super) fn alert(&self, ms: i64) -> AlertRow {
        let mut all = self.alerts(AlertView::All, ms);
        assert_eq!(all.len(), 1, "{all:?}");
        all.remove(0)
    }

    /// Decisions, newest first.
    pub(super) fn decisions(&self) -> Vec<DecisionRow> {
        self.ask(ListDecisions { waiting: false, vehicle: Some(self.vehicle), offset: 0, limit: 100 }).unwrap().rows
    }

    /// Kinds of all events that workers of this room said, oldest first.
    pub(super) fn kinds(&self) -> Vec<String> {
        let theirs = ["decision.", "approval.", "alert."];
        let kinds = self.chain().into_iter().map(|event| event.kind);
        kinds.filter(|kind| theirs.iter().any(|start| kind.starts_with(start))).collect()
    }
}
