//! Export: what leaves the program for somebody to keep, and where it is put.
//!
//! The usual case: one of the calls [`crate::calls::ExportVehicle`], [`crate::calls::ExportTelemetry`],
//! [`crate::calls::ExportFleet`], [`crate::calls::ExportCustomer`] starts a job that ends as
//! [`crate::job::JobState::Exported`]. A page asks for [`ExportTo::Stored`] and saves the file of the result as it saves a
//! report; a program on this machine names a path.

use crate::{
    error::{Code, Error, Result},
    system::BlobInfo,
    valid::Valid,
};
use serde::{Deserialize, Serialize};

/// Where an export is put.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "to", rename_all = "kebab-case")]
pub enum ExportTo {
    /// A file on this machine; not for a browser.
    Path {
        /// Absolute. The folder must be there.
        path: String,
        /// Whether a file that is there is replaced; else it is a [`Code::Conflict`].
        replace: bool,
    },
    /// A folder on this machine that takes the files of an archive one by one; not for a browser, nor for a single table. It is
    /// made where it is missing. One that holds anything already is a [`Code::Conflict`] unless `replace`, which
    /// replaces files of the same names and leaves the others.
    Folder {
        /// Absolute. The folder that it is in must be there.
        path: String,
        /// Whether files of the same names are replaced.
        replace: bool,
    },
    /// The blob endpoint, whence it is fetched by its hash. It goes after a day.
    Stored,
}

impl Valid for ExportTo {
    fn valid(&self, field: &str) -> Result<()> {
        match self {
            Self::Path { path, .. } | Self::Folder { path, .. }
                if path.is_empty() || path.len() > 4096 || path.contains('\0') =>
            {
                Err(Error::new(Code::Invalid, format!("{field} is no path.")).hint("Choose another place."))
            }
            _ => Ok(()),
        }
    }
}

/// How a table is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TableFormat {
    /// RFC 4180 in UTF-8, for spreadsheets; in the long layout the import of this program reads all of it back.
    #[default]
    Csv,
    /// Apache Parquet, for programs: typed columns, times in UTC, units in its metadata.
    Parquet,
}

impl Valid for TableFormat {}

/// What an export made.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportMade {
    /// Where it was written; `None` where it is stored.
    pub path: Option<String>,
    /// The stored file; `None` where it was written to a path.
    pub file: Option<BlobInfo>,
    /// Its size in bytes; of a folder that of all its files.
    pub bytes: u64,
    /// SHA-256 of the file in lower-case hex; empty for a folder, whose manifest has that of each file.
    pub sha256: String,
    /// What is in it and how many, as in `visits`, 12; in the order of the archive.
    pub counts: Vec<ExportCount>,
    /// What is not in it and why, in sentences: values that were dropped, files that are on another device.
    pub notes: Vec<String>,
}

/// How many of something an export holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportCount {
    /// In words, plural: `visits`, `values`.
    pub what: String,
    /// How many.
    pub count: u64,
}
