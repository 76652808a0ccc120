//! Where both read: a simulated car behind a pseudo-terminal of 38,400 baud, and ELM327-emulator.

use roadworthy_simulator::{Options, connect_file};
use std::{
    process::{Child, Command, Stdio},
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, split},
    time::sleep,
};
use tokio_serial::{SerialPort, SerialStream};

/// A port, and what keeps it there.
pub(super) struct Place {
    pub(super) path: String,
    /// bit/s; 0 where the link has none.
    pub(super) baud: u32,
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

/// The petrol car's engine alone, 20 ms for every answer.
fn vehicle() -> String {
    let text = include_str!("../../../core/simulator/vehicles/petrol.toml");
    let mut parts = text.split("[[ecu]]");
    let (head, engine) = (parts.next().unwrap(), parts.next().unwrap());
    let engine: Vec<&str> =
        engine.lines().map(|line| if line.starts_with("think = ") { "think = [20, 0]" } else { line }).collect();
    format!("{head}[[ecu]]{}", engine.join("\n"))
}

/// What the simulated chip prints takes the time of 38,400 baud; what is sent to it is held back here for as long, ten bits
/// a byte.
pub(super) fn shaped() -> Place {
    let (ours, theirs) = SerialStream::pair().unwrap();
    let path = theirs.name().unwrap();
    let chip = connect_file(&vehicle(), Options::default()).unwrap();
    let (mut from_client, mut to_client) = split(ours);
    let (mut from_chip, mut to_chip) = split(chip);
    tokio::spawn(async move {
        let mut chunk = [0; 256];
        while let Ok(n @ 1..) = from_client.read(&mut chunk).await {
            sleep(Duration::from_secs_f64(n as f64 * 10.0 / f64::from(BAUD))).await;
            if to_chip.write_all(&chunk[..n]).await.is_err() {
                return;
            }
        }
    });
    tokio::spawn(async move {
        let mut chunk = [0; 256];
        while let Ok(n @ 1..) = from_chip.read(&mut chunk).await {
            if to_client.write_all(&chunk[..n]).await.is_err() {
                return;
            }
        }
    });
    Place { path, baud: BAUD, _held: Some(theirs), child: None }
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
    let mut place = Place { path: String::new(), baud: 0, _held: None, child: Some(child) };
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
