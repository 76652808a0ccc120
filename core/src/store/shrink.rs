//! Gives pages that nothing needs any more back to the disk: the tail of a recording that was sealed, values that were dropped.

use super::{Store, Turn, told};
use roadworthy_api::Result;
use rusqlite::Connection;

/// Free pages that are left alone, since the next writes need some.
const SPARE: u32 = 16;
/// Most pages given back in one transaction.
const AT_ONCE: u32 = 512;

fn free(conn: &Connection) -> rusqlite::Result<u32> {
    conn.query_row("pragma freelist_count", [], |row| row.get(0))
}

impl Store {
    /// Shrinks the database file if that is worth it, and says by how many pages. A file made before files could shrink keeps
    /// its free pages and uses them again.
    pub(crate) fn shrink(&self) -> Result<u32> {
        let free = |conn: &Connection| free(conn).map_err(told);
        let begin = self.read(|conn| Ok(free(conn)?))?;
        let mut left = begin;
        while left > SPARE {
            let conn = self.writer(Turn::Background);
            let sql = format!("pragma incremental_vacuum({AT_ONCE})");
            let mut give = conn.prepare(&sql).map_err(told)?;
            // A row for each page.
            let mut rows = give.query([]).map_err(told)?;
            while rows.next().map_err(told)?.is_some() {}
            drop(rows);
            drop(give);
            let now = free(&conn)?;
            if now >= left {
                break;
            }
            left = now;
            if left <= SPARE {
                // The file is cut when the log has been moved into it; a reader may keep that from happening now.
                conn.query_row("pragma wal_checkpoint(passive)", [], |_| Ok(())).map_err(told)?;
            }
        }
        Ok(begin.saturating_sub(left))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::KeyPlace;

    #[test]
    fn what_was_deleted_leaves_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path(), KeyPlace::FileOnly, 0).unwrap();
        let size = || store.path().metadata().unwrap().len();
        store
            .write_local(|tx| {
                tx.execute_batch("create table much (id integer primary key, some blob not null)")?;
                for id in 0..2000 {
                    tx.execute("insert into much values (?, randomblob(2000))", [id])?;
                }
                Ok(())
            })
            .unwrap();
        store.read(|conn| Ok(conn.query_row("select count(*) from much", [], |_| Ok(()))?)).unwrap();
        store.write_local(|tx| Ok(tx.execute_batch("delete from much where id % 100 > 0")?)).unwrap();
        lock_checkpoint(&store);
        let before = size();
        let given = store.shrink().unwrap();
        assert!(given > 800, "{given} pages");
        assert!(size() + 3_000_000 < before, "{} of {before} bytes", size());
        assert_eq!(store.shrink().unwrap(), 0, "because what is left is spare");
        assert!(store.verify().unwrap().faults.is_empty());
    }

    fn lock_checkpoint(store: &Store) {
        let conn = store.writer(Turn::Person);
        conn.query_row("pragma wal_checkpoint(truncate)", [], |_| Ok(())).unwrap();
    }
}
