use super::*;

pub(crate) fn sample() -> Event {
    let mut event = Event {
        id: EventId(0x0192_5f3a_7c00_7abc_8def_0123_4567_89ab),
        device: DeviceId(0x1111_1111_1111_4111_8111_1111_1111_1111),
        seq: 2,
        version: 1,
        hlc: Hlc(0x0192_5f3a_7c00_0003),
        kind: "a.b".into(),
        actor: "owner/window".into(),
        correlation: EventId(5),
        causation: Some(EventId(6)),
        subject: None,
        payload: "{\"ö\":1}".into(),
        prev_hash: [7; 32],
        hash: FIRST,
    };
    event.hash = event.sealed_hash();
    event
}

fn hex(bytes: &[u8]) -> String {
    crate::keys::hex::write(bytes)
}

/// The format is final: when this test fails, the code is wrong, not the test.
#[test]
fn the_canonical_bytes_are_these() {
    let event = sample();
    let canonical = Canonical {
        id: &event.id.bytes(),
        device: &event.device.bytes(),
        seq: 2,
        version: 1,
        hlc: event.hlc.0,
        kind: b"a.b",
        actor: b"owner/window",
        correlation: &event.correlation.bytes(),
        causation: &[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 6],
        subject: &[],
        payload: event.payload.as_bytes(),
    };
    let expected = [
        "726f6164776f72746879206576656e742031", // roadworthy event 1
        "00000010",
        "01925f3a7c007abc8def0123456789ab", // id
        "00000010",
        "11111111111141118111111111111111", // device
        "00000008",
        "0000000000000002", // seq
        "00000008",
        "0000000000000001", // version
        "00000008",
        "01925f3a7c000003", // hlc
        "00000003",
        "612e62", // kind
        "0000000c",
        "6f776e65722f77696e646f77", // actor
        "00000010",
        "00000000000000000000000000000005", // correlation
        "00000010",
        "00000000000000000000000000000006", // causation
        "00000000",                         // subject: none
        "00000008",
        "7b22c3b6223a317d", // payload
    ];
    assert_eq!(hex(&canonical.bytes()), expected.concat());
    assert_eq!(canonical.hash(&event.prev_hash), event.sealed_hash());
    assert_eq!(hex(&event.hash), "5457bd3e4a4a24344ca821f34cda226f5d8653b3f165ba83a7dfeb5176e1ca50");
}

#[test]
fn any_change_of_any_field_changes_the_hash() {
    let original = sample();
    let change: [fn(&mut Event); 12] = [
        |e| e.id = EventId(1),
        |e| e.device = DeviceId(1),
        |e| e.seq = 3,
        |e| e.version = 2,
        |e| e.hlc = Hlc(e.hlc.0 + 1),
        |e| e.kind.push('c'),
        |e| e.actor.push('c'),
        |e| e.correlation = EventId(1),
        |e| e.causation = None,
        |e| e.subject = Some([0; 16]),
        |e| e.payload.push(' '),
        |e| e.prev_hash[31] ^= 1,
    ];
    for (i, change) in change.iter().enumerate() {
        let mut event = original.clone();
        change(&mut event);
        assert_ne!(event.sealed_hash(), original.hash, "field {i}");
    }
    // Moving bytes over the border of two fields is a change too.
    let mut event = original.clone();
    event.kind = "a.bo".into();
    event.actor = "wner/window".into();
    assert_ne!(event.sealed_hash(), original.hash);
    event = original.clone();
    event.subject = event.causation.take().map(EventId::bytes);
    assert_ne!(
        event.sealed_hash(),
        original.hash,
        "because an id in the other of two optional fields says something else"
    );
}

#[test]
fn the_greater_stamp_wrote_last() {
    let mut a = sample();
    let mut b = sample();
    b.hlc = Hlc(a.hlc.0 + 1);
    b.device = DeviceId(0);
    assert!(b.stamp() > a.stamp(), "because the clock decides before the device");
    a.hlc = b.hlc;
    assert!(a.stamp() > b.stamp(), "because the device decides between equal clocks");
}
