//! Commands that run until they are stopped.

use crate::rig::{Ended, Home, interrupt};
use std::{
    io::{Read, Write},
    net::TcpStream,
    thread,
    time::{Duration, Instant},
};

#[test]
fn serve_prints_an_address_that_answers_and_ctrl_c_closes_it() {
    let home = Home::new();
    let (running, first) = home.start(&["serve", "--json"]);
    let line: serde_json::Value = serde_json::from_str(&first).unwrap();
    let address = line["address"].as_str().unwrap();
    let (host, token) = address.strip_prefix("http://").unwrap().split_once("/#token=").unwrap();
    let body = r#"{"call":"WhoAmI","args":{}}"#;
    let mut stream = TcpStream::connect(host).unwrap();
    write!(
        stream,
        "POST /call HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains(r#""door":"browser""#), "{answer}");
    running.interrupt();
    assert_eq!(running.exit_code(), Some(0));
    assert!(TcpStream::connect(host).is_err());
}

#[test]
fn a_simulated_adapter_can_be_checked_over_tcp_and_terminal() {
    let frames = "petrol?adapter=slcan&speed=20";
    for kind in [
        &["sim", "--json"][..],
        &["sim", "--pty", "--json"],
        &["sim", frames, "--json"],
        &["sim", frames, "--pty", "--json"],
    ] {
        let home = Home::new();
        let (running, first) = home.start(kind);
        let line: serde_json::Value = serde_json::from_str(&first).unwrap();
        let port = line["port"].as_str().unwrap();
        let check = home.json(&["check", "--port", port]);
        assert_eq!(check["port"].as_str(), Some(port));
        assert!(check["vin"].is_string() && !check["ecus"].as_array().unwrap().is_empty(), "{check:#}");
        running.interrupt();
        assert_eq!(running.exit_code(), Some(0));
    }
}

#[test]
fn a_simulated_adapter_takes_options_and_a_vehicle_of_somebodys_own() {
    let home = Home::new();
    let (running, first) = home.start(&["sim", "kwp?speed=20", "--json"]);
    let line: serde_json::Value = serde_json::from_str(&first).unwrap();
    assert_eq!(line["vehicle"], "kwp");
    let check = home.json(&["check", "--port", line["port"].as_str().unwrap()]);
    assert_eq!(check["ecus"][0]["id"], "11", "{check:#}");
    running.interrupt();
    assert_eq!(running.exit_code(), Some(0));

    let text = include_str!("../../../core/simulator/vehicles/kwp.toml").replace("name = \"kwp\"", "name = \"my-van\"");
    std::fs::write(home.file("van.toml"), &text).unwrap();
    let file = home.file("van.toml").display().to_string();
    let (running, first) = home.start(&["sim", "--vehicle-file", &file, "--options", "key=on&speed=20", "--json"]);
    let line: serde_json::Value = serde_json::from_str(&first).unwrap();
    assert_eq!(line["vehicle"], "my-van");
    running.interrupt();
    assert_eq!(running.exit_code(), Some(0));

    std::fs::write(home.file("van.toml"), text.replace("mass", "weight")).unwrap();
    let wrong = home.run(&["sim", "--vehicle-file", &file]);
    assert!(wrong.err.contains("\"mass\" is missing") && wrong.out.is_empty(), "{wrong:#?}");
}

#[test]
fn ctrl_c_ends_a_check_and_keeps_what_was_read() {
    let home = Home::new();
    let mut child = home.command(&["check", "--port", "sim:misfire", "--json"]).spawn().unwrap();
    // Once a question has been answered there is something to keep.
    let mut stderr = child.stderr.take().unwrap();
    let mut said = Vec::new();
    let began = Instant::now();
    while said.iter().filter(|b| **b == b'\n').count() < 3 {
        assert!(began.elapsed() < Duration::from_secs(60));
        let mut byte = [0u8; 1];
        stderr.read_exact(&mut byte).unwrap();
        said.push(byte[0]);
    }
    interrupt(child.id());
    let reader = thread::spawn(move || {
        let mut rest = String::new();
        let _ = stderr.read_to_string(&mut rest);
    });
    let ended = Ended::of(&["check"], child.wait_with_output().unwrap());
    reader.join().unwrap();
    ended.exits(130);
    let check = ended.value();
    assert_eq!(check["partial"]["code"], "cancelled");
    let visits = home.json(&["vehicle", check["vehicle"].as_str().unwrap()]);
    assert_eq!(visits["visit_rows"][0]["partial"], true);
    home.run(&["journal", "verify"]).exits(0);
}
