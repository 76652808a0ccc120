//! The system's Bluetooth LE radio, through `btleplug`: BlueZ, WinRT, CoreBluetooth.

use super::{
    choose::{self, Characteristic},
    pump::{self, Radio},
};
use crate::link::{BoxLink, likely_by_name};
use btleplug::{
    api::{
        Central, CentralState, CharPropFlags, Manager as _, Peripheral as _, ScanFilter, ValueNotification, WriteType,
    },
    platform::{Adapter, Manager, Peripheral},
};
use futures_util::{Stream, StreamExt};
use roadworthy_api::{
    Code, Error,
    port::{PortInfo, PortKind},
};
use std::{collections::BTreeMap, fmt::Display, io, pin::Pin, time::Duration};
use tokio::time::{Instant, sleep, timeout};

/// Adapters advertise themselves several times a second.
const FIND: Duration = Duration::from_secs(10);
/// Between two looks at what was heard.
const LOOK: Duration = Duration::from_millis(500);
/// A connection over a weak signal takes this long.
const CONNECT: Duration = Duration::from_secs(15);

/// Connects to the adapter with this address (on macOS: identifier) and finds its stream.
pub(in crate::link) async fn open(address: &str) -> Result<BoxLink, Error> {
    let central = central().await?;
    central.start_scan(ScanFilter::default()).await.map_err(|e| off(&e))?;
    let found = find(&central, address).await;
    // Some radios cannot connect while they listen.
    let _ = central.stop_scan().await;
    let peripheral = found?;
    let connect = async {
        peripheral.connect().await?;
        peripheral.discover_services().await
    };
    match timeout(CONNECT, connect).await {
        Ok(Ok(())) => {}
        Ok(Err(btleplug::Error::PermissionDenied)) => {
            return Err(Error::new(Code::NoPermission, format!("ble:{address} does not let this machine in."))
                .hint("Pair it in the system's Bluetooth settings, then try again."));
        }
        Ok(Err(error)) => return Err(refused(address, &error)),
        Err(_) => return Err(refused(address, &"it took too long")),
    }
    let notifications = peripheral.notifications().await.map_err(|e| refused(address, &e))?;
    pump::open(Connected { peripheral, notifications }).await.ok_or_else(|| {
        Error::new(Code::NotAnAdapter, format!("Nothing on ble:{address} answers as an adapter."))
            .hint("Check that it is the adapter and not another device; some adapters must be paired in the system's settings first.")
    })
}

/// Listens for ten seconds and tells of each device that may be an adapter: by its name, or by a service that adapters have.
pub(in crate::link) async fn scan(on: &mut (dyn FnMut(PortInfo) + Send)) -> Result<(), Error> {
    let central = central().await?;
    central.start_scan(ScanFilter::default()).await.map_err(|e| off(&e))?;
    let end = Instant::now() + FIND;
    let mut told: BTreeMap<String, String> = BTreeMap::new();
    while Instant::now() < end {
        sleep(LOOK).await;
        for peripheral in central.peripherals().await.map_err(|e| off(&e))? {
            let Ok(Some(seen)) = peripheral.properties().await else { continue };
            let name: String =
                seen.local_name.unwrap_or_default().chars().filter(|c| !c.is_control()).take(80).collect();
            let by_service = choose::advertises_adapter(seen.services.iter().map(|s| s.as_u128()));
            let likely = likely_by_name(&name)
                .or_else(|| by_service.then(|| "It offers a service that adapters have.".to_owned()));
            let address = address(&peripheral);
            if likely.is_none() || told.get(&address) == Some(&name) {
                continue;
            }
            let shown = if name.trim().is_empty() { "Bluetooth LE device" } else { name.trim() };
            let mut info = PortInfo::new(format!("ble:{address}"), PortKind::Ble, shown);
            info.likely = likely;
            info.detail = seen.rssi.map(|dbm| format!("Bluetooth LE, signal {dbm} dBm")).unwrap_or_default();
            on(info);
            told.insert(address, name);
        }
    }
    let _ = central.stop_scan().await;
    Ok(())
}

async fn central() -> Result<Adapter, Error> {
    let manager = Manager::new().await.map_err(|e| off(&e))?;
    let adapters = manager.adapters().await.map_err(|e| off(&e))?;
    let central = adapters.into_iter().next().ok_or_else(|| {
        Error::new(Code::NoAdapter, "This machine has no Bluetooth radio.")
            .hint("Plug in a Bluetooth stick, or use an adapter with a cable or Wi-Fi.")
    })?;
    match central.adapter_state().await {
        Ok(CentralState::PoweredOff) => Err(off(&"it has no power")),
        _ => Ok(central),
    }
}

async fn find(central: &Adapter, address: &str) -> Result<Peripheral, Error> {
    let end = Instant::now() + FIND;
    loop {
        let heard = central.peripherals().await.map_err(|e| off(&e))?;
        if let Some(found) = heard.into_iter().find(|p| self::address(p).eq_ignore_ascii_case(address)) {
            return Ok(found);
        }
        if Instant::now() > end {
            return Err(Error::new(Code::NoAdapter, format!("ble:{address} is not heard."))
                .hint("Check that it sits in the vehicle's connector with its light on, and that no phone is connected to it: a connected device is silent."));
        }
        sleep(LOOK).await;
    }
}

/// The address; on macOS, which hides it, the identifier in its place.
fn address(peripheral: &Peripheral) -> String {
    let address = peripheral.address();
    if address == btleplug::api::BDAddr::default() {
        peripheral.id().to_string().to_ascii_uppercase()
    } else {
        address.to_string().to_ascii_uppercase()
    }
}

fn off(cause: &impl Display) -> Error {
    Error::new(Code::NoAdapter, format!("Bluetooth LE cannot be used: {cause}."))
        .hint("Switch Bluetooth on in the system's settings, and allow this program to use it. On Linux: `sudo systemctl enable --now bluetooth`, `bluetoothctl power on`.")
}

fn refused(address: &str, cause: &impl Display) -> Error {
    Error::new(Code::NoAdapter, format!("ble:{address} cannot be connected: {cause}."))
        .hint("Go nearer, make sure that no phone holds it, unplug it and plug it in again.")
}

/// A device that is connected.
struct Connected {
    peripheral: Peripheral,
    notifications: Pin<Box<dyn Stream<Item = ValueNotification> + Send>>,
}

impl Connected {
    fn the(&self, wanted: Characteristic) -> io::Result<btleplug::api::Characteristic> {
        let all = self.peripheral.characteristics().into_iter();
        let same = |c: &btleplug::api::Characteristic| {
            c.uuid.as_u128() == wanted.id && c.service_uuid.as_u128() == wanted.service
        };
        all.into_iter().find(same).ok_or_else(|| io::ErrorKind::NotFound.into())
    }
}

impl Radio for Connected {
    fn characteristics(&self) -> Vec<Characteristic> {
        let one = |c: btleplug::api::Characteristic| Characteristic {
            service: c.service_uuid.as_u128(),
            id: c.uuid.as_u128(),
            notify: c.properties.intersects(CharPropFlags::NOTIFY | CharPropFlags::INDICATE),
            write: c.properties.contains(CharPropFlags::WRITE),
            write_unacknowledged: c.properties.contains(CharPropFlags::WRITE_WITHOUT_RESPONSE),
        };
        self.peripheral.characteristics().into_iter().map(one).collect()
    }

    fn packet(&self) -> usize {
        // Three bytes of each packet are its head.
        usize::from(self.peripheral.mtu()).saturating_sub(3)
    }

    async fn listen(&mut self, to: Characteristic, on: bool) -> io::Result<()> {
        let to = self.the(to)?;
        let done = if on { self.peripheral.subscribe(&to).await } else { self.peripheral.unsubscribe(&to).await };
        done.map_err(io::Error::other)
    }

    async fn write(&mut self, to: Characteristic, packet: &[u8], acknowledged: bool) -> io::Result<()> {
        let how = if acknowledged { WriteType::WithResponse } else { WriteType::WithoutResponse };
        self.peripheral.write(&self.the(to)?, packet, how).await.map_err(io::Error::other)
    }

    async fn next(&mut self) -> Option<(u128, Vec<u8>)> {
        loop {
            // The stream of some systems does not end with the connection.
            match timeout(Duration::from_secs(2), self.notifications.next()).await {
                Ok(said) => return said.map(|n| (n.uuid.as_u128(), n.value)),
                Err(_) if self.peripheral.is_connected().await.unwrap_or(false) => {}
                Err(_) => return None,
            }
        }
    }

    async fn leave(&mut self) {
        let _ = timeout(Duration::from_secs(5), self.peripheral.disconnect()).await;
    }
}
