//! The disk fills up while a session is recorded: the page says so with the next step, the recording goes on by itself once
//! there is room, and nothing of it is lost.
//!
//! Each is played by this very test program, started again in a mount namespace of its own that has a small tmpfs.

use crate::rig::{Rig, json_of};
use std::{
    fs::{self, File},
    io::{ErrorKind, Write},
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

const DISK: &str = "ROADWORTHY_TEST_DISK";
/// The disk's bytes. WebKit and Chromium keep their own files elsewhere.
const SIZE: &str = "24m";
/// How long the disk stays full: longer than samples are held back for by anything but memory.
const FULL: Duration = Duration::from_secs(6);
/// Longest time between two samples of a session that reads a few signals without a pause, in milliseconds.
const GAP: i64 = 2_000;

/// The disk, when this process was started with one; else plays the story of this name in a process that is.
fn disk(story: &str) -> Option<PathBuf> {
    if let Some(disk) = std::env::var_os(DISK) {
        return Some(disk.into());
    }
    let place = tempfile::tempdir().unwrap();
    let mount = format!("mount -t tmpfs -o size={SIZE},mode=700 tmpfs \"$0\"");
    let apart = |then: &str| {
        let mut command = Command::new("unshare");
        command.args(["--map-root-user", "--mount", "sh", "-c", &format!("{mount} && {then}")]).arg(place.path());
        command
    };
    if !apart("true").output().is_ok_and(|o| o.status.success()) {
        println!("skipped: {story}, since this user may not mount a disk in a namespace of its own (unshare -rm)");
        return None;
    }
    let mut play = apart("exec \"$@\"");
    play.arg(std::env::current_exe().unwrap()).args(["--exact", story, "--nocapture"]).env(DISK, place.path());
    let played = play.output().unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&played.stdout), String::from_utf8_lossy(&played.stderr));
    assert!(played.status.success() && said.contains("1 passed"), "{said}");
    None
}

/// Takes all room there is.
fn fill(path: &Path) {
    let mut file = File::options().create(true).append(true).open(path).unwrap();
    for size in [1 << 20, 4096, 1] {
        loop {
            match file.write_all(&vec![0x5a; size]) {
                Ok(()) => {}
                Err(e) => {
                    assert_eq!(e.kind(), ErrorKind::StorageFull, "{e}");
                    break;
                }
            }
        }
    }
}

/// Milliseconds of a time as the export writes it.
fn moment(text: &str) -> i64 {
    let time: jiff::Timestamp = text.parse().unwrap_or_else(|e| panic!("{text}: {e}"));
    time.as_millisecond()
}

async fn recorded_over_a_full_disk(rig: &Rig, home: &Path) {
    rig.click("nav-live").await;
    rig.click_css("[data-testid='port-option'][data-port='sim:petrol']").await;
    rig.click("open-live").await;
    rig.see("tile").await;
    rig.click("record").await;
    rig.see("recording").await;
    tokio::time::sleep(Duration::from_secs(3)).await;
    rig.see_none("error").await;

    let filler = home.join("filler");
    fill(&filler);
    // In words, with the next step, where the recording is and in the status of every page.
    let notice = rig.see_css("[data-testid='error'][data-code='disk-full']").await.text().await.unwrap();
    let full_from = jiff::Timestamp::now().as_millisecond();
    assert!(notice.contains("samples wait in memory"), "{}: what happens meanwhile: {notice}", rig.name);
    assert!(notice.contains("The disk is full"), "{}: why: {notice}", rig.name);
    assert!(notice.contains("Free some space"), "{}: the next step: {notice}", rig.name);
    rig.read("Recording is not stored").await;
    rig.picture("disk-full").await;
    // A moment worth a mark while the disk takes nothing.
    rig.fill("mark-label", "while full").await;
    rig.click("mark").await;
    tokio::time::sleep(FULL).await;
    fill(&filler);
    rig.see_css("[data-testid='error'][data-code='disk-full']").await;
    let full_to = jiff::Timestamp::now().as_millisecond();

    // Room again: the recording goes on by itself, and nothing is said any more.
    fs::remove_file(&filler).unwrap();
    for _ in 0..100 {
        if rig.texts("error").await.is_empty() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    rig.see_none("error").await;
    rig.see("recording").await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    rig.click("record").await;
    rig.click("export-recording").await;

    // Every moment is there, those of the full disk too.
    let csv = fs::read_to_string(rig.downloaded(".csv").await).unwrap();
    assert!(csv.contains("mark: while full"), "{}: the mark was kept", rig.name);
    assert!(!csv.contains("Not kept"), "{}: no sample was given up", rig.name);
    let times: Vec<i64> = csv.lines().skip(1).map(|row| moment(row.split(',').next().unwrap())).collect();
    let within = times.iter().filter(|at| (full_from..full_to).contains(*at)).count();
    assert!(within > 20, "{}: {within} samples while the disk was full", rig.name);
    let gap = times.windows(2).map(|pair| pair[1] - pair[0]).max().unwrap();
    assert!(gap < GAP, "{}: no hole: {gap} ms is the longest time between two samples", rig.name);
    let recordings = json_of(home, &["recordings"]);
    let samples = usize::try_from(recordings[0]["samples"].as_u64().unwrap()).unwrap();
    assert_eq!(times.len(), samples + 1, "{}: every sample is a row, and the mark: {recordings}", rig.name);
    assert_eq!(recordings[0]["cut_short"], false, "{}: {recordings}", rig.name);
    println!("{}: {within} samples while the disk was full, longest time between two {gap} ms", rig.name);
    let verify = json_of(home, &["journal", "verify"]);
    assert_eq!(
        (&verify["faults"], &verify["block_faults"]),
        (&serde_json::json!([]), &serde_json::json!([])),
        "{verify}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn disk_full_while_recording_in_the_window() {
    let Some(disk) = disk("disk_full::disk_full_while_recording_in_the_window") else { return };
    let rig = Rig::window(&disk).await;
    recorded_over_a_full_disk(&rig, &disk).await;
    rig.client.clone().close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn disk_full_while_recording_in_the_browser() {
    let Some(disk) = disk("disk_full::disk_full_while_recording_in_the_browser") else { return };
    let rig = Rig::browser(&disk).await;
    recorded_over_a_full_disk(&rig, &disk).await;
    rig.client.clone().close().await.unwrap();
}
