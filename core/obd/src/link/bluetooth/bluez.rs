//! What BlueZ, the Bluetooth service of Linux, knows: radios and paired devices, over the system's D-Bus.

use super::{
    BluetoothAddress, radio,
    words::{self, Device, Known, Radio},
};
use roadworthy_api::port::{PortInfo, PortKind};
use std::{collections::HashMap, time::Duration};
use zbus::{Connection, OwnedObjectPath, OwnedVariant};

/// The service answers from memory.
const ANSWER: Duration = Duration::from_secs(2);
/// The serial port profile's service class (Bluetooth assigned numbers).
const SERIAL_PORT: &str = "00001101-0000-1000-8000-00805f9b34fb";

type Properties = HashMap<String, OwnedVariant>;
type Objects = HashMap<OwnedObjectPath, HashMap<String, Properties>>;

/// Asks it. `None`: it does not run, or there is no D-Bus.
pub(super) async fn ask() -> Option<Known> {
    let asking = async {
        let bus = Connection::system().await?;
        let manager = Some("org.freedesktop.DBus.ObjectManager");
        let reply = bus.call_method(Some("org.bluez"), "/", manager, "GetManagedObjects", &()).await?;
        reply.body().deserialize::<Objects>()
    };
    match tokio::time::timeout(ANSWER, asking).await {
        Ok(Ok(objects)) => Some(read(&objects)),
        Ok(Err(error)) => {
            tracing::debug!(%error, "the Bluetooth service does not answer");
            None
        }
        Err(_) => None,
    }
}

fn read(objects: &Objects) -> Known {
    let mut known = Known::default();
    for interfaces in objects.values() {
        if let Some(radio) = interfaces.get("org.bluez.Adapter1") {
            let powered = flag(radio, "Powered").unwrap_or(false);
            known.powered = Some(powered || known.powered == Some(true));
        }
        if let Some(device) = interfaces.get("org.bluez.Device1").and_then(device) {
            known.devices.push(device);
        }
    }
    known.devices.sort_by_key(|d| d.address);
    known
}

fn device(properties: &Properties) -> Option<Device> {
    let address = text(properties, "Address")?.parse::<BluetoothAddress>().ok()?;
    let name = text(properties, "Alias").or_else(|| text(properties, "Name"));
    let services: Option<Vec<String>> =
        properties.get("UUIDs").and_then(|v| v.try_clone().ok()).and_then(|v| v.try_into().ok());
    Some(Device {
        address,
        name: name.map(|n| printable(&n)).filter(|n| !n.is_empty()).unwrap_or_else(|| address.to_string()),
        paired: flag(properties, "Paired").unwrap_or(false),
        serial: services.filter(|s| !s.is_empty()).map(|s| s.iter().any(|u| u.eq_ignore_ascii_case(SERIAL_PORT))),
    })
}

fn text(properties: &Properties, name: &str) -> Option<String> {
    properties.get(name).and_then(|v| <&str>::try_from(v).ok()).map(str::to_owned)
}

fn flag(properties: &Properties, name: &str) -> Option<bool> {
    properties.get(name).and_then(|v| bool::try_from(v).ok())
}

/// The name comes from the device: only printable characters go to a page.
fn printable(name: &str) -> String {
    name.chars().filter(|c| !c.is_control()).take(80).collect::<String>().trim().to_owned()
}

/// Paired devices that may be adapters, and what keeps Bluetooth from working.
pub(super) fn ports() -> Vec<PortInfo> {
    let state = radio::state();
    if state == Radio::Absent {
        // A machine without a radio needs no word about Bluetooth each time.
        return Vec::new();
    }
    // A thread of its own: who lists ports may stand inside a runtime or outside of one.
    let asked = std::thread::spawn(|| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().ok()?;
        runtime.block_on(ask())
    });
    listed(state, asked.join().ok().flatten().as_ref())
}

fn listed(state: Radio, known: Option<&Known>) -> Vec<PortInfo> {
    let problem = words::radio(state, known);
    let devices = known.map(|k| k.devices.as_slice()).unwrap_or_default();
    let mut ports: Vec<PortInfo> = devices
        .iter()
        .filter(|d| d.paired && d.serial != Some(false))
        .map(|d| PortInfo {
            likely: crate::link::likely_by_name(&d.name),
            detail: "Paired Bluetooth device".into(),
            problem: problem.clone(),
            ..PortInfo::new(format!("bt:{}", d.address), PortKind::Bluetooth, &d.name)
        })
        .collect();
    if ports.is_empty() && problem.is_some() {
        // Nothing to open, but a reason why there is nothing.
        ports.push(PortInfo { problem, ..PortInfo::new("", PortKind::Bluetooth, "Bluetooth") });
    }
    ports
}

#[cfg(test)]
mod tests {
    use super::*;
    use roadworthy_api::Code;
    use zbus::{ObjectPath, Variant};

    fn owned(value: Variant<'_>) -> OwnedVariant {
        OwnedVariant::try_from(value).unwrap()
    }

    fn object(path: &str, interface: &str, properties: &[(&str, Variant<'_>)]) -> Objects {
        let path = OwnedObjectPath::from(ObjectPath::try_from(path.to_owned()).unwrap());
        let properties = properties.iter().map(|(k, v)| ((*k).to_owned(), owned(v.try_clone().unwrap()))).collect();
        Objects::from([(path, HashMap::from([(interface.to_owned(), properties)]))])
    }

    fn world(powered: bool) -> Objects {
        let mut objects = object("/org/bluez/hci0", "org.bluez.Adapter1", &[("Powered", powered.into())]);
        for (path, address, name, paired, uuids) in [
            ("/a", "00:1D:A5:68:98:8B", "OBDII\u{1b}", true, vec![SERIAL_PORT]),
            ("/b", "00:1D:A5:68:98:8C", "Headphones", true, vec!["0000110b-0000-1000-8000-00805f9b34fb"]),
            ("/c", "00:1D:A5:68:98:8D", "Somebody's", false, vec![SERIAL_PORT]),
            ("/d", "00:1D:A5:68:98:8E", "Kiwi", true, vec![]),
            ("/e", "no address", "Broken", true, vec![]),
        ] {
            let properties: [(&str, Variant<'_>); 4] = [
                ("Address", address.into()),
                ("Alias", name.into()),
                ("Paired", paired.into()),
                ("UUIDs", uuids.into()),
            ];
            objects.extend(object(path, "org.bluez.Device1", &properties));
        }
        objects
    }

    #[test]
    fn paired_devices_that_may_have_a_serial_port_are_listed_by_name() {
        let known = read(&world(true));
        assert_eq!((known.powered, known.devices.len()), (Some(true), 4));
        let ports = listed(Radio::On, Some(&known));
        let seen: Vec<_> = ports.iter().map(|p| (p.port.as_str(), p.name.as_str(), p.likely.is_some())).collect();
        assert_eq!(seen, [("bt:00:1D:A5:68:98:8B", "OBDII", true), ("bt:00:1D:A5:68:98:8E", "Kiwi", false)]);
        assert!(ports.iter().all(|p| p.problem.is_none()));
    }

    #[test]
    fn a_radio_that_is_off_is_said_with_each_device_and_without_any() {
        let ports = listed(Radio::On, Some(&read(&world(false))));
        assert!(ports.iter().all(|p| p.problem.as_ref().is_some_and(|e| e.hint.contains("power on"))), "{ports:?}");
        let ports = listed(Radio::Blocked, None);
        let [port] = ports.as_slice() else { panic!("{ports:?}") };
        assert_eq!((port.port.as_str(), port.problem.as_ref().unwrap().code), ("", Code::NoAdapter));
        assert!(listed(Radio::On, Some(&Known { powered: Some(true), devices: vec![] })).is_empty());
    }

    #[test]
    fn properties_of_the_wrong_type_are_no_device_and_no_panic() {
        let odd = object("/x", "org.bluez.Device1", &[("Address", 7u32.into()), ("Paired", "yes".into())]);
        assert_eq!(read(&odd), Known::default());
        let odd = object(
            "/x",
            "org.bluez.Device1",
            &[("Address", "00:1D:A5:68:98:8B".into()), ("Paired", "yes".into()), ("UUIDs", 3u8.into())],
        );
        let [device] = read(&odd).devices.try_into().unwrap();
        assert_eq!((device.paired, device.serial, device.name.as_str()), (false, None, "00:1D:A5:68:98:8B"));
    }
}
