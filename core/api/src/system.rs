//! The installation itself.

use crate::{
    Timestamp,
    error::{Code, Error, Result},
    finding::Severity,
    valid::Valid,
};
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
    /// Whether critical work is approved without asking a person.
    pub auto_approve_critical: bool,
    /// Whom to notify and how.
    pub notify: NotifySettings,
    /// Days for which each single value of telemetry is kept; `None`: for ever. Minutes and hours are always kept.
    pub keep_raw_days: Option<u32>,
    /// Backups.
    pub backup: BackupSettings,
}

/// Who is told of alerts, and how.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct NotifySettings {
    /// Least severity that is told.
    pub from: Severity,
    /// Through the desktop's own notifications.
    pub desktop: bool,
    /// Through a mail server.
    pub mail: Option<MailSettings>,
}

impl Default for NotifySettings {
    fn default() -> Self {
        Self { from: Severity::ActSoon, desktop: true, mail: None }
    }
}

/// A mail server and who is written to. Its password is kept apart, see [`crate::calls::SetMailPassword`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct MailSettings {
    /// Host name, as in `mail.example.org`.
    pub server: String,
    /// Port: 465 with TLS from the start, 587 with STARTTLS, 25 without.
    pub port: u16,
    /// How the connection is protected.
    pub security: MailSecurity,
    /// User name; empty: none is needed.
    pub user: String,
    /// Sender's address.
    pub from: String,
    /// Addresses that are written to.
    pub to: Vec<String>,
}

/// How the connection to a mail server is protected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MailSecurity {
    /// TLS from the first byte (RFC 8314).
    #[default]
    Tls,
    /// STARTTLS, required (RFC 3207).
    StartTls,
    /// None: for a server on this machine only.
    None,
}

/// When backups are made, and which are kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct BackupSettings {
    /// Hours between two backups; 0: none are made by themselves.
    pub every_hours: u32,
    /// Folder; `None`: `backups` in the data folder. One on another disk survives this one.
    pub folder: Option<String>,
    /// Newest backups that are kept, whatever their age.
    pub keep_newest: u32,
    /// Days of which the last backup is kept.
    pub keep_days: u32,
    /// Weeks of which the last backup is kept.
    pub keep_weeks: u32,
}

impl Default for BackupSettings {
    fn default() -> Self {
        Self { every_hours: 24, folder: None, keep_newest: 3, keep_days: 7, keep_weeks: 4 }
    }
}

/// A line of the program's log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogLine {
    /// When, if it says.
    pub at: Option<Timestamp>,
    /// `error`, `warn`, `info`, `debug`, `trace`; empty for what follows another line.
    pub level: String,
    /// The rest, redacted.
    pub text: String,
}

impl Valid for Settings {
    fn valid(&self, _: &str) -> Result<()> {
        self.last_port.valid("last_port")?;
        self.ports.valid("ports")?;
        self.shop_name.valid("shop_name")?;
        if let Some(mail) = &self.notify.mail {
            mail.server.valid("notify.mail.server")?;
            mail.user.valid("notify.mail.user")?;
            mail.from.valid("notify.mail.from")?;
            mail.to.valid("notify.mail.to")?;
        }
        if self.keep_raw_days == Some(0) {
            return Err(Error::new(Code::Invalid, "Single values are kept for at least 1 day.")
                .hint("Leave the days empty to keep them for ever."));
        }
        self.backup.folder.valid("backup.folder")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_setting_takes_away_every_value_at_once() {
        let valid = |keep_raw_days| Settings { keep_raw_days, ..Settings::default() }.valid("settings");
        assert_eq!(valid(Some(0)).unwrap_err().code, Code::Invalid);
        assert_eq!((valid(None), valid(Some(1))), (Ok(()), Ok(())));
    }
}
