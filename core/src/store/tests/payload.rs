//! Payloads as they lie in journals already: each must be read, applied and written again for ever.
//!
//! A test that fails here means that a field or a word was renamed, perhaps in `core/api`. Undo that, or raise the version of
//! the kind; never change the text of a payload here. New fields come with a default and a payload of their own.

use super::{super::apply, *};
use serde::de::DeserializeOwned;
use serde_json::Value;

const ID: &str = "01936c5e-8a00-7000-8000-000000000001";

/// Applies the payload, and holds that what is written again says the same under the same keys.
fn check<T: DeserializeOwned + Serialize>(kind: &'static str, payload: &str) {
    let payload = payload.replace("ID", ID);
    let said: Value = serde_json::from_str(&payload).unwrap();
    let read: T = serde_json::from_str(&payload).unwrap_or_else(|e| panic!("{kind}: {e}"));
    assert_eq!(serde_json::to_value(&read).unwrap(), said, "{kind}");
    let here = own();
    register(&here, 1, "1RWTEST00X0000001");
    let mut event = chain(&here, here.device()).pop().unwrap();
    (event.kind, event.payload, event.subject) = (kind.into(), payload, Some(1u128.to_be_bytes()));
    let applied = here.write_local(|tx| apply::apply(tx, &here.master, &event)).unwrap();
    assert_eq!(applied, apply::Applied::Done, "{kind}");
}

#[test]
fn a_journal_of_today_is_read_for_ever() {
    check::<kind::Attached>(kind::VEHICLE_ATTACHED, r#"{"to":"ID"}"#);
    check::<kind::Attached>(kind::VEHICLE_ATTACHED, r#"{"to":null}"#);

    let text = r#"{"note":"ID","visit":"ID","text":{"key":"ID","sealed":"00ff"}}"#;
    check::<kind::NoteText>(kind::NOTE_ADDED, text);
    check::<kind::NoteText>(kind::NOTE_EDITED, r#"{"note":"ID","text":{"key":"ID","sealed":"00ff"}}"#);
    check::<kind::NoteRemoved>(kind::NOTE_REMOVED, r#"{"note":"ID","removed":true}"#);

    check::<kind::PhotoAdded>(
        kind::PHOTO_ADDED,
        r#"{"photo":"ID","visit":"ID","file":"aa","media":"image/jpeg","bytes":41943040,"thumbnail":"bb",
            "width":4000,"height":3000,"caption":{"key":"ID","sealed":"00ff"}}"#,
    );
    check::<kind::PhotoEdited>(kind::PHOTO_EDITED, r#"{"photo":"ID","caption":{"key":"ID","sealed":"00ff"}}"#);
    check::<kind::PhotoRemoved>(kind::PHOTO_REMOVED, r#"{"photo":"ID","removed":false}"#);

    for measured in [
        r#"{"what":"odometer","km":135879.1}"#,
        r#"{"what":"brake-pad","wheel":"front-left","mm":6.5}"#,
        r#"{"what":"brake-pad","wheel":"front-right","mm":6.5}"#,
        r#"{"what":"tread","wheel":"rear-left","mm":4.5}"#,
        r#"{"what":"tread","wheel":"rear-right","mm":4.5}"#,
        r#"{"what":"tread","wheel":"spare","mm":7.5}"#,
        r#"{"what":"battery","volts":12.6,"cold_cranking_amps":null,"health_percent":87.5}"#,
        r#"{"what":"oil","grade":"5W-30","specification":"ACEA C3"}"#,
    ] {
        let added = r#"{"measurement":"ID","at":1795215600000,"measured":MEASURED,"confirmed":true}"#;
        check::<kind::MeasurementAdded>(kind::MEASUREMENT_ADDED, &added.replace("MEASURED", measured));
    }
    check::<kind::MeasurementRemoved>(kind::MEASUREMENT_REMOVED, r#"{"measurement":"ID","removed":true}"#);

    let finding = r#"{"key":"code/P0301/7E8","specialist":"engine","severity":"act-now","confidence":0.875,
        "title":"Cylinder 1 misfires","explanation":"It does.","check_next":["Swap the coil"],
        "evidence":[{"what":"Stored code P0301","value":"present","ecu":"Engine","at":1795215600000}]}"#;
    let told = |payload: &str| payload.replace("FINDING", finding);
    check::<kind::DecisionRequested>(kind::DECISION_REQUESTED, r#"{"vehicle":"ID"}"#);
    for action in ["note", "alert", "propose", "ask"] {
        let made = r#"{"decision":"ID","finding":FINDING,"source":{"from":"visit","visit":"ID"},"at":1795215600000,
            "action":"ACTION","rule":"critical-asks","reasons":["Why."],"inputs":[["severity","act now"]],
            "work":"Mend it.","overtakes":"ID"}"#;
        check::<kind::DecisionMade>(kind::DECISION_MADE, &told(made).replace("ACTION", action));
    }
    for cause in ["waiting", "rose", "back"] {
        let up = r#"{"decision":"ID","action":"ask","severity":"act-soon","why":"Why.","cause":"CAUSE"}"#;
        check::<kind::DecisionEscalated>(kind::DECISION_ESCALATED, &up.replace("CAUSE", cause));
    }
    check::<kind::DecisionOvertaken>(
        kind::DECISION_OVERTAKEN,
        r#"{"decision":"ID","source":{"from":"visit","visit":"ID"},"at":1795215600000,"why":"Gone."}"#,
    );
    check::<kind::ApprovalRequested>(kind::APPROVAL_REQUESTED, r#"{"decision":"ID"}"#);
    check::<kind::Answered>(kind::APPROVAL_GRANTED, r#"{"decision":"ID","policy":true}"#);
    check::<kind::Answered>(
        kind::APPROVAL_REFUSED,
        r#"{"decision":"ID","policy":false,"note":{"key":"ID","sealed":"00ff"}}"#,
    );
    check::<kind::AlertCreated>(
        kind::ALERT_CREATED,
        &told(
            r#"{"alert":"ID","finding":FINDING,"source":{"from":"recording","recording":"ID"},"at":1,"decision":"ID"}"#,
        ),
    );
    check::<kind::AlertRepeated>(
        kind::ALERT_REPEATED,
        &told(r#"{"alert":"ID","finding":FINDING,"source":{"from":"visit","visit":"ID"},"at":1}"#),
    );
    check::<kind::AlertAcknowledged>(kind::ALERT_ACKNOWLEDGED, r#"{"alert":"ID","acknowledged":true}"#);
    check::<kind::AlertSnoozed>(kind::ALERT_SNOOZED, r#"{"alert":"ID","until":1795215600000}"#);
    check::<kind::AlertSnoozed>(kind::ALERT_SNOOZED, r#"{"alert":"ID","until":null}"#);
    check::<kind::AlertEscalated>(kind::ALERT_ESCALATED, r#"{"alert":"ID","severity":"watch","why":"Why.","nth":2}"#);
    check::<kind::AlertClosed>(
        kind::ALERT_CLOSED,
        r#"{"alert":"ID","closed":true,"why":"Gone.","evidence":{"from":"visit","visit":"ID"},"at":1795215600000}"#,
    );
    check::<kind::AlertClosed>(
        kind::ALERT_CLOSED,
        r#"{"alert":"ID","closed":true,"why":"","word":{"key":"ID","sealed":"00ff"}}"#,
    );
    check::<kind::AlertClosed>(kind::ALERT_CLOSED, r#"{"alert":"ID","closed":false,"why":"It was found again."}"#);

    check::<kind::Recorded>(
        kind::VEHICLE_RECORDED,
        r#"{"recording":"ID","started":1795215600000,"ended":1795215660000,"port":"/dev/ttyUSB0",
            "signals":[{"id":"7E8/0C","label":"Engine speed","unit":"rpm"}],"samples":1200,
            "marks":[{"at":1795215610000,"label":"cold start"}],"file":"cc","cut_short":false}"#,
    );
    check::<kind::RecordingStarted>(
        kind::RECORDING_STARTED,
        r#"{"recording":"ID","started":1795215600000,"port":"/dev/ttyUSB0","vin":"1RWTEST00X0000001"}"#,
    );
    check::<kind::TelemetryReceived>(
        kind::TELEMETRY_RECEIVED,
        r#"{"recording":"ID","blocks":[{"s":"7E8:0C:engine_rpm","n":1200,"h":"00ff"}]}"#,
    );
    check::<kind::TelemetryImported>(
        kind::TELEMETRY_IMPORTED,
        r#"{"import":"ID","name":{"key":"ID","sealed":"00ff"},"file":"aa","bytes":1000,"dbc":"bb","from":1795215600000,
            "to":1795215660000,"signals":[{"id":":0C:engine_rpm","label":"Engine speed","unit":"rpm"}],
            "mapping":{"layout":"car-scanner-long","separator":"semicolon","header":1,"decimal":"comma","filled_forward":true,"in_turn":true,
            "ragged":true,"location":true,"time":{"columns":[0,1],"format":"elapsed-clock","date_order":"dmy",
            "zone":"Europe/Berlin","date":"2024-01-01","start":"2024-01-01T00:00:00","restarts":"follow"},
            "long":{"signal":1,"value":2,"unit":3},"columns":[{"place":1,"column":"RPM","take":true,"left_out":"why",
            "signal":":0C:engine_rpm","label":"Engine speed","unit_found":"1/min","unit":"rpm","decimal":"point",
            "guessed":"why"}]},
            "report":{"rows":3,"rows_stored":1,"explained":[{"reason":"no-such-time","count":2,"lines":[2,3]}],"cells":9,
            "stored":1,"times":1,"names":1,"empty":1,"filled":1,"repeated":1,"left_out":1,"of_explained":1,
            "rejected":[{"column":"RPM","reason":"not-a-number","count":1,"lines":[2]}],
            "clock":[{"what":"goes back","count":1,"lines":[2]}]}}"#,
    );
    check::<kind::TelemetryImportUndone>(kind::TELEMETRY_IMPORT_UNDONE, r#"{"import":"ID"}"#);
    let record = r#"{"service":"ID","day":"2024-03-05","time":"14:30","at":1795215600000,"until":1795215600000,"kind":"KIND",
        "odometer":{"value":45100.5,"unit":"km"},"cost":{"amount":89.5,"currency":"EUR"},
        "fuel":{"quantity":40.5,"unit":"us-gal","full":true,"missed":null},
        "flag":{"what":"DOUBT","reason":"Why.","evidence":[{"day":"2024-01-01","km":45000.5,"source":"line 2"}]},
        "judged":{"as":"unit","unit":"mi"},"line":7,"words":{"key":"ID","sealed":"00ff"}}"#;
    let doubts =
        ["below", "above", "jump", "unit", "extra-digit", "missing-digit", "replaced", "future", "contradicts"];
    let kinds =
        ["service", "repair", "upgrade", "inspection", "tyre", "fuel", "odometer", "tax", "plan", "other"].into_iter();
    for (kind, doubt) in kinds.zip(doubts.into_iter().cycle()) {
        let record = record.replace("KIND", kind).replace("DOUBT", doubt);
        check::<kind::ServiceRecorded>(kind::SERVICE_RECORDED, &format!(r#"{{"records":[{record}],"import":"ID"}}"#));
        check::<kind::ServiceCorrected>(kind::SERVICE_CORRECTED, &format!(r#"{{"record":{record}}}"#));
    }
    check::<kind::ServiceRemoved>(kind::SERVICE_REMOVED, r#"{"service":"ID","removed":true}"#);
    for judged in [r#"{"as":"accept"}"#, r#"{"as":"leave-out"}"#, r#"{"as":"unit","unit":"h"}"#, "null"] {
        let said = format!(r#"{{"service":"ID","judged":{judged}}}"#);
        check::<kind::OdometerJudged>(kind::SERVICE_ODOMETER_JUDGED, &said);
    }
    check::<kind::HistoryImported>(
        kind::HISTORY_IMPORTED,
        r#"{"import":"ID","name":{"key":"ID","sealed":"00ff"},"file":"aa","bytes":1000,"from":"2019-01-01","to":"2024-03-05",
            "mapping":{"history":"lubelogger-records","separator":"semicolon","header":1,"decimal":"comma","date_order":"mdy",
            "distance":"mi","fuel_unit":"uk-gal","currency":"EUR","kind":"repair","only":null,
            "columns":[{"place":0,"column":"Date","field":"day","guessed":"why"}]},
            "report":{"rows":3,"records":1,"explained":[{"reason":"other-vehicle","count":2,"lines":[2,3]}],
            "rejected":[{"column":"Cost","reason":"impossible","count":1,"lines":[4]}],"flagged":1,"judged":1}}"#,
    );
    check::<kind::HistoryImportUndone>(kind::HISTORY_IMPORT_UNDONE, r#"{"import":"ID"}"#);
    check::<kind::TelemetryDropped>(kind::TELEMETRY_DROPPED, r#"{"blocks":["00ff"],"samples":1200,"days":90}"#);
    check::<kind::TelemetryPinned>(
        kind::TELEMETRY_PINNED,
        r#"{"pin":"ID","from":1795215600000,"to":1795215660000,"reason":"warranty claim","pinned":true}"#,
    );
    check::<kind::Checked>(kind::VEHICLE_CHECKED, CHECKED);
    let report = &CHECKED[CHECKED.find("\"report\":").unwrap()..];
    check::<kind::Redecoded>(kind::VISIT_REDECODED, &format!(r#"{{"visit":"ID","decoder":2,{report}"#));
    let proofs = [r#"{"proof":"yes"}"#, r#"{"proof":"no","why":"Cut."}"#, r#"{"proof":"unknown","why":"No vehicle."}"#];
    let digits = ["honoured", "ignored", "taken-as-data"].map(|d| format!(r#"{{"digit":"{d}"}}"#));
    let digits = digits.into_iter().chain([r#"{"digit":"unknown","why":"Not tried."}"#.to_owned()]);
    for ((digit, reset), proof) in digits.zip(["full", "warm", "defaults", "none"]).zip(proofs.into_iter().cycle()) {
        let said = MEASURED.replace("DIGIT", &digit).replace("RESET", reset).replace("PROOF", proof);
        check::<kind::AdapterMeasured>(kind::ADAPTER_MEASURED, &said);
    }
    let later = CHECKED.replace("\"rejected\":", &format!("{LATER}\"rejected\":"));
    check::<kind::Checked>(
        kind::VEHICLE_CHECKED,
        &later.replace("\"traffic\":", "\"after_clearing\":true,\"traffic\":"),
    );
    check::<kind::Checked>(
        kind::VEHICLE_CHECKED,
        &later.replace("\"traffic\":", "\"maybe_cleared\":true,\"traffic\":"),
    );
    for answer in [
        r#""outcome":"acknowledged""#,
        r#""outcome":"refused","nrc":"22","meaning":"conditionsNotCorrect""#,
        r#""outcome":"unfinished""#,
        r#""outcome":"silent""#,
        r#""outcome":"unreadable","reason":"Too short.""#,
    ] {
        let said = r#"{"before":"ID","after":"ID","codes":[{"code":"P0301","class":"stored","ecu":"7E8"}],
            "answers":[{"ecu":"7E8","name":"Engine","request":"04",ANSWER}]}"#;
        check::<kind::CodesCleared>(kind::VEHICLE_CODES_CLEARED, &said.replace("ANSWER", answer));
        let announced = said.replace("\"before\":", "\"clearing\":\"ID\",\"before\":").replace("ANSWER", answer);
        check::<kind::CodesCleared>(kind::VEHICLE_CODES_CLEARED, &announced);
    }

    let codes = r#""codes":[{"code":"P0301","class":"stored","ecu":"7E8"}]"#;
    check::<kind::CodesClearing>(
        kind::VEHICLE_CODES_CLEARING,
        &format!(r#"{{"before":"ID",{codes},"requests":["04","14FFFF33"]}}"#),
    );
    check::<kind::ClearingUnknown>(
        kind::VEHICLE_CLEARING_UNKNOWN,
        &format!(r#"{{"clearing":"ID","before":"ID",{codes}}}"#),
    );

    let notified = r#"{"message":"ID","channel":"mail","alert":"ID","attempts":3,"cause":"The mail server refuses."}"#;
    for kind in [kind::NOTIFICATION_SENT, kind::NOTIFICATION_FAILED, kind::NOTIFICATION_DROPPED] {
        check::<kind::Notified>(kind, notified);
    }
    check::<kind::RiskFlagged>(
        kind::RISK_FLAGGED,
        r#"{"actor":"owner/browser","risk":0.5,"reasons":["20 exports in an hour, at most 10 expected"]}"#,
    );
    check::<kind::ReadingsFlagged>(
        kind::READINGS_FLAGGED,
        r#"{"source":{"from":"recording","recording":"ID"},"flags":[{"signal":"coolant_temperature","ecu":"7E8",
            "what":"range","reason":"It reads -40 °C.","at":1795215600000,"samples":3}]}"#,
    );
    for (from, severity, specialist) in [
        (r#"{"from":"visit","visit":"ID"}"#, "note", "engine"),
        (r#"{"from":"recording","recording":"ID"}"#, "watch", "brakes"),
        (r#"{"from":"visit","visit":"ID"}"#, "act-soon", "transmission"),
        (r#"{"from":"visit","visit":"ID"}"#, "act-now", "electrical"),
        (r#"{"from":"visit","visit":"ID"}"#, "act-now", "emissions"),
        (r#"{"from":"visit","visit":"ID"}"#, "act-now", "general"),
    ] {
        let made = r#"{"source":FROM,"at":1795215600000,"findings":[{"key":"code/P0301/7E8","specialist":"SPECIALIST",
            "severity":"SEVERITY","confidence":0.95,"title":"Cylinder 1: misfire","explanation":"It misfires.",
            "check_next":["Swap the coil."],"evidence":[{"what":"Stored code P0301","value":"Cylinder 1: misfire",
            "ecu":"Engine","at":1795215600000}]}],"absent":[{"key":"code/P0420/7E8","why":"It is gone."}],
            "limits":["ABS was not asked."]}"#;
        let made = made.replace("FROM", from).replace("SEVERITY", severity).replace("SPECIALIST", specialist);
        check::<kind::DiagnosisMade>(kind::DIAGNOSIS_MADE, &made);
    }
}

/// What a report holds since on-board monitors are read.
const LATER: &str = r#"
        "monitors":[{"ecu":"7E8","request":"0601","monitor":"Catalyst, bank 1","test":"Test 80","value":0.5,"min":null,
            "max":1.0,"unit":"","scaled":true,"ran":true,"pass":true,"margin":0.5}],
        "performance":[{"ecu":"7E8","request":"0908","ignition_cycles":902,"general_conditions":214,
            "monitors":[{"monitor":"Catalyst, bank 1","completed":198,"conditions":214}]}],
        "raw_information":[{"ecu":"7E8","request":"0916","about":"","raw":"0102"}],"#;

/// Every outcome, kind of value, class and ignition once.
const CHECKED: &str = r#"{
    "visit":"ID","traffic":"dd","note":"The VIN read is not that of the vehicle chosen.",
    "report":{
        "started":1795215600000,"ended":1795215624000,"port":"/dev/ttyUSB0",
        "adapter":{"claims":"ELM327 v1.5","voltage":14.2},
        "protocol":{"id":"6","name":"ISO 15765-4 CAN (11 bit, 500 kbit/s)"},
        "vin":null,"vin_problem":"No ECU gave one.",
        "ecus":[{"id":"7E8","name":"Engine","named_itself":false,"supported":["01"],
            "calibrations":["RW-CAL-1"],"cvns":["0011AABB"]}],
        "coverage":[
            {"ecu":"7E8","request":"03","question":"Stored codes","outcome":"answered"},
            {"ecu":"7E8","request":"0A","question":"Permanent codes","outcome":"refused","nrc":"11",
                "meaning":"serviceNotSupported"},
            {"ecu":null,"request":"07","question":"Pending codes","outcome":"silent"},
            {"ecu":"7E8","request":"02","question":"Freeze frame","outcome":"not-asked","reason":"No code."},
            {"ecu":"7E8","request":"0101","question":"Readiness","outcome":"unreadable","reason":"Too short."}],
        "not_asked":[{"system":"Airbag","reason":"not part of OBD-II"}],
        "codes":[{"code":"P0301","class":"stored","ecu":"7E8"},{"code":"P0302","class":"pending","ecu":"7E8"},
            {"code":"P0420","class":"permanent","ecu":"7E8"}],
        "freeze_frames":[{"ecu":"7E8","frame":0,"cause":"P0301",
            "items":[{"pid":"0C","name":"rpm","label":"Engine speed","value":812.25,"unit":"rpm"}]}],
        "readiness":[{"ecu":"7E8","mil":true,"dtc_count":1,"ignition":"spark",
                "tests":[{"name":"catalyst","available":true,"complete":false}]},
            {"ecu":"7E9","mil":false,"dtc_count":0,"ignition":"compression","tests":[]}],
        "snapshot":[
            {"ecu":"7E8","request":"01A6","reply":"41A60014BBC7","at":1795215620000,"pid":"A6","value":135879.1,"unit":"km"},
            {"ecu":"7E8","request":"011C","reply":"411C06","at":1795215620000,"pid":"1C","code":6,"text":"EOBD"},
            {"ecu":"7E8","request":"0165","reply":"416501","at":1795215620000,"pid":"65","bool":true},
            {"ecu":"7E8","request":"0904","reply":"490458","at":1795215620000,"pid":"04","text":"X"},
            {"ecu":"7E8","request":"01B3","reply":"41B300","at":1795215620000,"pid":"B3","raw":"00"}],
        "rejected":[{"request":"010C","raw":"41 0C","reason":"Too short."}],
        "partial":{"code":"link-lost","message":"The adapter was unplugged.","hint":"Plug it in again."},
        "decoder":1}}"#;

const MEASURED: &str = r#"{"key":"stn 113010012345","known_by":"its serial number","port":"/dev/ttyUSB0","passport":{
    "measured":1795215600000,"claims":"ELM327 v1.4b","describes":"OBDII TO RS232 INTERPRETER",
    "stn":{"chip":"STN1130 V5.6.5","device":"OBDLINK SX R4.2","maker":null,"serial":"113010012345"},"reset":"RESET",
    "latency_ms":12.5,"throughput":3800.0,"longest":700,"voltage":12.4,"headers":PROOF,"request_of_3":PROOF,
    "request_of_7":PROOF,"long_reply":PROOF,"flow_control":PROOF,"buffer":PROOF,"count_digit":DIGIT,
    "commands":[{"command":"ATCRA","label":"filter for one sender","since":"1.4b","understood":null}],
    "counterfeit":null,"cannot":["It cannot."],"fit":[{"purpose":"live-data","fit":PROOF},{"purpose":"codes","fit":PROOF},
    {"purpose":"service06","fit":PROOF},{"purpose":"iso-tp","fit":PROOF},{"purpose":"uds","fit":PROOF}],
    "tried_on":{"protocol":"ISO 15765-4 CAN (11 bit, 500 kbit/s)","ecus":2,"several_values":PROOF,"round_trip_ms":null}}}"#;
