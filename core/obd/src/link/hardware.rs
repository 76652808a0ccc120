//! The number that the system has of the device behind a port: what stays when it is plugged in elsewhere.

use super::Port;

/// Serial number of the USB device behind a serial port, as its maker wrote it in; `None` for ports without one, and where
/// the system does not tell (this reads `/sys` of Linux). Blocks shortly.
pub fn hardware(port: &Port) -> Option<String> {
    let Port::Serial(path) = port else { return None };
    let name = path.canonicalize().ok()?.file_name()?.to_owned();
    let device = std::path::Path::new("/sys/class/tty").join(name).join("device").canonicalize().ok()?;
    // The device itself stands a few levels above its interface and port.
    device
        .ancestors()
        .take(5)
        .find_map(|place| {
            place.join("idVendor").exists().then(|| std::fs::read_to_string(place.join("serial")).ok())?
        })
        .map(|text| text.trim().to_owned())
        .filter(|text| !text.is_empty())
}
