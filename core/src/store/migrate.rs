//! Migrations: `migrations/NNNN.sql` in order, counted by `user_version`. A released one never changes.

use super::Fallible;
use roadworthy_api::{Code, Error};
use rusqlite::Connection;

/// Every migration, oldest first.
const ALL: &[&str] = &[
    include_str!("../../../migrations/0001.sql"),
    include_str!("../../../migrations/0002.sql"),
    include_str!("../../../migrations/0003.sql"),
    include_str!("../../../migrations/0004.sql"),
    include_str!("../../../migrations/0005.sql"),
];

/// Brings the tables to this build's version, inside the caller's transaction.
pub(super) fn migrate(tx: &Connection) -> Fallible<()> {
    let version: u32 = schema(tx)?;
    let done = usize::try_from(version).unwrap_or(usize::MAX);
    let Some(missing) = ALL.get(done..) else {
        return Err(Error::new(
            Code::NewerDatabase,
            format!(
                "This database was written by a newer Roadworthy (tables {version}, this one knows {}).",
                ALL.len()
            ),
        )
        .hint("Install the newest version of Roadworthy.")
        .into());
    };
    for (i, sql) in missing.iter().enumerate() {
        tx.execute_batch(sql)?;
        tx.pragma_update(None, "user_version", u32::try_from(done + i + 1).unwrap_or(u32::MAX))?;
    }
    Ok(())
}

/// Whether there are tables, and [`migrate`] would change them.
pub(super) fn changes(conn: &Connection) -> rusqlite::Result<bool> {
    let version = usize::try_from(schema(conn)?).unwrap_or(usize::MAX);
    Ok(version > 0 && version < ALL.len())
}

/// Version of the tables.
pub(crate) fn schema(conn: &Connection) -> rusqlite::Result<u32> {
    conn.query_row("pragma user_version", [], |row| row.get(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn released_migrations_are_as_they_were_released() {
        let hashes: Vec<String> = ALL.iter().map(|sql| blake3::hash(sql.as_bytes()).to_hex().to_string()).collect();
        assert_eq!(
            hashes[..2],
            [
                "704330d1c3567e8d7bfefbbb271a4a57aaac455fb6e8bbf85274fb765a82e1d5",
                "7842dfd49dcbc4bc140300f08f05cd64bceb43804fe08dd01206fe57b1a6f754",
            ],
            "because a released migration never changes"
        );
    }

    #[test]
    fn every_migration_file_is_in_the_list() {
        let files = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../migrations")).unwrap();
        let sql = files.filter(|f| f.as_ref().unwrap().path().extension().is_some_and(|e| e == "sql"));
        assert_eq!(sql.count(), ALL.len());
    }

    #[test]
    fn migrating_twice_changes_nothing_and_a_newer_database_is_refused() {
        let conn = Connection::open_in_memory().unwrap();
        migrate(&conn).unwrap();
        let tables = || conn.query_row("select count(*) from sqlite_schema", [], |r| r.get::<_, i64>(0)).unwrap();
        let before = tables();
        migrate(&conn).unwrap();
        assert_eq!(tables(), before);
        conn.pragma_update(None, "user_version", 99).unwrap();
        let error = migrate(&conn).unwrap_err().told();
        assert_eq!(error.code, Code::NewerDatabase);
        assert!(!error.hint.is_empty());
    }
}
