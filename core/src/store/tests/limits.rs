//! A disk that is full, and a database that may only be read.

use super::*;
use roadworthy_api::Code;

#[test]
fn a_full_disk_changes_nothing_and_says_so() -> Result<()> {
    let here = own();
    register(&here, 1, "1RWTEST00X0000001");
    let (before, events) = (dumps(&here), chain(&here, here.device()).len());
    here.write_local(|tx| {
        let pages: u32 = tx.query_row("pragma page_count", [], |row| row.get(0))?;
        Ok(tx.pragma_update(None, "max_page_count", pages)?)
    })?;
    let name = kind::Named { name: "x".repeat(100_000) };
    let error =
        try_say(&here, NOW, kind::DEVICE_NAMED, here.device().bytes(), |_, _| Ok(serde_json::to_value(&name).unwrap()))
            .unwrap_err();
    assert_eq!(error.code, Code::DiskFull);
    assert!(!error.hint.is_empty());
    assert_eq!((dumps(&here), chain(&here, here.device()).len()), (before, events));
    here.write_local(|tx| Ok(tx.pragma_update(None, "max_page_count", 1_000_000)?))?;
    say(&here, NOW, kind::DEVICE_NAMED, here.device().bytes(), &name);
    assert!(here.verify()?.faults.is_empty());
    Ok(())
}

#[test]
fn a_database_that_may_only_be_read_says_so() -> Result<()> {
    let here = own();
    here.write_local(|tx| Ok(tx.execute_batch("pragma query_only = on")?))?;
    let named = kind::Named { name: "x".into() };
    let error =
        try_say(
            &here,
            NOW,
            kind::DEVICE_NAMED,
            here.device().bytes(),
            |_, _| Ok(serde_json::to_value(&named).unwrap()),
        )
        .unwrap_err();
    assert_eq!(error.code, Code::ReadOnly);
    assert!(!error.hint.is_empty());
    assert!(here.verify()?.faults.is_empty(), "because reading goes on");
    Ok(())
}

#[test]
fn a_write_waits_for_that_of_another_process() -> Result<()> {
    let here = own();
    let (lock, locked) = std::sync::mpsc::channel();
    let path = here.path().to_owned();
    let other = std::thread::spawn(move || {
        let conn = rusqlite::Connection::open(path).unwrap();
        conn.execute_batch("begin immediate").unwrap();
        lock.send(()).unwrap();
        std::thread::sleep(std::time::Duration::from_millis(1500));
        conn.execute_batch("commit").unwrap();
    });
    locked.recv().unwrap();
    register(&here, 1, "1RWTEST00X0000001");
    other.join().unwrap();
    assert!(here.verify()?.faults.is_empty());
    Ok(())
}
