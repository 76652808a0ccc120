//! Backups: copies of everything that can take its place.
//!
//! The usual case: [`Backups`] of the engine makes them when they are due or asked for ([`make`]), looks at them ([`folder`],
//! [`verify`]), lets the old ones go ([`rotate`]) and puts one back ([`restore`]). [`caretaker`] is the thread that does what nobody
//! asked for, among it the [`check`] after a process ended uncleanly. A backup is a folder
//!
//! ```text
//! backups/2026-11-20T18-00-00Z/roadworthy.db    the whole database as it was at one moment
//! backups/2026-11-20T18-00-00Z/manifest.json    what must be in it, see Manifest
//! backups/files/ab/abcdef…                      stored files by content, each once for all backups
//! ```
//!
//! It is written as `new-…`, flushed to disk and renamed last: what has a name is whole. One process at a time works in a
//! folder, held by an OS lock; a folder may hold backups of several installations.
//!
//! What is not in a backup: the master key. The keys of personal fields travel in the database, wrapped by it. On a machine
//! that does not hold it, sealed fields of the journal cannot be read; the tables still hold them in the clear.

mod caretaker;
mod check;
mod folder;

mod make;
mod manifest;
mod restore;
mod rotate;
mod schedule;
mod verify;

pub(crate) use caretaker::Caretaker;
pub(crate) use folder::offer;
pub(crate) use make::before_migration;
pub(crate) use restore::{busy, rescue};
pub(crate) use schedule::Backups;
