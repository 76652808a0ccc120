//! Windows and macOS: what the serial library lists.

use super::Admitted;
use crate::link::{likely_by_name, usb};
use roadworthy_api::port::{PortInfo, PortKind};
use std::path::{Path, PathBuf};
use tokio_serial::SerialPortType;

pub(super) fn holder(_: &Path) -> Option<String> {
    None
}

pub(super) fn stable_name(_: &Path) -> Option<PathBuf> {
    None
}

pub(super) fn curious() -> Vec<&'static str> {
    Vec::new()
}

pub(super) fn without_port() -> Vec<PortInfo> {
    Vec::new()
}

pub(super) fn admitted(_: &Path) -> Admitted {
    Admitted::Unknown
}

pub(super) fn serial_ports() -> Vec<PortInfo> {
    let mut found: Vec<_> = tokio_serial::available_ports()
        .unwrap_or_default()
        .into_iter()
        .map(|p| {
            let mut info = PortInfo::new(&p.port_name, PortKind::Serial, format!("Serial port {}", p.port_name));
            match p.port_type {
                SerialPortType::UsbPort(usb) => {
                    let ids = (format!("{:04x}", usb.vid), format!("{:04x}", usb.pid));
                    let chip = usb::chip(&ids.0, &ids.1);
                    info.name = usb.product.or(usb.manufacturer).unwrap_or_else(|| "USB serial adapter".into());
                    info.detail = chip.map(|c| format!("{} chip", c.name)).unwrap_or_default();
                    info.likely = likely_by_name(&info.name).or_else(|| {
                        chip.map(|c| format!("It has a {} chip, as many adapters with a cable have.", c.name))
                    });
                }
                // A paired adapter has two: the outgoing one is the one that opens.
                SerialPortType::BluetoothPort => info.name = "Bluetooth serial port".into(),
                _ => {}
            }
            info
        })
        .collect();
    found.sort_by(|a, b| a.port.cmp(&b.port));
    found
}
