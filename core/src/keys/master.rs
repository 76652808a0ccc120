//! The master key: where it is kept and how it is fetched.
//!
//! It lies in the operating system's keyring under the service `roadworthy` and this device's id; where no keyring answers
//! when a data folder is first opened, in the file `master.key` beside the database, which only its user may read. Which
//! of the two is decided once and noted in the database: when a keyring fails later, no second key is made. Then tables
//! still read, and changes to personal fields fail with [`Code::Keyring`].

use super::{Key, hex, random_key};
use crate::files::sync_folder;
use roadworthy_api::{Code, Error, Result, system::KeyStore};
use std::{
    fs,
    io::{ErrorKind, Read, Write},
    path::{Path, PathBuf},
    sync::{OnceLock, PoisonError, RwLock, mpsc},
    time::Duration,
};

const SERVICE: &str = "roadworthy";
/// A keyring may first ask a person to unlock it; one that hangs must not hang Roadworthy.
const FIRST_WAIT: Duration = Duration::from_secs(10);
const WAIT: Duration = Duration::from_secs(5);

/// Whether a keyring answers at all. Asked once per data folder.
pub fn probe() -> bool {
    bounded(FIRST_WAIT, || match keyring::Entry::new(SERVICE, "probe").and_then(|e| e.get_secret().map(drop)) {
        Ok(()) | Err(keyring::Error::NoEntry) => Ok(()),
        Err(e) => Err(e.to_string()),
    })
    .is_ok()
}

/// The master key, fetched when first needed and then held in memory.
#[derive(Debug)]
pub struct Master {
    known: RwLock<Known>,
}

#[derive(Debug)]
struct Known {
    place: Place,
    /// What [`check`] gives for the right key.
    check: String,
    key: OnceLock<Key>,
}

#[derive(Debug)]
enum Place {
    Keyring { account: String },
    File(PathBuf),
}

/// What tells the right master key from a wrong one, without giving it away.
fn check(key: &Key) -> String {
    hex::write(&blake3::derive_key("roadworthy master key check 1", key))
}

impl Master {
    fn place(store: KeyStore, data: &Path, account: &str) -> Place {
        match store {
            KeyStore::Keyring => Place::Keyring { account: account.to_owned() },
            KeyStore::File => Place::File(data.join("master.key")),
        }
    }

    /// Makes the key of a new data folder, or takes the one that lies there already, and gives what to note of it.
    pub fn found(store: KeyStore, data: &Path, account: &str) -> Result<(Self, String)> {
        let place = Self::place(store, data, account);
        let key = match place.read()? {
            Some(key) => key,
            None => {
                let key = random_key()?;
                place.write(&key)?;
                place.read()?.filter(|read| *read == key).ok_or_else(|| gone("does not keep what it is given"))?
            }
        };
        let check = check(&key);
        let known = Known { place, check: check.clone(), key: OnceLock::from(key) };
        Ok((Self { known: RwLock::new(known) }, check))
    }

    /// The key of a data folder that has one, by what was noted of it. Asks no keyring yet.
    pub fn noted(store: KeyStore, data: &Path, account: &str, check: String) -> Self {
        Self { known: RwLock::new(Known { place: Self::place(store, data, account), check, key: OnceLock::new() }) }
    }

    /// Becomes the key that another note is of, unless it is that one: restored content may name another.
    pub(crate) fn become_that(&self, other: Self) {
        let other = other.known.into_inner().unwrap_or_else(PoisonError::into_inner);
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        if known.check != other.check {
            *known = other;
        }
    }

    /// The key, or [`Code::Keyring`].
    pub fn get(&self) -> Result<Key> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(key) = known.key.get() {
            return Ok(*key);
        }
        let key = known.place.read()?.ok_or_else(|| gone("no longer holds it"))?;
        if check(&key) != known.check {
            return Err(gone("holds another one"));
        }
        Ok(*known.key.get_or_init(|| key))
    }

    /// Where it is kept.
    pub fn store(&self) -> KeyStore {
        match self.known.read().unwrap_or_else(PoisonError::into_inner).place {
            Place::Keyring { .. } => KeyStore::Keyring,
            Place::File(_) => KeyStore::File,
        }
    }
}

fn gone(why: &str) -> Error {
    Error::new(Code::Keyring, format!("The key for personal data is missing: its store {why}."))
        .hint("Restore the keyring entry (service roadworthy) or the file master.key from a backup; what is stored stays readable.")
}

impl Place {
    fn read(&self) -> Result<Option<Key>> {
        let bytes = match self {
            Self::Keyring { account } => {
                let account = account.clone();
                bounded(WAIT, move || match keyring::Entry::new(SERVICE, &account).and_then(|e| e.get_secret()) {
                    Ok(secret) => Ok(Some(secret)),
                    Err(keyring::Error::NoEntry) => Ok(None),
                    Err(e) => Err(e.to_string()),
                })?
            }
            Self::File(path) => match fs::File::open(path) {
                Ok(file) => {
                    let mut bytes = Vec::new();
                    file.take(1024).read_to_end(&mut bytes).map_err(|e| file_error(path, &e))?;
                    Some(hex::read(String::from_utf8_lossy(&bytes).trim()).unwrap_or_default())
                }
                Err(e) if e.kind() == ErrorKind::NotFound => None,
                Err(e) => return Err(file_error(path, &e)),
            },
        };
        bytes.map(|b| b.try_into().map_err(|_| gone("holds something else"))).transpose()
    }

    fn write(&self, key: &Key) -> Result<()> {
        match self {
            Self::Keyring { account } => {
                let (account, secret) = (account.clone(), *key);
                bounded(WAIT, move || {
                    keyring::Entry::new(SERVICE, &account)
                        .and_then(|e| e.set_secret(&secret))
                        .map_err(|e| e.to_string())
                })
            }
            Self::File(path) => {
                // Beside first: a file of this name is whole, and on disk before anything is sealed with what is in it.
                let mut random = [0; 8];
                super::random(&mut random)?;
                let beside = path.with_extension(format!("key.new-{}", hex::write(&random)));
                let written = private(&beside).and_then(|mut file| {
                    file.write_all(hex::write(key).as_bytes())?;
                    file.write_all(b"\n")?;
                    file.sync_all()?;
                    // Whoever makes a key has looked under the database's lock that there is none.
                    fs::rename(&beside, path)?;
                    sync_folder(path.parent().unwrap_or(Path::new(".")))
                });
                if written.is_err() {
                    drop(fs::remove_file(&beside));
                }
                written.map_err(|e| file_error(path, &e))
            }
        }
    }
}

/// A new file that only this user may read.
fn private(path: &Path) -> std::io::Result<fs::File> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn file_error(path: &Path, error: &std::io::Error) -> Error {
    Error::new(Code::Keyring, format!("The key file {} cannot be used ({error}).", path.display()))
        .hint("Check that this user may read and write it.")
}

/// Runs something that may hang on its own thread and waits at most so long for it.
fn bounded<T: Send + 'static>(wait: Duration, work: impl FnOnce() -> Result<T, String> + Send + 'static) -> Result<T> {
    let (tx, rx) = mpsc::channel();
    let thread = std::thread::Builder::new().name("keyring".into()).spawn(move || drop(tx.send(work())));
    let why = match thread.map(|_| rx.recv_timeout(wait)) {
        Ok(Ok(Ok(value))) => return Ok(value),
        Ok(Ok(Err(why))) => why,
        Ok(Err(_)) => format!("no answer within {} s", wait.as_secs()),
        Err(e) => e.to_string(),
    };
    Err(Error::new(Code::Keyring, format!("The keyring does not answer ({why}).")).hint(
        "Unlock or start the keyring (on Linux a Secret Service such as gnome-keyring or KWallet), then try again.",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_file_is_private_and_found_again() -> Result<()> {
        let folder = tempfile::tempdir().unwrap();
        let (master, noted) = Master::found(KeyStore::File, folder.path(), "a")?;
        let path = folder.path().join("master.key");
        #[cfg(unix)]
        assert_eq!(std::os::unix::fs::PermissionsExt::mode(&fs::metadata(&path).unwrap().permissions()) & 0o777, 0o600);
        assert_eq!(Master::noted(KeyStore::File, folder.path(), "a", noted.clone()).get()?, master.get()?);
        let (again, same) = Master::found(KeyStore::File, folder.path(), "a")?;
        assert_eq!((again.get()?, &same), (master.get()?, &noted), "because a key is never made over another");

        fs::write(&path, hex::write(&[1; 32])).unwrap();
        let other = Master::noted(KeyStore::File, folder.path(), "a", noted.clone());
        assert_eq!(other.get().unwrap_err().code, Code::Keyring, "because it is another key");
        fs::write(&path, "x").unwrap();
        assert_eq!(other.get().unwrap_err().code, Code::Keyring);
        fs::remove_file(&path).unwrap();
        assert_eq!(other.get().unwrap_err().code, Code::Keyring);
        Ok(())
    }

    #[test]
    fn a_store_that_hangs_is_given_up() {
        let hang = || {
            std::thread::sleep(Duration::from_secs(60));
            Ok(())
        };
        let error = bounded(Duration::from_millis(20), hang).unwrap_err();
        assert_eq!(error.code, Code::Keyring);
        assert!(!error.hint.is_empty());
    }
}
