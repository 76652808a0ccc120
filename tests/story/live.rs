//! Live data: a session is watched, recorded and exported.

use crate::rig::{Rig, json_of};
use std::path::Path;

async fn record_and_export(rig: &Rig, home: &Path) {
    rig.click("nav-live").await;
    rig.click_css("[data-testid='port-option'][data-port='sim:petrol']").await;
    rig.picture("live-start").await;
    rig.click("open-live").await;
    rig.see("tile").await;
    rig.click("pick-signals").await;
    rig.see("picker-done").await;
    rig.picture("live-picker").await;
    rig.click("picker-done").await;
    rig.click("record").await;
    rig.see("recording").await;
    tokio::time::sleep(std::time::Duration::from_secs(4)).await;
    rig.click("mark").await;
    rig.picture("live-session").await;
    // The same button ends it.
    rig.click("record").await;
    rig.click("export-recording").await;
    let csv = std::fs::read_to_string(rig.downloaded(".csv").await).unwrap();
    let rows: Vec<&str> = csv.lines().collect();
    assert!(rows.len() > 10, "{}: some seconds of samples: {csv}", rig.name);
    assert!(rows[0].starts_with("time,"), "{}: the first line names the columns: {}", rig.name, rows[0]);
    assert!(csv.contains("engine_rpm"), "{}: the engine's speed is among them", rig.name);

    // What was exported is what the command line finds, a row for each sample and each mark.
    let recordings = json_of(home, &["recordings"]);
    let samples = usize::try_from(recordings[0]["samples"].as_u64().unwrap()).unwrap();
    let marks = recordings[0]["marks"].as_array().unwrap().len();
    assert_eq!((marks, samples + marks), (1, rows.len() - 1), "{}: every sample is a row: {recordings}", rig.name);
    rig.click("close-live").await;
    rig.read("This session was closed").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_live_recording_is_exported_in_the_window() {
    let home = tempfile::tempdir().unwrap();
    let rig = Rig::window(home.path()).await;
    record_and_export(&rig, home.path()).await;
    rig.client.clone().close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_live_recording_is_exported_in_the_browser() {
    let home = tempfile::tempdir().unwrap();
    let rig = Rig::browser(home.path()).await;
    record_and_export(&rig, home.path()).await;
    rig.client.clone().close().await.unwrap();
}
