//! The format of vehicle files: what is read, what is refused and in which words, and that nothing makes it fall over.

use super::*;
use crate::{
    random::Random,
    vehicle::{drive::Drive, value},
};
use roadworthy_api::Code;

const SMALL: &str = r#"
name = "small"
about = "a car"
protocol = 6
vin = "1RWPC14A8S1000428"
[car]
engine = "spark"
mass = 1290
drag = 0.66
wheel = 1.93
gears = [14.1, 7.9]
litres = 1.4
torque = 132
tank = 45
odometer = 10
fuel = 0.5
[[ecu]]
id = 0x7E8
gives-vin = true
pids = [0x0C, 0x0D]
readiness = [0x81, 0x07, 0xE5, 0x04]
stored = ["P0301", "U0100", "B1234", "C3FFF"]
silent = ["07"]
refuse = { 0A = 0x11, 0A00 = 0x12 }
[ecu.values]
1C = [0x07]
21 = [{ signal = "distance", offset = 137, bytes = 2 }]
[[ecu.freeze]]
cause = "P0301"
pids = [0x0C]
after = 10
with = { rpm = 2000 }
[ecu.information]
04 = ["AB"]
06 = ["01020304", "05060708"]
08 = { count = 2, bytes = [0, 1, 0, 2] }
"#;

#[test]
fn every_key_reaches_the_vehicle() {
    let read = parse(SMALL).unwrap();
    assert_eq!((read.name.as_str(), read.about.as_str(), read.protocol), ("small", "a car", 6));
    assert_eq!((read.car.engine, read.car.mass, read.car.gears.len()), (Engine::Spark, 1290.0, 2));
    let [ecu] = read.ecus.as_slice() else { panic!("one ECU") };
    assert_eq!(ecu.stored, [[0x03, 0x01], [0xC1, 0x00], [0x92, 0x34], [0x7F, 0xFF]]);
    let drive = Drive::new(read.car.clone(), 1, false);
    let ask = |request: &[u8]| ecu.answer(drive.state(), request, true, false).pop();
    for (request, expect) in [
        (&[0x01, 0x1C][..], Some(&[0x41, 0x1C, 0x07][..])),
        (&[0x01, 0x21], Some(&[0x41, 0x21, 0x00, 0x89])),
        (&[0x02, 0x0C, 0x00], Some(&[0x42, 0x0C, 0x00, 0x1F, 0x40])),
        (&[0x07], None),
        (&[0x0A], Some(&[0x7F, 0x0A, 0x11])),
        // The longest match counts.
        (&[0x0A, 0x00], Some(&[0x7F, 0x0A, 0x12])),
        (&[0x09, 0x06], Some(&[0x49, 0x06, 2, 1, 2, 3, 4, 5, 6, 7, 8])),
        (&[0x09, 0x08], Some(&[0x49, 0x08, 2, 0, 1, 0, 2])),
        (&[0x09, 0x04], Some(b"\x49\x04\x01AB\0\0\0\0\0\0\0\0\0\0\0\0\0\0")),
        (&[0x09, 0x02], Some(b"\x49\x02\x011RWPC14A8S1000428")),
    ] {
        assert_eq!(ask(request).as_deref(), expect, "{request:02X?}");
    }
}

/// Replaces a line of the small file and expects a complaint that says all of `words`.
fn refused(from: &str, to: &str, words: &[&str]) {
    assert!(SMALL.contains(from), "{from}");
    let text = SMALL.replacen(from, to, 1);
    let error = parse(&text).err().unwrap_or_else(|| panic!("taken: {to}"));
    assert_eq!(error.code, Code::Malformed, "{to}");
    for word in words {
        assert!(error.message.contains(word), "{to}: {error}");
    }
    assert!(error.hint.contains("docs/simulator.md"), "{to}: {error}");
}

#[test]
fn what_is_wrong_is_named_by_its_key() {
    for (from, to, words) in [
        ("name = \"small\"", "", &["\"name\" is missing"][..]),
        ("name = \"small\"", "name = \"My van\"", &["\"name\"", "one word"]),
        ("about = \"a car\"", "", &["\"about\" is missing"]),
        ("about = \"a car\"", "about = 3", &["\"about\" must be a text"]),
        ("protocol = 6", "", &["\"protocol\" is missing"]),
        ("protocol = 6", "protocol = 10", &["\"protocol\"", "1 to 9"]),
        ("protocol = 6", "protocol = -1", &["\"protocol\""]),
        ("protocol = 6", "protocol = \"6\"", &["\"protocol\""]),
        ("protocol = 6", "protocol = 7", &["ecu 1, \"id\"", "0x18DAF100"]),
        ("protocol = 6", "protocol = 3", &["ecu 1, \"id\"", "1 to 239"]),
        ("protocol = 6", "protokoll = 6", &["\"protocol\" is missing"]),
        ("protocol = 6", "protocol = 6\ncolour = 1", &["\"colour\" is no key here"]),
        ("protocol = 6", "protocol = ", &["line 4", "TOML"]),
        ("1RWPC14A8S1000428", "1RWPC14", &["\"vin\"", "17"]),
        ("1RWPC14A8S1000428", "1RWPC14A8S100042é", &["\"vin\""]),
        ("vin = \"1RWPC14A8S1000428\"", "", &["\"gives-vin\"", "vin"]),
        ("\"spark\"", "\"steam\"", &["car, \"engine\"", "hybrid"]),
        ("mass = 1290", "mass = nan", &["car, \"mass\"", "300 to 10000"]),
        ("mass = 1290", "mass = 0", &["car, \"mass\""]),
        ("mass = 1290", "weight = 1290", &["car, \"mass\" is missing"]),
        ("gears = [14.1, 7.9]", "gears = []", &["car, \"gears\""]),
        ("gears = [14.1, 7.9]", "gears = [1, 1, 1, 1, 1, 1]", &["car, \"gears\""]),
        ("gears = [14.1, 7.9]", "gears = [14.1, \"x\"]", &["car, \"gears\""]),
        ("fuel = 0.5", "fuel = 50", &["car, \"fuel\"", "0 to 1"]),
        ("id = 0x7E8", "id = 0x7E0", &["ecu 1, \"id\"", "0x7E8 to 0x7EF"]),
        ("id = 0x7E8", "", &["ecu 1, \"id\" is missing"]),
        ("id = 0x7E8", "id = 0x7E8\nthink = [5]", &["ecu 1, \"think\""]),
        ("id = 0x7E8", "id = 0x7E8\nthink = [5, -1]", &["ecu 1, \"think\""]),
        ("id = 0x7E8", "id = 0x7E8\npad = 256", &["ecu 1, \"pad\""]),
        ("id = 0x7E8", "id = 0x7E8\nspeed = 1", &["ecu 1, \"speed\" is no key here"]),
        ("gives-vin = true", "gives-vin = 1", &["ecu 1, \"gives-vin\""]),
        ("pids = [0x0C, 0x0D]", "pids = [0x0C, 0x99]", &["ecu 1, \"pids\"", "0x99", "[ecu.values]"]),
        ("pids = [0x0C, 0x0D]", "pids = [300]", &["ecu 1, \"pids\""]),
        ("[0x81, 0x07, 0xE5, 0x04]", "[0x81]", &["ecu 1, \"readiness\"", "four"]),
        ("\"U0100\"", "\"X0100\"", &["ecu 1, \"stored\"", "X0100"]),
        ("\"U0100\"", "\"U4100\"", &["ecu 1, \"stored\"", "U4100"]),
        ("\"U0100\"", "\"U01\"", &["ecu 1, \"stored\""]),
        ("silent = [\"07\"]", "silent = [\"7\"]", &["ecu 1, \"silent\"", "\"7\""]),
        ("0A = 0x11", "0A = 300", &["ecu 1, \"refuse\"", "0A"]),
        ("0A = 0x11", "X = 0x11", &["ecu 1, \"refuse\"", "X"]),
        ("1C = [0x07]", "20 = [0x07]", &["ecu values, \"20\""]),
        ("1C = [0x07]", "1C = 7", &["ecu values, \"1C\""]),
        ("1C = [0x07]", "1C = []", &["ecu values, \"1C\""]),
        ("1C = [0x07]", "1C = [256]", &["ecu values, \"1C\""]),
        ("\"distance\"", "\"smell\"", &["ecu values, \"21\"", "smell", "odometer"]),
        ("bytes = 2 }]", "bytes = 3 }]", &["ecu values, \"21\""]),
        ("offset = 137", "ofset = 137", &["ecu values, \"21\"", "ofset"]),
        ("cause = \"P0301\"", "cause = \"0301\"", &["ecu 1, freeze 1, \"cause\""]),
        ("pids = [0x0C]\n", "pids = [0x05]\n", &["ecu 1, freeze 1, \"pids\"", "0x05"]),
        ("after = 10", "after = 1e9", &["ecu 1, freeze 1, \"after\""]),
        ("rpm = 2000", "revs = 2000", &["freeze 1, with, \"revs\" is no key here"]),
        ("04 = [\"AB\"]", "04 = [\"ABCDEFGHIJKLMNOPQ\"]", &["ecu information, \"04\""]),
        ("04 = [\"AB\"]", "40 = [\"AB\"]", &["ecu information, \"40\""]),
        ("06 = [\"01020304\"", "06 = [\"0102030405\"", &["ecu information, \"06\""]),
        ("count = 2", "number = 2", &["ecu information 08, \"count\" is missing"]),
        ("[[ecu]]", "[[module]]", &["\"ecu\" must be"]),
        ("silent = [\"07\"]", "slow = { 04 = 0 }", &["ecu 1, \"slow\"", "04"]),
        ("silent = [\"07\"]", "zero-frames = 1", &["ecu 1, \"zero-frames\""]),
        ("silent = [\"07\"]", "uds = 1", &["ecu 1, \"uds\""]),
        ("silent = [\"07\"]", "uds = { codes = { P0301 = 1 } }", &["ecu uds, \"codes\"", "P0301"]),
        ("silent = [\"07\"]", "uds = { permanent = [\"P0301-1\"] }", &["ecu uds, \"permanent\"", "P0301-1"]),
        ("silent = [\"07\"]", "monitors = { 20 = [[1, 1, 1, 1, 1]] }", &["ecu monitors, \"20\""]),
        ("silent = [\"07\"]", "monitors = { 01 = [[1, 1, 1]] }", &["ecu monitors, \"01\""]),
        ("silent = [\"07\"]", "oxygen = { 0101 = [1] }", &["ecu oxygen, \"0101\"", "before CAN"]),
    ] {
        refused(from, to, words);
    }
    refused("[[ecu]]\n", "[[ecu]]\nid = 0x7E8\n[[ecu]]\n", &["\"ecu\"", "0x7E8"]);
    let long = format!("about = \"{}\"", "x".repeat(256 * 1024));
    assert!(parse(&long).is_err_and(|e| e.message.contains("256 KiB")));
    assert!(parse("").is_err());
}

#[test]
fn the_shipped_files_are_sound() {
    for name in NAMES {
        let read = named(name).unwrap().unwrap_or_else(|e| panic!("{name}: {e}"));
        assert_eq!(read.name, *name);
        assert!(!read.about.is_empty() && read.about.chars().count() < 120, "{name}");
        for ecu in &read.ecus {
            for (infotype, item) in &ecu.information {
                let expect = match infotype {
                    0x02 => 17,
                    0x04 => 16,
                    0x06 => 4,
                    0x08 | 0x0B => 2,
                    0x16 => 8,
                    _ => 20,
                };
                assert_eq!(item.data.len(), expect * usize::from(item.count), "infotype {infotype:02X} of {name}");
            }
            // The count of the readiness byte is that of the stored codes.
            if let Some([first, ..]) = ecu.readiness {
                let confirmed =
                    ecu.uds.iter().flat_map(|uds| &uds.codes).filter(|(_, status)| status & 0x08 != 0).count();
                assert_eq!(usize::from(first & 0x7F), ecu.stored.len() + confirmed, "{name}");
            }
        }
    }
    assert!(named("boat").is_none());
}

#[test]
fn the_guide_shows_a_sound_file_and_names_every_vehicle_signal_and_pid() {
    let guide = include_str!("../../../../../docs/simulator.md");
    let (_, example) = guide.split_once("```toml\n").unwrap();
    let (example, _) = example.split_once("```").unwrap();
    let read = parse(example).unwrap();
    assert_eq!((read.protocol, read.ecus.len()), (5, 1));
    for name in NAMES {
        assert!(guide.contains(&format!("| `{name}` |")), "{name}");
    }
    for signal in value::SIGNALS {
        assert!(guide.contains(&format!("`{}`", signal.name)), "{}", signal.name);
    }
    let line = guide.lines().find_map(|l| l.strip_prefix("PIDs that the drive knows: ")).unwrap();
    let mut listed = Vec::new();
    for part in line.trim_end_matches('.').split(", ") {
        let (first, last) = part.split_once('–').unwrap_or((part, part));
        listed.extend(u8::from_str_radix(first, 16).unwrap()..=u8::from_str_radix(last, 16).unwrap());
    }
    let known: Vec<u8> = (0..=0xFF).filter(|pid| value::from_physics(*pid)).collect();
    assert_eq!(listed, known);
}

/// Check digit of 49 CFR 565: transliterated, weighted, modulo 11.
fn check_digit(vin: &str) -> char {
    let weights = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2];
    let value = |c: char| match c {
        'A'..='H' => c as u32 - 'A' as u32 + 1,
        'J'..='R' => c as u32 - 'J' as u32 + 1,
        'S'..='Z' => c as u32 - 'S' as u32 + 2,
        _ => c.to_digit(10).unwrap(),
    };
    let sum: u32 = vin.chars().zip(weights).map(|(c, w)| value(c) * w).sum();
    if sum % 11 == 10 { 'X' } else { char::from_digit(sum % 11, 10).unwrap() }
}

#[test]
fn the_vins_are_well_formed_differ_and_start_with_no_makers_code() {
    assert_eq!(check_digit("1M8GDM9AXKP042788"), 'X');
    let mut vins = Vec::new();
    for name in NAMES {
        let line = text(name).unwrap().lines().find_map(|l| l.strip_prefix("vin = \""));
        let Some(vin) = line.and_then(|l| l.strip_suffix('"')) else { continue };
        assert!(vin.len() == 17 && vin.starts_with("1RW") && !vin.contains(['I', 'O', 'Q']), "{name}: {vin}");
        assert_eq!(vin.chars().nth(8), Some(check_digit(vin)), "{name}: {vin}");
        vins.push(vin);
    }
    assert_eq!(vins.len(), NAMES.len() - 2, "all but no-vin and bad-vin");
    vins.sort_unstable();
    vins.dedup();
    assert_eq!(vins.len(), NAMES.len() - 2);
}

/// Spoils a text in one to four places.
fn spoilt(text: &str, random: &mut Random) -> String {
    let mut pick = |most: usize| random.between(0.0, most.max(1) as f64) as usize;
    let mut bytes = text.as_bytes().to_vec();
    for _ in 0..=pick(4) {
        let at = pick(bytes.len());
        match pick(6) {
            0 => bytes[at] = b"0123456789-+.eE\"[]{}=,\n#xAFnaif"[pick(31)],
            1 => drop(bytes.remove(at)),
            2 => bytes.insert(at, b"09\"[]{}=,\n-"[pick(11)]),
            // A line lost, doubled, or moved to the end.
            kind => {
                let whole = String::from_utf8_lossy(&bytes).into_owned();
                let mut lines: Vec<&str> = whole.lines().collect();
                let line = lines.remove(pick(lines.len()));
                if kind == 4 {
                    lines.insert(pick(lines.len()), line);
                    lines.insert(pick(lines.len()), line);
                } else if kind == 5 {
                    lines.push(line);
                }
                bytes = lines.join("\n").into_bytes();
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[test]
fn a_spoilt_file_is_refused_or_drives() {
    let rounds = if std::env::var_os("ROADWORTHY_LONG").is_some() { 4000 } else { 60 };
    let mut random = Random::new(0xBAD);
    let (mut taken, mut refused) = (0, 0);
    for name in NAMES {
        for _ in 0..rounds {
            let text = spoilt(text(name).unwrap(), &mut random);
            match parse(&text) {
                Err(error) => {
                    refused += 1;
                    assert_eq!(error.code, Code::Malformed, "{text}");
                    assert!(error.message.len() < 1000 && !error.hint.is_empty(), "{error}");
                }
                Ok(read) => {
                    taken += 1;
                    let legacy = !Family::of(read.protocol).is_can();
                    let mut drive = Drive::new(read.car, 1, true);
                    drive.advance_to(40.0);
                    for ecu in &read.ecus {
                        for service in 0..=0x0F {
                            for pid in 0..=0xFF {
                                for request in [&[service][..], &[service, pid], &[service, pid, 0], &[service, pid, 1]]
                                {
                                    let messages = ecu.answer(drive.state(), request, pid % 2 == 0, legacy);
                                    assert!(messages.iter().all(|m| !m.is_empty() && m.len() <= 4095));
                                    // What fits no frame of an older bus never leaves.
                                    assert!(!legacy || messages.iter().all(|m| m.len() <= 7), "{request:02X?}");
                                }
                            }
                        }
                    }
                }
            }
        }
    }
    assert!(taken > 50 && refused > 50, "{taken} taken, {refused} refused");
}
