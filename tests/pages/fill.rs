//! Fills a database: checks through the command line, the rest through the page's own door.

use crate::filled::{Filled, Histories};
use crate::rig::{Rig, json_of, roadworthy};
use serde_json::{Value, json};
use std::{
    fmt::Write as _,
    path::Path,
    process::{Child, Stdio},
};

/// One check of every simulated car there is; the one that misfires comes again with its engine at rest, so that its visits differ.
pub(crate) fn checks(home: &Path) {
    let ports = json_of(home, &["ports"]);
    let cars: Vec<String> = ports
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|p| p["port"].as_str())
        // Once each: a car behind another kind of adapter is the same car.
        .filter(|p| p.starts_with("sim:") && !p.contains('?'))
        .map(str::to_owned)
        .collect();
    // All at once: they wait for their cars, not for each other.
    let running: Vec<_> = cars.iter().map(|car| (car.clone(), check(home, car))).collect();
    for (car, mut process) in running {
        // A car that is silent on purpose ends with an exit code of its own; what it left behind is looked at below.
        println!("{car}: {}", process.wait().unwrap());
    }
    assert!(check(home, "sim:misfire?key=on").wait().unwrap().success(), "the second visit");
}

fn check(home: &Path, car: &str) -> Child {
    roadworthy(home)
        .args(["check", "--port", car, "--json"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// Opens an address of the same door.
pub(crate) async fn visit(rig: &Rig, path: &str) {
    let now = rig.client.current_url().await.unwrap();
    rig.client.goto(now.join(path).unwrap().as_str()).await.unwrap();
}

/// Opens a live session and says its id.
pub(crate) async fn live(rig: &Rig) -> String {
    let args = json!({"port": "sim:petrol", "vehicle": null, "baud": null, "preset": null});
    let session = call(rig, "OpenLive", args).await;
    session["id"].as_str().unwrap().to_owned()
}

/// Runs one call of the contract from inside the page.
pub(crate) async fn call(rig: &Rig, name: &str, args: Value) -> Value {
    let script = "const [name, args, done] = arguments;
        fetch('/call', {method: 'POST', headers: {'Content-Type': 'application/json', 'Authorization': 'Bearer ' + sessionStorage.getItem('roadworthy.token')},
            body: JSON.stringify({call: name, args})})
        .then(async r => { const text = await r.text(); done({ok: r.ok, body: text ? JSON.parse(text) : null}); }, e => done({ok: false, body: String(e)}));";
    let reply = rig.client.execute_async(script, vec![json!(name), args]).await.unwrap();
    assert_eq!(reply["ok"], true, "{name}: {}", reply["body"]);
    reply["body"].clone()
}

/// Notes, a photo, measurements, a customer and a vehicle without a VIN.
pub(crate) async fn fill(rig: &Rig) -> Filled {
    let everything = json!({"search": null, "offset": 0, "limit": 50, "order": null, "back": null, "state": null});
    let vehicles = call(rig, "ListVehicles", everything).await;
    let mut found = None;
    for row in vehicles["rows"].as_array().unwrap() {
        let visits = call(rig, "ListVisits", json!({"vehicle": row["id"], "offset": 0, "limit": 2})).await;
        if visits["total"] == 2 {
            let id = |at: usize| visits["rows"][at]["id"].as_str().unwrap().to_owned();
            found = Some((row["id"].as_str().unwrap().to_owned(), [id(0), id(1)]));
        }
    }
    let (vehicle, visits) = found.expect("the car that misfires was checked twice");
    call(rig, "EditVehicle", json!({"vehicle": vehicle, "plate": "RW 301", "name": "Delivery van 3"})).await;
    let nameless = call(rig, "RegisterVehicle", json!({"vin": null, "plate": "RW 777", "name": null})).await;
    let details = json!({"name": "A customer", "phone": "0", "email": "", "address": "", "note": ""});
    let person = call(rig, "AddPerson", json!({ "details": details })).await;
    call(rig, "SetOwner", json!({"vehicle": vehicle, "person": person})).await;
    let long = "Both front springs are corroded at the lower seat. ".repeat(80);
    for text in ["Customer says: cold start rough since the last refuel.", &long, "Line one\nline two\nline three"] {
        call(rig, "AddNote", json!({"vehicle": vehicle, "visit": null, "text": text})).await;
    }
    for measured in [
        json!({"what": "tread", "wheel": "front-left", "mm": 4.5}),
        json!({"what": "tread", "wheel": "front-right", "mm": 4.1}),
        json!({"what": "brake-pad", "wheel": "rear-left", "mm": 6.0}),
        json!({"what": "battery", "volts": 12.61, "cold_cranking_amps": 540.0, "health_percent": 81.0}),
        json!({"what": "oil", "grade": "5W-30", "specification": "ACEA C3"}),
    ] {
        let args = json!({"vehicle": vehicle, "at": null, "measured": measured, "sure": false});
        call(rig, "AddMeasurement", args).await;
    }
    call(rig, "MakeBackup", json!({})).await;
    let alert = alert_of(rig, &vehicle).await;
    let answered = answered(rig, &vehicle).await;
    recorded(rig, &vehicle).await;
    let (stored, import, undone) = imported(rig, &vehicle).await;
    let histories = serviced(rig, &vehicle).await;
    let nameless = nameless.as_str().unwrap().to_owned();
    let filled = Filled { vehicle, nameless, visits, alert, answered, stored, import, undone, histories };
    photo(rig, &filled).await;
    filled
}

/// The worst alert of the vehicle, once the workers have got so far.
async fn alert_of(rig: &Rig, vehicle: &str) -> String {
    for _ in 0..100 {
        let args = json!({"view": "open", "vehicle": vehicle, "offset": 0, "limit": 1});
        if let Some(id) = call(rig, "ListAlerts", args).await["rows"][0]["id"].as_str() {
            return id.to_owned();
        }
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    }
    panic!("no alert was raised for the car that misfires");
}

/// Of another vehicle: the alert whose decision is answered here; and one that is closed.
async fn answered(rig: &Rig, but: &str) -> String {
    let everything = json!({"waiting": true, "vehicle": null, "offset": 0, "limit": 50});
    let waiting = call(rig, "ListDecisions", everything).await;
    let decision = waiting["rows"].as_array().unwrap().iter().find(|d| d["vehicle"] != but && d["alert"].is_string());
    let decision = decision.expect("a decision about another vehicle waits");
    let (id, alert) = (decision["id"].clone(), decision["alert"].clone());
    call(rig, "AnswerDecision", json!({"decision": id, "approve": true, "note": "Parts come tomorrow"})).await;
    call(rig, "AcknowledgeAlert", json!({"alert": alert, "acknowledged": true})).await;
    let open = call(rig, "ListAlerts", json!({"view": "open", "vehicle": null, "offset": 0, "limit": 200})).await;
    let last =
        open["rows"].as_array().unwrap().iter().rfind(|a| a["vehicle"] != but).expect("an alert of another vehicle");
    call(rig, "CloseAlert", json!({"alert": last["id"], "closed": true, "why": "Sensor replaced"})).await;
    alert.as_str().unwrap().to_owned()
}

/// Some seconds of the vehicle's values, with a mark and a pin.
async fn recorded(rig: &Rig, vehicle: &str) {
    let args = json!({"port": "sim:misfire", "vehicle": vehicle, "baud": null, "preset": null});
    let session = call(rig, "OpenLive", args).await["id"].clone();
    let mut begun = false;
    for _ in 0..100 {
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        let all = call(rig, "ListLive", json!({})).await;
        let own = all.as_array().unwrap().iter().find(|s| s["id"] == session).cloned().unwrap_or_default();
        if own["chosen"].as_array().is_some_and(|c| !c.is_empty()) {
            call(rig, "StartRecording", json!({"session": session})).await;
            begun = true;
            break;
        }
    }
    assert!(begun, "the session reads nothing");
    tokio::time::sleep(std::time::Duration::from_secs(4)).await;
    call(rig, "MarkLive", json!({"session": session, "label": "rough idle"})).await;
    tokio::time::sleep(std::time::Duration::from_secs(2)).await;
    let row = call(rig, "StopRecording", json!({"session": session})).await;
    call(rig, "CloseLive", json!({"session": session})).await;
    let pin =
        json!({"vehicle": vehicle, "from": row["started"], "to": row["ended"], "reason": "Warranty claim of the coil"});
    call(rig, "PinTelemetry", pin).await;
}

/// A log as another program writes it: a sensor without its plug, words, cells and rows that cannot be read, dates that read two
/// ways.
fn log(rows: u32) -> String {
    let mut file =
        "Time;Engine Coolant Temperature [°F];Engine RPM [rpm];Intake Air Temperature [°C];Boost [bar];Latitude;Gear\n"
            .to_owned();
    for row in 0..rows {
        let boost = if row % 50 == 7 { "NODATA".to_owned() } else { format!("0,{}", row % 10) };
        let at = format!("05/04/2025 07:{:02}:{:02}", 30 + row / 60, row % 60);
        writeln!(file, "{at};{},5;{};-40,0;{boost};0,0;D", 190 + row / 60, 1500 + row * 7 % 500).unwrap();
        if row % 90 == 50 {
            writeln!(file, "{at};191,5").unwrap();
        }
    }
    file
}

/// Stores a file as a page does and says its hash.
async fn stored(rig: &Rig, name: &str, text: &str) -> String {
    let script = "const [name, text, done] = arguments;
        fetch('/blob?name=' + encodeURIComponent(name), {method: 'PUT', headers: {'Content-Type': 'text/csv', 'Authorization': 'Bearer ' + sessionStorage.getItem('roadworthy.token')}, body: text})
        .then(async r => done({ok: r.ok, body: await r.json()}), e => done({ok: false, body: String(e)}));";
    let reply = rig.client.execute_async(script, vec![json!(name), json!(text)]).await.unwrap();
    assert_eq!(reply["ok"], true, "{name}: {}", reply["body"]);
    reply["body"]["hash"].as_str().unwrap().to_owned()
}

/// A log that is imported, and one that was and is undone; the hash of a third that is only stored.
async fn imported(rig: &Rig, vehicle: &str) -> (String, String, String) {
    let mut done = Vec::new();
    for (name, rows) in [("Drive of the 5th.csv", 600), ("Drive of the 5th, too.csv", 240)] {
        let file = json!({"from": "stored", "hash": stored(rig, name, &log(rows)).await});
        let answers = json!({"zone": "Europe/Berlin", "date_order": "dmy"});
        let args =
            json!({"vehicle": vehicle, "file": file, "dbc": null, "mapping": null, "answers": answers, "again": false});
        let job = call(rig, "StartImport", args).await;
        done.push(made(rig, &job, name).await);
    }
    let [import, undone] = done.try_into().unwrap();
    call(rig, "UndoImport", json!({ "import": undone })).await;
    (stored(rig, "Drive of next week.csv", &log(480)).await, import, undone)
}

/// What a job made, once it has.
async fn made(rig: &Rig, job: &Value, name: &str) -> String {
    for _ in 0..200 {
        let state = call(rig, "GetJob", json!({ "job": job })).await["state"].clone();
        if let Some(id) = state["name"].as_str() {
            return id.to_owned();
        }
        assert!(state["error"].is_null(), "{name}: {state}");
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    panic!("{name} is not imported in time")
}

/// Records as another program exports them: dates, a sign of money and odometer readings that read two ways.
const ASKS: &str = "Date,Description,Cost,Notes,Odometer,Tags
03/04/2024,Oil and filter,$89.50,\"Drain plug new,
next time the gasket too\",45100,oil
05/06/2024,Front pads,$212.00,,47350,brakes
07/08/2024,Wiper blades,$31.90,,49020,
";

/// A table that asks nothing: readings with a digit too many and in the other unit, a day that is none, a cost that is no number.
const CLEAR: &str = "Date;Work;Odometer (km);Cost;Workshop
2023-01-09;Oil and filter;38.100;89,50 €;Own workshop
2023-05-17;Tyres changed;41.250;45,00 €;Own workshop
2023-09-02;Oil and filter;441.020;92,00 €;Own workshop
2024-01-22;Coolant;47.300;by warranty;Dealer
2024-02-30;Wiper blades;47.900;31,90 €;Own workshop
2024-06-11;Front pads and discs, with a long word for what was found: Bremssattelführungsbolzenmanschettenverschleiß;50.400;412,75 €;Own workshop
2024-11-05;Inspection;33.242;120,00 €;Authority
2025-03-19;Battery;57.210;149,00 €;Own workshop
";

/// Histories that are imported, undone and only stored; a record that was written down, and one decision about a reading.
async fn serviced(rig: &Rig, vehicle: &str) -> Histories {
    let mut done = Vec::new();
    for (name, text) in
        [("Workshop table 2025.csv", CLEAR.to_owned()), ("Fuel card.csv", CLEAR.replace("2023", "2022"))]
    {
        let file = json!({"from": "stored", "hash": stored(rig, name, &text).await});
        let args = json!({"vehicle": vehicle, "file": file, "mapping": null, "answers": {}, "again": false});
        let job = call(rig, "StartHistory", args).await;
        done.push(made(rig, &job, name).await);
        if let [_, undone] = done.as_slice() {
            call(rig, "UndoHistory", json!({ "import": undone })).await;
        }
    }
    let [import, undone] = done.try_into().unwrap();
    let fields = json!({"day": "2025-06-03", "kind": "repair", "description": "Ignition coil of cylinder 1",
        "odometer": {"value": 58400.0, "unit": "km"}, "cost": {"amount": 138.2, "currency": "EUR"}});
    call(rig, "AddService", json!({"vehicle": vehicle, "fields": fields, "sure": true})).await;
    let all = call(rig, "ListService", json!({"vehicle": vehicle, "offset": 0, "limit": 50})).await;
    let doubted: Vec<_> = all["rows"].as_array().unwrap().iter().filter(|r| r["flag"].is_object()).collect();
    assert!(doubted.len() >= 2, "two readings cannot be right: {all}");
    call(rig, "JudgeOdometer", json!({"service": doubted[0]["id"], "judged": {"as": "leave-out"}})).await;
    let asks = stored(rig, "Service records.csv", ASKS).await;
    // Another file than the one that was imported.
    let clear = stored(rig, "Workshop table.csv", &CLEAR.replace("Own workshop", "Workshop at the corner")).await;
    Histories { asks, clear, import, undone }
}

/// A picture drawn here, added through the page as a person would: the file field, its progress, the small one in the grid.
async fn photo(rig: &Rig, filled: &Filled) {
    visit(rig, &format!("/vehicles/{}/photos", filled.vehicle)).await;
    rig.client.wait().for_element(fantoccini::Locator::Css("[data-testid='photo-files']")).await.unwrap();
    let script = "const done = arguments[0];
        const canvas = document.createElement('canvas'); canvas.width = 1200; canvas.height = 900;
        const g = canvas.getContext('2d'); g.fillStyle = '#46627f'; g.fillRect(0, 0, 1200, 900);
        g.fillStyle = '#c9d4df'; g.beginPath(); g.arc(600, 450, 280, 0, 7); g.fill(); g.fillStyle = '#222'; g.beginPath(); g.arc(600, 450, 120, 0, 7); g.fill();
        canvas.toBlob(blob => {
            const files = new DataTransfer(); files.items.add(new File([blob], 'front wheel.png', {type: 'image/png'}));
            const input = document.querySelector(\"[data-testid='photo-files']\");
            input.files = files.files; input.dispatchEvent(new Event('change', {bubbles: true})); done(true);
        }, 'image/png');";
    rig.client.execute_async(script, vec![]).await.unwrap();
    rig.see_css("[data-testid='photo'] img").await;
}
