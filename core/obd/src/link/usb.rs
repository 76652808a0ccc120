//! USB serial adapters: which chip is in one, and why one that is plugged in may have no port.

/// A chip that turns USB into a serial port.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Chip {
    /// As printed on it.
    pub(super) name: &'static str,
    /// The Linux module that drives it.
    pub(super) module: &'static str,
    vendor: &'static str,
    /// Product ids.
    products: &'static [&'static str],
}

const CHIPS: [Chip; 7] = [
    Chip { name: "CH340", module: "ch341", vendor: "1a86", products: &["7523", "7522", "5523", "5512"] },
    Chip { name: "CH9102", module: "cdc_acm", vendor: "1a86", products: &["55d4", "55d3", "55d2"] },
    Chip {
        name: "CP210x",
        module: "cp210x",
        vendor: "10c4",
        products: &["ea60", "ea61", "ea63", "ea70", "ea71", "ea80"],
    },
    Chip { name: "FTDI", module: "ftdi_sio", vendor: "0403", products: &["6001", "6010", "6011", "6014", "6015"] },
    Chip {
        name: "PL2303",
        module: "pl2303",
        vendor: "067b",
        products: &["2303", "2304", "23a3", "23b3", "23c3", "23d3"],
    },
    Chip { name: "PL2303 (of another maker)", module: "pl2303", vendor: "0557", products: &["2008"] },
    Chip { name: "MCP2221", module: "cdc_acm", vendor: "04d8", products: &["00dd"] },
];

/// The chip with these ids, in lower-case hex as sysfs has them.
pub(super) fn chip(vendor: &str, product: &str) -> Option<&'static Chip> {
    CHIPS.iter().find(|c| c.vendor == vendor && c.products.contains(&product))
}

#[cfg(target_os = "linux")]
pub(super) use tree::{above, without_port};

#[cfg(target_os = "linux")]
mod tree {
    use super::{Chip, chip};
    use crate::link::list::likely_by_name;
    use roadworthy_api::{
        Code, Error,
        port::{PortInfo, PortKind},
    };
    use std::{
        fs,
        path::{Path, PathBuf},
    };

    /// A USB device as it introduces itself.
    #[derive(Debug)]
    pub(in crate::link) struct Device {
        path: PathBuf,
        maker: Option<String>,
        product: Option<String>,
        serial: Option<String>,
        chip: Option<&'static Chip>,
    }

    /// The USB device that a tty hangs on, a few levels up in the tree.
    pub(in crate::link) fn above(hardware: &Path) -> Option<Device> {
        hardware.ancestors().take(5).find(|p| p.join("idVendor").is_file()).map(Device::read)
    }

    impl Device {
        fn read(path: &Path) -> Self {
            let field = |name: &str| text(&path.join(name));
            let ids = (field("idVendor").unwrap_or_default(), field("idProduct").unwrap_or_default());
            Self {
                path: path.to_owned(),
                maker: field("manufacturer"),
                product: field("product"),
                serial: field("serial"),
                chip: chip(&ids.0, &ids.1),
            }
        }

        /// As in `USB serial adapter (FTDI)`.
        pub(in crate::link) fn name(&self) -> String {
            let product = self.product.clone().unwrap_or_else(|| "USB serial adapter".into());
            match &self.maker {
                Some(maker) if !product.contains(maker) => format!("{product} ({maker})"),
                _ => product,
            }
        }

        /// As in `CH340 chip, serial number 5`.
        pub(in crate::link) fn detail(&self) -> String {
            let chip = self.chip.map(|c| format!("{} chip", c.name));
            let serial = self.serial.as_ref().map(|s| format!("serial number {s}"));
            [chip, serial].into_iter().flatten().collect::<Vec<_>>().join(", ")
        }

        /// Why an adapter is likely behind it.
        pub(in crate::link) fn likely(&self) -> Option<String> {
            likely_by_name(&self.name())
                .or_else(|| self.chip.map(|c| format!("It has a {} chip, as many adapters with a cable have.", c.name)))
        }
    }

    /// Serial chips that are plugged in and have no port, with what keeps them from one. `bus` is `/sys/bus/usb/devices`;
    /// `curious` are the programs that try every device.
    pub(in crate::link) fn without_port(bus: &Path, curious: &[&str]) -> Vec<PortInfo> {
        let entries = fs::read_dir(bus).into_iter().flatten().filter_map(Result::ok);
        let mut found: Vec<_> = entries
            .filter_map(|e| {
                let path = fs::canonicalize(e.path()).ok()?;
                let device = path.join("idVendor").is_file().then(|| Device::read(&path))?;
                let chip = device.chip?;
                let interfaces = interfaces(&device.path);
                if interfaces.iter().any(|i| has_tty(i)) {
                    return None;
                }
                let drivers: Vec<_> = interfaces.iter().filter_map(|i| driver(i)).collect();
                let mut info = PortInfo::new("", PortKind::Serial, device.name());
                info.detail = device.detail();
                info.likely = device.likely();
                info.problem = Some(missing(chip, &drivers, curious));
                Some(info)
            })
            .collect();
        found.sort_by(|a, b| a.name.cmp(&b.name));
        found
    }

    fn missing(chip: &Chip, drivers: &[String], curious: &[&str]) -> Error {
        // `usbfs` as a driver means that a program has taken the device away from the kernel.
        let taken = drivers.iter().any(|d| d == "usbfs") || drivers.is_empty();
        if taken && curious.contains(&"brltty") {
            return Error::new(Code::PortBusy, "The program brltty, which is for Braille displays, has taken this adapter.")
                .hint("Run `sudo systemctl mask --now brltty-udev.service brltty.path`, or `sudo apt remove brltty` if no Braille display is used; then plug the adapter in again.");
        }
        if drivers.iter().any(|d| d == "usbfs") {
            return Error::new(Code::PortBusy, "Another program has taken this adapter from the system.")
                .hint("Close programs that use USB devices directly, such as a virtual machine; then plug the adapter in again.");
        }
        let module = chip.module;
        Error::new(Code::NoAdapter, format!("The system has no driver at work for its {} chip.", chip.name)).hint(format!(
            "Run `sudo modprobe {module}`. If there is no such module, install the kernel's extra modules; then plug the adapter in again."
        ))
    }

    fn interfaces(device: &Path) -> Vec<PathBuf> {
        let entries = fs::read_dir(device).into_iter().flatten().filter_map(Result::ok).map(|e| e.path());
        entries.filter(|p| p.join("bInterfaceNumber").is_file()).collect()
    }

    fn has_tty(interface: &Path) -> bool {
        let entries = fs::read_dir(interface).into_iter().flatten().filter_map(Result::ok);
        entries.filter_map(|e| e.file_name().into_string().ok()).any(|n| n.starts_with("tty"))
    }

    fn driver(interface: &Path) -> Option<String> {
        let link = fs::read_link(interface.join("driver")).ok()?;
        link.file_name()?.to_str().map(str::to_owned)
    }

    /// A line of sysfs. The strings come from the device: only printable characters go to a page.
    fn text(path: &Path) -> Option<String> {
        let raw = fs::read(path).ok()?;
        let clean: String = String::from_utf8_lossy(&raw).chars().filter(|c| !c.is_control()).take(80).collect();
        Some(clean.trim().to_owned()).filter(|t| !t.is_empty())
    }

    #[cfg(test)]
    mod tests {
        use super::*;
        use std::os::unix::fs::symlink;

        struct Tree(PathBuf);

        impl Tree {
            fn new(name: &str) -> Self {
                let root = std::env::temp_dir().join(format!("roadworthy-usb-{name}-{}", std::process::id()));
                let _ = fs::remove_dir_all(&root);
                fs::create_dir_all(root.join("bus")).unwrap();
                Self(root)
            }

            /// A device with one interface, bound to a driver, with a tty or without.
            fn plug(&self, at: &str, ids: (&str, &str), product: &str, bound: Option<&str>, tty: bool) -> PathBuf {
                let device = self.0.join("devices").join(at);
                let interface = device.join(format!("{at}:1.0"));
                fs::create_dir_all(&interface).unwrap();
                for (file, text) in [("idVendor", ids.0), ("idProduct", ids.1), ("product", product), ("serial", "A5")]
                {
                    fs::write(device.join(file), format!("{text}\n")).unwrap();
                }
                fs::write(interface.join("bInterfaceNumber"), "00\n").unwrap();
                if let Some(bound) = bound {
                    symlink(Path::new("/sys/bus/usb/drivers").join(bound), interface.join("driver")).unwrap();
                }
                if tty {
                    fs::create_dir_all(interface.join("ttyUSB0")).unwrap();
                }
                symlink(&device, self.0.join("bus").join(at)).unwrap();
                interface
            }
        }

        impl Drop for Tree {
            fn drop(&mut self) {
                let _ = fs::remove_dir_all(&self.0);
            }
        }

        #[test]
        fn a_chip_is_named_with_what_tells_it_from_others() {
            let tree = Tree::new("name");
            let tty = tree.plug("1-1", ("0403", "6015"), "OBDLink EX\u{1b}", Some("ftdi_sio"), true);
            let device = above(&tty.join("ttyUSB0")).unwrap();
            assert_eq!(
                (device.name().as_str(), device.detail().as_str()),
                ("OBDLink EX", "FTDI chip, serial number A5")
            );
            assert!(device.likely().unwrap().contains("name"));
            let tty = tree.plug("1-2", ("1a86", "7523"), "USB Serial", Some("ch341"), true);
            let device = above(&tty).unwrap();
            assert_eq!(device.detail(), "CH340 chip, serial number A5");
            assert!(device.likely().unwrap().contains("CH340"));
            let tty = tree.plug("1-3", ("2341", "0043"), "Arduino Uno", Some("cdc_acm"), true);
            assert_eq!(above(&tty).unwrap().likely(), None);
        }

        #[test]
        fn a_chip_without_a_port_says_what_took_it_or_what_is_missing() {
            let tree = Tree::new("missing");
            let bus = tree.0.join("bus");
            tree.plug("1-1", ("1a86", "7523"), "working", Some("ch341"), true);
            tree.plug("1-2", ("2341", "0043"), "no serial chip", None, false);
            assert_eq!(without_port(&bus, &["brltty"]), []);
            tree.plug("1-3", ("1a86", "7523"), "no driver", None, false);
            tree.plug("1-4", ("10c4", "ea60"), "taken", Some("usbfs"), false);
            for (curious, codes) in [
                (&[][..], [(Code::NoAdapter, "modprobe ch341"), (Code::PortBusy, "virtual machine")]),
                (&["brltty"][..], [(Code::PortBusy, "brltty"), (Code::PortBusy, "brltty")]),
            ] {
                let found = without_port(&bus, curious);
                let seen: Vec<_> = found.iter().map(|p| (p.name.as_str(), p.port.as_str())).collect();
                assert_eq!(seen, [("no driver", ""), ("taken", "")]);
                for (info, (code, hint)) in found.iter().zip(codes) {
                    let error = info.problem.as_ref().unwrap();
                    assert!(error.code == code && error.hint.contains(hint), "{curious:?}: {error}");
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chip_is_known_by_both_ids() {
        for (vendor, product, expect) in [
            ("1a86", "7523", Some("CH340")),
            ("10c4", "ea60", Some("CP210x")),
            ("0403", "6001", Some("FTDI")),
            ("067b", "2303", Some("PL2303")),
            ("067b", "0000", None),
            ("0403", "ea60", None),
            ("", "", None),
        ] {
            assert_eq!(chip(vendor, product).map(|c| c.name), expect, "{vendor}:{product}");
        }
    }
}
