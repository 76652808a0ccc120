//! Where both read: a simulated car behind a pseudo-terminal of 38,400 baud, and ELM327-emulator.

use roadworthy_simulator::{Options, Profile, connect_file};
use std::{
    process::{Child, Command, Stdio},
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, split};
use tokio_serial::{SerialPort, SerialStream};

/// A port, and what keeps it there.
pub(super) struct Place {
    pub(super) path: String,
    /// bit/s; told to both, as of an adapter that is known.
    pub(super) baud: u32,
    /// The engine's ECU.
    pub(super) ecu: &'static str,
    _held: Option<SerialStream>,
    child: Option<Child>,
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

const BAUD: u32 = 38_400;

/// What stands behind the pseudo-terminal.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Can,
    /// A chip that passes one value of a joint request on.
    CanOneByOne,
    /// ISO 14230, where nobody can ask for several values.
    Kwp,
}

/// The petrol car's engine alone, 20 ms for every answer.
fn vehicle(kind: Kind) -> String {
    let text = include_str!("../../../core/simulator/vehicles/petrol.toml");
    let mut parts = text.split("[[ecu]]");
    let (head, engine) = (parts.next().unwrap(), parts.next().unwrap());
    let engine: Vec<&str> =
        engine.lines().map(|line| if line.starts_with("think = ") { "think = [20, 0]" } else { line }).collect();
    let whole = format!("{head}[[ecu]]{}", engine.join("\n"));
    if kind == Kind::Kwp {
        // Its monitors are those of CAN, and nobody reads them here.
        let (before, monitors) = whole.split_once("[ecu.monitors]").unwrap();
        let after = &monitors[monitors.find("\n[").unwrap()..];
        format!("{before}{after}").replace("protocol = 6", "protocol = 5").replace("id = 0x7E8", "id = 0x10")
    } else {
        whole
    }
}

/// A strict chip whose own line takes next to no time: that of the bench does.
const CHIP: &str = r#"
    name = "bench"
    about = "strict"
    source = "none"
    vehicle = "petrol"
    [expect]
    finishes = ["all"]
    [line]
    baud = 2000000
    [request]
"#;

/// Both directions take the time of 38,400 baud, ten bits a byte, line ends and prompts included; while the line is busy, the
/// chip goes on, as a real one does.
pub(super) fn shaped(kind: Kind) -> Place {
    let (ours, theirs) = SerialStream::pair().unwrap();
    let path = theirs.name().unwrap();
    let several = kind != Kind::CanOneByOne;
    let adapter = Some(Arc::new(Profile::parse(&format!("{CHIP}several = {several}")).unwrap()));
    let chip = connect_file(&vehicle(kind), Options { adapter, ..Options::default() }).unwrap();
    let (from_client, to_client) = split(ours);
    let (from_chip, to_chip) = split(chip);
    tokio::spawn(carry(from_client, to_chip));
    tokio::spawn(carry(from_chip, to_client));
    let ecu = if kind == Kind::Kwp { "10" } else { "7E8" };
    Place { path, baud: BAUD, ecu, _held: Some(theirs), child: None }
}

/// Hands bytes on when the last bit of each has passed.
async fn carry(mut from: impl AsyncRead + Unpin + Send + 'static, mut to: impl AsyncWrite + Unpin) {
    let (tell, mut told) = tokio::sync::mpsc::unbounded_channel();
    tokio::spawn(async move {
        let mut chunk = [0; 256];
        while let Ok(n @ 1..) = from.read(&mut chunk).await {
            if tell.send((Instant::now(), chunk[..n].to_vec())).is_err() {
                return;
            }
        }
    });
    let mut free = Instant::now();
    while let Some((came, bytes)) = told.recv().await {
        free = free.max(came) + Duration::from_secs_f64(bytes.len() as f64 * 10.0 / f64::from(BAUD));
        // The runtime's own timer has whole milliseconds, of which four bytes take one.
        let left = free.saturating_duration_since(Instant::now());
        tokio::task::spawn_blocking(move || std::thread::sleep(left)).await.unwrap();
        if to.write_all(&bytes).await.is_err() {
            return;
        }
    }
}

/// The emulator's `car` on its own pseudo-terminal.
pub(super) fn emulator(program: &str) -> Option<Place> {
    let file = std::env::temp_dir().join(format!("roadworthy-bench-elm-{}", std::process::id()));
    let _ = std::fs::remove_file(&file);
    let child = Command::new(program)
        .args(["-s", "car", "-b"])
        .arg(&file)
        // It ends as soon as its standard input does.
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    let mut place = Place { path: String::new(), baud: BAUD, ecu: "7E8", _held: None, child: Some(child) };
    for _ in 0..150 {
        std::thread::sleep(Duration::from_millis(100));
        let text = std::fs::read_to_string(&file).unwrap_or_default();
        if let Some(path) = text.lines().next().filter(|l| l.starts_with('/')) {
            std::thread::sleep(Duration::from_millis(500));
            path.clone_into(&mut place.path);
            return Some(place);
        }
    }
    None
}

/// Values a second when the eight are asked in the fewest requests and nobody looks at the answers: no reader can have more.
pub(super) async fn bare(place: &Place) -> f64 {
    let mut port = SerialStream::open(&tokio_serial::new(&place.path, BAUD)).unwrap();
    for command in ["ATZ", "ATE0", "ATL0", "ATS0", "ATH1", "0100"] {
        exchange(&mut port, command).await;
    }
    let (begin, mut values) = (Instant::now(), 0);
    while begin.elapsed() < Duration::from_secs(5) {
        for (request, holds) in [("010C0D04110B0E", 6), ("011045", 2)] {
            let answer = exchange(&mut port, request).await;
            assert!(answer.contains("41"), "{request}: {answer:?}");
            values += holds;
        }
    }
    f64::from(values) / begin.elapsed().as_secs_f64()
}

async fn exchange(port: &mut SerialStream, command: &str) -> String {
    port.write_all(format!("{command}\r").as_bytes()).await.unwrap();
    let (mut answer, mut chunk) = (Vec::new(), [0; 256]);
    while !answer.contains(&b'>') {
        let n = tokio::time::timeout(Duration::from_secs(5), port.read(&mut chunk)).await.expect("an answer").unwrap();
        answer.extend_from_slice(&chunk[..n]);
    }
    String::from_utf8_lossy(&answer).into_owned()
}
