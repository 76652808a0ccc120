//! A CAN bus within this process, for tests: several nodes, and faults on request.
//!
//! [`Bus::new`] at a bit rate, [`Bus::node`] for each device on it, [`Bus::meddle`] for what shall go wrong on the wires.

use super::{BusError, CanError, CanFrame, CanLink, DataRate, Event, Later, Mode, Received};
use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::{
    sync::Notify,
    time::{Instant, sleep_until},
};

/// What becomes of a frame on the wires: the frames that reach the others, each after a while. Empty: it is lost.
pub type Meddler = Box<dyn FnMut(&CanFrame) -> Vec<(Duration, CanFrame)> + Send>;

/// The wires. Cheap to clone.
#[derive(Clone)]
pub struct Bus {
    shared: Arc<Mutex<Shared>>,
}

struct Shared {
    bitrate: u32,
    nodes: Vec<Arc<NodeState>>,
    meddler: Option<Meddler>,
    disturbed: u32,
    passed: u32,
}

struct NodeState {
    bell: Notify,
    inner: Mutex<Inbox>,
}

struct Inbox {
    due: VecDeque<(Instant, Event)>,
    /// The rate it is on the bus with; `None`: not on it.
    rate: Option<u32>,
    mode: Mode,
    /// Whether its controller knows nothing of CAN FD.
    classic: bool,
    off: bool,
    down: bool,
    /// What the controller says of itself when it is asked.
    standing: Option<BusError>,
}

impl Bus {
    /// A bus on which all that read each other send at `bitrate` bit/s.
    pub fn new(bitrate: u32) -> Self {
        let shared = Shared { bitrate, nodes: Vec::new(), meddler: None, disturbed: 0, passed: 0 };
        Self { shared: Arc::new(Mutex::new(shared)) }
    }

    /// A device on the bus, active at the bus's rate. `bitrates`: what it says of the rates it may be used at.
    pub fn node(&self, bitrates: &[u32]) -> Node {
        let mut shared = lock(&self.shared);
        let inbox = Inbox {
            due: VecDeque::new(),
            rate: Some(shared.bitrate),
            mode: Mode::Active,
            classic: false,
            off: false,
            down: false,
            standing: None,
        };
        let state = Arc::new(NodeState { bell: Notify::new(), inner: Mutex::new(inbox) });
        shared.nodes.push(state.clone());
        Node { bus: self.clone(), state, bitrates: bitrates.to_vec(), fd: None }
    }

    /// Sets what becomes of frames from now on.
    pub fn meddle(&self, meddler: impl FnMut(&CanFrame) -> Vec<(Duration, CanFrame)> + Send + 'static) {
        lock(&self.shared).meddler = Some(Box::new(meddler));
    }

    /// How often somebody at another bit rate, or with frames that not everybody knows, has destroyed what was on the bus.
    pub fn disturbed(&self) -> u32 {
        lock(&self.shared).disturbed
    }

    /// Frames that have passed, those of everybody.
    pub fn passed(&self) -> u32 {
        lock(&self.shared).passed
    }

    fn pass(&self, from: &Arc<NodeState>, rate: u32, frame: &CanFrame) -> Result<(), CanError> {
        let mut shared = lock(&self.shared);
        let now = Instant::now();
        let strange = frame.is_fd() && shared.nodes.iter().any(|node| lock(&node.inner).objects_to_fd());
        if rate != shared.bitrate || strange {
            // Nobody reads it, and everybody's own frames are destroyed by it, or by the errors that somebody says of it.
            shared.disturbed += 1;
            for node in &shared.nodes {
                put(node, now, Event::Error(BusError::GARBLED));
            }
            return Ok(());
        }
        shared.passed += 1;
        let copies = match shared.meddler.as_mut() {
            Some(meddler) => meddler(frame),
            None => vec![(Duration::ZERO, frame.clone())],
        };
        for (after, frame) in copies {
            for node in shared.nodes.iter().filter(|node| !Arc::ptr_eq(node, from)) {
                let same = lock(&node.inner).rate == Some(shared.bitrate);
                let event = if same { Event::Frame(frame.clone()) } else { Event::Error(BusError::GARBLED) };
                put(node, now + after, event);
            }
        }
        Ok(())
    }
}

impl Inbox {
    /// Whether it destroys frames of CAN FD: its controller takes part in the bus and does not know them.
    fn objects_to_fd(&self) -> bool {
        self.classic && self.rate.is_some() && self.mode == Mode::Active && !self.down && !self.off
    }
}

fn put(node: &NodeState, at: Instant, event: Event) {
    let mut inbox = lock(&node.inner);
    if inbox.rate.is_none() || inbox.down || inbox.off && !matches!(event, Event::Error(_)) {
        return;
    }
    let place = inbox.due.iter().position(|(due, _)| *due > at).unwrap_or(inbox.due.len());
    inbox.due.insert(place, (at, event));
    drop(inbox);
    node.bell.notify_one();
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A device on the bus.
pub struct Node {
    bus: Bus,
    state: Arc<NodeState>,
    bitrates: Vec<u32>,
    fd: Option<DataRate>,
}

/// A handle on a node that a test keeps while a tester has the node itself.
#[derive(Clone)]
pub struct Fault {
    state: Arc<NodeState>,
}

impl Node {
    /// The same, with leave to send frames of CAN FD ([`CanLink::fd`]).
    #[must_use]
    pub fn with_fd(mut self, rate: DataRate) -> Self {
        self.fd = Some(rate);
        self
    }

    /// The same with a controller from before CAN FD, which takes its frames for errors and says so.
    #[must_use]
    pub fn classic(self) -> Self {
        lock(&self.state.inner).classic = true;
        self
    }

    /// What makes faults at this node.
    pub fn fault(&self) -> Fault {
        Fault { state: self.state.clone() }
    }
}

impl Fault {
    /// Says something of the bus, as a controller does; after [`BusError::OFF`] it hears and sends nothing.
    pub fn report(&self, error: BusError) {
        let off = match (error.is_off(), error.is_restart()) {
            (true, _) => Some(true),
            (_, true) => Some(false),
            _ => None,
        };
        put(&self.state, Instant::now(), Event::Error(error));
        if let Some(off) = off {
            lock(&self.state.inner).off = off;
        }
    }

    /// What the controller says of itself from now on when it is asked, whether or not it has reported it.
    pub fn stand(&self, error: Option<BusError>) {
        lock(&self.state.inner).standing = error;
    }

    /// Switches the interface off, or on again.
    pub fn down(&self, down: bool) {
        let mut inbox = lock(&self.state.inner);
        inbox.down = down;
        inbox.due.clear();
        drop(inbox);
        self.state.bell.notify_one();
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        lock(&self.bus.shared).nodes.retain(|node| !Arc::ptr_eq(node, &self.state));
    }
}

impl CanLink for Node {
    fn about(&self) -> String {
        "CAN bus in memory".into()
    }

    fn bitrates(&self) -> Vec<u32> {
        self.bitrates.clone()
    }

    fn fd(&self) -> Option<DataRate> {
        self.fd
    }

    fn start(&mut self, bitrate: Option<u32>, mode: Mode) -> Later<'_, ()> {
        Box::pin(async move {
            let rate = bitrate.unwrap_or(lock(&self.bus.shared).bitrate);
            let mut inbox = lock(&self.state.inner);
            if inbox.down {
                return Err(CanError::Down("memory".into()));
            }
            inbox.due.clear();
            (inbox.rate, inbox.mode) = (Some(rate), mode);
            Ok(())
        })
    }

    fn send<'a>(&'a mut self, frame: &'a CanFrame) -> Later<'a, ()> {
        Box::pin(async move {
            let (rate, mode, off, down) = {
                let inbox = lock(&self.state.inner);
                (inbox.rate, inbox.mode, inbox.off, inbox.down)
            };
            if down {
                return Err(CanError::Down("memory".into()));
            }
            if off {
                return Err(CanError::Bus(BusError::OFF));
            }
            if frame.is_fd() && lock(&self.state.inner).classic {
                return Err(CanError::Frame);
            }
            match (rate, mode) {
                (Some(rate), Mode::Active) => self.bus.pass(&self.state, rate, frame),
                _ => Err(CanError::Refused("to send while it only listens".into())),
            }
        })
    }

    fn receive(&mut self) -> Later<'_, Received> {
        Box::pin(async move {
            loop {
                let next = {
                    let mut inbox = lock(&self.state.inner);
                    if inbox.down {
                        return Err(CanError::Down("memory".into()));
                    }
                    match inbox.due.front().map(|(at, _)| *at) {
                        Some(at) if at <= Instant::now() => {
                            if let Some((at, event)) = inbox.due.pop_front() {
                                return Ok(Received { at, stamp: None, event });
                            }
                            None
                        }
                        other => other,
                    }
                };
                let rung = self.state.bell.notified();
                match next {
                    None => rung.await,
                    Some(at) => tokio::select! { () = rung => {} () = sleep_until(at) => {} },
                }
            }
        })
    }

    fn faults(&mut self) -> Later<'_, Option<BusError>> {
        Box::pin(async { Ok(lock(&self.state.inner).standing) })
    }
}
