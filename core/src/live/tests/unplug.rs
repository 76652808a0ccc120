//! The plug pulled over and over while a recording runs, at any byte.

use super::*;
use crate::{store::recording, telemetry::query};
use roadworthy_api::live::{LiveValue, Sample};
use roadworthy_obd::line::dialogue_lines;
use std::collections::BTreeMap;

/// As a signal's id and what it said, to be counted.
type Said = BTreeMap<(String, String), usize>;

fn count(said: impl IntoIterator<Item = (String, String)>) -> Said {
    let mut counts = Said::new();
    for one in said {
        *counts.entry(one).or_default() += 1;
    }
    counts
}

/// What the adapter really said, by the bytes that came through.
fn witnessed(cable: &Cable) -> Said {
    let witness = cable.witness.lock().unwrap();
    let lines: Vec<serde_json::Value> = witness.iter().flat_map(dialogue_lines).collect();
    let replies = lines.iter().flat_map(|line| line["replies"].as_array().into_iter().flatten());
    count(replies.flat_map(|reply| {
        let ecu = reply["ecu"].as_str().unwrap_or_default();
        let items = reply["items"].as_array().into_iter().flatten();
        items.filter_map(move |item| {
            let id = format!("{ecu}:{}:{}", item["pid"].as_str()?, item["name"].as_str()?);
            Some((id, item["value"].as_f64()?.to_string()))
        })
    }))
}

fn numbers(samples: &[Sample]) -> Said {
    count(samples.iter().filter_map(|s| match s.value {
        LiveValue::Number { value } => Some((s.signal.clone(), value.to_string())),
        _ => None,
    }))
}

/// Those of `some` that `all` does not have, or not so often.
fn beyond(some: &Said, all: &Said) -> Vec<(String, String)> {
    let more = some.iter().filter(|(said, n)| all.get(*said).is_none_or(|m| m < n));
    more.map(|(said, _)| said.clone()).collect()
}

/// Two hundred times with ROADWORTHY_LONG set.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[allow(clippy::print_stdout, reason = "what was lost is the result")]
async fn unplugged_over_and_over_nothing_stored_is_lost_and_no_value_is_wrong() {
    let unplugs = if std::env::var_os("ROADWORTHY_LONG").is_some() { 200 } else { 10 };
    let rig = rig(pace());
    let mut heard = rig.pushes.subscribe();
    let told = Arc::new(Mutex::new(Vec::<Sample>::new()));
    let hears = Arc::clone(&told);
    let listening = tokio::spawn(async move {
        while let Ok(push) = heard.recv().await {
            if let Push::LiveValues(frame) = push {
                hears.lock().unwrap().extend(frame.samples);
            }
        }
    });
    let id = rig.open(Some("Engine")).id;
    let live = rig.lives.get(id).unwrap();
    rig.reading(id).await;
    live.record("owner/window").unwrap();
    let mut seed = 0x2545_F491_4F6C_DD1D_u64;
    for number in 0..unplugs {
        let before = live.shown().recording.map_or(0, |r| r.samples);
        rig.until(id, |s| s.recording.as_ref().is_some_and(|r| r.samples > before + 5)).await;
        // Anywhere within the next answers: in a number, at a prompt, between two.
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        rig.cable.left.store(i64::try_from(seed % 120).unwrap(), Ordering::SeqCst);
        let broken = rig.until(id, |s| matches!(s.state, LiveState::Reconnecting { .. })).await;
        assert!(broken.recording.is_some(), "unplug {number}: the recording goes on");
        rig.cable.left.store(-1, Ordering::SeqCst);
        rig.reading(id).await;
    }
    let row = tokio::task::spawn_blocking(move || live.stop_recording()).await.unwrap().unwrap();
    rig.lives.get(id).unwrap().close();
    rig.ended(id).await;
    listening.abort();

    let told = told.lock().unwrap().clone();
    assert!(told.windows(2).all(|w| w[0].at <= w[1].at), "because time never goes back");
    let stored = rig.store.read(|conn| {
        let ids: Vec<String> = recording::signals(conn, row.id)?.into_iter().map(|s| s.id).collect();
        Ok(query::recorded(conn, row.id, &ids)?.0)
    });
    let stored = stored.unwrap();
    assert_eq!(stored.len() as u64, row.samples, "every sample that was counted is stored");
    let (witnessed, said) = (witnessed(&rig.cable), numbers(&told));
    assert_eq!(beyond(&said, &witnessed), [], "because every value told came over the wire, as often");
    let lost = told.iter().filter(|s| (row.started..=row.ended).contains(&s.at)).count().saturating_sub(stored.len());
    let heard: usize = witnessed.values().sum();
    let used: usize = said.values().sum();
    println!(
        "{unplugs} unplugs: {} samples stored, {lost} of those told lost, 0 wrong; {} of {heard} numbers that came over the wire were not told (not chosen, or cut off)",
        stored.len(),
        heard - used
    );
    assert_eq!(lost, 0, "nothing told while it was recorded is lost");
    assert!(rig.store.rebuild("owner/window", crate::engine::now()).unwrap().identical);
}
