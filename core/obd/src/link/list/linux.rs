//! Linux: sysfs, device nodes, `/proc`.

use super::Admitted;
use crate::link::{process, serial, usb};
use roadworthy_api::port::{PortInfo, PortKind};
use std::{
    fs,
    os::unix::fs::{FileTypeExt, MetadataExt},
    path::{Path, PathBuf},
};

const PROC: &str = "/proc";
const BY_ID: &str = "/dev/serial/by-id";

pub(super) fn serial_ports() -> Vec<PortInfo> {
    let who = Identity::read(Path::new("/proc/self/status"));
    let mut found = scan(Path::new("/sys/class/tty"));
    let names = by_id(Path::new(BY_ID));
    found.retain_mut(|info| {
        let path = PathBuf::from(&info.port);
        let Some(node) = fs::metadata(&path).ok().filter(|m| m.file_type().is_char_device()) else { return false };
        info.problem = if who.may_open(node.uid(), node.gid(), node.mode()) {
            holder(&path).map(|h| serial::busy(&path, Some(&h), &[]))
        } else {
            Some(serial::no_permission(&path))
        };
        if let Some((_, stable)) = names.iter().find(|(device, _)| *device == path) {
            let comma = if info.detail.is_empty() { "" } else { ", " };
            info.detail.push_str(&format!("{comma}also {}", stable.display()));
        }
        true
    });
    found
}

/// Devices with the names under which they are found again whatever they are plugged into.
fn by_id(folder: &Path) -> Vec<(PathBuf, PathBuf)> {
    let entries = fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok).map(|e| e.path());
    entries.filter_map(|link| Some((link.canonicalize().ok()?, link))).collect()
}

pub(super) fn stable_name(path: &Path) -> Option<PathBuf> {
    let device = path.canonicalize().ok()?;
    by_id(Path::new(BY_ID)).into_iter().find(|(known, _)| *known == device).map(|(_, stable)| stable)
}

/// What the system's list of terminals holds that has hardware behind it, by name.
fn scan(class: &Path) -> Vec<PortInfo> {
    let entries = fs::read_dir(class).into_iter().flatten().filter_map(Result::ok);
    let mut found: Vec<_> = entries
        .filter_map(|entry| {
            let device = entry.file_name().into_string().ok()?;
            let path = entry.path();
            let info = |name: String| PortInfo::new(format!("/dev/{device}"), PortKind::Serial, name);
            if let Some(channel) = device.strip_prefix("rfcomm") {
                return Some(info(format!("Bluetooth serial port {channel}")));
            }
            // Consoles and pseudo-terminals have no device behind them.
            let hardware = fs::canonicalize(path.join("device")).ok()?;
            // An 8250 port with type 0 is an entry in a table, not a chip.
            if fs::read_to_string(path.join("type")).is_ok_and(|t| t.trim() == "0") {
                return None;
            }
            Some(match usb::above(&hardware) {
                None => info(format!("Serial port {device}")),
                Some(usb) => PortInfo { detail: usb.detail(), likely: usb.likely(), ..info(usb.name()) },
            })
        })
        .collect();
    found.sort_by(|a, b| a.port.cmp(&b.port));
    found
}

pub(super) fn without_port() -> Vec<PortInfo> {
    usb::without_port(Path::new("/sys/bus/usb/devices"), &curious())
}

pub(super) fn curious() -> Vec<&'static str> {
    process::curious(Path::new(PROC))
}

pub(super) fn holder(device: &Path) -> Option<String> {
    process::holder(Path::new(PROC), device)
}

/// Who this process is, as far as a device node's permissions ask.
struct Identity {
    uid: u32,
    groups: Vec<u32>,
}

impl Identity {
    fn read(status: &Path) -> Self {
        let status = fs::read_to_string(status).unwrap_or_default();
        let field = |name: &str| -> Vec<u32> {
            let line = status.lines().find_map(|l| l.strip_prefix(name));
            line.unwrap_or_default().split_whitespace().filter_map(|n| n.parse().ok()).collect()
        };
        // Real, effective, saved, file system: the last decides.
        let uid = field("Uid:").last().copied().unwrap_or(u32::MAX);
        let mut groups = field("Groups:");
        groups.extend(field("Gid:").last());
        Self { uid, groups }
    }

    fn may_open(&self, uid: u32, gid: u32, mode: u32) -> bool {
        let bits = if self.uid == 0 {
            0o6
        } else if self.uid == uid {
            mode >> 6
        } else if self.groups.contains(&gid) {
            mode >> 3
        } else {
            mode
        };
        bits & 0o6 == 0o6
    }
}

pub(super) fn admitted(device: &Path) -> Admitted {
    let Ok(node) = fs::metadata(device) else { return Admitted::Unknown };
    let groups = fs::read_to_string("/etc/group").unwrap_or_default();
    lets_in(&groups, node.gid(), node.mode())
}

/// `groups`: lines of `/etc/group`, `name:password:number:members`.
fn lets_in(groups: &str, gid: u32, mode: u32) -> Admitted {
    if gid == 0 || mode >> 3 & 0o6 != 0o6 {
        return Admitted::RootOnly;
    }
    let name = groups.lines().find_map(|line| {
        let mut fields = line.split(':');
        let (name, number) = (fields.next()?, fields.nth(1)?);
        (number.parse() == Ok(gid)).then_some(name)
    });
    // The name goes into a command that a person types.
    let plain = |n: &&str| !n.is_empty() && n.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-.".contains(&b));
    name.filter(plain).map_or(Admitted::Unknown, |name| Admitted::Group(name.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    #[test]
    fn a_ghost_port_is_left_out_and_a_usb_port_has_its_makers_name() {
        let root = std::env::temp_dir().join(format!("roadworthy-tty-{}", std::process::id()));
        let class = root.join("class");
        let usb = root.join("devices/usb1/1-1");
        let tty = usb.join("1-1:1.0/ttyUSB0");
        let board = root.join("devices/board");
        for dir in [
            &tty,
            &board,
            &class.join("ttyUSB0"),
            &class.join("ttyS0"),
            &class.join("ttyS1"),
            &class.join("tty1"),
            &class.join("rfcomm0"),
        ] {
            fs::create_dir_all(dir).unwrap();
        }
        fs::write(usb.join("idVendor"), "0403\n").unwrap();
        fs::write(usb.join("manufacturer"), "FTDI\n").unwrap();
        fs::write(usb.join("product"), "USB\x1b[31m serial\n").unwrap();
        symlink(&tty, class.join("ttyUSB0/device")).unwrap();
        symlink(&board, class.join("ttyS0/device")).unwrap();
        symlink(&board, class.join("ttyS1/device")).unwrap();
        fs::write(class.join("ttyS0/type"), "4\n").unwrap();
        fs::write(class.join("ttyS1/type"), "0\n").unwrap();
        let found = scan(&class);
        fs::remove_dir_all(&root).unwrap();
        let seen: Vec<_> = found.iter().map(|p| (p.port.as_str(), p.name.as_str())).collect();
        let expect = [
            ("/dev/rfcomm0", "Bluetooth serial port 0"),
            ("/dev/ttyS0", "Serial port ttyS0"),
            ("/dev/ttyUSB0", "USB[31m serial (FTDI)"),
        ];
        assert_eq!(seen, expect);
    }

    #[test]
    fn the_group_of_the_device_is_the_one_to_join() {
        let groups = "root:x:0:\ndialout:x:20:\nuucp:x:14:technician\nodd;rm:x:15:\n";
        let group = |name: &str| Admitted::Group(name.to_owned());
        for (gid, mode, expect) in [
            (20, 0o660, group("dialout")),
            (14, 0o660, group("uucp")),
            (0, 0o660, Admitted::RootOnly),
            (20, 0o600, Admitted::RootOnly),
            (20, 0o640, Admitted::RootOnly),
            (99, 0o660, Admitted::Unknown),
            (15, 0o660, Admitted::Unknown),
        ] {
            assert_eq!(lets_in(groups, gid, mode), expect, "{gid} {mode:o}");
        }
    }

    #[test]
    fn a_user_outside_the_devices_group_may_not_open_it() {
        let technician = Identity { uid: 1000, groups: vec![1000] };
        let member = Identity { uid: 1000, groups: vec![1000, 20] };
        let root = Identity { uid: 0, groups: vec![] };
        for (who, mode, expect) in [
            (&technician, 0o660, false),
            (&technician, 0o666, true),
            (&member, 0o660, true),
            (&member, 0o640, false),
            (&root, 0o600, true),
        ] {
            assert_eq!(who.may_open(0, 20, mode), expect, "{mode:o}");
        }
    }
}
