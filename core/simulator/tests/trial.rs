//! A whole check on every profile that ships, beside the strict adapter on the same vehicle; and on profiles composed at
//! random, none of which may yield a wrong value.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    dead_code,
    unreachable_pub,
    reason = "a test's way to fail and to speak; and not all that the engine offers is needed here"
)]

// The engine's own words on it, compiled with this suite's clock: the engine is not among this crate's dependencies.
#[path = "../../src/trial.rs"]
mod trial;

use proptest::prelude::*;
use roadworthy_simulator::{Door, Profile};
use std::sync::Arc;
use trial::{Verdict, play};

/// Plays on a runtime of its own, whose time passes as fast as nothing happens.
fn in_no_time(profile: Arc<Profile>) -> Verdict {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
    runtime.block_on(play(profile)).unwrap()
}

fn row(v: &Verdict) -> String {
    let end = v.cause.as_ref().map_or_else(|| "finished".to_owned(), |e| format!("{:?}", e.code));
    let found: Vec<_> = v.parts.iter().map(|p| format!("{} {}/{}", p.part, p.found, p.of)).collect();
    format!("{:26} {end:13} {:6.1} s  {}", v.name, v.seconds, found.join(", "))
}

#[test]
fn at_least_95_in_100_profiles_finish_a_check_and_each_other_names_its_cause() {
    let all: Vec<_> = Profile::names().iter().map(|name| Arc::new(Profile::named(name).unwrap())).collect();
    let (fast, real): (Vec<_>, Vec<_>) = all.into_iter().partition(|p| p.door == Door::Process);
    // Sockets and terminals live in real time, and only there.
    let real = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let tasks: Vec<_> = real.into_iter().map(|p| tokio::spawn(play(p))).collect();
            let mut verdicts = Vec::new();
            for task in tasks {
                verdicts.push(task.await.unwrap().unwrap());
            }
            verdicts
        })
    });
    let mut verdicts: Vec<Verdict> = fast.into_iter().map(in_no_time).collect();
    verdicts.extend(real.join().unwrap());
    verdicts.sort_by(|a, b| a.name.cmp(&b.name));
    verdicts.iter().for_each(|v| println!("{}", row(v)));
    let finished = verdicts.iter().filter(|v| v.finished()).count();
    println!("{finished} of {} finish", verdicts.len());
    let failures: Vec<_> =
        verdicts.iter().flat_map(|v| v.failures.iter().map(|f| format!("{}: {f}", v.name))).collect();
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    assert!(verdicts.len() >= 24 && finished * 100 >= verdicts.len() * 95, "{finished} of {}", verdicts.len());
    assert!(verdicts.iter().all(|v| v.cause.as_ref().is_none_or(|e| !e.hint.is_empty())), "a cause has a next step");
}

/// One of the habits of the format, as it would be written.
fn habit() -> impl Strategy<Value = (&'static str, String)> {
    let line = |key: &'static str, text: String| (key, text);
    prop_oneof![
        prop::sample::select(vec!["\\r\\n", "\\n\\r", "\\r\\r"])
            .prop_map(move |end| line("line", format!("end = \"{end}\""))),
        (1u32..9).prop_map(move |n| line("line", format!("twice = {n}"))),
        (prop::sample::select(vec![0u8, 3, 7, 0x7F, 0x80, 0xFC, 0xFF]), 1u32..60)
            .prop_map(move |(byte, every)| line("line", format!("noise = [{byte}]\nnoise-every = {every}"))),
        (1u32..40, 0u32..80).prop_map(move |(chunk, pause)| line("line", format!("chunk = {chunk}\npause = {pause}"))),
        (1u32..20).prop_map(move |n| line("prompt", format!("missing = {n}"))),
        (1u32..9, 0u32..700).prop_map(move |(n, gap)| line("prompt", format!("twice = {n}\ngap = {gap}"))),
        (0u32..900).prop_map(move |ms| line("prompt", format!("late = {ms}"))),
        (8u32..200).prop_map(move |n| line("request", format!("buffer = {n}"))),
        (1u32..8).prop_map(move |n| line("request", format!("longest = {n}"))),
        Just(line("request", "flow-control = false".into())),
        Just(line("request", "finds = false".into())),
        Just(line("request", "glued = true".into())),
        (0u32..15_000).prop_map(move |ms| line("request", format!("first = {ms}"))),
        prop::sample::select(vec!["counts", "ignored", "data", "refused"])
            .prop_map(move |count| line("request", format!("count = \"{count}\""))),
        prop::sample::select(vec!["ATE", "ATH", "ATS", "ATL", "ATAT", "ATCRA", "ATAR"])
            .prop_map(move |command| line("chip", format!("ignored = [\"{command}\"]"))),
        prop::sample::select(vec!["ATE", "ATH", "ATS0", "ATDPN", "ATTP0", "ATCRA", "ATAR", "ATRV", "ATWS"])
            .prop_map(move |command| line("chip", format!("unknown = [\"{command}\"]"))),
        (0u32..2500).prop_map(move |ms| line("chip", format!("slow = {ms}"))),
        (any::<bool>(), 2u32..20, 0u32..6000).prop_map(move |(first, after, wake)| line(
            "sleep",
            format!("first = {first}\nafter = {after}\nwake = {wake}")
        )),
        trouble().prop_map(move |text| line("trouble", text)),
        trouble().prop_map(move |text| line("trouble", text)),
        trouble().prop_map(move |text| line("trouble", text)),
        trouble().prop_map(move |text| line("trouble", text)),
        trouble().prop_map(move |text| line("trouble", text)),
        trouble().prop_map(move |text| line("trouble", text)),
    ]
}

/// One trouble, or two or three that befall together, as when the supply sags.
fn trouble() -> impl Strategy<Value = String> {
    let to =
        prop::sample::select(vec!["", "", "01", "09", "AT", "ATZ", "ATI", "ATTP", "ATCRA", "ATH", "0100", "03", "STI"]);
    (prop::collection::vec(effect(), 1..4), to, 0u32..40, 1u32..20, 1u32..4, 0u32..4).prop_map(
        |(effects, to, after, every, burst, times)| {
            let mut text = format!("after = {after}\nevery = {every}\nburst = {burst}\ntimes = {times}\n");
            if !to.is_empty() {
                text.push_str(&format!("to = \"{to}\"\n"));
            }
            let mut seen: Vec<&str> = Vec::new();
            for effect in &effects {
                let key = effect.split(" = ").next().unwrap_or_default();
                if !seen.contains(&key) {
                    seen.push(key);
                    text.push_str(&format!("{effect}\n"));
                }
            }
            text
        },
    )
}

fn effect() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => prop::sample::select(vec![
            "STOPPED",
            "CAN ERROR",
            "FB ERROR",
            "BUS BUSY",
            "NO DATA",
            "BUFFER FULL",
            "?",
            "OK",
            "LV RESET",
            "ERR94",
            "SEARCHING...",
            "UNABLE TO CONNECT",
            "ELM327 v1.5",
            "+CONNECTED",
            "ACT ALERT",
        ])
        .prop_map(|text| format!("says = [\"{text}\"]")),
        2 => prop::sample::select(vec![" <DATA ERROR", "<RX ERROR", "STOPPED", "!ACT ALERT"])
            .prop_map(|text| format!("behind = \"{text}\"")),
        1 => (0u32..14_000).prop_map(|ms| format!("late = {}", ms + 1)),
        1 => (0u32..14_000).prop_map(|ms| format!("stuck = {}", ms + 1)),
        3 => Just("resets = true".to_owned()),
        3 => prop::sample::subsequence(vec!["\"echo\"", "\"senders\"", "\"spaces\"", "\"protocol\""], 1..=4)
            .prop_map(|lost| format!("loses = [{}]", lost.join(", "))),
        1 => prop::sample::select(vec!["silence", "hang", "drop"]).prop_map(|does| format!("does = \"{does}\"")),
    ]
}

fn compose(vehicle: &str, habits: &[(&'static str, String)]) -> Profile {
    let mut text =
        format!("name = \"random\"\nabout = \"a\"\nsource = \"b\"\nvehicle = \"{vehicle}\"\n[expect]\nfinishes = []\n");
    let mut seen: Vec<(&str, &str)> = Vec::new();
    for room in ["chip", "request", "line", "prompt", "sleep"] {
        let mut keys = String::new();
        for line in habits.iter().filter(|(of, _)| *of == room).flat_map(|(_, text)| text.lines()) {
            let key = line.split(" = ").next().unwrap_or_default();
            if !seen.contains(&(room, key)) {
                seen.push((room, key));
                keys.push_str(&format!("{line}\n"));
            }
        }
        if !keys.is_empty() {
            text.push_str(&format!("[{room}]\n{keys}"));
        }
    }
    for (_, trouble) in habits.iter().filter(|(of, _)| *of == "trouble") {
        text.push_str(&format!("[[trouble]]\n{trouble}\n"));
    }
    Profile::parse(&text).unwrap_or_else(|e| panic!("{e}\n{text}"))
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        cases: if std::env::var_os("ROADWORTHY_LONG").is_some() { 3000 } else { 40 },
        max_shrink_iters: 200,
        ..ProptestConfig::default()
    })]

    #[test]
    fn an_adapter_composed_at_random_never_gives_a_wrong_value(
        habits in prop::collection::vec(habit(), 0..7),
        vehicle in prop::sample::select(vec!["misfire", "kwp", "can29", "iso9141"]),
    ) {
        let verdict = in_no_time(Arc::new(compose(vehicle, &habits)));
        let wrong: Vec<_> = verdict.failures.iter().filter(|f| f.starts_with("Wrong")).collect();
        prop_assert!(wrong.is_empty(), "{wrong:?} with {habits:#?}");
        if let Some(cause) = &verdict.cause {
            prop_assert!(!cause.message.is_empty() && !cause.hint.is_empty(), "{cause:?}");
        }
    }
}

/// Composed at random once, and wrong then.
#[test]
fn what_was_composed_at_random_and_wrong_once_stays_right() {
    let table = [
        ("kwp", "to = \"AT\"\nafter = 0\nevery = 2\nburst = 1\nresets = true"),
        ("misfire", "to = \"AT\"\nafter = 2\nevery = 18\nburst = 3\nresets = true"),
    ];
    for (vehicle, trouble) in table {
        let verdict = in_no_time(Arc::new(compose(vehicle, &[("trouble", trouble.to_owned())])));
        let wrong: Vec<_> = verdict.failures.iter().filter(|f| f.starts_with("Wrong")).collect();
        assert!(wrong.is_empty(), "{wrong:?} with {trouble}");
    }
}
