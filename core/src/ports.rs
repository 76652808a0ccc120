//! Who uses which port: a check or a live session, one at a time in this process. Other processes are kept off by the
//! operating system, or by the adapter.

use roadworthy_api::{Code, Error, Result, id::LiveId};
use roadworthy_obd::{
    can::slcan::Slcan,
    link::{self, Carrier, Port},
};
use roadworthy_simulator::{Options, connect_with, parse_spec};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

/// Every simulated vehicle drives the same way each time, so that a story told about it stays true.
const SEED: u64 = 1;

/// What a port is used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Use {
    /// A check.
    Check,
    /// A live session.
    Live(LiveId),
}

/// The ports in use. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Ports {
    busy: Arc<Mutex<HashMap<String, Use>>>,
}

impl Ports {
    /// Takes a port: [`Code::PortBusy`] while somebody of this process has it.
    pub(crate) fn claim(&self, port: &Port, what: Use) -> Result<Claim> {
        let name = identity(port);
        let mut busy = self.busy.lock().unwrap_or_else(PoisonError::into_inner);
        match busy.get(&name) {
            None => {}
            Some(Use::Check) => {
                return Err(Error::new(Code::PortBusy, format!("A check runs on {port} already."))
                    .hint("Wait for it to end, or cancel it."));
            }
            Some(Use::Live(_)) => {
                return Err(Error::new(Code::PortBusy, format!("A live session is open on {port}."))
                    .hint("Close it, then try again."));
            }
        }
        busy.insert(name.clone(), what);
        Ok(Claim { ports: self.clone(), name })
    }

    /// The live session on a port, if one is open there.
    pub(crate) fn live_on(&self, port: &Port) -> Option<LiveId> {
        match self.busy.lock().unwrap_or_else(PoisonError::into_inner).get(&identity(port)) {
            Some(Use::Live(id)) => Some(*id),
            _ => None,
        }
    }

    #[cfg(test)]
    pub(crate) fn all_free(&self) -> bool {
        self.busy.lock().unwrap_or_else(PoisonError::into_inner).is_empty()
    }
}

/// One device has several names on some systems (`/dev/serial/by-id/…`), and is one however it is spoken to.
fn identity(port: &Port) -> String {
    match port {
        Port::Serial(path) => path.canonicalize().unwrap_or_else(|_| path.clone()).display().to_string(),
        Port::Slcan { at, .. } => identity(at),
        Port::Can { interface, .. } => format!("can:{interface}"),
        Port::Bluetooth { address, .. } => format!("bt:{address}"),
        other => other.to_string(),
    }
}

/// A port in use; free again when dropped, also by a panic.
#[derive(Debug)]
pub(crate) struct Claim {
    ports: Ports,
    name: String,
}

impl Drop for Claim {
    fn drop(&mut self) {
        self.ports.busy.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.name);
    }
}

/// What was typed, as a port that has a speed if one was given.
pub(crate) fn parse(port: &str, baud: Option<u32>) -> Result<Port> {
    let parsed: Port = port.parse()?;
    if baud.is_some() && !matches!(parsed, Port::Serial(_)) {
        return Err(Error::new(Code::Invalid, format!("{parsed} has no speed in bit/s.")).hint("Leave the speed out."));
    }
    Ok(parsed)
}

fn simulated(spec: &str) -> Result<Carrier> {
    let (name, options) = parse_spec(spec, Options { seed: SEED, ..Options::default() })?;
    let frames = options.slcan;
    let link = connect_with(name, options)?;
    // As with a real one whose bit rate nobody has named: it is found by listening.
    Ok(if frames { Carrier::Can(Box::new(Slcan::new(Box::new(link), None)?)) } else { link.into() })
}

/// Opens a port, simulated ones too.
pub(crate) async fn open(port: &Port, baud: Option<u32>) -> Result<Carrier> {
    match port {
        Port::Sim(spec) => simulated(spec),
        _ => link::open(port, baud).await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_has_one_user_however_it_is_spoken_to() {
        for (one, other, same) in [
            ("/dev/ttyACM0", "slcan:/dev/ttyACM0?bitrate=500000", true),
            ("slcan:/dev/ttyACM0", "slcan:/dev/ttyACM0?baud=9600", true),
            ("slcan:tcp://192.168.0.20:35000", "tcp://192.168.0.20:35000", true),
            ("can:can0", "can:can0?fd=on", true),
            ("can:can0?fd=fast", "can:can0?fd=on", true),
            ("bt:00:1D:A5:68:98:8B", "bt:00:1D:A5:68:98:8B?channel=2", true),
            ("can:can0", "can:can1", false),
            ("/dev/ttyACM0", "/dev/ttyACM1", false),
        ] {
            let ports = Ports::default();
            let _claim = ports.claim(&one.parse().unwrap(), Use::Check).unwrap();
            assert_eq!(ports.claim(&other.parse().unwrap(), Use::Check).is_err(), same, "{one} {other}");
        }
    }
}
