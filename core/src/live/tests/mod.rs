//! Sessions against simulated vehicles that live faster than real ones.

mod recording;
mod session;
mod unplug;

use super::*;
use crate::KeyPlace;
use roadworthy_api::live::{LiveFrame, LiveState};
use roadworthy_obd::{
    can::slcan::Slcan,
    traffic::{Direction, Traffic},
};
use std::{
    sync::atomic::{AtomicBool, AtomicI64, AtomicU32, Ordering},
    time::Instant,
};
use tempfile::TempDir;
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, DuplexStream},
    sync::broadcast::Receiver,
};

/// How many times faster than real.
const SPEED: f64 = 20.0;

/// Sessions of their own, with a cable that a test can pull.
pub(super) struct Rig {
    pub(super) lives: Lives,
    pub(super) store: Arc<Store>,
    pub(super) ports: Ports,
    pushes: broadcast::Sender<Push>,
    cable: Arc<Cable>,
    pub(super) folder: TempDir,
}

/// What stands between the driver and the simulated adapter.
#[derive(Default)]
struct Cable {
    cut: tokio::sync::Notify,
    gone: AtomicBool,
    opened: AtomicU32,
    /// Bytes that may still come through before the cable is pulled by itself; negative: as many as like.
    left: AtomicI64,
    /// What went through each link, as a witness beside the driver.
    witness: Mutex<Vec<Traffic>>,
}

pub(super) fn pace() -> Pace {
    Pace { pause: Duration::from_millis(20), give_up: Duration::from_millis(400), ..Pace::default() }
}

pub(super) fn rig(pace: Pace) -> Rig {
    let folder = tempfile::tempdir().unwrap();
    rig_in(folder, pace)
}

pub(super) fn rig_in(folder: TempDir, pace: Pace) -> Rig {
    let store = Arc::new(Store::open(folder.path(), KeyPlace::FileOnly, crate::engine::now()).unwrap());
    let (pushes, ports, cable) = (broadcast::channel(4096).0, Ports::default(), Arc::new(Cable::default()));
    cable.left.store(-1, Ordering::SeqCst);
    let ground = Ground { store: store.clone(), pushes: pushes.clone(), pace, adapters: None };
    let held = Arc::clone(&cable);
    let opener: Opener = Arc::new(move |port, _| {
        let cable = Arc::clone(&held);
        Box::pin(async move { open(&port, &cable) })
    });
    let lives = Lives::with(ground, Handle::current(), ports.clone(), opener);
    Rig { lives, store, ports, pushes, cable, folder }
}

fn open(port: &Port, cable: &Arc<Cable>) -> Result<Carrier> {
    cable.opened.fetch_add(1, Ordering::SeqCst);
    if cable.gone.load(Ordering::SeqCst) {
        return Err(Error::new(Code::NoAdapter, "The adapter is gone."));
    }
    let Port::Sim(spec) = port else { panic!("{port}") };
    let base = roadworthy_simulator::Options { speed: SPEED, ..Default::default() };
    let (name, options) = roadworthy_simulator::parse_spec(spec, base)?;
    let frames = options.slcan;
    let mut adapter = roadworthy_simulator::connect_with(name, options)?;
    let (ours, mut theirs) = tokio::io::duplex(4096);
    let cable = Arc::clone(cable);
    tokio::spawn(async move {
        tokio::select! {
            () = carry(&cable, &mut adapter, &mut theirs) => {}
            () = cable.cut.notified() => {}
        }
    });
    Ok(if frames { Carrier::Can(Box::new(Slcan::new(Box::new(ours), None)?)) } else { ours.into() })
}

/// Carries bytes both ways until one side leaves or the cable has carried what it may.
async fn carry(cable: &Cable, adapter: &mut (impl AsyncRead + AsyncWrite + Unpin), driver: &mut DuplexStream) {
    let number = {
        let mut witness = cable.witness.lock().unwrap();
        witness.push(Traffic::default());
        witness.len() - 1
    };
    let note = |way, bytes: &[u8]| cable.witness.lock().unwrap()[number].push(0, way, bytes);
    let (mut up, mut down) = ([0; 256], [0; 256]);
    loop {
        tokio::select! {
            read = driver.read(&mut up) => {
                let Ok(n @ 1..) = read else { return };
                note(Direction::ToAdapter, &up[..n]);
                if adapter.write_all(&up[..n]).await.is_err() { return }
            }
            read = adapter.read(&mut down) => {
                let Ok(n @ 1..) = read else { return };
                let left = cable.left.load(Ordering::SeqCst);
                let through = if left < 0 { n } else { n.min(usize::try_from(left).unwrap()) };
                note(Direction::FromAdapter, &down[..through]);
                if left >= 0 {
                    cable.left.fetch_sub(i64::try_from(through).unwrap(), Ordering::SeqCst);
                }
                if driver.write_all(&down[..through]).await.is_err() || through < n { return }
            }
        }
    }
}

impl Rig {
    pub(super) fn listen(&self) -> Receiver<Push> {
        self.pushes.subscribe()
    }

    /// Pulls the cable out; `back` says whether the next try finds it again.
    fn pull(&self, back: bool) {
        self.cable.gone.store(!back, Ordering::SeqCst);
        self.cable.cut.notify_waiters();
    }

    pub(super) fn open(&self, preset: Option<&str>) -> LiveSession {
        self.open_on("sim:petrol", preset)
    }

    fn open_on(&self, port: &str, preset: Option<&str>) -> LiveSession {
        self.lives.open(port, None, None, preset.map(str::to_owned)).unwrap()
    }

    /// The session once it satisfies `is`.
    pub(super) async fn until(&self, id: LiveId, is: impl Fn(&LiveSession) -> bool) -> LiveSession {
        let began = Instant::now();
        loop {
            let shown = self.lives.get(id).unwrap().shown();
            if is(&shown) {
                return shown;
            }
            assert!(began.elapsed() < Duration::from_secs(30), "{:?}", shown.state);
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    pub(super) async fn reading(&self, id: LiveId) -> LiveSession {
        self.until(id, |s| s.state == LiveState::Reading).await
    }

    pub(super) async fn ended(&self, id: LiveId) -> Option<Error> {
        let shown = self.until(id, |s| matches!(s.state, LiveState::Ended { .. })).await;
        let LiveState::Ended { error } = shown.state else { return None };
        error
    }
}

/// The next frame with samples.
pub(super) async fn frame(pushes: &mut Receiver<Push>) -> LiveFrame {
    let next = async {
        loop {
            if let Push::LiveValues(frame) = pushes.recv().await.unwrap()
                && !frame.samples.is_empty()
            {
                return frame;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(30), next).await.unwrap()
}
