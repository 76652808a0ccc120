//! How long a page waits for its rows in a fleet of 5,000 vehicles with 200,000 visits.
//!
//! Every call that a page makes is asked through the gate, as a door does, and must answer within 100 ms at the 99th
//! percentile. The baseline is the same call on a fleet of ten vehicles in the same run.

pub(crate) mod make;

use roadworthy_api::{
    call::{self, Handle, Request},
    calls::*,
    id::VehicleId,
    role::{Actor, Door},
    vehicle::{State, VehicleOrder},
};
use roadworthy_core::Engine;
use std::time::{Duration, Instant};

const AIM: Duration = Duration::from_millis(100);

/// Ten vehicles, to compare with.
const SMALL: make::Size = make::Size { vehicles: 10, visits: 100, busiest: 20 };
const LARGE: make::Size = make::Size { vehicles: 5000, visits: 200_000, busiest: 2000 };

pub(crate) fn run() {
    let small = make::fleet(SMALL);
    let begin = Instant::now();
    let large = make::fleet(LARGE);
    println!(
        "fleet: {} vehicles and {} visits made in {:.0} s, {} MiB of database",
        LARGE.vehicles,
        LARGE.visits,
        begin.elapsed().as_secs_f64(),
        large.database_mib()
    );
    println!("fleet: photo of {} MiB added in {:.1} s", large.photo_mib, large.photo_time.as_secs_f64());
    let there = all(&small);
    for ((name, [middle, worst]), (_, [_, baseline])) in all(&large).into_iter().zip(there) {
        super::report(
            &format!("fleet, {name}, p50 / p99"),
            &format!("{:.1} / {:.1} ms", ms(middle), ms(worst)),
            "<= 100 ms",
            worst <= AIM,
            &format!("p99 with ten vehicles: {:.1} ms", ms(baseline)),
        );
    }
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

fn ask<C: Request>(engine: &Engine, request: C) -> C::Reply
where
    Engine: Handle<C>,
{
    call::call(engine, &Actor::owner(Door::Window), request).unwrap_or_else(|e| panic!("{}: {e}", C::NAME))
}

/// The 50th and the 99th percentile of at least a hundred calls, the first of which finds nothing prepared.
fn timed(mut call: impl FnMut(usize)) -> [Duration; 2] {
    let mut times: Vec<Duration> = (0..120)
        .map(|i| {
            let begin = Instant::now();
            call(i);
            begin.elapsed()
        })
        .collect();
    times.sort_unstable();
    [times[times.len() / 2], times[times.len() * 99 / 100]]
}

/// Every call of a page, with what it took.
fn all(fleet: &make::Fleet) -> Vec<(String, [Duration; 2])> {
    let engine = &*fleet.engine;
    let mut rows = Vec::new();
    let mut add = |name: &str, times| rows.push((name.to_owned(), times));
    let total = u32::try_from(fleet.vehicles.len()).unwrap();
    let list = |search: Option<&str>, offset, order, back, state| {
        let search = search.map(str::to_owned);
        let page =
            ask(engine, ListVehicles { search, offset, limit: 100, order: Some(order), back: Some(back), state });
        page.rows.len()
    };
    for order in
        [VehicleOrder::State, VehicleOrder::Plate, VehicleOrder::Name, VehicleOrder::Vin, VehicleOrder::LastSeen]
    {
        for back in [false, true] {
            let deep = total - 1 - total / 20;
            let times =
                timed(|i| assert!(list(None, if i.is_multiple_of(2) { 0 } else { deep }, order, back, None) > 0));
            add(&format!("ListVehicles by {order:?}{}, first and deep", if back { " back" } else { "" }), times);
        }
    }
    for (search, found) in [("rw 7", true), ("1rwfleet", true), ("van 3", true), ("nothing like it", false)] {
        let times = timed(|_| assert_eq!(list(Some(search), 0, VehicleOrder::State, false, None) > 0, found));
        add(&format!("ListVehicles search for {search:?}"), times);
    }
    let states = [State::Good, State::CannotTell, State::Watch, State::ActSoon, State::ActNow];
    add(
        "ListVehicles of a state",
        timed(|i| {
            list(None, 0, VehicleOrder::Name, true, Some(states[i % 5]));
        }),
    );
    add("CountVehicles", timed(|_| assert!(ask(engine, CountVehicles {}).good > 0)));

    let any = |i: usize| fleet.vehicles[i * 37 % fleet.vehicles.len()];
    let busy = fleet.busiest;
    let both = |i: usize| if i.is_multiple_of(2) { busy } else { any(i) };
    add("GetVehicle", timed(|i| drop(ask(engine, GetVehicle { vehicle: both(i) }))));
    let visits = |vehicle: VehicleId, offset| ask(engine, ListVisits { vehicle, offset, limit: 100 }).rows;
    let most = fleet.size.busiest;
    add("ListVisits of the busiest, any offset", timed(|i| drop(visits(busy, u32::try_from(i * most / 130).unwrap()))));
    add("ListFaults of the busiest", timed(|_| assert!(!ask(engine, ListFaults { vehicle: busy }).is_empty())));
    let codes = ["P0301", "P0420", "P0171"];
    let history = |i: usize| ask(engine, GetFaultHistory { vehicle: busy, code: codes[i % 3].to_owned() });
    add("GetFaultHistory of the busiest", timed(|i| assert!(!history(i).sightings.is_empty())));
    let some = visits(busy, 0);
    add("GetVisit", timed(|i| drop(ask(engine, GetVisit { visit: some[i % some.len()].id }))));
    let compare = |i: usize| CompareVisits { one: some[i % some.len()].id, other: some[some.len() - 1].id };
    add("CompareVisits", timed(|i| drop(ask(engine, compare(i)))));
    add("ListNotes", timed(|_| assert!(ask(engine, ListNotes { vehicle: busy, offset: 0, limit: 100 }).total > 0)));
    add("GetNote of 1 MiB", timed(|_| assert!(ask(engine, GetNote { note: fleet.note }).0.len() > 1_000_000)));
    let photos = || ask(engine, ListPhotos { vehicle: busy, offset: 0, limit: 100 }).rows;
    add("ListPhotos", timed(|_| assert!(!photos().is_empty())));
    let photo = photos().remove(0);
    add("thumbnail of the photo", timed(|_| drop(engine.blob(&photo.thumbnail).unwrap())));
    add("the photo itself", timed(|_| drop(engine.blob(&photo.file).unwrap())));
    let measured =
        |i: usize| ListMeasurements { vehicle: busy, offset: u32::try_from(i * most / 130).unwrap(), limit: 100 };
    add("ListMeasurements of the busiest, any offset", timed(|i| drop(ask(engine, measured(i)))));
    add("ListEvents", timed(|_| assert!(!ask(engine, ListEvents { before: None, limit: 100 }).is_empty())));
    add("GetStatus", timed(|_| drop(ask(engine, GetStatus {}))));
    rows
}
