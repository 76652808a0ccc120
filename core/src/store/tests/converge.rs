//! Devices that exchanged their chains hold the same tables, whatever was done where and arrived when.
//!
//! Every kind of event is drawn, and every table marked as said is compared: the test fails if one is not. What fails is made as
//! small as it goes, and told with the seed that repeats it (`ROADWORTHY_SEED=… cargo test converge`). `ROADWORTHY_LONG=1`
//! tries many more.

mod deciding;
mod deed;
mod doing;
mod examples;
mod serving;
mod spine;
mod world;

use super::*;
use crate::{
    journal::kind::{
        Absent, Attached, Checked, DiagnosisMade, Forgot, MeasurementAdded, MeasurementRemoved, NoteRemoved, NoteText,
        OwnerSet, PhotoAdded, PhotoEdited, PhotoRemoved, ReadingFlag, ReadingsFlagged, Recorded, Redecoded,
    },
    keys,
    store::{rebuild::SAID, recording, registration},
    verdict::sample,
};
use deed::{Deed, clock, deed};
use doing::do_it;
use examples::exchange;
use proptest::{
    prelude::*,
    test_runner::{RngAlgorithm, TestRng, TestRunner},
};
use roadworthy_api::{
    check::{CheckReport, CodeClass, FreezeFrame},
    finding::Source,
    id::{EventId, MeasurementId, NoteId, PersonId, PhotoId, PinId, RecordingId, VehicleId, VisitId},
    live::Mark,
    note::Measured,
};
use rusqlite::{Connection, params, types::Value};
use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
};
use world::{LATER, Tally, World, share_keys};

const DEVICES: usize = 3;

fn vehicle_id(n: u8) -> [u8; 16] {
    (0x1000 + u128::from(n)).to_be_bytes()
}

fn person_id(n: u8) -> [u8; 16] {
    (0x2000 + u128::from(n)).to_be_bytes()
}

fn recording_id(n: u8) -> RecordingId {
    RecordingId(0x7000 + u128::from(n))
}

/// What happens, and in which order all is exchanged in the end.
#[derive(Clone, Debug)]
struct Plan {
    /// Hours that each device's clock is wrong by at first.
    clocks: Vec<i8>,
    /// Who does it, after how long, with the clock that much ahead or back, and what.
    deeds: Vec<(usize, i64, i64, Deed)>,
    order: Vec<usize>,
    /// Whom the device asks that hears of all this last.
    late: usize,
}

fn plan() -> impl Strategy<Value = Plan> {
    let skew = prop_oneof![3 => Just(0), 1 => -3_600_000..3_600_000i64];
    let order = (0..DEVICES * DEVICES).collect::<Vec<_>>();
    (
        proptest::collection::vec(clock(), DEVICES),
        proptest::collection::vec((0..DEVICES, 0..600_000i64, skew, deed()), 1..50),
        Just(order).prop_shuffle(),
        0..DEVICES,
    )
        .prop_map(|(clocks, deeds, order, late)| Plan { clocks, deeds, order, late })
}

/// What one plan comes to.
fn check(plan: &Plan) -> Result<Tally, TestCaseError> {
    let mut world = World::new(&plan.clocks);
    for (device, step, skew, deed) in &plan.deeds {
        world.act(*device, *step, *skew, deed);
    }
    world.settle(&plan.order);
    world.late(plan.late);
    let stores: Vec<&Own> = world.stores().collect();
    let first = dumps(stores[0]);
    let mut rebuilds = 0;
    for store in &stores {
        for (here, there) in first.iter().zip(dumps(store)) {
            let table = here.0;
            prop_assert!(*here == there, "table {table} differs: {}", differing(stores[0], store, table));
        }
        one_vin_each(store);
        let rebuilt = store.rebuild("owner/window", LATER).unwrap();
        rebuilds += 1;
        prop_assert!(rebuilt.identical, "a rebuild changes {:?}", rebuilt.differing);
        prop_assert_eq!(dumps(store), first.clone(), "a rebuild says so and does not change it");
        prop_assert_eq!(store.verify().unwrap().faults, vec![]);
    }
    let (kinds, rows) = (kinds(stores[0]), SAID.iter().map(|table| (*table, rows(stores[0], table).len() as u64)));
    let (rows, mut tally) = (rows.collect(), std::mem::take(&mut world.tally));
    (tally.rebuilds, tally.kinds, tally.rows) = (rebuilds, kinds, rows);
    Ok(tally)
}

fn cases() -> u64 {
    if std::env::var_os("ROADWORTHY_LONG").is_some() { 2000 } else { 120 }
}

#[test]
fn devices_that_exchanged_their_chains_hold_the_same_tables() {
    let given: Option<u64> = std::env::var("ROADWORTHY_SEED").ok().and_then(|seed| seed.parse().ok());
    let mut random = [0; 8];
    keys::random(&mut random).unwrap();
    let first = given.unwrap_or(u64::from_be_bytes(random) >> 16);
    let all = RefCell::new(Tally::default());
    for seed in first..first + if given.is_some() { 1 } else { cases() } {
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&seed.to_be_bytes());
        let config = ProptestConfig {
            cases: 1,
            failure_persistence: None,
            max_shrink_iters: 100_000,
            max_shrink_time: 120_000,
            ..ProptestConfig::default()
        };
        let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
        let run = TestRunner::new_with_rng(config, rng).run(&plan(), |plan| {
            all.borrow_mut().add(&check(&plan)?);
            Ok(())
        });
        if let Err(error) = run {
            panic!("ROADWORTHY_SEED={seed} repeats this: {error}");
        }
    }
    let all = all.into_inner();
    println!("{all:#?}");
    if given.is_none() {
        let drawn: BTreeSet<String> = all.kinds.keys().cloned().collect();
        assert_eq!(drawn, every_kind(), "every kind of event is drawn: add one to a file of this folder");
        let compared: Vec<&str> = all.rows.iter().filter(|(_, rows)| **rows > 0).map(|(table, _)| *table).collect();
        let said: BTreeSet<&str> = SAID.iter().copied().collect();
        assert_eq!(compared, Vec::from_iter(said), "every table marked as said gets rows");
        assert!(all.repeated > 0 && all.quarantined > 0 && all.restores > 0 && all.lost > 0, "{all:?}");
    }
}

/// Every kind of event that the source names.
fn every_kind() -> BTreeSet<String> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/journal/kind");
    let mut kinds = BTreeSet::new();
    for file in std::fs::read_dir(folder).unwrap() {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
        let named = text.lines().filter_map(|line| line.strip_prefix("pub const ")?.split_once(": &str = \""));
        kinds.extend(named.map(|(_, kind)| kind.trim_end_matches("\";").to_owned()));
    }
    assert!(kinds.contains(kind::VEHICLE_CHECKED) && kinds.contains(kind::BACKUP_RESTORED), "{kinds:?}");
    kinds
}

/// Events that a journal holds, by kind.
fn kinds(store: &Store) -> BTreeMap<String, u64> {
    let mut kinds = BTreeMap::new();
    store
        .read(|conn| {
            crate::store::journal::each(conn, |event| {
                *kinds.entry(event.kind).or_default() += 1;
                Ok(())
            })
        })
        .unwrap();
    kinds
}

/// A table's rows, each in words.
fn rows(store: &Store, table: &str) -> Vec<String> {
    let read = |conn: &Connection| {
        let mut all = conn.prepare(&format!("select * from {table}"))?;
        let names: Vec<String> = all.column_names().map(str::to_owned).collect();
        let mut rows = Vec::new();
        let mut found = all.query([])?;
        while let Some(row) = found.next()? {
            let mut words = String::new();
            for (i, name) in names.iter().enumerate() {
                words.push_str(&match row.get::<_, Value>(i)? {
                    Value::Blob(bytes) => format!("{name}={} ", keys::hex::write(&bytes)),
                    Value::Null => String::new(),
                    other => format!("{name}={other:?} "),
                });
            }
            rows.push(words);
        }
        Ok(rows)
    };
    store.read(read).unwrap()
}

/// Rows that only one of two stores has.
fn differing(a: &Store, b: &Store, table: &str) -> String {
    let (a, b): (BTreeSet<_>, BTreeSet<_>) =
        (rows(a, table).into_iter().collect(), rows(b, table).into_iter().collect());
    format!("{:#?}\nand\n{:#?}", a.difference(&b).collect::<Vec<_>>(), b.difference(&a).collect::<Vec<_>>())
}

/// No vehicle has registrations of differing VINs, and every registration has its vehicle.
fn one_vin_each(store: &Store) {
    let wrong: u32 = store
        .read(|conn| {
            Ok(conn.query_row(
                "select (select count(*) from (select 1 from registration group by vehicle having count(distinct vin) > 1))
                 + (select count(*) from registration r where not exists (select 1 from vehicle v where v.id = r.vehicle))
                 + (select count(*) from vehicle v where not exists (select 1 from registration r where r.vehicle = v.id))",
                [],
                |row| row.get(0),
            )?)
        })
        .unwrap();
    assert_eq!(wrong, 0);
}
