//! Any order of batches, seals, late and repeated samples, restarts and dropped values against a model that keeps a list.

use super::{
    intake::{self, Gather, Keep, Whose},
    keep, query, retain, seal,
    tail::tests::{Own, own},
};
use crate::{
    KeyPlace,
    engine::now,
    journal::{
        NewEvent,
        kind::{self, RecordedSignal},
    },
    store::{Store, pin, setting, tail},
};
use proptest::prelude::*;
use roadworthy_api::{
    Timestamp,
    id::{PinId, RecordingId, VehicleId},
    system::Settings,
    telemetry::{BandColumn, TrendValues},
};
use std::sync::Arc;
use tempfile::TempDir;

const BEGIN: Timestamp = 1_795_215_600_000;
const VEHICLE: VehicleId = VehicleId(9);
const SIGNALS: [&str; 2] = ["7E8:0C:engine_rpm", "7E8:03:fuel_system_1_status"];

pub(super) fn folder() -> TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap()
}

pub(super) fn store(folder: &TempDir) -> Arc<Store> {
    Arc::new(Store::open(folder.path(), KeyPlace::FileOnly, now()).unwrap())
}

pub(super) fn register(store: &Store) {
    let fields = kind::VehicleFields { vin: Some("1RWTEST00X0000001".into()), ..Default::default() };
    store
        .write("owner/window", now(), |w| {
            let id = w.mint()?;
            w.append(NewEvent::new(id, kind::VEHICLE_REGISTERED, Some(VEHICLE.bytes()), &fields)?)
        })
        .unwrap();
}

pub(super) struct Open {
    keep: Keep,
    pub(super) gather: Gather,
    pub(super) numbers: Vec<u32>,
}

pub(super) fn begin(store: &Arc<Store>, whose: &Whose) -> Open {
    let keep = Keep::begin(store, "owner/window", "sim:petrol", whose, BEGIN).unwrap();
    let mut gather = Gather::default();
    let signal = |id: &str| RecordedSignal { id: id.into(), label: format!("The {id}"), unit: "rpm".into() };
    let numbers = SIGNALS.iter().map(|id| gather.signal(signal(id))).collect();
    Open { keep, gather, numbers }
}

impl Open {
    pub(super) fn commit(&mut self) {
        self.keep.commit(self.gather.take()).unwrap();
    }

    pub(super) fn recording(&self) -> RecordingId {
        self.keep.recording()
    }

    pub(super) fn finish(mut self) {
        self.keep.finish(&mut self.gather, &whose(), now(), false).unwrap();
    }
}

pub(super) fn whose() -> Whose {
    Whose { vehicle: Some(VEHICLE), vin: None }
}

/// One thing that happens.
#[derive(Clone, Debug)]
enum Deed {
    /// Samples: signal, milliseconds after the last one (or before it), value.
    Batch(Vec<(usize, i64, Own)>),
    /// The samples of an earlier batch come once more.
    Again(usize),
    Seal,
    /// The recording ends and another begins.
    Next,
    /// The process is killed, and another takes up what it left.
    Kill,
}

fn deed() -> impl Strategy<Value = Deed> {
    let step = prop_oneof![6 => 0..30_000i64, 1 => -400_000..0i64, 1 => Just(0), 1 => 0..9_000_000i64];
    let sample = (0..2usize, step, own());
    prop_oneof![
        6 => proptest::collection::vec(sample, 1..25).prop_map(Deed::Batch),
        1 => (0..8usize).prop_map(Deed::Again),
        2 => Just(Deed::Seal),
        1 => Just(Deed::Next),
        1 => Just(Deed::Kill),
    ]
}

type Model = Vec<(usize, Timestamp, Own)>;

/// Every sample once, by signal, in the order of time.
fn once(model: &Model, signal: usize) -> Vec<(Timestamp, Own)> {
    let mut own: Vec<(Timestamp, Own)> =
        model.iter().filter(|(s, ..)| *s == signal).map(|(_, at, value)| (*at, value.clone())).collect();
    own.sort_by_key(|(at, _)| *at);
    let mut once: Vec<(Timestamp, Own)> = Vec::new();
    for (at, value) in own {
        if !once.iter().rev().take_while(|(a, _)| *a == at).any(|(_, v)| v.value().same(value.value())) {
            once.push((at, value));
        }
    }
    once
}

fn trend(store: &Store, signal: usize, from: Timestamp, to: Timestamp, columns: u32) -> TrendValues {
    let ids = [SIGNALS[signal].to_owned()];
    let trend = store.read(|conn| query::trend(conn, VEHICLE, &ids, (from, to), columns)).unwrap();
    trend.signals.into_iter().next().unwrap().values
}

fn check(store: &Store, model: &Model, ranges: &[(i64, i64, u32)]) -> Result<(), TestCaseError> {
    let spans = store.read(|conn| query::spans(conn, VEHICLE)).unwrap();
    for (signal, id) in SIGNALS.iter().enumerate() {
        let all = once(model, signal);
        let span = spans.iter().find(|s| s.id == *id);
        prop_assert_eq!(span.map_or(0, |s| s.samples), all.len() as u64);
        prop_assert_eq!(span.map(|s| (s.from, s.to)), all.first().map(|f| (f.0, all[all.len() - 1].0)));
        for (from, length, columns) in ranges {
            let (from, to) = (BEGIN + from, BEGIN + from + length);
            let own: Vec<&(Timestamp, Own)> = all.iter().filter(|(at, _)| (from..to).contains(at)).collect();
            match trend(store, signal, from, to, *columns) {
                TrendValues::Raw { points, words } => {
                    prop_assert!(own.len() <= 2 * *columns as usize);
                    let numbers = own.iter().filter_map(|(at, v)| match v {
                        Own::Number(n) => Some((*at, Some(n.to_bits()))),
                        Own::Missing(_) => Some((*at, None)),
                        Own::Word(_) => None,
                    });
                    prop_assert!(sorted(points.iter().map(|(at, v)| (*at, v.map(f64::to_bits)))) == sorted(numbers));
                    let said = own
                        .iter()
                        .filter_map(|(at, v)| if let Own::Word(w) = v { Some((*at, w.clone())) } else { None });
                    prop_assert!(sorted(words.into_iter()) == sorted(said));
                }
                TrendValues::Band { columns: got, made_of } => {
                    prop_assert!(own.len() > 2 * *columns as usize);
                    prop_assert!(got.len() <= *columns as usize + 1, "{} of {}", got.len(), columns);
                    let numbers: Vec<(Timestamp, f64)> = own
                        .iter()
                        .filter_map(|(at, v)| if let Own::Number(n) = v { Some((*at, *n)) } else { None })
                        .collect();
                    prop_assert_eq!(
                        got.iter().map(|c| c.count).sum::<u64>(),
                        numbers.len() as u64,
                        "{} {:?} {} to {}",
                        made_of,
                        got,
                        from - BEGIN,
                        to - BEGIN
                    );
                    let mut at = 0;
                    for column in &got {
                        let part = &numbers[at..at + column.count as usize];
                        at += column.count as usize;
                        prop_assert!(fits(column, part, &made_of), "{:?} {:?} {}", column, part, made_of);
                    }
                }
            }
        }
    }
    Ok(())
}

/// Of one moment several values have no order.
fn sorted<T: Ord>(values: impl Iterator<Item = T>) -> Vec<T> {
    let mut values: Vec<T> = values.collect();
    values.sort();
    values
}

fn fits(column: &BandColumn, part: &[(Timestamp, f64)], made_of: &str) -> bool {
    let min = part.iter().map(|p| p.1).fold(f64::INFINITY, f64::min);
    let max = part.iter().map(|p| p.1).fold(f64::NEG_INFINITY, f64::max);
    let mean = part.iter().map(|p| p.1).sum::<f64>() / part.len() as f64;
    let near =
        column.mean == mean || (column.mean - mean).abs() <= 1e-9 * min.abs().max(max.abs()) || !mean.is_finite();
    let times = if made_of == "raw" {
        (column.from, column.to) == (part[0].0, part[part.len() - 1].0)
    } else {
        column.from <= part[0].0 && column.to >= part[part.len() - 1].0
    };
    column.min == min && column.max == max && near && times
}

fn cases() -> u32 {
    if std::env::var_os("ROADWORTHY_LONG").is_some() { 1500 } else { 60 }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn ranges_and_bands_have_neither_gap_nor_duplicate(
        deeds in proptest::collection::vec(deed(), 1..14),
        ranges in proptest::collection::vec((-1_000_000..20_000_000i64, 1..30_000_000i64, prop_oneof![1..12u32, 12..300u32]), 6),
        split in any::<bool>(),
    ) {
        let folder = folder();
        let mut here = store(&folder);
        register(&here);
        let mut open = begin(&here, &whose());
        let (mut model, mut batches): (Model, Vec<Model>) = (Vec::new(), Vec::new());
        let mut at = BEGIN;
        // One without a value would be forgotten when it ends.
        let begun = |open: &mut Open, model: &mut Model, at| {
            let first = vec![(0, at, Own::Number(-1000.0 - model.len() as f64))];
            add(open, &first);
            model.extend(first);
        };
        begun(&mut open, &mut model, at);
        for deed in &deeds {
            match deed {
                Deed::Batch(samples) => {
                    let mut batch = Model::new();
                    for (signal, step, value) in samples {
                        at += step;
                        batch.push((*signal, at, value.clone()));
                    }
                    add(&mut open, &batch);
                    model.extend(batch.iter().cloned());
                    batches.push(batch);
                }
                Deed::Again(which) => {
                    if let Some(batch) = batches.get(*which) {
                        add(&mut open, batch);
                    }
                }
                Deed::Seal => {
                    seal::seal(&here, open.recording(), u64::MAX, now()).unwrap();
                }
                Deed::Next => {
                    open.finish();
                    open = begin(&here, &whose());
                    begun(&mut open, &mut model, at);
                }
                Deed::Kill => {
                    drop(open);
                    drop(here);
                    here = store(&folder);
                    keep::recover(&here);
                    open = begin(&here, &whose());
                    begun(&mut open, &mut model, at);
                }
            }
            if split {
                check(&here, &model, &ranges[..1])?;
            }
        }
        check(&here, &model, &ranges)?;
        open.finish();
        check(&here, &model, &ranges)?;
        let report = here.verify().unwrap();
        prop_assert_eq!((&report.faults[..], &report.block_faults[..]), (&[][..], &[][..]));
        prop_assert_eq!(here.read(tail::samples).unwrap(), 0);
    }
}

fn add(open: &mut Open, batch: &Model) {
    for (signal, at, value) in batch {
        open.gather.add(open.numbers[*signal], *at, value.value());
    }
    open.commit();
}

#[test]
fn a_recording_of_a_vehicle_that_is_known_later_is_found_by_its_vin() {
    let folder = folder();
    let here = store(&folder);
    let mut open = begin(&here, &Whose { vehicle: None, vin: Some("1RWTEST00X0000001".into()) });
    add(&mut open, &vec![(0, BEGIN, Own::Number(1.0)), (0, BEGIN + 10, Own::Number(2.0))]);
    seal::seal(&here, open.recording(), u64::MAX, now()).unwrap();
    add(&mut open, &vec![(0, BEGIN + 20, Own::Number(3.0))]);
    register(&here);
    let expect = [(BEGIN, Some(1.0)), (BEGIN + 10, Some(2.0)), (BEGIN + 20, Some(3.0))];
    for _ in 0..2 {
        let TrendValues::Raw { points, .. } = trend(&here, 0, BEGIN, BEGIN + 100, 100) else { panic!("few values") };
        assert_eq!(points, expect);
        intake::close(&here, open.recording(), &Whose::default(), None, true).unwrap();
        intake::seal_ended(&here, open.recording(), false).unwrap();
    }
}

/// A block of two minutes of one value a second, in a store of its own.
fn sealed(folder: &TempDir) -> Arc<Store> {
    let here = store(folder);
    register(&here);
    let mut open = begin(&here, &whose());
    let batch = (0..120).map(|n| (0, BEGIN + n * 1000, Own::Number(n as f64))).collect();
    add(&mut open, &batch);
    add(&mut open, &vec![(1, BEGIN, Own::Word("closed loop".into()))]);
    open.finish();
    here
}

fn keep_days(store: &Store, days: Option<u32>) {
    let settings = Settings { keep_raw_days: days, ..Default::default() };
    store.write_local(|tx| setting::set(tx, setting::SETTINGS, &settings)).unwrap();
}

#[test]
fn retention_drops_single_values_but_neither_aggregates_nor_what_is_pinned() {
    let folder = folder();
    let here = sealed(&folder);
    let later = BEGIN + 40 * 86_400_000;
    assert_eq!(retain::apply(&here, "owner/window", later).unwrap().blocks, 0, "because nothing says so");
    keep_days(&here, Some(41));
    assert_eq!(retain::apply(&here, "owner/window", later).unwrap().blocks, 0, "because it is not old enough");
    keep_days(&here, Some(30));
    let pin_it = |pinned| {
        let said = kind::TelemetryPinned { pin: PinId(5), from: BEGIN, to: BEGIN + 1, reason: "claim".into(), pinned };
        here.write("owner/window", now(), |w| {
            let id = w.mint()?;
            w.append(NewEvent::new(id, kind::TELEMETRY_PINNED, Some(VEHICLE.bytes()), &said)?)
        })
        .unwrap();
    };
    pin_it(true);
    assert_eq!(here.read(pin::list).unwrap().len(), 1);
    let done = retain::apply(&here, "owner/window", later).unwrap();
    assert_eq!((done.blocks, done.pinned), (0, 2));
    pin_it(false);
    let done = retain::apply(&here, "owner/window", later).unwrap();
    assert_eq!((done.blocks, done.samples, done.pinned), (2, 121, 0));
    assert_eq!(retain::apply(&here, "owner/window", later).unwrap().blocks, 0, "because once is enough");
    let report = here.verify().unwrap();
    assert_eq!((report.blocks, report.block_faults), (2, vec![]));
    let TrendValues::Band { made_of, columns } = trend(&here, 0, BEGIN, BEGIN + 300_000, 300) else {
        panic!("single values are gone")
    };
    assert_eq!((made_of.as_str(), columns.len()), ("minutes", 2));
    assert_eq!((columns[0].min, columns[0].max, columns[0].mean, columns[0].count), (0.0, 59.0, 29.5, 60));
    let spans = here.read(|conn| query::spans(conn, VEHICLE)).unwrap();
    assert_eq!((spans[0].samples, spans[1].raw_from), (1, Some(BEGIN + 119_001)));
}

#[test]
fn a_range_may_be_as_long_as_time_is() {
    let folder = folder();
    let here = sealed(&folder);
    for (from, to) in [(0, Timestamp::MAX), (-1, Timestamp::MAX - 1), (BEGIN, Timestamp::MAX)] {
        for columns in [1, 2, 7] {
            let TrendValues::Band { columns: got, .. } = trend(&here, 0, from, to, columns) else {
                panic!("many values")
            };
            assert_eq!(got.iter().map(|c| c.count).sum::<u64>(), 120, "{from} to {to} in {columns}");
        }
    }
    let TrendValues::Raw { points, .. } = trend(&here, 0, Timestamp::MIN, -1, 1) else { panic!("no values") };
    assert!(points.is_empty());
}
