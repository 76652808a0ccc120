//! Yesterday's backup is restored, and that is undone again.

use crate::rig::{Rig, json_of, roadworthy};
use serde_json::Value;
use std::path::Path;

/// Clicks *Restore…* of this backup and confirms; the words that say what came of it, which still stand there.
async fn restore(rig: &Rig, name: &str) -> String {
    rig.click_css(&format!("[data-backup='{name}'] [data-testid='backup-restore']")).await;
    rig.see("restore-confirm").await;
    rig.read("so that this can be undone").await;
    rig.picture("restore-asks").await;
    rig.click("restore-confirm").await;
    let said = rig.see("restored").await.text().await.unwrap();
    rig.picture("restored").await;
    said
}

/// What the vehicles' cards say on the fleet's page, once there are so many.
async fn fleet(rig: &Rig, many: usize) -> String {
    rig.click("nav-fleet").await;
    // Asked of the page itself, at one moment: the cards are drawn anew while they are read.
    let script = "return [...document.querySelectorAll(\"[data-testid='vehicle-card']\")].map(e => e.innerText);";
    for _ in 0..100 {
        let cards = rig.client.execute(script, vec![]).await.unwrap();
        let cards: Vec<&str> = cards.as_array().unwrap().iter().filter_map(Value::as_str).collect();
        if cards.len() == many {
            return cards.join("\n");
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    panic!("{}: {many} vehicles are not shown: {}", rig.name, rig.text().await);
}

fn done(home: &Path, args: &[&str]) {
    let out = roadworthy(home).args(args).output().unwrap();
    assert!(out.status.success(), "{args:?}: {}", String::from_utf8_lossy(&out.stderr));
}

async fn back_to_yesterday_and_forth_again(rig: &Rig, home: &Path) {
    done(home, &["check", "--port", "sim:misfire"]);
    assert!(fleet(rig, 1).await.contains("1RW"), "{}: the car that was checked", rig.name);
    let before: Value = json_of(home, &["journal", "verify"])["events"].clone();
    rig.client.execute("window.sameDocument = true", vec![]).await.unwrap();

    // Yesterday.
    rig.click("nav-system").await;
    rig.click("tab-backups").await;
    rig.see("backups-empty").await;
    rig.click("backup-make").await;
    rig.see("backup-made").await;
    let row = rig.see("backup-row").await;
    let yesterday = row.attr("data-backup").await.unwrap().unwrap();
    rig.click("backup-verify").await;
    rig.see_css("[data-testid='backup-verified'][data-ok='true']").await;
    rig.picture("backups").await;

    // Today: a second car, another check of the first, and an alert that somebody saw to.
    done(home, &["register", "--name", "Courtesy car"]);
    done(home, &["check", "--port", "sim:misfire?key=on"]);
    assert!(fleet(rig, 2).await.contains("Courtesy car"), "{}", rig.name);
    rig.click("nav-alerts").await;
    rig.click_css("[data-testid='alert-row'] [data-at]").await;
    rig.click("acknowledge").await;
    rig.read("Acknowledged by").await;

    // And back; a slip is undone where it is seen.
    rig.click("nav-system").await;
    rig.click("tab-backups").await;
    restore(rig, &yesterday).await;
    rig.click("restore-undo").await;
    for _ in 0..100 {
        if !rig.texts("restored").await.concat().contains(&format!("Restored from {yesterday}")) {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    rig.click("restore-close").await;
    assert!(fleet(rig, 2).await.contains("Courtesy car"), "{}: undone at once", rig.name);

    // Now for good.
    rig.click("nav-system").await;
    rig.click("tab-backups").await;
    let said = restore(rig, &yesterday).await;
    rig.click("restore-close").await;
    assert!(said.contains(&format!("Restored from {yesterday}")), "{}: {said}", rig.name);
    let undo = said.rsplit("restore ").next().unwrap().trim_end_matches('.').to_owned();
    assert_ne!(undo, yesterday, "{}: what undoes it is another backup: {said}", rig.name);
    let undo_row = rig.see_css(&format!("[data-backup='{undo}']")).await.text().await.unwrap();
    assert!(undo_row.contains("Before another was restored"), "{}: the undo says what it is: {undo_row}", rig.name);

    let cards = fleet(rig, 1).await;
    assert!(!cards.contains("Courtesy car"), "{}: what was registered today is gone: {cards}", rig.name);
    rig.click("vehicle-card").await;
    rig.click("tab-visits").await;
    rig.see("visit-row").await;
    assert_eq!(rig.texts("visit-row").await.len(), 1, "{}: today's check is gone", rig.name);
    rig.click("nav-alerts").await;
    rig.click_css("[data-testid='alert-view'][data-view='acknowledged']").await;
    rig.see("alerts-empty").await;
    let same = rig.client.execute("return window.sameDocument === true", vec![]).await.unwrap();
    assert_eq!(same, true, "{}: the pages followed without a reload", rig.name);
    assert_eq!(json_of(home, &["vehicles"]).as_array().map(Vec::len), Some(1), "another process sees the same");
    let verify = json_of(home, &["journal", "verify"]);
    assert_eq!(verify["faults"], serde_json::json!([]), "{}: {verify}", rig.name);
    let events = (verify["events"].as_u64().unwrap(), before.as_u64().unwrap());
    assert!(events.0 >= events.1, "{}: all that was in the backup is here: {events:?}", rig.name);

    // It was today after all.
    rig.click("nav-system").await;
    rig.click("tab-backups").await;
    restore(rig, &undo).await;
    rig.click("restore-close").await;
    assert!(fleet(rig, 2).await.contains("Courtesy car"), "{}: what was registered today is back", rig.name);
    rig.click("nav-alerts").await;
    rig.click_css("[data-testid='alert-view'][data-view='acknowledged']").await;
    rig.see("alert-row").await;
    let verify = json_of(home, &["journal", "verify"]);
    assert_eq!(verify["faults"], serde_json::json!([]), "{}: {verify}", rig.name);
    // The restored installation goes on working.
    done(home, &["check", "--port", "sim:petrol"]);
    fleet(rig, 3).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn restore_yesterdays_backup_in_the_window() {
    let home = tempfile::tempdir().unwrap();
    let rig = Rig::window(home.path()).await;
    back_to_yesterday_and_forth_again(&rig, home.path()).await;
    rig.client.clone().close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn restore_yesterdays_backup_in_the_browser() {
    let home = tempfile::tempdir().unwrap();
    let rig = Rig::browser(home.path()).await;
    back_to_yesterday_and_forth_again(&rig, home.path()).await;
    rig.client.clone().close().await.unwrap();
}
