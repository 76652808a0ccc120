//! A car comes back: what changed since the last visit, printed for the customer.

use crate::rig::{Rig, json_of, pdf_text, roadworthy};
use std::path::Path;

async fn compare_and_print(rig: &Rig, home: &Path) {
    // Last time the engine stood.
    let out = roadworthy(home).args(["check", "--port", "sim:misfire?key=on"]).output().unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    rig.click("nav-check").await;
    rig.click_css("[data-testid='port-option'][data-port='sim:misfire']").await;
    rig.click("start-check").await;
    rig.see("check-result").await;
    rig.click("compare-before").await;
    rig.see("comparison").await;
    let some = rig.texts("compared-row").await.len();
    rig.click("compare-all").await;
    rig.see("compared-row").await;
    let all = rig.texts("compared-row").await;
    assert!(all.len() > some, "{}: {some} rows of what differs, {} of everything", rig.name, all.len());
    assert!(all.iter().any(|row| row.contains("P0301")), "{}: a code that stayed is there too: {all:?}", rig.name);
    rig.picture("compare").await;

    // The page for the customer.
    rig.client.back().await.unwrap();
    rig.see("check-result").await;
    rig.click("save-pdf").await;
    let text = pdf_text(&rig.downloaded(".pdf").await);
    assert!(text.contains("P0301"), "{}: the printed page names the code: {text}", rig.name);
    let events = json_of(home, &["journal", "list"]);
    assert!(events.to_string().contains("report.exported"), "{}: the journal says that it left the house", rig.name);
}

#[tokio::test(flavor = "multi_thread")]
async fn compare_with_the_last_visit_and_print_in_the_window() {
    let home = tempfile::tempdir().unwrap();
    let rig = Rig::window(home.path()).await;
    compare_and_print(&rig, home.path()).await;
    rig.client.clone().close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn compare_with_the_last_visit_and_print_in_the_browser() {
    let home = tempfile::tempdir().unwrap();
    let rig = Rig::browser(home.path()).await;
    compare_and_print(&rig, home.path()).await;
    rig.client.clone().close().await.unwrap();
}
