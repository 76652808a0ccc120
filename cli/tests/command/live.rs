//! Live values and recordings.

use crate::rig::{Home, interrupt};
use std::{
    io::{BufRead, BufReader, Read},
    time::Duration,
};

#[test]
fn live_values_are_printed_recorded_listed_and_exported() {
    let home = Home::new();
    let csv = home.file("drive.csv");
    let args = [
        "live",
        "--port",
        "sim:petrol",
        "--signal",
        "engine_rpm",
        "--signal",
        "7e8:0d:vehicle_speed",
        "--seconds",
        "3",
        "--csv",
        csv.to_str().unwrap(),
        "--json",
    ];
    let ended = home.run(&args);
    let lines = ended.exits(0).lines();
    let frames: Vec<_> = lines.iter().filter(|l| !l["frame"].is_null()).collect();
    assert!(frames.len() > 5, "{ended:#?}");
    for frame in &frames {
        for sample in frame["samples"].as_array().unwrap() {
            let signal = sample["signal"].as_str().unwrap();
            assert!(["7E8:0C:engine_rpm", "7E8:0D:vehicle_speed"].contains(&signal), "{sample}");
            assert!(sample["value"].is_number() && sample["at"].is_number(), "{sample}");
        }
    }
    assert!(lines.iter().any(|l| l["state"] == "reading" && l["vin"].is_string()));
    let row = lines.iter().find_map(|l| l["recording"].as_object().filter(|r| r.contains_key("ended"))).unwrap();
    let samples = row["samples"].as_u64().unwrap();
    let long = std::fs::read_to_string(&csv).unwrap();
    assert_eq!(long.lines().count() as u64, 1 + samples);
    assert!(long.starts_with("time,ecu,pid,name,label,value,unit,note\r\n"), "{long}");
    let again = home.run(&args);
    assert_eq!(again.exits(1).error_code(), "conflict", "because nothing is overwritten unasked");

    let listed = home.json(&["recordings"]);
    assert_eq!((&listed[0]["id"], listed[0]["cut_short"].as_bool()), (&row["id"], Some(false)));
    let id = row["id"].as_str().unwrap();
    let wide = home.run(&["recordings", "export", id, "--layout", "wide", "-o", "-"]);
    assert!(wide.exits(0).out.starts_with("time,Engine speed (7E8:0C) [rpm],"), "{}", wide.out);
    home.run(&["recordings", "export", "no-id", "-o", "-"]).exits(2);
    home.run(&["recordings", "--vehicle", "nobody"]).exits(1);
    home.run(&["journal", "verify"]).exits(0);
    assert_eq!(home.json(&["journal", "rebuild"])["identical"], true);
}

#[test]
fn what_a_vehicle_has_is_listed_with_the_presets() {
    let home = Home::new();
    let ended = home.run(&["live", "--port", "sim:petrol", "--list", "--json"]);
    let lines = ended.exits(0).lines();
    let list = lines.iter().find(|l| !l["presets"].is_null()).unwrap();
    let signals = list["signals"].as_array().unwrap();
    assert!(signals.iter().any(|s| s["name"] == "engine_rpm" && s["unit"] == "rpm"), "{list}");
    assert!(list["presets"]["Engine"].as_array().unwrap().len() >= 3, "{list}");
    let words = home.run(&["live", "--port", "sim:petrol", "--list"]);
    assert!(words.exits(0).out.contains("Temperatures") && words.out.contains("coolant_temperature"), "{}", words.out);
}

#[test]
fn wrong_words_end_with_their_code() {
    let home = Home::new();
    home.run(&["live", "--port", "sim:petrol", "--preset", "Racing"]).exits(2);
    home.run(&["live", "--port", "petrol"]).exits(2);
    home.run(&["live", "--port", "sim:petrol", "--list", "--record"]).exits(2);
    home.run(&["live", "--port", "tcp://127.0.0.1:1"]).exits(3);
    home.run(&["live", "--port", "sim:petrol", "--signal", "warp_factor"]).exits(2);
    assert!(
        home.run(&["recordings"]).exits(0).out.contains("roadworthy live --port"),
        "an empty list names the next step"
    );
}

#[test]
fn ctrl_c_ends_a_live_session_and_keeps_the_recording_and_a_kill_loses_at_most_a_second() {
    for kill in [false, true] {
        let home = Home::new();
        let mut child = home.command(&["live", "--port", "sim:petrol", "--record", "--json"]).spawn().unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let (mut line, mut told) = (String::new(), 0);
        while told < 30 {
            line.clear();
            assert!(out.read_line(&mut line).unwrap() > 0, "it ended early");
            let value: serde_json::Value = serde_json::from_str(&line).unwrap();
            told += value["samples"].as_array().map_or(0, Vec::len);
        }
        assert_eq!(home.json(&["recordings"]).as_array().map(Vec::len), Some(0), "because it still runs");
        if kill {
            std::thread::sleep(Duration::from_millis(1000));
            child.kill().unwrap();
        } else {
            interrupt(child.id());
        }
        let mut rest = String::new();
        out.read_to_string(&mut rest).unwrap();
        assert_eq!(child.wait().unwrap().code(), if kill { None } else { Some(0) });
        let listed = home.json(&["recordings"]);
        assert_eq!(listed.as_array().map(Vec::len), Some(1), "{listed}");
        assert_eq!(listed[0]["cut_short"].as_bool(), Some(kill));
        assert!(listed[0]["samples"].as_u64().unwrap() >= told as u64, "{listed} of {told}");
        home.run(&["journal", "verify"]).exits(0);
    }
}

/// Another vehicle on the same port ends a session at once, where a link that is lost is tried again for minutes.
#[test]
fn a_session_that_ends_by_itself_tells_the_recording_it_kept_and_its_own_cause() {
    let home = Home::new();
    let place = {
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        free.local_addr().unwrap().to_string()
    };
    let (first, _) = home.start(&["sim", "petrol", "--tcp", &place]);
    let port = format!("tcp://{place}");
    // A file cannot be written into a folder that does not exist.
    let csv = home.file("nowhere/drive.csv");
    let args = ["live", "--port", &port, "--csv", csv.to_str().unwrap(), "--json"];
    let mut child = home.command(&args).spawn().unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let (mut line, mut told) = (String::new(), 0);
    while told < 10 {
        line.clear();
        assert!(out.read_line(&mut line).unwrap() > 0, "it ended early");
        told += serde_json::from_str::<serde_json::Value>(&line).unwrap()["samples"].as_array().map_or(0, Vec::len);
    }
    drop(first);
    let (_second, _) = home.start(&["sim", "misfire", "--tcp", &place]);
    let mut rest = String::new();
    out.read_to_string(&mut rest).unwrap();
    let lines: Vec<serde_json::Value> = rest.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    let [.., kept, error] = lines.as_slice() else { panic!("{rest}") };
    assert_eq!(kept["recording"]["cut_short"].as_bool(), Some(true), "{kept}");
    assert!(error["error"]["message"].as_str().is_some_and(|m| m.contains("another vehicle")), "{error}");
    assert_eq!(child.wait().unwrap().code(), Some(1));
    assert_eq!(home.json(&["recordings"])[0]["id"], kept["recording"]["id"]);
}
