//! The format of a profile: what is read, and how what is wrong is said.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test's way to fail")]

use roadworthy_api::Code;
use roadworthy_simulator::{Door, Expect, Options, Part, Profile, Source, connect_with, serve_pty};
use std::{sync::Arc, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, DuplexStream},
    time::{Instant, timeout},
};

const HEAD: &str =
    "name = \"mine\"\nabout = \"a\"\nsource = \"b\"\nvehicle = \"misfire\"\n[expect]\nfinishes = [\"all\"]\n";

fn with(rest: &str) -> Profile {
    Profile::parse(&format!("{HEAD}{rest}")).unwrap()
}

/// An adapter of these habits, with its echo off.
async fn link(rest: &str) -> DuplexStream {
    let options = Options { adapter: Some(Arc::new(with(rest))), ..Options::default() };
    let mut link = connect_with("misfire", options).unwrap();
    say(&mut link, "ATE0").await;
    link
}

async fn say(link: &mut DuplexStream, text: &str) -> String {
    link.write_all(format!("{text}\r").as_bytes()).await.unwrap();
    hear(link).await
}

/// Up to the prompt, or what came within twenty seconds.
async fn hear(link: &mut DuplexStream) -> String {
    let mut got = Vec::new();
    let mut byte = [0];
    while !got.ends_with(b">") {
        match timeout(Duration::from_secs(20), link.read(&mut byte)).await {
            Ok(Ok(1)) => got.push(byte[0]),
            _ => break,
        }
    }
    got.into_iter().map(char::from).collect()
}

#[test]
fn every_profile_that_ships_can_be_read_and_is_of_a_reported_case() {
    assert!(Profile::names().len() >= 24);
    let listed = include_str!("../../../docs/adapters.md");
    for name in Profile::names() {
        let profile = Profile::named(name).unwrap_or_else(|e| panic!("{name}: {e}"));
        assert_eq!(&profile.name, name);
        assert!(profile.source.len() > 40, "{name}: {}", profile.source);
        assert!(listed.contains(&format!("| `{name}` | {} |", profile.about)), "docs/adapters.md does not list {name}");
    }
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/adapters");
    assert_eq!(std::fs::read_dir(folder).unwrap().count(), Profile::names().len());
}

#[test]
fn a_profile_says_what_it_is() {
    let profile = with("[line]\nbaud = 9600\n");
    assert_eq!((profile.door, profile.baud()), (Door::Process, 9600));
    assert_eq!(profile.expect, Expect::Finishes(Part::ALL.to_vec()));
    let text = HEAD.replace("finishes = [\"all\"]", "names = \"adapter-fault\"\nsays = \"ATH1\"");
    let expect = Expect::Names { code: Code::AdapterFault, says: "ATH1".into() };
    assert_eq!(Profile::parse(&text).unwrap().expect, expect);
}

#[test]
fn what_is_wrong_with_a_profile_is_named_with_the_next_step() {
    for (text, names) in [
        (String::new(), "\"name\" is missing"),
        ("name = [".into(), "line 1 is not TOML"),
        (HEAD.replace("mine", "Mine"), "\"name\" must be one word"),
        (HEAD.replace("mine", "strict"), "other than strict"),
        (HEAD.replace("misfire", "boat"), "\"vehicle\" must be one of petrol"),
        (HEAD.replace("source = \"b\"\n", ""), "\"source\" is missing"),
        (HEAD.replace("finishes = [\"all\"]", ""), "\"finishes\" or \"names\" must be given"),
        (HEAD.replace("\"all\"", "\"everything\""), "has \"everything\"; there is: all, ecus, vin"),
        (HEAD.replace("finishes = [\"all\"]", "names = \"tired\""), "\"names\" must be one of adapter-fault"),
        (HEAD.replace("finishes = [\"all\"]", "names = \"link-lost\""), "expect, \"says\" is missing"),
        (format!("{HEAD}[chip]\nunknown = [\"01\"]"), "they begin with AT or ST"),
        (format!("{HEAD}[chip]\nvoltage = 12"), "chip, \"voltage\" is no key here"),
        (format!("{HEAD}[chip]\nanswers = {{ 0105 = \"7E803410500\" }}"), "\"answers\" \"0105\" must be a command"),
        (format!("{HEAD}[request]\nlongest = 0"), "request, \"longest\" must be a whole number from 1 to 8"),
        (format!("{HEAD}[request]\ncount = \"maybe\""), "\"count\" must be"),
        (format!("{HEAD}[line]\nnoise = [0x41]"), "\"noise\" must be bytes that are no text"),
        (format!("{HEAD}[line]\nend = \">\""), "\"end\" must be"),
        (format!("{HEAD}[line]\ngreets = [\"7E8 03 41\"]"), "\"greets\" must be words"),
        (format!("{HEAD}[[trouble]]\nevery = 3"), "nothing would happen"),
        (format!("{HEAD}[[trouble]]\nsays = [\"7E8 03 41 05 00\"]"), "trouble 1, \"says\" must be words"),
        (format!("{HEAD}[[trouble]]\nbehind = \"00\""), "\"behind\" must be words"),
        (format!("{HEAD}[[trouble]]\ndoes = \"explode\""), "\"does\" must be"),
        (format!("{HEAD}[[trouble]]\nloses = [\"courage\"]"), "\"loses\" has \"courage\"; there is: echo, senders"),
        (format!("{HEAD}[[trouble]]\nlate = -1"), "\"late\" must be a number from 0"),
    ] {
        let error = Profile::parse(&text).expect_err(&text);
        assert_eq!(error.code, Code::Malformed, "{text}");
        assert!(error.message.contains(names), "{names}: {error}");
        assert!(error.message.contains("adapter profile") && error.hint.contains("docs/adapters.md"), "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn each_habit_shows_on_the_line() {
    for (habits, dialogue) in [
        ("", &[("ATI", "ELM327 v1.5\r\r>"), ("AT IGN", "ON\r\r>")][..]),
        ("[chip]\nsays = \"ELM327 v2.1\"\nbanner = [\"00 00\", \"hi\"]", &[("ATZ", "00 00\rhi\r\r>")]),
        (
            "[chip]\nunknown = [\"AT S\"]\nignored = [\"atl\"]",
            &[("ATS0", "?\r\r>"), ("ATL1", "OK\r\r>"), ("ATI", "ELM327 v1.5\r\r>")],
        ),
        ("[chip]\nanswers = { ATRV = \"0.0V\" }", &[("AT RV", "0.0V\r\r>")]),
        ("[chip]\nonly = [\"ATZ\", \"ATE\"]", &[("0100", "?\r\r>"), ("ATI", "?\r\r>")]),
        ("[line]\nend = \"\\n\\r\"", &[("ATI", "ELM327 v1.5\n\r\n\r>")]),
        // The echo of ATE0 and its answer have ten characters.
        ("[line]\nnoise = [0, 1]\nnoise-every = 5", &[("ATI", "\u{1}ELM32\x007 v1.\u{1}5\r\r>")]),
        ("[prompt]\nmissing = 2", &[("ATI", "ELM327 v1.5\r"), ("ATI", "ELM327 v1.5\r\r>")]),
        ("[request]\nlongest = 1", &[("ATTP6", "OK\r\r>"), ("0105", "NO DATA\r\r>")]),
        ("[request]\nfinds = false", &[("0105", "SEARCHING...\rUNABLE TO CONNECT\r\r>")]),
        ("[request]\nbuffer = 8", &[("ATTP6", "OK\r\r>"), ("0904", "013\r0: 49\rBUFFER FULL\r\r>")]),
        ("[request]\ncount = \"refused\"", &[("ATTP6", "OK\r\r>"), ("01051", "?\r\r>")]),
        ("[line]\ntwice = 2", &[("ATTP6", "OK\r\r>"), ("0A", "4A 01 04 20 \r4A 00 \r4A 00 \r\r>")]),
        (
            "[[trouble]]\nto = \"AT I\"\nafter = 1\nevery = 2\ntimes = 1\nsays = [\"ERR94\"]\nresets = true",
            &[
                ("ATI", "ELM327 v1.5\r\r>"),
                ("ATI", "ERR94\r\r>"),
                ("ATI", "ATI\rELM327 v1.5\r\r>"),
                ("ATI", "ATI\rELM327 v1.5\r\r>"),
            ],
        ),
        (
            "[[trouble]]\nafter = 1\nburst = 2\nevery = 3\nsays = [\"CAN ERROR\"]",
            &[
                ("ATTP6", "OK\r\r>"),
                ("03", "43 01 03 01 \r43 00 \r\r>"),
                ("03", "CAN ERROR\r\r>"),
                ("03", "CAN ERROR\r\r>"),
                ("03", "43 01 03 01 \r43 00 \r\r>"),
                ("03", "CAN ERROR\r\r>"),
            ],
        ),
        (
            "[[trouble]]\nbehind = \" <DATA ERROR\"",
            &[("ATTP6", "OK\r\r>"), ("0A", "4A 01 04 20 \r4A 00  <DATA ERROR\r\r>")],
        ),
        (
            "[[trouble]]\nto = \"ATI\"\ntimes = 1\nloses = [\"echo\", \"protocol\"]",
            &[("ATTP6", "OK\r\r>"), ("ATI", "ELM327 v1.5\r\r>"), ("ATDPN", "ATDPN\rA0\r\r>")],
        ),
        (
            "[[trouble]]\nto = \"ATI\"\nloses = [\"senders\", \"spaces\"]",
            &[
                ("ATTP6", "OK\r\r>"),
                ("ATS0", "OK\r\r>"),
                ("ATH1", "OK\r\r>"),
                ("0A", "7E8044A010420\r7E9024A00\r\r>"),
                ("ATI", "ELM327 v1.5\r\r>"),
                ("0A", "4A 01 04 20 \r4A 00 \r\r>"),
            ],
        ),
        ("[[trouble]]\nto = \"ATRV\"\ndoes = \"silence\"", &[("ATRV", ""), ("ATI", "ELM327 v1.5\r\r>")]),
        ("[[trouble]]\nto = \"ATTPA0\"\ndoes = \"hang\"", &[("ATTPA0", ""), ("ATI", "")]),
        ("[sleep]\nafter = 30", &[("ATI", "ELM327 v1.5\r\r>")]),
    ] {
        let mut link = link(habits).await;
        for (sent, expect) in dialogue {
            let got = say(&mut link, sent).await;
            // Which ECU is first differs.
            assert_eq!(sorted(&got), sorted(expect), "{habits}: to {sent}");
        }
    }
}

fn sorted(answer: &str) -> Vec<&str> {
    let mut lines: Vec<_> = answer.split('\r').collect();
    lines.sort_unstable();
    lines
}

#[tokio::test(start_paused = true)]
async fn times_are_kept() {
    for (habits, sent, least) in [
        ("[chip]\nslow = 1500", "ATI", 1500),
        ("[chip]\nreset = 3000", "ATZ", 3000),
        ("[request]\nsearch = 14000", "0100", 14000),
        ("[request]\nfirst = 8000", "0100", 11_000),
        ("[prompt]\nlate = 600", "ATI", 600),
        ("[line]\nchunk = 4\npause = 100", "ATI", 200),
        ("[[trouble]]\nto = \"ATI\"\nlate = 6500", "ATI", 6500),
        ("[[trouble]]\nto = \"ATI\"\nstuck = 6500", "ATI", 6500),
    ] {
        let mut link = link(habits).await;
        let since = Instant::now();
        assert!(say(&mut link, sent).await.ends_with('>'), "{habits}");
        let took = since.elapsed().as_millis();
        assert!((least..least + 1500).contains(&took), "{habits}: {took} ms");
    }
}

#[tokio::test(start_paused = true)]
async fn a_late_answer_can_be_stopped_and_a_stuck_one_cannot() {
    for (kind, stopped) in [("late", true), ("stuck", false)] {
        let mut link = link(&format!("[[trouble]]\nto = \"03\"\n{kind} = 6000")).await;
        link.write_all(b"03\r").await.unwrap();
        tokio::time::sleep(Duration::from_secs(2)).await;
        link.write_all(b" ").await.unwrap();
        assert_eq!(hear(&mut link).await.contains("STOPPED"), stopped, "{kind}");
        assert_eq!(say(&mut link, "ATI").await, "ELM327 v1.5\r\r>");
    }
}

#[tokio::test(start_paused = true)]
async fn a_sleeping_adapter_loses_what_wakes_it() {
    let options = Options { adapter: Some(Arc::new(with("[sleep]\nfirst = true\nwake = 1200"))), ..Options::default() };
    let mut link = connect_with("misfire", options).unwrap();
    let since = Instant::now();
    assert_eq!(say(&mut link, "ATE0").await, "\r\rELM327 v1.5\r\r>");
    assert!(since.elapsed().as_millis() >= 1200);
    assert_eq!(say(&mut link, "ATI").await, "ATI\rELM327 v1.5\r\r>");
}

#[tokio::test(start_paused = true)]
async fn a_dropped_link_is_gone() {
    let mut link = link("[[trouble]]\nto = \"ATZ\"\ndoes = \"drop\"").await;
    link.write_all(b"ATZ\r").await.unwrap();
    let mut rest = Vec::new();
    timeout(Duration::from_secs(5), link.read_to_end(&mut rest)).await.unwrap().unwrap();
}

#[cfg(unix)]
#[tokio::test]
async fn a_serial_adapter_understands_its_own_speed_only() {
    let options = Options { adapter: Some(Arc::new(with("[line]\nbaud = 9600"))), ..Options::default() };
    let (path, serve) = serve_pty(Source::Name("misfire"), options).unwrap();
    let server = tokio::spawn(serve);
    for (baud, understood) in [(38_400, false), (9600, true), (115_200, false)] {
        use tokio_serial::SerialPortBuilderExt;
        let mut link = tokio_serial::new(path.to_string_lossy(), baud).open_native_async().unwrap();
        let mut text = String::new();
        for _ in 0..2 {
            // What stood half-typed spoils the first.
            link.write_all(b"ATI\r").await.unwrap();
            let mut got = [0; 64];
            while let Ok(Ok(n)) = timeout(Duration::from_millis(150), link.read(&mut got)).await {
                text.extend(got[..n].iter().map(|b| char::from(*b)));
            }
        }
        assert_eq!(text.contains("ELM327 v1.5"), understood, "at {baud}: {text:?}");
    }
    server.abort();
}
