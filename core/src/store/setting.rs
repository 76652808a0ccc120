//! Table `setting` (local): this device's own settings, by name.

use super::Fallible;
use roadworthy_api::{Code, Error};
use rusqlite::{Connection, OptionalExtension, params};
use serde::{Serialize, de::DeserializeOwned};

/// This device's id.
pub(crate) const DEVICE: &str = "device";
/// Where the master key is: `keyring` or `file`.
pub(crate) const KEY_STORE: &str = "key_store";
/// What tells the right master key from a wrong one.
pub(crate) const KEY_CHECK: &str = "key_check";
/// Under which name a keyring holds the master key, where that is not this device's id.
pub(crate) const KEY_ACCOUNT: &str = "key_account";
/// Set once content was restored whose personal fields another master key seals.
pub(crate) const FOREIGN_KEYS: &str = "foreign_keys";
/// Random name of this installation, which stays when a restore gives it another device id: whose backups are whose.
pub(crate) const INSTALLATION: &str = "installation";
/// Set from an unclean end until everything was checked since.
pub(crate) const CHECK_DUE: &str = "check_due";
/// How the last backups went.
pub(crate) const BACKUP: &str = "backup";
/// [`super::rebuild::TABLES`] of the build that made the tables.
pub(crate) const TABLES: &str = "tables";
/// Set while erased data may still be in free pages or the write-ahead log.
pub(crate) const SCRUB: &str = "scrub";
/// Arrival after which the first workers of this database begin.
pub(crate) const WORKERS_FROM: &str = "workers_from";
/// When old single values were last dropped.
pub(crate) const RETAINED: &str = "retained";
/// The person's settings, as the contract's `Settings`.
pub(crate) const SETTINGS: &str = "settings";
/// The mail server's password, sealed for the server and user that it was given for.
pub(crate) const MAIL_PASSWORD: &str = "mail_password";

/// A setting, if it was ever set.
pub(crate) fn get<T: DeserializeOwned>(conn: &Connection, name: &str) -> Fallible<Option<T>> {
    let text: Option<String> = conn
        .prepare_cached("select value from setting where name = ?")?
        .query_row([name], |row| row.get(0))
        .optional()?;
    let Some(text) = text else { return Ok(None) };
    serde_json::from_str(&text).map(Some).map_err(|e| {
        Error::new(Code::DatabaseUnusable, format!("The setting {name} cannot be read ({e})."))
            .hint("Restore the newest backup of the data folder.")
            .into()
    })
}

/// Sets it.
pub(crate) fn set(tx: &Connection, name: &str, value: &impl Serialize) -> Fallible<()> {
    let text = serde_json::to_string(value)
        .map_err(|e| Error::new(Code::Internal, format!("The setting {name} cannot be written ({e}).")))?;
    tx.prepare_cached("insert into setting values (?, ?) on conflict do update set value = excluded.value")?
        .execute(params![name, text])?;
    Ok(())
}

/// Forgets it.
pub(crate) fn unset(tx: &Connection, name: &str) -> Fallible<()> {
    tx.prepare_cached("delete from setting where name = ?")?.execute([name])?;
    Ok(())
}
