mod blocks;
mod cells;
mod file;

use super::*;
use rusqlite::{Connection, params, types::Value};

/// Changed values of one column: a bit of every sampled byte, of an integer several bits.
fn changed(value: &Value, sample: usize) -> Vec<Value> {
    let flip = |bytes: &[u8]| -> Vec<Vec<u8>> {
        let step = (bytes.len() / sample).max(1);
        (0..bytes.len())
            .step_by(step)
            .map(|i| {
                let mut bytes = bytes.to_vec();
                bytes[i] ^= 1 << (i % 8);
                bytes
            })
            .collect()
    };
    match value {
        Value::Integer(i) => [0, 3, 10, 40].map(|bit| Value::Integer(i ^ (1 << bit))).to_vec(),
        Value::Text(text) => flip(text.as_bytes()).into_iter().map(Value::Blob).collect(),
        Value::Blob(bytes) => flip(bytes).into_iter().map(Value::Blob).chain([Value::Blob(vec![0; 16])]).collect(),
        Value::Null => vec![Value::Blob(vec![0; 16])],
        Value::Real(_) => unreachable!("no column of the journal is real"),
    }
}

#[test]
fn a_flipped_byte_in_any_column_of_any_row_is_found() -> Result<()> {
    let (here, other) = (own(), own());
    for store in [&here, &other] {
        register(store, 1, "1RWTEST00X0000001");
        store.write("owner/window", NOW, |w| {
            // Three events of one story, so that causation is set.
            for name in ["Van", "Bus", "Käfer"] {
                let id = w.mint()?;
                let fields = kind::VehicleFields { vin: Some(name.into()), ..Default::default() };
                w.append(NewEvent::new(id, kind::VEHICLE_EDITED, Some(1u128.to_be_bytes()), &fields)?)?;
            }
            Ok(())
        })?;
    }
    here.receive(&chain(&other, other.device()), NOW)?;
    assert!(here.verify()?.faults.is_empty());

    let conn = Connection::open(here.path()).unwrap();
    conn.execute_batch(
        "drop trigger journal_is_append_only; drop trigger journal_keeps_all; pragma ignore_check_constraints = on;",
    )
    .unwrap();
    let columns = format!("arrival, {}", super::super::journal::COLUMNS);
    let mut found = 0;
    for rowid in 1..=10i64 {
        let (device, seq): ([u8; 16], u64) = conn
            .query_row("select device, seq from journal where arrival = ?", [rowid], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })
            .unwrap();
        for column in columns.split(", ") {
            let kind = if ["kind", "actor", "payload"].contains(&column) { "text" } else { "" };
            let value: Value = conn
                .query_row(&format!("select {column} from journal where arrival = ?"), [rowid], |row| row.get(0))
                .unwrap();
            for new in changed(&value, 8).into_iter().filter(|new| *new != value) {
                let placed = if kind == "text" { "cast(?1 as text)" } else { "?1" };
                let set = conn.execute(
                    &format!("update journal set {column} = {placed} where arrival = ?2"),
                    params![new, rowid],
                );
                if matches!(&set, Err(e) if e.sqlite_error_code() == Some(rusqlite::ErrorCode::ConstraintViolation)) {
                    continue; // this change cannot even be stored: the id, the place or the arrival is taken
                }
                set.unwrap();
                let faults = here.verify()?.faults;
                assert!(!faults.is_empty(), "{column} of arrival {rowid} changed from {value:?} to {new:?}");
                let names = |f: &roadworthy_api::journal::ChainFault| {
                    f.device == DeviceId::from_bytes(device).to_string() && (seq..=seq + 1).contains(&f.seq)
                };
                if !["device", "seq", "arrival"].contains(&column) {
                    assert!(faults.iter().any(names), "because the place is named: {column}, {faults:?}");
                }
                found += 1;
                let rowid_now = if column == "arrival" { new } else { Value::Integer(rowid) };
                conn.execute(
                    &format!("update journal set {column} = ?1 where arrival = ?2"),
                    params![value, rowid_now],
                )
                .unwrap();
            }
        }
    }
    assert!(found > 500, "{found} changes tried");
    conn.execute_batch("pragma wal_checkpoint").unwrap();
    assert!(here.verify()?.faults.is_empty(), "because every change was taken back");

    for gone in ["1", "10", "4"] {
        let copy = tempfile::NamedTempFile::new().unwrap();
        conn.execute("vacuum into ?", [copy.path().with_extension("db").to_str()]).unwrap();
        let cut = Connection::open(copy.path().with_extension("db")).unwrap();
        cut.execute(&format!("delete from journal where arrival = {gone}"), []).unwrap();
        let faults = super::super::verify::walk(&cut).unwrap().faults;
        assert!(!faults.is_empty(), "because event {gone} is gone");
        std::fs::remove_file(copy.path().with_extension("db")).unwrap();
    }
    Ok(())
}

#[test]
fn the_journal_cannot_be_changed_by_accident() {
    let here = own();
    let conn = Connection::open(here.path()).unwrap();
    for sql in ["update journal set actor = 'x'", "delete from journal"] {
        let error = conn.execute(sql, []).unwrap_err();
        assert!(error.to_string().contains("append-only"), "{error}");
    }
}

#[test]
fn a_walk_while_others_write_finds_nothing() {
    let here = std::sync::Arc::new(own());
    let conn = super::super::connect(here.path(), true).unwrap();
    let (writes, done) = (here.clone(), std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false)));
    let stop = done.clone();
    let writer = std::thread::spawn(move || {
        for n in 0.. {
            if stop.load(std::sync::atomic::Ordering::Acquire) {
                return n;
            }
            say(&writes, NOW, kind::VEHICLE_EDITED, 1u128.to_be_bytes(), &kind::VehicleFields::default());
        }
        0
    });
    let mut walked = 0;
    for _ in 0..100 {
        let report = super::super::backup::walk(&conn).unwrap();
        assert_eq!((report.faults, report.block_faults), (vec![], vec![]));
        walked = walked.max(report.events);
    }
    done.store(true, std::sync::atomic::Ordering::Release);
    assert!(writer.join().unwrap() > 10 && walked > 10);
}
