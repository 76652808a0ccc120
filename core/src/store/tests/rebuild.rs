use super::*;
use rusqlite::Connection;

#[test]
fn a_rebuild_names_the_tables_that_differed_and_mends_them() -> Result<()> {
    let here = own();
    register(&here, 1, "1RWTEST00X0000001");
    register(&here, 2, "1RWTEST00X0000002");
    assert!(here.rebuild("owner/window", NOW)?.identical);
    let before = dumps(&here);
    let conn = Connection::open(here.path()).unwrap();
    conn.execute_batch(
        "update vehicle set name = 'x' where id = x'00000000000000000000000000000001'; delete from registration;",
    )
    .unwrap();
    let report = here.rebuild("owner/window", NOW)?;
    assert!(!report.identical);
    assert_eq!(report.differing, ["vehicle", "registration"]);
    assert_eq!(dumps(&here), before);
    let again = here.rebuild("owner/window", NOW)?;
    assert!(again.identical);
    assert_eq!(again.events, report.events + 1, "because a rebuild is journalled too");
    assert!(here.verify()?.faults.is_empty());
    Ok(())
}

#[test]
fn every_table_is_either_rebuilt_or_known_not_to_be() {
    let here = own();
    let conn = Connection::open(here.path()).unwrap();
    let mut find = conn
        .prepare("select name from sqlite_schema where type = 'table' and name not like 'sqlite_%' order by name")
        .unwrap();
    let all: Vec<String> = find.query_map([], |row| row.get(0)).unwrap().map(|r| r.unwrap()).collect();
    let mut known: Vec<&str> = super::super::rebuild::SAID.to_vec();
    known.extend(["journal", "quarantine", "person_key", "setting", "blob"]);
    known.extend(["capture", "capture_signal", "tail", "series", "sealing", "block", "block_data", "block_minutes"]);
    known.sort_unstable();
    assert_eq!(all, known);
}

#[test]
fn tables_of_another_build_are_made_anew_at_the_next_start() -> Result<()> {
    let Own { store, folder } = own();
    register(&store, 1, "1RWTEST00X0000001");
    let before = dumps(&store);
    drop(store);
    let conn = Connection::open(folder.path().join("roadworthy.db")).unwrap();
    conn.execute_batch("update setting set value = '0' where name = 'tables'; delete from vehicle;").unwrap();
    drop(conn);
    let store = open(&folder);
    assert_eq!(dumps(&store), before);
    Ok(())
}
