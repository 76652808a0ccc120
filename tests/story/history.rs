//! A service history of another program comes in: what it leaves open is asked, a reading that cannot be right is decided on, a record
//! is corrected, and all of it is taken back.

use crate::rig::{Rig, json_of, roadworthy};
use fantoccini::Locator;
use std::{fs, path::Path};

/// Days, a sign of money and odometer readings that read two ways, a digit too many, a day that is none.
const FILE: &str = "Date,Description,Cost,Notes,Odometer,Tags
03/04/2023,Oil and filter,$89.50,\"Drain plug new,
next time the gasket too\",38100,oil
05/09/2023,Front pads,$212.00,,412500,brakes
07/02/2024,Wiper blades,$31.90,,47020,
31/02/2024,Coolant,$20.00,,47100,
09/08/2024,Battery,$149.00,,50400,
";

async fn a_history(rig: &Rig, home: &Path, file: &Path) {
    let out = roadworthy(home).args(["register", "--plate", "RW 613", "--json"]).output().unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    rig.click("nav-fleet").await;
    rig.click("vehicle-card").await;
    rig.click("tab-service").await;
    rig.see("service-empty").await;
    rig.picture("service-empty").await;
    rig.click("service-import").await;
    rig.see("import-file-button").await;
    if rig.name == "window" {
        rig.fill("import-file-path", &file.display().to_string()).await;
        rig.click("import-file-open").await;
    } else {
        // The field that the button opens is not seen, so the file goes to it by its name.
        let field = rig.client.find(Locator::Css("[data-testid='import-file']")).await.unwrap();
        field.send_keys(&file.display().to_string()).await.unwrap();
    }

    // It is known for a history by itself, and what it leaves open is asked.
    let layout = rig.see("import-layout").await.text().await.unwrap();
    assert!(layout.contains("LubeLogger"), "{}: {layout}", rig.name);
    let open = rig.see("import-hindrance").await.text().await.unwrap();
    assert!(open.contains("must be answered"), "{}: it says what it waits for: {open}", rig.name);
    rig.picture("history-asks").await;
    rig.click("date_order-dmy").await;
    rig.click("distance-km").await;
    rig.click("currency-0").await;
    rig.click("kind-service").await;
    rig.see("history-account").await;
    rig.see_none("question-open").await;

    // One reading cannot be right, and is left out here.
    let flag = rig.see_css("[data-testid='history-flag'][data-line='4']").await.text().await.unwrap();
    assert!(flag.contains("digit too many"), "{}: {flag}", rig.name);
    rig.picture("history-look").await;
    rig.click("odometer-leave").await;
    rig.see("odometer-judged").await;
    rig.click_css("[data-testid='import-start']:not([disabled])").await;
    rig.see("import-account").await;
    let account = rig.texts("account-line").await.join("\n");
    for line in ["Rows", "5", "That are a record", "4", "The day cannot be read", "line 6"] {
        assert!(account.contains(line), "{}: {line} is in the account: {account}", rig.name);
    }
    rig.see("odometer-judged").await;
    rig.picture("history-imported").await;
    let stored = json_of(home, &["service", "list", "RW 613"]).to_string();
    for said in ["gasket too", "leave-out", "2023-04-03"] {
        assert!(stored.contains(said), "{}: {said} is stored: {stored}", rig.name);
    }

    // A record is corrected; the rest of it stays.
    rig.click("import-records").await;
    rig.see("service-row").await;
    assert_eq!(rig.texts("service-row").await.len(), 4, "{}", rig.name);
    rig.click("service-correct").await;
    rig.fill("service-done", "Battery, 70 Ah").await;
    rig.click("service-keep").await;
    rig.read("Battery, 70 Ah").await;
    // Thousands are told apart by the locale.
    let first = rig.texts("service-row").await.remove(0).replace(',', "");
    for said in ["Corrected", "50400 km", "149.00"] {
        assert!(first.contains(said), "{}: {said} stays: {first}", rig.name);
    }

    // All that the file brought goes at once, the corrected record too.
    rig.click("tab-imports").await;
    rig.click_css("[data-testid='history-row'] a").await;
    rig.click("import-undo").await;
    let said = rig.see_css("dialog[open]").await.text().await.unwrap();
    assert!(said.contains("4 records"), "{}: how much it takes back: {said}", rig.name);
    rig.click("import-undo-confirm").await;
    rig.see("import-undone").await;
    rig.see_none("history-flag").await;
    rig.click_css("a.back").await;
    rig.see("history-row").await;
    rig.click("tab-service").await;
    rig.see("service-empty").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn import_a_history_decide_correct_undo_in_the_window() {
    let (home, place) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let file = place.path().join("records.csv");
    fs::write(&file, FILE).unwrap();
    let rig = Rig::window(home.path()).await;
    a_history(&rig, home.path(), &file).await;
    rig.client.clone().close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn import_a_history_decide_correct_undo_in_the_browser() {
    let (home, place) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let file = place.path().join("records.csv");
    fs::write(&file, FILE).unwrap();
    let rig = Rig::browser(home.path()).await;
    a_history(&rig, home.path(), &file).await;
    rig.client.clone().close().await.unwrap();
}
