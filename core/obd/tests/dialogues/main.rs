//! Dialogues with adapters, replayed byte for byte through the driver and compared with what must come of them.
//!
//! `own.jsonl` holds dialogues with made-up vehicles; they run everywhere. `expect.jsonl` holds, by id, what must come of
//! dialogues recorded from real cars; those are not part of the project and are read from the folder that
//! `ROADWORTHY_DATA` names (`adapter/transcripts.jsonl`). No VIN stands in either: one is known by its hash.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod differ;
mod event;
mod mutants;
mod player;
#[path = "../mutate/targets/rng.rs"]
#[allow(dead_code, reason = "shared with the mutants of parsers")]
mod rng;
mod session;

use serde_json::Value;
use std::{collections::BTreeMap, fs, path::Path};

/// One request or command with the bytes that came back.
struct Event {
    sent: String,
    came: Vec<u8>,
}

/// A dialogue with what must come of it.
struct Dialogue {
    id: String,
    adapter: String,
    events: Vec<Event>,
    expect: Value,
}

impl Dialogue {
    fn new(recorded: &Value, expect: Value) -> Self {
        let text = |v: &Value| v.as_str().unwrap_or_default().to_owned();
        let events = recorded["events"].as_array().expect("events").iter().map(|e| Event {
            sent: text(&e["tx"]),
            // A character per byte; above 255 there is none.
            came: text(&e["rx"]).chars().map(|c| u8::try_from(u32::from(c)).expect("a byte")).collect(),
        });
        Self { id: text(&recorded["id"]), adapter: text(&recorded["adapter"]), events: events.collect(), expect }
    }

    /// What differs from what must come of it; empty where nothing does.
    async fn differences(&self) -> Vec<String> {
        let wanted = self.expect["events"].as_array().expect("expected events");
        let mut all = Vec::new();
        if wanted.len() != self.events.len() {
            all.push(format!("{} events, {} are expected", self.events.len(), wanted.len()));
        }
        for (i, (event, want)) in self.events.iter().zip(wanted).enumerate() {
            let got = event::outcome(event, want, &self.expect).await;
            all.extend(differ::differences(want, &got, &format!("event {i} ({})", event.sent)));
        }
        if let Some(want) = self.expect.get("session") {
            let got = session::outcome(&self.events, &self.expect).await;
            all.extend(differ::differences(want, &got, "session"));
        }
        all
    }

    /// One line of the table.
    fn row(&self, differences: &[String]) -> String {
        let text = |key: &str| self.expect[key].as_str().unwrap_or_default();
        let outcome = match (differences, text("later")) {
            ([], "") => "as expected".to_owned(),
            ([], later) => format!("later: {later}"),
            (several, _) => format!("{} DIFFERENCES", several.len()),
        };
        let adapter: String = self.adapter.chars().take(24).collect();
        format!("{:<4} {:<2} {adapter:<24} {:<62} {outcome}", self.id, text("protocol"), text("about"))
    }
}

fn read(path: &Path) -> Vec<Value> {
    let text = fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    text.lines().map(|l| serde_json::from_str(l).unwrap_or_else(|e| panic!("{l}: {e}"))).collect()
}

async fn run(dialogues: &[Dialogue]) {
    let mut failed = Vec::new();
    for dialogue in dialogues {
        let differences = dialogue.differences().await;
        println!("{}", dialogue.row(&differences));
        failed.extend(differences.into_iter().map(|d| format!("{}: {d}", dialogue.id)));
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

fn own() -> Vec<Dialogue> {
    let rows = read(Path::new("tests/dialogues/own.jsonl"));
    rows.into_iter().map(|row| Dialogue::new(&row, row["expect"].clone())).collect()
}

#[tokio::test(start_paused = true)]
async fn own_dialogues_end_as_they_must() {
    let dialogues = own();
    assert!(dialogues.len() >= 30);
    run(&dialogues).await;
}

#[tokio::test(start_paused = true)]
async fn a_mutant_of_a_dialogue_never_makes_an_answer_that_did_not_come() {
    mutants::run(&own()).await;
}

#[tokio::test(start_paused = true)]
async fn recorded_dialogues_end_as_they_must() {
    let Some(folder) = std::env::var_os("ROADWORTHY_DATA") else {
        println!("skipped: ROADWORTHY_DATA names no folder with recorded dialogues");
        return;
    };
    let recorded = read(&Path::new(&folder).join("adapter/transcripts.jsonl"));
    let mut expected: BTreeMap<String, Value> = read(Path::new("tests/dialogues/expect.jsonl"))
        .into_iter()
        .map(|row| (row["id"].as_str().expect("an id").to_owned(), row))
        .collect();
    let mut dialogues = Vec::new();
    for row in recorded {
        let id = row["id"].as_str().unwrap_or_default();
        let expect = expected.remove(id).unwrap_or_else(|| panic!("nothing is expected of {id}"));
        dialogues.push(Dialogue::new(&row, expect));
    }
    assert!(expected.is_empty(), "not in the data: {:?}", expected.keys());
    run(&dialogues).await;
}
