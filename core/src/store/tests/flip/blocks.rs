//! Every column of every table of blocks changed through SQL, which reaches values that take no byte of their own in the file.

use super::{file::made, *};
use crate::store::backup;
use std::collections::BTreeSet;

#[test]
fn a_changed_value_in_any_column_of_a_block_is_found_and_named() {
    let folder = super::folder();
    let path = made(folder.path());
    let conn = Connection::open(&path).unwrap();
    conn.execute_batch("pragma foreign_keys = off; pragma ignore_check_constraints = on;").unwrap();
    let faults = || backup::walk(&conn).unwrap().block_faults;
    let tables = [
        (
            "block",
            "id",
            "id series sealing codec from_ms to_ms n hash data_hash hours",
            "select id from block where id = ?1",
        ),
        ("block_data", "block", "block data", "select ?1"),
        ("block_minutes", "block", "block minutes", "select ?1"),
        ("series", "id", "id subject signal unit label", "select id from block where series = ?1"),
        ("sealing", "id", "id recording event", "select id from block where sealing = ?1"),
    ];
    let mut tried = 0;
    for (table, key, columns, blocks) in tables {
        let mut keys = conn.prepare(&format!("select {key} from {table} order by {key}")).unwrap();
        let keys: Vec<i64> = keys.query_map([], |row| row.get(0)).unwrap().map(|key| key.unwrap()).collect();
        // One whose single values are there, and where there is such a one, one whose were dropped.
        for at in [keys[0], keys[keys.len() - 1]] {
            let mut of = conn.prepare(blocks).unwrap();
            let of: BTreeSet<u64> = of.query_map([at], |row| row.get(0)).unwrap().map(|id| id.unwrap()).collect();
            for column in columns.split(' ') {
                let select = format!("select {column} from {table} where {key} = ?");
                let value: Value = conn.query_row(&select, [at], |row| row.get(0)).unwrap();
                let text = if matches!(value, Value::Text(_)) { "cast(?1 as text)" } else { "?1" };
                let update = format!("update {table} set {column} = {text} where {key} = ?2");
                for new in changed(&value, 20).into_iter().filter(|new| *new != value) {
                    match conn.execute(&update, params![new, at]) {
                        // This change cannot even be stored.
                        Err(e) if e.sqlite_error_code() == Some(rusqlite::ErrorCode::ConstraintViolation) => continue,
                        done => assert_eq!(done.unwrap(), 1),
                    }
                    let told: BTreeSet<u64> = faults().iter().filter_map(|f| f.block).collect();
                    // A block that has another number now is told by that, or by what it left behind.
                    let named = if (table, column) == ("block", "id") { !told.is_empty() } else { of.is_subset(&told) };
                    assert!(named, "{table}.{column} of {at} changed from {value:?} to {new:?}: {told:?}");
                    tried += 1;
                    let place = if column == key { new } else { at.into() };
                    assert_eq!(conn.execute(&update, params![value, place]).unwrap(), 1);
                }
            }
        }
    }
    assert_eq!(faults(), [], "because every change was taken back");
    assert!(tried > 300, "{tried} changes tried");
    for (table, ..) in tables {
        conn.execute_batch(&format!("begin; delete from {table};")).unwrap();
        assert!(!faults().is_empty(), "because {table} is empty");
        conn.execute_batch("rollback").unwrap();
    }
}
