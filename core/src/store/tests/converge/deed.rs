//! What can be done, drawn at random.

use super::*;

/// Hours that a clock is wrong by: mostly none, a day in either direction, anything below.
pub(super) fn clock() -> impl Strategy<Value = i8> {
    prop_oneof![Just(0), Just(-24), Just(24), -24..24i8]
}

/// One thing done, on the device it names; vehicles and people are numbers from a small range, so that they clash.
#[derive(Clone, Debug)]
pub(super) enum Deed {
    Vehicle {
        registers: bool,
        id: u8,
        vin: Option<u8>,
        plate: Option<u8>,
        name: Option<u8>,
    },
    Owner {
        id: u8,
        person: Option<u8>,
    },
    Person {
        adds: bool,
        id: u8,
        name: Option<u8>,
        phone: Option<u8>,
    },
    Forget {
        id: u8,
        vehicles: Vec<u8>,
    },
    Check {
        vehicle: u8,
        visit: u8,
        code: Option<u8>,
    },
    /// The traffic of a visit is read by this decoder.
    Redecode {
        vehicle: u8,
        visit: u8,
        decoder: u8,
        code: u8,
    },
    Record {
        vehicle: Option<u8>,
        recording: u8,
        vin: Option<u8>,
    },
    Diagnose {
        vehicle: u8,
        source: u8,
        key: u8,
    },
    Flag {
        vehicle: Option<u8>,
        source: u8,
        what: u8,
    },
    Note {
        vehicle: u8,
        note: u8,
        text: u8,
        adds: bool,
    },
    Photo {
        vehicle: u8,
        photo: u8,
        caption: u8,
        adds: bool,
    },
    Measure {
        vehicle: u8,
        measurement: u8,
        km: u8,
    },
    /// Removes or brings back the note, photo and measurement of this number.
    Remove {
        vehicle: u8,
        which: u8,
        what: u8,
        removed: bool,
    },
    Attach {
        vehicle: u8,
        to: Option<u8>,
    },
    /// Something about the decision of this number, and about the alert.
    Decision {
        vehicle: u8,
        decision: u8,
        what: u8,
        with: u8,
    },
    Alert {
        vehicle: u8,
        alert: u8,
        what: u8,
        with: u8,
    },
    Pin {
        vehicle: u8,
        pin: u8,
        pinned: bool,
    },
    /// An adapter was measured.
    Adapter {
        adapter: u8,
        age: i64,
    },
    /// Of a recording: it began, blocks of it were sealed, blocks of whichever were dropped.
    Telemetry {
        vehicle: Option<u8>,
        recording: u8,
        what: u8,
    },
    /// A file was imported, or an import taken back, under the same number on any device.
    Import {
        vehicle: u8,
        import: u8,
        undone: bool,
    },
    /// Something about the service record of this number, or about an import of a history.
    Service {
        vehicle: u8,
        service: u8,
        what: u8,
        with: u8,
    },
    /// What became of a message.
    Message {
        vehicle: Option<u8>,
        what: u8,
    },
    /// What only the list of events tells.
    Told {
        vehicle: u8,
        what: u8,
    },
    /// Names a device, which need not be its own.
    Name {
        of: u8,
        name: u8,
    },
    /// Makes the tables anew.
    Rebuild,
    /// Copies the database.
    Backup,
    /// Puts the copy back, or the state of this moment if there is none: the device is another since.
    Restore,
    /// Sets the clock: hours that it is wrong by.
    Clock {
        hours: i8,
    },
    /// Hands another device the next events of one of the chains that it holds (and some again that the other has), after the
    /// keys.
    Send {
        to: usize,
        chain: usize,
        count: u8,
    },
}

pub(super) fn deed() -> impl Strategy<Value = Deed> {
    let few = || 0..4u8;
    let maybe = || proptest::option::of(0..4u8);
    prop_oneof![
        1 => (any::<bool>(), few(), maybe(), maybe(), maybe())
            .prop_map(|(registers, id, vin, plate, name)| Deed::Vehicle { registers, id, vin, plate, name }),
        1 => (few(), maybe()).prop_map(|(id, person)| Deed::Owner { id, person }),
        1 => (any::<bool>(), few(), maybe(), maybe()).prop_map(|(adds, id, name, phone)| Deed::Person { adds, id, name, phone }),
        1 => (few(), proptest::collection::vec(few(), 0..3)).prop_map(|(id, vehicles)| Deed::Forget { id, vehicles }),
        1 => (few(), few(), maybe()).prop_map(|(vehicle, visit, code)| Deed::Check { vehicle, visit, code }),
        1 => (few(), few(), few(), few())
            .prop_map(|(vehicle, visit, decoder, code)| Deed::Redecode { vehicle, visit, decoder, code }),
        1 => (maybe(), few(), maybe()).prop_map(|(vehicle, recording, vin)| Deed::Record { vehicle, recording, vin }),
        1 => (few(), few(), few()).prop_map(|(vehicle, source, key)| Deed::Diagnose { vehicle, source, key }),
        1 => (maybe(), few(), few()).prop_map(|(vehicle, source, what)| Deed::Flag { vehicle, source, what }),
        1 => (few(), few(), few(), any::<bool>()).prop_map(|(vehicle, note, text, adds)| Deed::Note {
            vehicle,
            note,
            text,
            adds
        }),
        1 => (few(), few(), few(), any::<bool>()).prop_map(|(vehicle, photo, caption, adds)| Deed::Photo {
            vehicle,
            photo,
            caption,
            adds
        }),
        1 => (few(), few(), few()).prop_map(|(vehicle, measurement, km)| Deed::Measure { vehicle, measurement, km }),
        1 => (few(), few(), 0..3u8, any::<bool>()).prop_map(|(vehicle, which, what, removed)| Deed::Remove {
            vehicle,
            which,
            what,
            removed
        }),
        1 => (few(), maybe()).prop_map(|(vehicle, to)| Deed::Attach { vehicle, to }),
        3 => (few(), few(), 0..6u8, few()).prop_map(|(vehicle, decision, what, with)| Deed::Decision {
            vehicle,
            decision,
            what,
            with
        }),
        3 => (few(), few(), 0..7u8, few()).prop_map(|(vehicle, alert, what, with)| Deed::Alert {
            vehicle,
            alert,
            what,
            with
        }),
        1 => (few(), few(), any::<bool>()).prop_map(|(vehicle, pin, pinned)| Deed::Pin { vehicle, pin, pinned }),
        1 => (few(), 0..100_000i64).prop_map(|(adapter, age)| Deed::Adapter { adapter, age }),
        1 => (maybe(), few(), 0..3u8).prop_map(|(vehicle, recording, what)| Deed::Telemetry { vehicle, recording, what }),
        2 => (few(), few(), any::<bool>()).prop_map(|(vehicle, import, undone)| Deed::Import { vehicle, import, undone }),
        5 => (few(), few(), 0..6u8, few()).prop_map(|(vehicle, service, what, with)| Deed::Service {
            vehicle,
            service,
            what,
            with
        }),
        1 => (maybe(), 0..3u8).prop_map(|(vehicle, what)| Deed::Message { vehicle, what }),
        1 => (few(), 0..9u8).prop_map(|(vehicle, what)| Deed::Told { vehicle, what }),
        1 => (few(), few()).prop_map(|(of, name)| Deed::Name { of, name }),
        1 => Just(Deed::Rebuild),
        1 => Just(Deed::Backup),
        1 => Just(Deed::Restore),
        1 => clock().prop_map(|hours| Deed::Clock { hours }),
        4 => (0..DEVICES, 0..6usize, 1..8u8).prop_map(|(to, chain, count)| Deed::Send { to, chain, count }),
    ]
}
