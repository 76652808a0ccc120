//! How the database fails, told to people.

use roadworthy_api::{Code, Error};
use rusqlite::ErrorCode;

/// Inside this room: SQLite's word, or an error that is already told.
#[derive(Debug)]
pub(crate) enum Fail {
    Sql(rusqlite::Error),
    Told(Error),
}

pub(crate) type Fallible<T> = Result<T, Fail>;

impl From<rusqlite::Error> for Fail {
    fn from(e: rusqlite::Error) -> Self {
        Self::Sql(e)
    }
}

impl From<Error> for Fail {
    fn from(e: Error) -> Self {
        Self::Told(e)
    }
}

impl Fail {
    /// The error to show.
    pub(crate) fn told(self) -> Error {
        match self {
            Self::Sql(e) => told(e),
            Self::Told(e) => e,
        }
    }
}

/// Whether another connection holds the lock.
pub(crate) fn busy(e: &rusqlite::Error) -> bool {
    matches!(e.sqlite_error_code(), Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked))
}

/// Whether the file itself is not as it must be.
pub(crate) fn damaged(e: &rusqlite::Error) -> bool {
    matches!(e.sqlite_error_code(), Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase))
}

/// Whether there is no room. The memory shared beside the database cannot grow for no other reason, yet is told as a failed disk.
fn full(e: &rusqlite::Error) -> bool {
    let extended = e.sqlite_error().map(|e| e.extended_code);
    e.sqlite_error_code() == Some(ErrorCode::DiskFull) || extended == Some(rusqlite::ffi::SQLITE_IOERR_SHMSIZE)
}

/// SQLite's error as cause and next step. Constraint texts name columns, never values, so nothing personal is told.
pub(crate) fn told(e: rusqlite::Error) -> Error {
    let Some(code) = e.sqlite_error_code() else {
        return Error::new(Code::Internal, format!("A row of the database is not as expected ({e}).")).hint(
            "Run `roadworthy journal verify`; if it names a fault, restore the newest backup, else send the log.",
        );
    };
    match code {
        _ if full(&e) => Error::new(Code::DiskFull, "The disk is full; nothing was changed.")
            .hint("Free some space, then do it again."),
        ErrorCode::ReadOnly | ErrorCode::PermissionDenied | ErrorCode::AuthorizationForStatementDenied => {
            Error::new(Code::ReadOnly, "The database may only be read; nothing was changed.")
                .hint("Check that this user may write the data folder and that its disk is not mounted read-only.")
        }
        ErrorCode::CannotOpen => Error::new(Code::DatabaseUnusable, format!("The database cannot be opened ({e})."))
            .hint("Check that the data folder exists and that this user may read and write it."),
        ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => {
            Error::new(Code::DatabaseUnusable, format!("The database file is damaged ({e}).")).hint(
                "Restore the newest backup of the data folder. Keep the damaged file: most of it can often be saved.",
            )
        }
        ErrorCode::SystemIoFailure => {
            Error::new(Code::DatabaseUnusable, format!("The disk failed while it was used ({e})."))
                .hint("Check the disk and its cable; make a copy of the data folder first.")
        }
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => {
            Error::new(Code::Timeout, "Another Roadworthy process has been writing for too long; nothing was changed.")
                .hint("Wait for it to end or close it, then do it again.")
        }
        _ => Error::new(Code::Internal, format!("The database refused a step ({e})."))
            .hint("Do it again; if it fails again, send the log."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_failure_has_its_code_and_a_next_step() {
        use rusqlite::ffi;
        for (number, code) in [
            (ffi::SQLITE_FULL, Code::DiskFull),
            (ffi::SQLITE_IOERR_SHMSIZE, Code::DiskFull),
            (ffi::SQLITE_READONLY, Code::ReadOnly),
            (ffi::SQLITE_CANTOPEN, Code::DatabaseUnusable),
            (ffi::SQLITE_CORRUPT, Code::DatabaseUnusable),
            (ffi::SQLITE_NOTADB, Code::DatabaseUnusable),
            (ffi::SQLITE_IOERR, Code::DatabaseUnusable),
            (ffi::SQLITE_BUSY, Code::Timeout),
            (ffi::SQLITE_CONSTRAINT, Code::Internal),
        ] {
            let error = told(rusqlite::Error::SqliteFailure(ffi::Error::new(number), None));
            assert_eq!(error.code, code, "{number}");
            assert!(!error.hint.is_empty(), "{number}");
        }
    }
}
