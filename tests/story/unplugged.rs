//! The plug is pulled in the middle of a check: left out, what was read is kept; pushed in again in time, the check goes on.

use crate::rig::{Adapter, Rig, json_of};
use std::path::Path;

async fn unplugged_and_plugged_in_again(rig: &Rig, home: &Path) {
    let adapter = Adapter::start("misfire", 0);
    rig.click("nav-check").await;
    rig.fill("port-address", &adapter.port).await;
    rig.click("start-check").await;
    rig.see("check-progress").await;
    // Well under way: codes have been read.
    rig.read("Permanent codes").await;
    // Nobody pushes it in again.
    let address = adapter.unplug();
    rig.read("connecting again").await;
    rig.see("check-result").await;
    rig.see("partial").await;
    rig.picture("check-partial").await;
    let codes = rig.texts("code-row").await.join("\n");
    assert!(codes.contains("P0301"), "{}: what was read before the plug was pulled is shown: {codes}", rig.name);

    // One button repeats the check, and this time it is pushed in again at once: the same check goes on to its end.
    let adapter = Adapter::start("misfire", address);
    rig.click("check-again").await;
    rig.see("start-check").await;
    rig.click("start-check").await;
    rig.see("check-progress").await;
    rig.read("Permanent codes").await;
    adapter.unplug();
    let _adapter = Adapter::start("misfire", address);
    rig.see("check-result").await;
    rig.see_none("partial").await;
    let codes = rig.texts("code-row").await.join("\n");
    assert!(codes.contains("P0301"), "{}: {codes}", rig.name);
    rig.click("open-vehicle").await;
    rig.click("tab-visits").await;
    rig.see_css("[data-testid='visit-row']:nth-of-type(2)").await;

    // Nothing was lost: two vehicles only if the VIN came after the cut, never fewer visits than checks.
    let vehicles = json_of(home, &["vehicles"]);
    let visits: u64 = vehicles
        .as_array()
        .unwrap()
        .iter()
        .map(|v| json_of(home, &["vehicle", v["id"].as_str().unwrap()])["visits"].as_u64().unwrap())
        .sum();
    assert_eq!(visits, 2, "{}: both checks are there: {vehicles}", rig.name);
    let verify = json_of(home, &["journal", "verify"]);
    assert_eq!(verify["faults"], serde_json::json!([]), "{}: {verify}", rig.name);
}

#[tokio::test(flavor = "multi_thread")]
async fn unplugged_mid_check_reconnect_nothing_lost_in_the_window() {
    let home = tempfile::tempdir().unwrap();
    let rig = Rig::window(home.path()).await;
    unplugged_and_plugged_in_again(&rig, home.path()).await;
    rig.client.clone().close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn unplugged_mid_check_reconnect_nothing_lost_in_the_browser() {
    let home = tempfile::tempdir().unwrap();
    let rig = Rig::browser(home.path()).await;
    unplugged_and_plugged_in_again(&rig, home.path()).await;
    rig.client.clone().close().await.unwrap();
}
