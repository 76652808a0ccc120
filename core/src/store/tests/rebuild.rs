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

/// Tables that no event makes, and why a rebuild leaves them alone and devices need not agree on them.
const NOT_SAID: &[(&str, &str)] = &[
    ("journal", "is what tables are made from"),
    ("quarantine", "events of others whose time has not come by this device's clock"),
    ("own_device", "ids that only this database writes, or wrote, under"),
    ("person_key", "keys of personal fields, kept outside the journal so that they can be erased"),
    ("setting", "this device's own settings"),
    ("blob", "index of the files that this device holds; events name them by hash"),
    ("worker", "how far this device's workers are"),
    ("worker_dead", "what this device's workers gave up on"),
    ("outbox", "messages that this device sends; what became of each is in the journal"),
    ("outbox_attempt", "attempts to send them"),
    ("habit", "what the security monitor learned at this device's doors; what it flagged is in the journal"),
    ("capture", "recordings that run here, or were not sealed yet"),
    ("capture_signal", "their signals"),
    ("tail", "their samples until they are sealed"),
    ("series", "index of the blocks that this device holds"),
    ("sealing", "which event names which blocks"),
    ("block", "telemetry that this device holds; events name blocks by hash, `verify` checks them"),
    ("block_data", "their single values, which retention drops and says so in the journal"),
    ("block_minutes", "their minutes"),
    ("import_stage", "imports on their way in or out, whose blocks are no vehicle's"),
];

#[test]
fn every_table_is_either_rebuilt_or_known_not_to_be() {
    let here = own();
    let conn = Connection::open(here.path()).unwrap();
    let mut find = conn
        .prepare("select name from sqlite_schema where type = 'table' and name not like 'sqlite_%' order by name")
        .unwrap();
    let all: Vec<String> = find.query_map([], |row| row.get(0)).unwrap().map(|r| r.unwrap()).collect();
    let mut known: Vec<&str> = super::super::rebuild::SAID.to_vec();
    known.extend(NOT_SAID.iter().map(|(table, _)| *table));
    known.sort_unstable();
    assert_eq!(all, known);
    assert!(NOT_SAID.iter().all(|(_, why)| !why.is_empty()));
}

#[test]
fn migrations_mark_as_said_what_is_rebuilt() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../migrations");
    let mut said: Vec<String> = Vec::new();
    for file in ["0001.sql", "0002.sql", "0003.sql", "0004.sql", "0005.sql"] {
        let text = std::fs::read_to_string(folder.join(file)).unwrap();
        let mut mark = "";
        for line in text.lines() {
            if let Some(marked) = line.strip_prefix("-- (") {
                mark = marked.split(')').next().unwrap();
            } else if let Some(made) = line.strip_prefix("create table ") {
                assert!(["said", "local", "journal"].contains(&mark), "{line} has no mark before it");
                if mark == "said" {
                    said.push(made.split(' ').next().unwrap().to_owned());
                }
            }
        }
    }
    let mut rebuilt = super::super::rebuild::SAID.to_vec();
    rebuilt.sort_unstable();
    said.sort_unstable();
    assert_eq!(said, rebuilt);
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
