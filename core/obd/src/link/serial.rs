//! Serial devices: opened for this process alone.

use super::{BoxLink, baud, list};
use roadworthy_api::{Code, Error};
use std::{
    collections::HashMap,
    io,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};
use tokio_serial::{SerialPortBuilderExt, SerialStream};

/// Opens a device at `baud` bit/s, or at the speed at which something answers.
pub(super) async fn open(path: &Path, speed: Option<u32>) -> Result<BoxLink, Error> {
    let name = now_called(path);
    let stream = match speed {
        Some(speed) => at(&name, speed)?,
        // A radio link has no speed to find, and opening it anew takes seconds.
        None if path.to_string_lossy().contains("rfcomm") => at(&name, baud::USUAL)?,
        None => baud::find(&name).await?,
    };
    // Under its short name a device may come back as another one; under its long name it is itself.
    if let Some(stable) = list::stable_name(&name) {
        let mut known = STABLE.lock().unwrap_or_else(PoisonError::into_inner);
        known.get_or_insert_default().insert(path.to_owned(), stable);
    }
    Ok(Box::new(stream))
}

/// Names of devices that were opened, with the ones under which they are found again wherever they are plugged in.
static STABLE: Mutex<Option<HashMap<PathBuf, PathBuf>>> = Mutex::new(None);

/// Where a device is that was opened before and has lost its name by being unplugged.
fn now_called(path: &Path) -> PathBuf {
    let known = STABLE.lock().unwrap_or_else(PoisonError::into_inner);
    let stable = known.as_ref().and_then(|k| k.get(path)).filter(|stable| stable.exists() && !path.exists());
    stable.cloned().unwrap_or_else(|| path.to_owned())
}

/// Opens a device at one speed, eight data bits, no parity, one stop bit. On Unix the device is locked (`TIOCEXCL` and
/// `flock`), so a second opener is told that the port is busy instead of stealing half of the answers.
pub(super) fn at(path: &Path, speed: u32) -> Result<SerialStream, Error> {
    tokio_serial::new(path.to_string_lossy(), speed).open_native_async().map_err(|e| explain(path, &e))
}

/// Puts the operating system's refusal into words.
fn explain(path: &Path, error: &tokio_serial::Error) -> Error {
    let name = path.display();
    let kind = match error.kind() {
        tokio_serial::ErrorKind::Io(kind) => kind,
        // The serial library says "no device" for a device that another program has locked.
        tokio_serial::ErrorKind::NoDevice if path.exists() => io::ErrorKind::ResourceBusy,
        tokio_serial::ErrorKind::NoDevice => io::ErrorKind::NotFound,
        _ => io::ErrorKind::Other,
    };
    match kind {
        io::ErrorKind::PermissionDenied => no_permission(path),
        io::ErrorKind::ResourceBusy => busy(path, list::holder(path).as_deref(), &list::curious()),
        io::ErrorKind::NotFound => Error::new(Code::NoAdapter, format!("There is no device {name}."))
            .hint("Plug the adapter in, wait two seconds, and list the ports again."),
        _ => Error::new(Code::NoAdapter, format!("{name} cannot be opened as a serial port: {error}."))
            .hint("Unplug the adapter, plug it in again, and list the ports."),
    }
}

/// The device exists, but not for this user.
pub(super) fn no_permission(path: &Path) -> Error {
    let name = path.display();
    let hint = match list::admitted(path) {
        Admitted::Group(group) => {
            format!(
                "Run `sudo usermod -aG {group} $USER`, then log out and log in again: the group {group} may open it."
            )
        }
        Admitted::RootOnly => {
            format!("Only root may open it. Run `sudo chmod a+rw {name}`, which lasts until it is plugged in again.")
        }
        Admitted::Unknown if cfg!(target_os = "linux") => {
            "Run `sudo usermod -aG dialout $USER`, then log out and log in again.".to_owned()
        }
        Admitted::Unknown => "Allow this user to open serial ports.".to_owned(),
    };
    Error::new(Code::NoPermission, format!("This user may not open {name}.")).hint(hint)
}

/// Whom a device lets in besides root.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Admitted {
    /// Members of this group: `dialout` on Debian and its kin, `uucp` on Arch.
    Group(String),
    /// Nobody.
    RootOnly,
    /// It cannot be told.
    Unknown,
}

/// Another program holds the device: `holder` if it is seen, else perhaps one of the `curious`, which open every new serial
/// device to see whether it is theirs.
pub(super) fn busy(path: &Path, holder: Option<&str>, curious: &[&str]) -> Error {
    let suspect = curious.first().filter(|_| holder.is_none()).copied();
    let by = match (holder, suspect) {
        (Some(holder), _) => format!("the program {holder}"),
        (None, Some(suspect)) => format!("another program, perhaps {suspect}"),
        (None, None) => "another program".to_owned(),
    };
    let hint = match holder.or(suspect) {
        Some("brltty") => {
            "Run `sudo systemctl mask --now brltty-udev.service brltty.path`, or `sudo apt remove brltty` if no Braille display is used."
        }
        Some("ModemManager") => {
            "It looks for modems: wait half a minute, or run `sudo systemctl stop ModemManager`, with `disable --now` for good."
        }
        _ => "Close it, or pick another port.",
    };
    Error::new(Code::PortBusy, format!("{} is in use by {by}.", path.display())).hint(hint)
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use tokio_serial::SerialPort;

    const TICK: std::time::Duration = std::time::Duration::from_millis(10);

    #[tokio::test]
    async fn a_missing_device_is_no_adapter() {
        let error = open(Path::new("/dev/ttyUSB-none"), None).await.err().unwrap();
        assert_eq!(error.code, Code::NoAdapter);
        assert!(error.hint.contains("Plug"), "{error}");
    }

    #[tokio::test]
    async fn a_device_that_is_open_already_is_busy() {
        let (_master, slave) = SerialStream::pair().unwrap();
        let path = slave.name().unwrap();
        let first = at(Path::new(&path), 38400).unwrap();
        let error = at(Path::new(&path), 38400).unwrap_err();
        assert_eq!(error.code, Code::PortBusy, "{error}");
        drop(first);
        // A program that another test starts just then holds it open until it runs.
        let again = || {
            (0..100).any(|_| {
                at(Path::new(&path), 38400).is_ok() || {
                    std::thread::sleep(TICK);
                    false
                }
            })
        };
        assert!(again());
    }

    #[test]
    fn a_refused_device_names_the_command_that_helps() {
        let refused = tokio_serial::Error::new(tokio_serial::ErrorKind::Io(io::ErrorKind::PermissionDenied), "");
        let error = explain(Path::new("/dev/ttyUSB0"), &refused);
        assert_eq!(error.code, Code::NoPermission);
        if cfg!(target_os = "linux") {
            assert!(error.hint.contains("sudo usermod -aG dialout $USER"), "{error}");
            assert!(error.hint.contains("log in again"), "{error}");
        }
    }

    #[test]
    fn who_holds_a_device_is_named_with_what_helps() {
        for (holder, curious, message, hint) in [
            (Some("picocom"), &["ModemManager"][..], "by the program picocom.", "Close it"),
            (Some("ModemManager"), &["ModemManager"], "by the program ModemManager.", "stop ModemManager"),
            (Some("brltty"), &[], "by the program brltty.", "apt remove brltty"),
            (None, &["ModemManager"], "perhaps ModemManager.", "stop ModemManager"),
            (None, &["brltty", "ModemManager"], "perhaps brltty.", "mask --now brltty"),
            (None, &[], "by another program.", "Close it"),
        ] {
            let error = busy(Path::new("/dev/ttyUSB0"), holder, curious);
            assert_eq!(error.code, Code::PortBusy);
            assert!(error.message.contains(message) && error.hint.contains(hint), "{holder:?} {curious:?}: {error}");
        }
    }

    #[test]
    fn a_device_that_came_back_under_another_name_is_found_by_its_long_one() {
        let here = std::env::current_exe().unwrap();
        let (gone, never) = (Path::new("/dev/ttyUSB-was-here"), Path::new("/dev/ttyUSB-never"));
        STABLE.lock().unwrap().get_or_insert_default().insert(gone.to_owned(), here.clone());
        assert_eq!(now_called(gone), here);
        assert_eq!(now_called(never), never);
        // One that is there under its short name is that one.
        STABLE.lock().unwrap().get_or_insert_default().insert(here.clone(), PathBuf::from("/dev"));
        assert_eq!(now_called(&here), here);
    }
}
