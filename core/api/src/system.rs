//! The installation itself.

use crate::{Timestamp, error::Result, valid::Valid};
use serde::{Deserialize, Serialize};

/// Version, places and health of this installation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    /// Version of the program.
    pub version: String,
    /// Path of the database.
    pub database: String,
    /// Its size in bytes, write-ahead log included.
    pub database_bytes: u64,
    /// Version of its tables.
    pub schema: u32,
    /// Events in the journal.
    pub events: u64,
    /// This device's id.
    pub device: String,
    /// Where the key for personal data is: `keyring`, or `file` where no keyring runs.
    pub key_store: KeyStore,
    /// Path of the log file.
    pub log: String,
}

/// Where the key for personal data is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum KeyStore {
    /// The operating system's keyring.
    Keyring,
    /// A file beside the database that only this user may read, since no keyring runs.
    File,
}

/// A stored file, fetched by its hash at the blob endpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlobInfo {
    /// BLAKE3 in hex.
    pub hash: String,
    /// Suggested file name.
    pub name: String,
    /// Media type.
    pub media: String,
    /// Size in bytes.
    pub bytes: u64,
}

/// Something the behaviour monitor noticed. It observes and flags, and blocks nothing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Flag {
    /// When.
    pub at: Timestamp,
    /// Whose behaviour.
    pub actor: String,
    /// 0 (usual) to 1 (alarming).
    pub risk: f64,
    /// Why, in a sentence.
    pub reason: String,
}

/// Light, dark, or as the system says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Theme {
    /// As the system says.
    #[default]
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

/// This device's own settings; they do not sync.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// Theme.
    pub theme: Theme,
    /// Port used last, offered first.
    pub last_port: Option<String>,
    /// Addresses of adapters that cannot be discovered, as in `tcp://192.168.0.10:35000`.
    pub ports: Vec<String>,
    /// Name of the shop, printed on reports.
    pub shop_name: String,
}

impl Valid for Settings {
    fn valid(&self, _: &str) -> Result<()> {
        self.last_port.valid("last_port")?;
        self.ports.valid("ports")?;
        self.shop_name.valid("shop_name")
    }
}
