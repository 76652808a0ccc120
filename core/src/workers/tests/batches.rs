//! Telemetry: each batch once, in the story of its recording.

use super::*;
use crate::{
    journal::kind::RecordedSignal,
    store::{
        capture::{self, Capture},
        tail,
    },
    telemetry::{Value, tail::Packer},
};
use roadworthy_api::id::RecordingId;

/// Puts a batch of one sample at the end of the tail.
fn batch(store: &Store, story: EventId) {
    store.write_local(|tx| put(tx, story)).unwrap();
}

fn put(tx: &rusqlite::Connection, story: EventId) -> Fallible<()> {
    let recording = RecordingId(0xaa);
    if capture::get(tx, recording)?.is_none() {
        let (port, actor) = ("p".to_owned(), "owner/window".to_owned());
        let begun = Capture {
            recording,
            story,
            registration: None,
            vin: None,
            started: NOW,
            ended: None,
            port,
            actor,
            sealed: 0,
            marks: vec![],
        };
        capture::begin(tx, &begun)?;
        let signal = RecordedSignal { id: "7E8:05:coolant_temp".into(), label: "Coolant".into(), unit: "°C".into() };
        capture::signal(tx, recording, 0, &signal)?;
    }
    let mut packer = Packer::default();
    packer.add(0, NOW, Value::Number(90.0));
    tail::put(tx, recording, &packer.take().unwrap())?;
    Ok(())
}

#[test]
fn each_batch_is_heard_once_and_belongs_to_its_recordings_story() {
    let own = own();
    let story = register(&own.store, "1RWTEST00X0000001");
    let (hears, deaf) = (Trial::hearing("hears"), Trial::new("deaf"));
    let shared = shared(&own.store, &[&hears, &deaf]);
    let mut one = Loop::new(&shared, 0, Arc::new(hears.clone()));
    let mut other = Loop::new(&shared, 1, Arc::new(deaf));
    batch(&own.store, story);
    batch(&own.store, story);
    let passed = || own.store.read(worker::tail_passed).unwrap();
    assert_eq!(passed(), 0, "because one that hears telemetry has not heard it");
    work(&mut one);
    work(&mut other);
    assert_eq!(said(&own.store, "hears"), ["1RWTEST00X0000001", "batch of 1", "batch of 1"]);
    assert_eq!(said(&own.store, "deaf"), ["1RWTEST00X0000001"]);
    let newest = own.store.read(tail::newest).unwrap();
    assert_eq!(passed(), newest);
    let last = events(&own.store).into_iter().rfind(|e| e.actor == "engine/hears").unwrap();
    assert_eq!((last.correlation, last.causation), (story, Some(story)));

    hears.will(&[Act::Fail; 3]);
    batch(&own.store, story);
    work(&mut one);
    let dead = own.store.read(|conn| worker::list_dead(conn, 0, 10)).unwrap();
    assert_eq!((dead[0].arrival, dead[0].event, dead[0].summary.as_str()), (0, None, "New telemetry"));
    assert_eq!(passed(), newest + 1, "because what it gave up on does not keep the tail");
    own.store.write_local(|tx| worker::retry(tx, "hears", 0)).unwrap();
    work(&mut one);
    assert_eq!(said(&own.store, "hears").len(), 4);
    own.store.write_local(|tx| worker::pause(tx, "hears", true)).unwrap();
    assert_eq!(passed(), u64::MAX, "because a paused one keeps nothing");
}
