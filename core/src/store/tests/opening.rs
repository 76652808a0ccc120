//! Opening a folder: what is damaged, left over or too open.

use super::{super::setting, *};
use roadworthy_api::Code;
use rusqlite::Connection;
use std::{
    fs,
    time::{Duration, UNIX_EPOCH},
};

/// A store with a vehicle, closed, and its database opened past the guards of the journal.
fn damaged(sql: &str) -> TempDir {
    let Own { store, folder } = own();
    register(&store, 1, "1RWTEST00X0000001");
    drop(store);
    let conn = Connection::open(folder.path().join("roadworthy.db")).unwrap();
    conn.execute_batch("drop trigger journal_is_append_only; pragma ignore_check_constraints = on;").unwrap();
    conn.execute_batch(sql).unwrap();
    folder
}

#[test]
fn a_damaged_newest_row_can_still_be_opened_and_verified() -> Result<()> {
    let folder = damaged("update journal set hash = x'00' where arrival = (select max(arrival) from journal)");
    let store = Store::open(folder.path(), KeyPlace::FileOnly, NOW)?;
    assert!(!store.verify()?.faults.is_empty());
    let name = kind::Named { name: "x".into() };
    let error =
        try_say(&store, NOW, kind::DEVICE_NAMED, [1; 16], |_, _| Ok(serde_json::to_value(&name).unwrap())).unwrap_err();
    assert!(error.hint.contains("roadworthy journal verify"), "{error:?}");
    Ok(())
}

#[test]
fn no_tables_are_made_from_a_journal_that_was_tampered_with() -> Result<()> {
    let folder =
        damaged("update journal set payload = replace(payload, '0001', '0002') where kind = 'vehicle.registered'");
    let store = Store::open(folder.path(), KeyPlace::FileOnly, NOW)?;
    let before = dumps(&store);
    let error = store.rebuild("owner/window", NOW).unwrap_err();
    assert_eq!(error.code, Code::ChainBroken);
    assert!(error.hint.contains("backup") && error.hint.contains("copy"), "{error:?}");
    assert_eq!(dumps(&store), before);
    Ok(())
}

#[test]
fn a_journal_without_its_device_does_not_become_a_second_device() {
    let folder = damaged("delete from setting where name = 'device'");
    let error = Store::open(folder.path(), KeyPlace::FileOnly, NOW).map(drop).unwrap_err();
    assert_eq!(error.code, Code::DatabaseUnusable);
    assert!(error.hint.contains("backup"), "{error:?}");
}

#[cfg(unix)]
#[test]
fn nobody_else_may_read_the_folder_the_database_and_the_files() -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let outer = folder();
    let data = outer.path().join("data");
    let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let open = || Store::open(&data, KeyPlace::FileOnly, NOW);
    let check = |store: &Store, why: &str| {
        assert_eq!(mode(&data), 0o700, "{why}");
        for name in ["roadworthy.db", "roadworthy.db-wal", "roadworthy.db-shm"] {
            assert_eq!(mode(&data.join(name)), 0o600, "{name} {why}");
        }
        let hash = store.files.put(why.as_bytes(), false).unwrap();
        assert_eq!(mode(&data.join("files").join(&hash[..2]).join(&hash)), 0o600, "{why}");
    };
    check(&open()?, "when made");
    fs::set_permissions(&data, fs::Permissions::from_mode(0o755)).unwrap();
    fs::set_permissions(data.join("roadworthy.db"), fs::Permissions::from_mode(0o644)).unwrap();
    check(&open()?, "when opened again");
    Ok(())
}

#[test]
fn old_leftovers_among_the_files_go_when_the_folder_is_opened() -> Result<()> {
    let Own { store, folder } = own();
    let bytes = b"kept, since a row names it";
    let hash = store.files.put(bytes, true)?;
    let info = roadworthy_api::system::BlobInfo {
        hash: hash.clone(),
        name: "a".into(),
        media: "b".into(),
        bytes: bytes.len() as u64,
    };
    put(&store, info);
    let lost = store.files.put(b"no row names it", false)?;
    let young = store.files.put(b"no row names it yet", false)?;
    drop(store);
    let root = folder.path().join("files");
    let half = root.join(&hash[..2]).join("new-0011");
    fs::write(&half, "x").unwrap();
    let (lost, young) = (root.join(&lost[..2]).join(&lost), root.join(&young[..2]).join(&young));
    let kept = root.join(&hash[..2]).join(format!("{hash}.deflate"));
    for (path, minutes) in [(&half, 61), (&lost, 61), (&kept, 61), (&young, 59)] {
        let file = fs::File::options().write(true).open(path).unwrap();
        let now = Duration::from_millis(u64::try_from(NOW).unwrap());
        file.set_modified(UNIX_EPOCH + now - Duration::from_secs(minutes * 60)).unwrap();
    }
    open(&folder);
    assert_eq!([&half, &lost, &young, &kept].map(|p| p.exists()), [false, false, true, true]);
    Ok(())
}

fn put(store: &Store, info: roadworthy_api::system::BlobInfo) {
    let blob = super::super::blob::Blob { info, deflated: true };
    store.write_local(|tx| super::super::blob::put(tx, &blob, NOW, None)).unwrap();
}

#[test]
fn a_file_that_nothing_took_up_goes_after_a_day_while_the_folder_stays_open() -> Result<()> {
    let here = own();
    let info = |bytes: &[u8]| -> Result<roadworthy_api::system::BlobInfo> {
        let hash = here.files.put(bytes, true)?;
        Ok(roadworthy_api::system::BlobInfo { hash, name: "a".into(), media: "b".into(), bytes: bytes.len() as u64 })
    };
    let (loose, taken) = (info(b"loose")?, info(b"taken")?);
    put(&here, loose.clone());
    put(&here, taken.clone());
    here.write_local(|tx| super::super::blob::loosen(tx, &loose.hash))?;
    let day = 86_400_000;
    for (now, held) in [(NOW + day, true), (NOW + day + 1, false)] {
        here.drop_left(now)?;
        assert_eq!(here.files.get(&loose.hash, true).is_ok(), held, "after {} ms", now - NOW);
        assert!(here.files.get(&taken.hash, true).is_ok());
    }
    Ok(())
}

/// Makes of the database in a folder what version 2 would have made: its tables, with everything in them that it knew.
fn of_version_2(folder: &TempDir) {
    let path = folder.path().join("roadworthy.db");
    let now = folder.path().join("now.db");
    fs::rename(&path, &now).unwrap();
    let conn = Connection::open(&path).unwrap();
    for file in ["0001.sql", "0002.sql"] {
        let sql = Path::new(env!("CARGO_MANIFEST_DIR")).join("../migrations").join(file);
        conn.execute_batch(&fs::read_to_string(sql).unwrap()).unwrap();
    }
    conn.execute("attach ? as now", [now.to_str().unwrap()]).unwrap();
    let names = |sql: &str, of: &[&str]| -> Vec<String> {
        let mut find = conn.prepare(sql).unwrap();
        let rows = find.query_map(rusqlite::params_from_iter(of), |row| row.get(0)).unwrap();
        rows.map(|row| row.unwrap()).collect()
    };
    for table in names("select name from main.sqlite_schema where type = 'table' and name not like 'sqlite_%'", &[]) {
        let columns = names("select name from pragma_table_xinfo(?, 'main') where hidden = 0", &[&table]).join(", ");
        conn.execute_batch(&format!(
            "delete from main.{table}; insert into main.{table} ({columns}) select {columns} from now.{table}"
        ))
        .unwrap();
    }
    conn.execute_batch(
        "update main.setting set value = '2' where name = 'tables';
         delete from main.setting where name in ('workers_from', 'installation');
         detach now; pragma user_version = 2;",
    )
    .unwrap();
    drop(conn);
    fs::remove_file(now).unwrap();
}

#[test]
fn a_database_of_the_version_before_keeps_everything_and_is_backed_up_first() -> Result<()> {
    let Own { store, folder } = own();
    register(&store, 1, "1RWTEST00X0000001");
    register(&store, 2, "1RWTEST00X0000002");
    let recorded = kind::Recorded {
        recording: roadworthy_api::id::RecordingId(7),
        started: NOW - 60_000,
        ended: NOW,
        port: "sim:petrol".into(),
        vin: None,
        signals: vec![],
        samples: 9,
        marks: vec![],
        file: "ab".repeat(32),
        cut_short: false,
    };
    say(&store, NOW, kind::VEHICLE_RECORDED, 1u128.to_be_bytes(), &recorded);
    let (before, device, said) = (dumps(&store), store.device(), chain(&store, store.device()));
    drop(store);
    of_version_2(&folder);
    let store = Store::open(folder.path(), KeyPlace::FileOnly, NOW)?;
    assert_eq!(store.device(), device);
    assert_eq!(dumps(&store), before);
    let now = chain(&store, device);
    assert_eq!(now[..said.len()], said);
    assert_eq!(now.last().map(|e| e.kind.as_str()), Some(kind::JOURNAL_REBUILT), "because tables are made another way");
    let from: Option<u64> = store.read(|conn| setting::get(conn, setting::WORKERS_FROM))?;
    assert_eq!(from, Some(said.len() as u64), "because what happened before there were workers is no news");
    assert!(store.rebuild("owner/window", NOW)?.identical);
    let report = store.verify()?;
    assert_eq!((report.faults, report.block_faults), (vec![], vec![]));
    let kept: Vec<_> = fs::read_dir(folder.path().join("backups")).unwrap().map(|e| e.unwrap().path()).collect();
    let copy = kept.iter().map(|path| path.join("roadworthy.db")).find(|path| path.exists()).unwrap();
    let conn = Connection::open(copy).unwrap();
    assert_eq!(conn.query_row("pragma user_version", [], |row| row.get::<_, u32>(0)).unwrap(), 2);
    let events: u64 = conn.query_row("select count(*) from journal", [], |row| row.get(0)).unwrap();
    assert_eq!(events, said.len() as u64);
    Ok(())
}
