//! A check against ELM327-emulator, a separate program that this project does not ship (its licence forbids commercial
//! use). Set `ROADWORTHY_ELM_EMULATOR` to its `elm` program to run it.

#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a test's way to fail and to speak"
)]

use roadworthy_api::check::{CheckReport, Outcome};
use roadworthy_obd::{
    check::{CheckOptions, run_check},
    link::{self, Port},
};
use std::{
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};
use tokio::sync::watch;

/// The program with its pseudo-terminal; ended when dropped.
struct Emulator {
    child: Child,
    file: PathBuf,
}

impl Emulator {
    async fn start(program: &Path) -> (Self, Port) {
        let file = std::env::temp_dir().join(format!("roadworthy-elm-{}", std::process::id()));
        let _ = std::fs::remove_file(&file);
        let child = Command::new(program)
            .args(["-s", "car", "-b"])
            .arg(&file)
            // It ends as soon as its standard input does.
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let emulator = Self { child, file };
        for _ in 0..150 {
            let text = std::fs::read_to_string(&emulator.file).unwrap_or_default();
            if let Some(Ok(port)) = text.lines().next().filter(|l| l.starts_with('/')).map(str::parse) {
                tokio::time::sleep(Duration::from_millis(500)).await;
                return (emulator, port);
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("the emulator wrote no pseudo-terminal within 15 s");
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = std::fs::remove_file(&self.file);
    }
}

async fn check(port: &Port) -> CheckReport {
    let (_keep, cancel) = watch::channel(false);
    let link = link::open(port, None).await.unwrap();
    let finished = run_check(link, CheckOptions::new(port.to_string()), cancel, &mut |_| {}).await;
    if std::env::var_os("ROADWORTHY_SHOW").is_some() {
        println!("{}", finished.traffic.to_text());
        println!("{}", serde_json::to_string_pretty(&finished.report).unwrap());
    }
    finished.report.unwrap()
}

#[tokio::test]
async fn a_check_against_the_emulator_reads_its_car() {
    let Some(program) = std::env::var_os("ROADWORTHY_ELM_EMULATOR") else {
        eprintln!("skipped: set ROADWORTHY_ELM_EMULATOR to the elm program of ELM327-emulator to run this");
        return;
    };
    let (_emulator, port) = Emulator::start(Path::new(&program)).await;
    let report = check(&port).await;
    assert_eq!(report.partial, None);
    assert_eq!(report.protocol.as_ref().map(|p| p.id.as_str()), Some("6"));
    assert!(report.adapter.claims.starts_with("ELM327"), "{}", report.adapter.claims);
    assert!(report.vin.is_some(), "{:?}", report.vin_problem);
    assert!(report.ecus.iter().any(|e| e.id == "7E8"), "{:?}", report.ecus);
    assert!(!report.readiness.is_empty());
    assert!(report.snapshot.iter().any(|r| r.item.name.as_deref() == Some("engine_rpm")));
    for request in ["0100", "0101", "03"] {
        let row = report.coverage.iter().find(|c| c.request == request && c.ecu.as_deref() == Some("7E8")).unwrap();
        assert_eq!(row.outcome, Outcome::Answered, "{request}");
    }
    // A second check finds the adapter as the first left it. (The emulator deals out another VIN each time.)
    let again = check(&port).await;
    assert!(again.partial.is_none() && again.vin.is_some());
}

/// The emulator as an SLCAN adapter on one end of a pseudo-terminal; this end is our link. Its bus is silent until it is
/// asked, so the bit rate is named.
#[tokio::test]
async fn a_check_against_the_emulator_as_an_slcan_adapter_reads_its_car() {
    use roadworthy_obd::{can::slcan::Slcan, link::Carrier};
    use tokio_serial::{SerialPort, SerialStream};
    let Some(program) = std::env::var_os("ROADWORTHY_ELM_EMULATOR") else {
        eprintln!("skipped: set ROADWORTHY_ELM_EMULATOR to the elm program of ELM327-emulator to run this");
        return;
    };
    let (ours, theirs) = SerialStream::pair().unwrap();
    let path = theirs.name().unwrap();
    let log = std::env::temp_dir().join(format!("roadworthy-elm-slcan-{}", std::process::id()));
    let child = Command::new(&program)
        .args(["-s", "car", "-c", &path, "-b"])
        .arg(&log)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let _emulator = Emulator { child, file: log };
    // It says nowhere that it is ready: what it does not hear yet waits in the terminal, and it is asked three times.
    tokio::time::sleep(Duration::from_secs(4)).await;
    let carrier = Carrier::Can(Box::new(Slcan::new(Box::new(ours), Some(500_000)).unwrap()));
    let (_keep, cancel) = watch::channel(false);
    let since = std::time::Instant::now();
    let finished = run_check(carrier, CheckOptions::new("slcan:emulator"), cancel, &mut |_| {}).await;
    let seconds = since.elapsed().as_secs_f64();
    if std::env::var_os("ROADWORTHY_SHOW").is_some() {
        println!("{}", finished.traffic.to_text());
    }
    let report = finished.report.unwrap();
    assert_eq!(report.partial, None);
    println!(
        "SLCAN against ELM327-emulator: {} of {} questions answered, {} values, {} rejected, {seconds:.1} s",
        report.coverage.iter().filter(|c| c.outcome == Outcome::Answered).count(),
        report.coverage.iter().filter(|c| !matches!(c.outcome, Outcome::NotAsked { .. })).count(),
        report.snapshot.len(),
        report.rejected.len()
    );
    assert!(report.adapter.claims.starts_with("SLCAN 1013"), "{}", report.adapter.claims);
    assert_eq!(report.protocol.as_ref().map(|p| p.id.as_str()), Some("6"));
    assert!(report.vin.is_some(), "{:?}", report.vin_problem);
    assert!(report.ecus.iter().any(|e| e.id == "7E8"), "{:?}", report.ecus);
    assert!(report.snapshot.iter().any(|r| r.item.name.as_deref() == Some("engine_rpm")));
    for request in ["0100", "0101", "03"] {
        let row = report.coverage.iter().find(|c| c.request == request && c.ecu.as_deref() == Some("7E8")).unwrap();
        assert_eq!(row.outcome, Outcome::Answered, "{request}");
    }
}
