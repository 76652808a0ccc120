//! From a reading to the alert on the page: the engine with its workers as the window runs it, the local door before it, and a
//! client that listens to the door's stream over a socket, as a page does.
//!
//! Codes: from handing in a check with P0301 and the lamp on, its own commit included, to the client holding the alert.
//! Telemetry rules: from the arrival of the sample that makes "coolant too hot" due, in recordings that commit twice a second
//! as live ones do, several at a time.

use crate::{fleet::make, quantile, report, telemetry::ask};
use roadworthy_api::{
    alert::AlertState,
    calls::RegisterVehicle,
    finding::Severity,
    id::VehicleId,
    role::{self, Actor},
    stream::Push,
};
use roadworthy_core::{Engine, KeyPlace, Options};
use roadworthy_server::{Behind, door::Door};
use std::{
    collections::HashMap,
    io::{BufRead, BufReader, Write},
    net::TcpStream,
    sync::{Arc, Condvar, Mutex},
    thread,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

const CODES: usize = 300;
/// At first caches are cold and statements not prepared.
const WARM_UP: usize = 20;
/// Vehicles recorded at once, and one after the other.
const AT_ONCE: usize = 8;
const ROUNDS: usize = 30;
/// As often as live recordings commit.
const COMMIT: Duration = Duration::from_millis(500);
const SAMPLE: Duration = Duration::from_millis(50);
/// Temperature that is too hot, and for how long.
const HOT: f64 = 121.0;
const HOLD: i64 = 3000;
const PATIENCE: Duration = Duration::from_secs(20);

/// When the client got the first pressing alert of each vehicle.
#[derive(Default)]
struct Heard {
    alerts: Mutex<HashMap<VehicleId, Instant>>,
    more: Condvar,
}

impl Heard {
    fn of(&self, vehicle: VehicleId) -> Instant {
        let alerts = self.alerts.lock().unwrap();
        let there = |alerts: &mut HashMap<_, _>| !alerts.contains_key(&vehicle);
        let (alerts, waited) = self.more.wait_timeout_while(alerts, PATIENCE, there).unwrap();
        assert!(!waited.timed_out(), "no alert came");
        alerts[&vehicle]
    }

    /// Reads the stream to its end.
    fn listen(&self, stream: TcpStream) {
        for line in BufReader::new(stream).lines() {
            let Ok(line) = line else { return };
            let at = Instant::now();
            let Some(data) = line.strip_prefix("data: ") else { continue };
            if let Push::AlertChanged(row) = serde_json::from_str(data).unwrap()
                && row.severity == Severity::ActNow
                && row.state == AlertState::Open
            {
                self.alerts.lock().unwrap().entry(row.vehicle).or_insert(at);
                self.more.notify_all();
            }
        }
    }
}

fn now() -> i64 {
    i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis()).unwrap()
}

fn register(engine: &Engine, name: String) -> VehicleId {
    ask(engine, RegisterVehicle { vin: None, plate: None, name: Some(name) })
}

fn ms(from: Instant, to: Instant) -> f64 {
    to.saturating_duration_since(from).as_secs_f64() * 1000.0
}

pub(crate) fn run() {
    let folder = tempfile::tempdir().unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let options = Options {
        data: folder.path().to_owned(),
        runtime: runtime.handle().clone(),
        keys: KeyPlace::FileOnly,
        workers: true,
    };
    let engine = Engine::open(options).unwrap();
    let door = runtime.block_on(Door::bind("127.0.0.1:0")).unwrap();
    let (address, url) = (door.address(), door.url());
    let token = url.split_once("token=").unwrap().1.to_owned();
    let behind: Arc<dyn Behind> = engine.clone();
    let (close, closed) = tokio::sync::oneshot::channel::<()>();
    let served = runtime.spawn(door.serve(behind, async {
        let _ = closed.await;
    }));
    let heard = Arc::new(Heard::default());
    let mut stream = TcpStream::connect(address).unwrap();
    let head = format!("GET /stream?token={token} HTTP/1.1\r\nHost: {address}\r\n\r\n");
    stream.write_all(head.as_bytes()).unwrap();
    let listener = {
        let heard = heard.clone();
        thread::spawn(move || heard.listen(stream))
    };
    thread::sleep(Duration::from_millis(300));

    codes(&engine, &heard);
    rules(&engine, &heard);

    drop(close);
    runtime.block_on(served).unwrap().unwrap();
    listener.join().unwrap();
}

fn codes(engine: &Engine, heard: &Heard) {
    let who = Actor::owner(role::Door::Window);
    let (mut whole, mut after) = (Vec::new(), Vec::new());
    for n in 0..WARM_UP + CODES {
        let vehicle = register(engine, format!("Van {n}"));
        assert!(engine.settle(PATIENCE));
        // P0301, stored, lamp on; as many readings as a real check brings.
        let report = make::report(0, now(), true);
        let begin = Instant::now();
        engine.take_check(&who, Some(vehicle), report).unwrap();
        let filed = Instant::now();
        let there = heard.of(vehicle);
        if n >= WARM_UP {
            whole.push(ms(begin, there));
            after.push(ms(filed, there));
        }
    }
    let (middle, late) = (quantile(&mut whole, 0.5), quantile(&mut whole, 0.99));
    report(
        &format!("latency, check with P0301 to the alert on the page, p50 / p99 of {CODES}"),
        &format!("{middle:.1} / {late:.1} ms"),
        "p99 <= 50 ms",
        late <= 50.0,
        &format!(
            "from the end of the check's own commit {:.1} / {:.1} ms; worst {:.1} ms",
            quantile(&mut after, 0.5),
            quantile(&mut after, 0.99),
            quantile(&mut whole, 1.0)
        ),
    );
}

/// A recording of which the engine gets too hot; milliseconds from the sample that says so for long enough to the alert.
fn overheats(engine: &Engine, heard: &Heard, name: String, phase: Duration) -> f64 {
    let vehicle = register(engine, name);
    let who = Actor::owner(role::Door::Window);
    // Two seconds of it came before.
    let since = now() - 2000;
    let mut intake = engine.take_in(&who, Some(vehicle), "bench", since).unwrap();
    let coolant = intake.signal("7E8:05:coolant_temperature", "Coolant temperature", "°C");
    for n in 0..4 {
        intake.number(coolant, since + n * 500, HOT + (n % 2) as f64);
    }
    intake.commit().unwrap();
    let mut due = Instant::now() + COMMIT.min(phase);
    let mut decided = None;
    let mut committed = false;
    for n in 0.. {
        let at = now();
        let came = Instant::now();
        intake.number(coolant, at, HOT + f64::from(n % 2));
        if at >= since + HOLD {
            decided.get_or_insert(came);
        }
        if Instant::now() >= due {
            intake.commit().unwrap();
            due += COMMIT;
            committed = decided.is_some();
        }
        if committed {
            break;
        }
        thread::sleep(SAMPLE);
    }
    let there = heard.of(vehicle);
    intake.finish(now()).unwrap();
    ms(decided.unwrap(), there)
}

fn rules(engine: &Engine, heard: &Heard) {
    let mut times: Vec<f64> = thread::scope(|scope| {
        let threads: Vec<_> = (0..AT_ONCE)
            .map(|one| {
                let rounds = (0..ROUNDS).map(move |round| {
                    // Commits fall anywhere between two samples that decide.
                    let phase = Duration::from_millis(((one * 67 + round * 31) % 500) as u64);
                    overheats(engine, heard, format!("Truck {one}-{round}"), phase)
                });
                scope.spawn(move || rounds.collect::<Vec<f64>>())
            })
            .collect();
        threads.into_iter().flat_map(|t| t.join().unwrap()).collect()
    });
    let count = times.len();
    let (middle, late) = (quantile(&mut times, 0.5), quantile(&mut times, 0.99));
    report(
        &format!("latency, sample too hot to the alert on the page, p50 / p99 of {count}"),
        &format!("{middle:.1} / {late:.1} ms"),
        "p99 <= 1100 ms",
        late <= 1100.0,
        &format!("{AT_ONCE} recordings at once, each commits every 500 ms; worst {:.1} ms", quantile(&mut times, 1.0)),
    );
}
