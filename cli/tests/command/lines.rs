//! `decode` and `assemble`.

use crate::rig::{Ended, Home};
use serde_json::json;
use std::{
    io::{BufRead, BufReader, Read, Write},
    process::Stdio,
};

#[test]
fn every_line_in_is_a_line_out_in_order() {
    let home = Home::new();
    let input = concat!(
        "{\"id\":\"a\",\"payload\":\"410C1AF8\"}\n",
        "not json\n",
        "\n",
        "{\"id\":\"b\",\"payload\":\"7F0112\"}\r\n",
        "{\"id\":\"c\",\"payload\":\"410C1A\"}\n",
        "{\"id\":\"d\",\"payload\":\"43010301\"}",
    );
    let ended = home.feed(&["decode"], input.as_bytes());
    ended.exits(0);
    let lines = ended.lines();
    assert_eq!(lines.len(), 6, "{ended:#?}");
    assert_eq!(lines[0]["items"][0]["value"], json!(1726.0));
    assert_eq!((&lines[0]["id"], &lines[0]["items"][0]["unit"]), (&json!("a"), &json!("rpm")));
    assert!(lines[1]["error"]["code"].is_string() && lines[2]["error"]["code"].is_string());
    assert_eq!(lines[3]["negative"]["meaning"], json!("subFunctionNotSupported"));
    assert!(lines[4]["error"]["code"].is_string() && lines[4]["items"].is_null(), "because half a value is none");
    assert_eq!(lines[5]["codes"], json!(["P0301"]));
    assert!(!home.file("data").exists(), "because nothing is stored");
}

#[test]
fn bytes_that_are_no_text_and_lines_without_end_are_errors_of_their_line() {
    let home = Home::new();
    let mut input = b"\xff\xfe{\"id\":1\n".to_vec();
    input.extend(std::iter::repeat_n(b'x', 3 << 20));
    input.extend(b"\n{\"id\":\"z\",\"dtc\":\"0420\"}\n");
    let ended = home.feed(&["decode"], &input);
    ended.exits(0);
    let lines = ended.lines();
    assert_eq!(lines.len(), 3);
    assert!(lines[0]["error"].is_object() && lines[1]["error"].is_object());
    assert_eq!(lines[2]["codes"], json!(["P0420"]));
}

#[test]
fn an_answer_does_not_wait_for_the_end_of_input() {
    let home = Home::new();
    let mut child = home.command(&["decode"]).stdin(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    for speed in ["00", "64"] {
        writeln!(stdin, "{{\"id\":\"v\",\"payload\":\"410D{speed}\"}}").unwrap();
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        let line: serde_json::Value = serde_json::from_str(&line).unwrap();
        assert_eq!(line["items"][0]["value"].as_f64(), u8::from_str_radix(speed, 16).ok().map(f64::from));
    }
    drop(stdin);
    assert!(child.wait().unwrap().success());
}

#[test]
fn a_reader_that_has_enough_is_no_failure() {
    let home = Home::new();
    let mut child = home.command(&["decode"]).stdin(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let writer =
        std::thread::spawn(move || while stdin.write_all(b"{\"id\":\"a\",\"payload\":\"410C1AF8\"}\n").is_ok() {});
    let mut stdout = child.stdout.take().unwrap();
    stdout.read_exact(&mut [0u8; 10]).unwrap();
    drop(stdout);
    let ended = Ended::of(&["decode"], child.wait_with_output().unwrap());
    writer.join().unwrap();
    ended.exits(0);
    assert_eq!(ended.err, "");
}

#[test]
fn an_adapters_answer_is_put_together_per_ecu() {
    let home = Home::new();
    for (args, input, expect) in [
        (
            &["--protocol", "6"][..],
            "7E8 04 41 0C 1A F8 \r7E9 04 41 0C 0B B8 \r\r>",
            vec![json!({"ecu": "7E8", "payload": "410C1AF8"}), json!({"ecu": "7E9", "payload": "410C0BB8"})],
        ),
        (
            &["--protocol", "6"],
            "7E8 10 08 43 03 01 01 01 33 \r7E8 21 05 06 \r\r>ignored",
            vec![json!({"ecu": "7E8", "payload": "4303010101330506"})],
        ),
        (&["--protocol", "6"], "NO DATA\r\r>", vec![json!({"status": "NO DATA"})]),
        (&["--protocol", "6", "--no-headers"], "41 0C 1A F8 \r\r>", vec![json!({"ecu": null, "payload": "410C1AF8"})]),
        (&["--protocol", "6"], "", vec![]),
    ] {
        let mut all = vec!["assemble"];
        all.extend(args);
        let ended = home.feed(&all, input.as_bytes());
        ended.exits(0);
        assert_eq!(ended.lines(), expect, "{input:?}");
    }
    let ended = home.feed(&["assemble", "--protocol", "6"], b"7E8 10 14 49 02 01 31 52 57 \r\r>");
    ended.exits(0);
    assert!(ended.lines()[0]["error"]["code"].is_string(), "because half a message is none: {ended:#?}");
}

#[test]
fn lines_of_candump_are_put_together_without_a_protocol() {
    let home = Home::new();
    let input = "(1.5) can0 7E8#04410C1AF8\n  can0  7E9   [8]  04 41 0C 0B B8 00 00 00\nnonsense\n";
    let ended = home.feed(&["assemble", "--frames"], input.as_bytes());
    ended.exits(0);
    let lines = ended.lines();
    assert_eq!(lines[0], json!({"ecu": "7E8", "payload": "410C1AF8"}));
    assert_eq!(lines[1], json!({"ecu": "7E9", "payload": "410C0BB8"}));
    assert!(lines[2]["error"]["code"].is_string(), "{ended:#?}");
}
