//! A season of another program's logs comes in, shows its trend, and one of them is taken back.

use crate::rig::{Rig, json_of, roadworthy};
use fantoccini::Locator;
use serde_json::Value;
use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

/// Drives of the season: the 5th and the 19th of each month from April on.
const DRIVES: u32 = 12;
/// Rows of a drive, a second apart.
const ROWS: u32 = 240;
/// Signals of a row.
const SIGNALS: u32 = 5;
/// From this drive on the plug of the intake air's sensor is off: it says what an open circuit says.
const UNPLUGGED: u32 = 9;

/// Coolant of a drive in tenths of a degree: some more with each.
fn coolant(drive: u32, row: u32) -> u32 {
    860 + drive * 9 + row / 40
}

fn tenths(value: u32) -> String {
    format!("{},{}", value / 10, value % 10)
}

/// One drive as a program exports it that writes for a country of decimal commas, on a clock on the wall, days first.
fn log(drive: u32) -> String {
    let (day, month) = (if drive.is_multiple_of(2) { 5 } else { 19 }, 4 + drive / 2);
    let mut file = "Time;Engine Coolant Temperature [°C];Engine RPM [rpm];Vehicle speed [km/h];Intake Air Temperature [°C];Ambient air temperature [°C];Gear\n".to_owned();
    for row in 0..ROWS {
        let at = format!("{day:02}/{month:02}/2025 07:{:02}:{:02}", 30 + row / 60, row % 60);
        let rpm = if row == 100 { "NODATA".to_owned() } else { (1500 + (row * 37) % 900).to_string() };
        let air = if drive >= UNPLUGGED { "-40,0".to_owned() } else { tenths(210 + row / 10) };
        let (coolant, speed) = (tenths(coolant(drive, row)), 40 + (row % 40).abs_diff(20));
        writeln!(file, "{at};{coolant};{rpm};{speed};{air};{};D", tenths(160 + drive)).unwrap();
        if row == 120 {
            // The program was closed while it wrote.
            writeln!(file, "{at};{coolant}").unwrap();
        }
    }
    file
}

fn season(folder: &Path) -> Vec<PathBuf> {
    let one = |drive: u32| {
        let path = folder.join(format!("drive {:02}.csv", drive + 1));
        fs::write(&path, log(drive)).unwrap();
        path
    };
    (0..DRIVES).map(one).collect()
}

/// Chooses a file as a person does: in the window by its path, in the browser by its field.
async fn choose(rig: &Rig, file: &Path) {
    rig.see("import-file-button").await;
    if rig.name == "window" {
        rig.fill("import-file-path", &file.display().to_string()).await;
        rig.click("import-file-open").await;
    } else {
        // The field that the button opens is not seen, so the file goes to it by its name.
        let field = rig.client.find(Locator::Css("[data-testid='import-file']")).await.unwrap();
        field.send_keys(&file.display().to_string()).await.unwrap();
    }
    rig.see("import-layout").await;
}

/// Starts what is shown and waits for the account of it.
async fn start(rig: &Rig, name: &str) {
    rig.click_css("[data-testid='import-start']:not([disabled])").await;
    rig.see("import-account").await;
    let title = rig.see("import-title").await.text().await.unwrap();
    assert_eq!(title, name, "{}", rig.name);
}

/// Least and greatest coolant over all there is, as the table below the charts says them once it counts so many values.
async fn coolant_shown(rig: &Rig, values: u32) -> (f64, f64) {
    // The last of the stretches is all there is.
    rig.click_css("[data-testid='range']:last-of-type").await;
    rig.see_css("[data-testid='plot'][data-signal=':05:coolant_temperature']").await;
    if rig.texts("numbers").await.is_empty() {
        rig.click("numbers-open").await;
    }
    rig.see("numbers").await;
    let script = "const row = [...document.querySelectorAll(\"[data-testid='numbers'] tbody tr\")].find(r => r.innerText.startsWith('Engine coolant'));
        return row ? [...row.querySelectorAll('td')].map(c => c.innerText) : [];";
    let mut said = Value::Null;
    for _ in 0..150 {
        said = rig.client.execute(script, vec![]).await.unwrap();
        let cell = |at: usize| said[at].as_str().and_then(number);
        if cell(1) == Some(f64::from(values))
            && let (Some(least), Some(greatest)) = (cell(2), cell(4))
        {
            return (least, greatest);
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    rig.shot("failed").await;
    panic!("{}: not {values} values of the coolant but {said}", rig.name);
}

/// A number as the page writes it, without its unit.
fn number(text: &str) -> Option<f64> {
    text.chars().filter(|c| c.is_ascii_digit() || *c == '.').collect::<String>().parse().ok()
}

async fn a_season(rig: &Rig, home: &Path, files: &[PathBuf]) {
    let out = roadworthy(home).args(["register", "--plate", "RW 512", "--json"]).output().unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    rig.click("nav-fleet").await;
    rig.click("vehicle-card").await;
    rig.click("tab-imports").await;
    rig.see("imports-empty").await;
    rig.picture("imports-empty").await;
    rig.click("import").await;
    rig.picture("import-file").await;

    // The first file leaves two things open: which figure is the month, and whose clock it is.
    choose(rig, &files[0]).await;
    rig.see_css("[data-testid='question'][data-what='date_order']").await;
    let open = rig.see("import-hindrance").await.text().await.unwrap();
    assert!(open.contains("2 questions"), "{}: it says what it waits for: {open}", rig.name);
    rig.picture("import-asks").await;
    rig.click("date_order-dmy").await;
    rig.fill("zone", "Europe/Berlin\u{e007}").await;
    rig.see("import-first-rows").await;
    rig.see_none("question-open").await;
    let columns = rig.texts("column").await;
    assert!(columns.iter().any(|c| c.contains("PID 05") && c.contains("ECU not said")), "{}: {columns:?}", rig.name);
    assert!(
        columns.iter().any(|c| c.contains("Gear") && c.contains("It holds no numbers")),
        "{}: {columns:?}",
        rig.name
    );
    rig.picture("import-look").await;
    // Nothing that is known fits better than a plain table, so that a person says that the columns are right.
    let waits = rig.see("import-hindrance").await.text().await.unwrap();
    assert!(waits.contains("a guess"), "{}: it says what it waits for: {waits}", rig.name);
    rig.click("import-agree").await;
    start(rig, "drive 01.csv").await;
    let account = rig.texts("account-line").await.join("\n");
    for part in ["Fewer cells than the header", "says that there is no value", "In columns that are not taken"] {
        assert!(account.contains(part), "{}: {part} is accounted for: {account}", rig.name);
    }
    rig.picture("imported").await;

    // The very same file once more is told before anything happens.
    rig.click("import-another").await;
    choose(rig, &files[0]).await;
    rig.see("import-already").await;
    rig.picture("import-already").await;
    rig.click("import-other").await;

    // The rest is read as the one before; where a figure above 12 tells the month, only the clock was open.
    for (file, drive) in files.iter().zip(1u32..).skip(1) {
        choose(rig, file).await;
        rig.click("import-as-last").await;
        start(rig, &format!("drive {drive:02}.csv")).await;
        if drive < DRIVES {
            rig.click("import-another").await;
        }
    }

    // The last one says what cannot be right, and of nothing else.
    let flags = rig.texts("import-flag").await;
    assert_eq!(flags.len(), 1, "{}: {flags:?}", rig.name);
    assert!(flags[0].contains("Intake air"), "{}: the sensor without its plug: {flags:?}", rig.name);
    rig.see_css("[data-testid='import-flag'][data-signal='intake_air_temperature']").await;
    rig.picture("imported-flagged").await;

    // A trend: warmer with each drive.
    rig.click("import-trends").await;
    let (least, greatest) = coolant_shown(rig, DRIVES * ROWS).await;
    let top = |drive: u32| f64::from(coolant(drive, ROWS - 1)) / 10.0;
    assert!((least - 86.0).abs() < 0.06, "{}: the first drive was the coolest: {least}", rig.name);
    assert!((greatest - top(DRIVES - 1)).abs() < 0.06, "{}: the last one was the warmest: {greatest}", rig.name);
    rig.picture("season").await;

    // The last one is taken back: its values are gone, the others stay.
    rig.click("tab-imports").await;
    rig.see("import-row").await;
    assert_eq!(rig.texts("import-row").await.len(), DRIVES as usize, "{}", rig.name);
    rig.picture("imports").await;
    rig.click_css("[data-testid='import-row']:nth-of-type(1) a").await;
    rig.click("import-undo").await;
    let said = rig.see_css("dialog[open]").await.text().await.unwrap();
    let values = ROWS * SIGNALS - 1;
    assert!(
        said.replace(',', "").contains(&format!("{values} values")),
        "{}: how much it takes back: {said}",
        rig.name
    );
    rig.picture("import-undo").await;
    rig.click("import-undo-confirm").await;
    rig.see("import-undone").await;
    rig.see_none("import-flag").await;
    rig.picture("import-undone").await;
    rig.click_css("a.back").await;
    rig.see("import-row").await;
    rig.click("tab-trends").await;
    rig.see("plot").await;
    let (least, greatest) = coolant_shown(rig, (DRIVES - 1) * ROWS).await;
    assert!((least - 86.0).abs() < 0.06, "{}: {least}", rig.name);
    assert!((greatest - top(DRIVES - 2)).abs() < 0.06, "{}: the warmest drive is gone: {greatest}", rig.name);

    // What the page showed is what the command line finds.
    let imports = json_of(home, &["imports"]);
    let rows = imports.as_array().unwrap();
    let undone: Vec<&Value> = rows.iter().filter(|row| !row["undone"].is_null()).collect();
    assert_eq!((rows.len(), undone.len()), (DRIVES as usize, 1), "{imports}");
    assert_eq!(undone[0]["name"], "drive 12.csv", "{imports}");
    for row in rows {
        assert_eq!(row["samples"], values, "{}: {row}", rig.name);
        assert_eq!(row["rows"], ROWS + 1, "{}: every row is accounted for: {row}", rig.name);
    }
    let verify = json_of(home, &["journal", "verify"]);
    assert_eq!(
        (&verify["faults"], &verify["block_faults"]),
        (&serde_json::json!([]), &serde_json::json!([])),
        "{verify}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn import_a_season_of_logs_see_the_trend_undo_in_the_window() {
    let (home, logs) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let rig = Rig::window(home.path()).await;
    a_season(&rig, home.path(), &season(logs.path())).await;
    rig.client.clone().close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn import_a_season_of_logs_see_the_trend_undo_in_the_browser() {
    let (home, logs) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let rig = Rig::browser(home.path()).await;
    a_season(&rig, home.path(), &season(logs.path())).await;
    rig.client.clone().close().await.unwrap();
}
