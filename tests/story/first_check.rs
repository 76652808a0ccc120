//! Someone new checks a car, and three doors work on one database at once.

use crate::rig::{Rig, json_of, roadworthy};
use std::path::Path;

async fn first_check_on_a_simulated_car(rig: &Rig, home: &Path) {
    // Someone new: nothing is stored, the page says what to do next.
    rig.see("nav-fleet").await;
    rig.see("fleet-empty").await;
    rig.picture("fleet-empty").await;

    rig.click("nav-check").await;
    rig.see("start-check").await;
    rig.click_css("[data-testid='port-option'][data-port='sim:misfire']").await;
    rig.picture("check-connect").await;
    rig.click("start-check").await;
    rig.see("check-progress").await;
    rig.read("Stored codes").await;
    rig.picture("check-reading").await;

    rig.see("check-result").await;
    let coverage = rig.see("coverage").await.text().await.unwrap();
    assert!(coverage.contains("answered"), "{}: the coverage says who answered: {coverage}", rig.name);
    let codes = rig.texts("code-row").await.join("\n");
    for code in ["P0301", "P0302", "P0420"] {
        assert!(codes.contains(code), "{}: {code} is listed: {codes}", rig.name);
    }
    rig.picture("check-result").await;

    // The visit has an address and survives a reload.
    rig.client.refresh().await.unwrap();
    rig.see("check-result").await;

    rig.click("open-vehicle").await;
    rig.see("vehicle-title").await;
    rig.picture("vehicle").await;
    rig.click("tab-faults").await;
    rig.see("fault-row").await;
    assert_eq!(rig.texts("fault-row").await.len(), 3, "{}: one row per code and class", rig.name);
    rig.picture("vehicle-faults").await;

    rig.click("nav-fleet").await;
    rig.see("vehicle-card").await;
    rig.picture("fleet").await;
    rig.click("nav-settings").await;
    rig.see("adapter").await;
    rig.picture("settings").await;
    rig.click("nav-system").await;
    rig.see("status").await;
    rig.picture("system").await;

    // What the page showed is what the command line finds.
    let vehicles = json_of(home, &["vehicles"]);
    assert_eq!(vehicles.as_array().map(Vec::len), Some(1), "{vehicles}");
    let verify = json_of(home, &["journal", "verify"]);
    assert_eq!(verify["faults"], serde_json::json!([]), "{verify}");
}

#[tokio::test(flavor = "multi_thread")]
async fn first_check_on_a_simulated_car_in_the_window() {
    let home = tempfile::tempdir().unwrap();
    let rig = Rig::window(home.path()).await;
    first_check_on_a_simulated_car(&rig, home.path()).await;
    rig.client.clone().close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn first_check_on_a_simulated_car_in_the_browser() {
    let home = tempfile::tempdir().unwrap();
    let rig = Rig::browser(home.path()).await;
    first_check_on_a_simulated_car(&rig, home.path()).await;
    rig.client.clone().close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn window_browser_and_command_line_share_one_database_at_once() {
    let home = tempfile::tempdir().unwrap();
    let window = Rig::window(home.path()).await;
    let browser = Rig::browser(home.path()).await;
    for rig in [&window, &browser] {
        rig.click("nav-check").await;
        rig.click_css("[data-testid='port-option'][data-port='sim:misfire']").await;
    }
    // All three start a check of the same car, in the same second.
    let mut command = roadworthy(home.path())
        .args(["check", "--port", "sim:misfire", "--json"])
        .stdout(std::process::Stdio::null())
        .spawn()
        .unwrap();
    window.click("start-check").await;
    browser.click("start-check").await;
    window.see("check-result").await;
    browser.see("check-result").await;
    assert!(command.wait().unwrap().success(), "the command line's check went through");

    // One car, three visits, and each of the three sees them.
    let vehicles = json_of(home.path(), &["vehicles"]);
    assert_eq!(
        vehicles.as_array().map(Vec::len),
        Some(1),
        "one VIN is one vehicle, whoever registered it first: {vehicles}"
    );
    let id = vehicles[0]["id"].as_str().unwrap().to_owned();
    let detail = json_of(home.path(), &["vehicle", &id]);
    assert_eq!(detail["visits"], 3, "{detail}");
    for rig in [&window, &browser] {
        rig.click("nav-fleet").await;
        rig.click("vehicle-card").await;
        rig.click("tab-visits").await;
        rig.see_css("[data-testid='visit-row']:nth-of-type(3)").await;
    }
    let verify = json_of(home.path(), &["journal", "verify"]);
    assert_eq!(verify["faults"], serde_json::json!([]), "the chain verifies: {verify}");

    // What one writes, another shows without being asked: a vehicle registered by the command line appears in both pages.
    for rig in [&window, &browser] {
        rig.click("nav-fleet").await;
        rig.see("vehicle-card").await;
    }
    let out = roadworthy(home.path()).args(["register", "--name", "Workshop loan car"]).output().unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    window.read("Workshop loan car").await;
    browser.read("Workshop loan car").await;
    window.client.clone().close().await.unwrap();
    browser.client.clone().close().await.unwrap();
}
