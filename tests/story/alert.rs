//! A critical code is read: an alert appears by itself, somebody sees to it, and the work is approved.

use crate::rig::{Rig, json_of, roadworthy};
use serde_json::Value;
use std::path::Path;

/// The kinds of the steps that led to the first of this kind, from the check on.
fn path_to(story: &Value, kind: &str) -> String {
    let steps = story["steps"].as_array().unwrap();
    let mut at = steps.iter().position(|step| step["kind"] == kind);
    let mut kinds = Vec::new();
    while let Some(step) = at.map(|at| &steps[at]) {
        kinds.push(step["kind"].as_str().unwrap());
        at = step["because"]
            .as_u64()
            .and_then(|n| usize::try_from(n).ok())
            .filter(|_| step["kind"] != "vehicle.checked");
    }
    kinds.reverse();
    kinds.join(" ")
}

async fn from_a_critical_code_to_an_approved_decision(rig: &Rig, home: &Path) {
    // The inbox is open and empty while another hand checks the car: nothing here is reloaded.
    rig.click("nav-alerts").await;
    rig.see("alerts-empty").await;
    rig.client.execute("window.sameDocument = true", vec![]).await.unwrap();
    let out = roadworthy(home).args(["check", "--port", "sim:misfire"]).output().unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));

    rig.see_css("[data-testid='alert-row'][data-severity='act-now']").await;
    let same = rig.client.execute("return window.sameDocument === true", vec![]).await.unwrap();
    assert_eq!(same, true, "{}: the alert appeared without a reload", rig.name);
    rig.read("Act now:").await;
    let count = rig.see("alert-count").await.text().await.unwrap();
    assert!(count.parse::<u32>().is_ok_and(|n| n > 0), "{}: the rail counts open alerts: {count}", rig.name);
    rig.see("decision").await;
    rig.picture("alerts").await;

    // What it is, what to check next, what it rests on.
    let row = rig.see_css("[data-testid='alert-row'][data-severity='act-now']").await;
    let alert = row.attr("data-alert").await.unwrap().unwrap();
    rig.click_css("[data-testid='alert-row'][data-severity='act-now'] [data-at]").await;
    let finding = rig.see("finding").await.text().await.unwrap();
    assert!(finding.contains("Check next"), "{}: the finding says what to check next: {finding}", rig.name);
    let evidence = rig.see("evidence").await.text().await.unwrap();
    assert!(evidence.contains("P030"), "{}: the code is the evidence: {evidence}", rig.name);

    rig.click("acknowledge").await;
    rig.read("Acknowledged by").await;
    rig.picture("alert").await;

    rig.see_css("[data-testid='decision'] input").await.send_keys("Parts are here").await.unwrap();
    rig.click("approve").await;
    rig.read("Approved by").await;
    rig.see_none("approve").await;
    let state = rig.see("decision-state").await.text().await.unwrap();
    assert!(state.contains("Parts are here"), "{}: the note stands with the answer: {state}", rig.name);
    rig.see_css("[data-testid='alert-step']:nth-of-type(2)").await;

    // It waits no longer, and is under what is acknowledged.
    rig.click("nav-alerts").await;
    rig.click_css("[data-testid='alert-view'][data-view='acknowledged']").await;
    rig.see_css("[data-testid='alert-row'][data-severity='act-now']").await;

    // What the page showed is what the journal holds, each step with the one that led to it, back to the check.
    let story = json_of(home, &["trace", &alert]);
    for (last, expect) in [
        ("alert.created", "vehicle.checked diagnosis.made decision.made alert.created"),
        ("approval.requested", "vehicle.checked diagnosis.made decision.made approval.requested"),
        ("approval.granted", "vehicle.checked diagnosis.made decision.made approval.granted"),
    ] {
        assert_eq!(path_to(&story, last), expect, "{}: {story:#}", rig.name);
    }
    let steps = story["steps"].as_array().unwrap();
    let granted = steps.iter().find(|step| step["kind"] == "approval.granted").unwrap();
    assert_eq!(granted["actor"], format!("owner/{}", rig.name), "a person approved, at this page: {granted}");
    let events = json_of(home, &["journal", "tail", "--lines", "200"]).to_string();
    assert!(events.contains("alert.acknowledged"), "{}: {events}", rig.name);
    let verify = json_of(home, &["journal", "verify"]);
    assert_eq!(verify["faults"], serde_json::json!([]), "{}: {verify}", rig.name);
}

#[tokio::test(flavor = "multi_thread")]
async fn critical_code_alert_acknowledge_decision_approved_in_the_window() {
    let home = tempfile::tempdir().unwrap();
    let rig = Rig::window(home.path()).await;
    from_a_critical_code_to_an_approved_decision(&rig, home.path()).await;
    rig.client.clone().close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn critical_code_alert_acknowledge_decision_approved_in_the_browser() {
    let home = tempfile::tempdir().unwrap();
    let rig = Rig::browser(home.path()).await;
    from_a_critical_code_to_an_approved_decision(&rig, home.path()).await;
    rig.client.clone().close().await.unwrap();
}
