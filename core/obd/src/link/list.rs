//! Serial ports of this machine, each with what stands in its way.
//!
//! Nothing is opened to find out: opening a serial port raises its control lines, which resets some adapters. On Linux
//! the answer comes from `/sys/class/tty` (what it is), the device node's owner (who may), and `/proc` (who has it).

use super::serial::Admitted;
use roadworthy_api::port::PortInfo;
use std::path::Path;

/// Serial ports that could hold an adapter, by name. Ports without hardware behind them are left out. Blocks for some
/// milliseconds.
pub fn serial_ports() -> Vec<PortInfo> {
    platform::serial_ports()
}

/// Name of another program that has the device open, as far as this user may see.
pub(super) fn holder(path: &Path) -> Option<String> {
    // `/proc` has the device's own name.
    platform::holder(&path.canonicalize().unwrap_or_else(|_| path.to_owned()))
}

/// Whom the device lets in.
pub(super) fn admitted(path: &Path) -> Admitted {
    platform::admitted(path)
}

#[cfg(target_os = "linux")]
mod platform {
    use super::Admitted;
    use crate::link::serial;
    use roadworthy_api::port::{PortInfo, PortKind};
    use std::{
        fs,
        os::unix::fs::{FileTypeExt, MetadataExt},
        path::{Path, PathBuf},
    };

    pub(super) fn serial_ports() -> Vec<PortInfo> {
        let who = Identity::read(Path::new("/proc/self/status"));
        scan(Path::new("/sys/class/tty"))
            .into_iter()
            .filter_map(|(device, name)| {
                let path = Path::new("/dev").join(&device);
                let node = fs::metadata(&path).ok().filter(|m| m.file_type().is_char_device())?;
                let problem = if who.may_open(node.uid(), node.gid(), node.mode()) {
                    holder(&path).map(|h| serial::busy(&path, Some(&h)))
                } else {
                    Some(serial::no_permission(&path))
                };
                Some(PortInfo { port: path.display().to_string(), kind: PortKind::Serial, name, problem })
            })
            .collect()
    }

    /// Device names with a name for people.
    pub(super) fn scan(class: &Path) -> Vec<(String, String)> {
        let Ok(entries) = fs::read_dir(class) else { return Vec::new() };
        let mut found: Vec<_> = entries
            .filter_map(|e| {
                let entry = e.ok()?;
                let device = entry.file_name().into_string().ok()?;
                let path = entry.path();
                if let Some(channel) = device.strip_prefix("rfcomm") {
                    return Some((device.clone(), format!("Bluetooth serial port {channel}")));
                }
                // Consoles and pseudo-terminals have no device behind them.
                let hardware = fs::canonicalize(path.join("device")).ok()?;
                // An 8250 port with type 0 is an entry in a table, not a chip.
                if text(&path.join("type")).as_deref() == Some("0") {
                    return None;
                }
                Some((device.clone(), usb_name(&hardware).unwrap_or_else(|| format!("Serial port {device}"))))
            })
            .collect();
        found.sort();
        found
    }

    /// Manufacturer and product of the USB device that a tty hangs on, a few levels up in the tree.
    fn usb_name(hardware: &Path) -> Option<String> {
        let usb = hardware.ancestors().take(5).find(|p| p.join("idVendor").is_file())?;
        let maker = text(&usb.join("manufacturer"));
        let product = text(&usb.join("product")).unwrap_or_else(|| "USB serial adapter".into());
        Some(match maker {
            Some(maker) if !product.contains(&maker) => format!("{product} ({maker})"),
            _ => product,
        })
    }

    fn text(path: &Path) -> Option<String> {
        let raw = fs::read(path).ok()?;
        // The strings come from the device: only printable characters go to a page.
        let clean: String = String::from_utf8_lossy(&raw).chars().filter(|c| !c.is_control()).take(80).collect();
        Some(clean.trim().to_owned()).filter(|t| !t.is_empty())
    }

    /// Who this process is, as far as a device node's permissions ask.
    pub(super) struct Identity {
        uid: u32,
        groups: Vec<u32>,
    }

    impl Identity {
        pub(super) fn read(status: &Path) -> Self {
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

        pub(super) fn may_open(&self, uid: u32, gid: u32, mode: u32) -> bool {
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

    pub(super) fn holder(device: &Path) -> Option<String> {
        let own = std::process::id().to_string();
        let pids = fs::read_dir("/proc").ok()?.filter_map(Result::ok).map(|e| e.path());
        pids.filter(|p| {
            p.file_name().and_then(|n| n.to_str()).is_some_and(|n| n != own && n.bytes().all(|b| b.is_ascii_digit()))
        })
        .find(|p| open_files(p).any(|f| f == device))
        .map(|p| text(&p.join("comm")).unwrap_or_else(|| "another program".into()))
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

    fn open_files(process: &Path) -> impl Iterator<Item = PathBuf> {
        let files = fs::read_dir(process.join("fd")).into_iter().flatten();
        files.filter_map(Result::ok).filter_map(|f| fs::read_link(f.path()).ok())
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
            let expect = [
                ("rfcomm0", "Bluetooth serial port 0"),
                ("ttyS0", "Serial port ttyS0"),
                ("ttyUSB0", "USB[31m serial (FTDI)"),
            ];
            assert_eq!(found, expect.map(|(d, n)| (d.to_owned(), n.to_owned())));
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
        fn the_program_that_holds_a_device_is_named() {
            let path = std::env::temp_dir().join(format!("roadworthy-held-{}", std::process::id()));
            let held = fs::File::create(&path).unwrap();
            let mut other = std::process::Command::new("sleep").arg("30").stdin(held).spawn().unwrap();
            // Until it has become `sleep`, it is this test's own copy.
            let name = (0..200).find_map(|_| {
                std::thread::sleep(std::time::Duration::from_millis(10));
                holder(&path).filter(|name| name == "sleep")
            });
            other.kill().unwrap();
            other.wait().unwrap();
            fs::remove_file(&path).unwrap();
            assert_eq!(name.as_deref(), Some("sleep"));
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
}

#[cfg(not(target_os = "linux"))]
mod platform {
    use super::Admitted;
    use roadworthy_api::port::{PortInfo, PortKind};
    use std::path::Path;
    use tokio_serial::SerialPortType;

    pub(super) fn holder(_: &Path) -> Option<String> {
        None
    }

    pub(super) fn admitted(_: &Path) -> Admitted {
        Admitted::Unknown
    }

    pub(super) fn serial_ports() -> Vec<PortInfo> {
        let mut found: Vec<_> = tokio_serial::available_ports()
            .unwrap_or_default()
            .into_iter()
            .map(|p| {
                let name = match p.port_type {
                    SerialPortType::UsbPort(usb) => {
                        usb.product.or(usb.manufacturer).unwrap_or_else(|| "USB serial adapter".into())
                    }
                    SerialPortType::BluetoothPort => "Bluetooth serial port".into(),
                    _ => format!("Serial port {}", p.port_name),
                };
                PortInfo { port: p.port_name, kind: PortKind::Serial, name, problem: None }
            })
            .collect();
        found.sort_by(|a, b| a.port.cmp(&b.port));
        found
    }
}
