//! Delivery against channels and mail servers that do what such things do.

mod delivery;
mod property;
mod server;
mod smtp;
mod whole;

use super::{About, Channel, Failure, Letter, NewMessage, Policy, deliver::lanes};
use crate::{
    KeyPlace,
    journal::{Event, NewEvent, kind},
    store::{Store, journal, outbox, setting},
};
use roadworthy_api::{
    Timestamp,
    finding::Severity,
    id::{EventId, MessageId, VehicleId},
    system::{MailSettings, NotifySettings, Settings},
    work::{MessageRow, MessageState},
};
use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread::JoinHandle,
    time::{Duration, Instant},
};
use tempfile::TempDir;

pub(super) const NOW: Timestamp = 1_795_215_600_000;

pub(super) struct Own {
    pub(super) store: Arc<Store>,
    pub(super) folder: TempDir,
}

pub(super) fn own() -> Own {
    let folder = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap();
    Own { store: Arc::new(Store::open(folder.path(), KeyPlace::FileOnly, NOW).unwrap()), folder }
}

impl Own {
    /// The event that messages of these tests are caused by, in a story of its own.
    pub(super) fn cause(&self) -> EventId {
        let said = kind::Access { call: "test".into(), outcome: "done".into() };
        self.store
            .write("owner/window", NOW, |w| w.append(NewEvent::new(w.mint()?, kind::ACCESS_RECORDED, None, &said)?))
            .unwrap()
    }

    pub(super) fn put(&self, channel: &'static str, key: &str, now: Timestamp) -> MessageId {
        self.put_about(channel, key, None, now)
    }

    pub(super) fn put_about(
        &self,
        channel: &'static str,
        key: &str,
        vehicle: Option<VehicleId>,
        now: Timestamp,
    ) -> MessageId {
        let (id, event) = (MessageId(crate::keys::mint(now).unwrap().0), self.cause());
        let message = NewMessage {
            key: key.into(),
            channel,
            subject: "Cylinder 1 misfires".into(),
            about: About {
                alert: None,
                decision: None,
                vehicle,
                severity: Severity::ActNow,
                text: "It does not burn.".into(),
            },
        };
        assert!(self.store.write_local(|tx| outbox::put(tx, &message, id, event, None, now)).unwrap());
        id
    }

    pub(super) fn row(&self, id: MessageId) -> MessageRow {
        self.store.read(|conn| outbox::get(conn, id)).unwrap().unwrap()
    }

    pub(super) fn events(&self, kind: &str) -> Vec<Event> {
        let device = self.store.device();
        let all = self.store.read(|conn| journal::chain(conn, device, 1, u32::MAX)).unwrap();
        all.into_iter().filter(|e| e.kind == kind).collect()
    }

    pub(super) fn set(&self, change: impl FnOnce(&mut NotifySettings)) {
        let mut settings = Settings::default();
        change(&mut settings.notify);
        self.store.write_local(|tx| setting::set(tx, setting::SETTINGS, &settings)).unwrap();
    }

    pub(super) fn set_mail(&self, mail: MailSettings) {
        self.set(|n| n.mail = Some(mail));
    }

    /// Waits until a message is as the test wants it.
    #[track_caller]
    pub(super) fn until(&self, id: MessageId, what: &str, there: impl Fn(&MessageRow) -> bool) -> MessageRow {
        let end = Instant::now() + Duration::from_secs(20);
        loop {
            let row = self.row(id);
            if there(&row) {
                return row;
            }
            assert!(Instant::now() < end, "not {what} after 20 s: {row:?}");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    #[track_caller]
    pub(super) fn until_sent(&self, id: MessageId) -> MessageRow {
        self.until(id, "sent", |row| matches!(row.state, MessageState::Sent { .. }))
    }
}

/// The elected process, as far as delivery needs it.
pub(super) struct Running {
    stop: Arc<AtomicBool>,
    store: Arc<Store>,
    threads: Vec<JoinHandle<()>>,
}

pub(super) fn run(own: &Own, channels: Vec<Arc<dyn Channel>>) -> Running {
    let stop = Arc::new(AtomicBool::new(false));
    let lane = |mut lane: Box<dyn crate::workers::Duty>| {
        let (stop, store) = (stop.clone(), own.store.clone());
        std::thread::spawn(move || {
            while !stop.load(Ordering::Acquire) {
                let seen = store.bell.rung();
                let next = lane.turn(&|| stop.load(Ordering::Acquire)).unwrap();
                store.bell.wait(seen, next.unwrap_or(Duration::from_secs(60)));
            }
        })
    };
    let threads = lanes(&own.store, channels, &quick()).into_iter().map(lane).collect();
    Running { stop, store: own.store.clone(), threads }
}

impl Running {
    pub(super) fn stop(self) {
        self.stop.store(true, Ordering::Release);
        self.store.bell.ring();
        self.threads.into_iter().for_each(|thread| thread.join().unwrap());
    }
}

type Way = Box<dyn Fn(&Letter, usize) -> Result<String, Failure> + Send + Sync>;

/// A channel that does what a test says; `way` is told how many attempts came before.
pub(super) struct Fake {
    name: &'static str,
    limit: Duration,
    way: Way,
    pub(super) seen: Mutex<Vec<String>>,
}

impl Fake {
    pub(super) fn new(
        name: &'static str,
        way: impl Fn(&Letter, usize) -> Result<String, Failure> + Send + Sync + 'static,
    ) -> Arc<Self> {
        Arc::new(Self { name, limit: Duration::from_millis(200), way: Box::new(way), seen: Mutex::default() })
    }

    pub(super) fn takes(name: &'static str) -> Arc<Self> {
        Self::new(name, |_, _| Ok(String::new()))
    }
}

impl Channel for Fake {
    fn name(&self) -> &'static str {
        self.name
    }

    fn limit(&self) -> Duration {
        self.limit
    }

    fn on(&self, settings: &Settings) -> bool {
        settings.notify.desktop || self.name != "desktop"
    }

    fn send(&self, letter: &Letter) -> Result<String, Failure> {
        let before = {
            let mut seen = self.seen.lock().unwrap();
            seen.push(letter.key.clone());
            seen.len() - 1
        };
        (self.way)(letter, before)
    }
}

/// As shipped, in milliseconds where that has seconds.
pub(super) fn quick() -> Policy {
    Policy {
        base: 5,
        cap: 50,
        offline_cap: 20,
        margin: 100,
        again: Duration::from_millis(10),
        grace: Duration::from_millis(100),
        ..Policy::default()
    }
}
