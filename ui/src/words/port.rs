//! Ports in words: groups, and what a person types.

use roadworthy_api::port::{PortInfo, PortKind};

/// Ports under their headings, none of which is empty. `last` is the one used last.
pub(crate) fn groups(ports: Vec<PortInfo>, last: Option<&str>) -> Vec<(&'static str, Vec<PortInfo>)> {
    const ORDER: [&str; 9] = [
        "Used last",
        "Likely adapters",
        "Serial ports",
        "Bluetooth",
        "Bluetooth LE",
        "Wi-Fi",
        "CAN",
        "Recorded",
        "Simulated vehicles",
    ];
    let heading = |p: &PortInfo| match p.kind {
        _ if !p.port.is_empty() && Some(p.port.as_str()) == last => ORDER[0],
        PortKind::Simulated => ORDER[8],
        PortKind::Replay => ORDER[7],
        _ if p.likely.is_some() => ORDER[1],
        PortKind::Serial => ORDER[2],
        PortKind::Bluetooth => ORDER[3],
        PortKind::Ble => ORDER[4],
        PortKind::Tcp => ORDER[5],
        PortKind::Can => ORDER[6],
    };
    let mut groups: Vec<_> = ORDER.map(|o| (o, Vec::new())).into();
    for port in ports {
        let under = heading(&port);
        if let Some((_, list)) = groups.iter_mut().find(|(name, _)| *name == under) {
            list.push(port);
        }
    }
    groups.retain(|(_, list)| !list.is_empty());
    groups
}

/// Whether there is an adapter, or something that may be one.
pub(crate) fn any_real(ports: &[PortInfo]) -> bool {
    ports.iter().any(|p| !p.port.is_empty() && !matches!(p.kind, PortKind::Simulated | PortKind::Replay))
}

/// What was typed as an adapter's address, as a port; `Err` says what an address looks like.
pub(crate) fn typed_port(text: &str) -> Result<String, &'static str> {
    const HOW: &str = "Write host and port, as in tcp://192.168.0.10:35000, or bt: or ble: and a Bluetooth address.";
    let text = text.trim();
    let as_it_is = ["/", "sim:", "replay:", "COM", "bt:", "ble:", "can:", "slcan:"];
    if as_it_is.iter().any(|start| text.strip_prefix(start).is_some_and(|rest| !rest.is_empty())) {
        return Ok(text.to_owned());
    }
    // A bare Bluetooth address: classic, since an address says nothing of which it is.
    if text.split([':', '-']).count() == 6 && text.split([':', '-']).all(|p| p.len() == 2 && hex(p)) {
        return Ok(format!("bt:{}", text.replace('-', ":").to_uppercase()));
    }
    let rest = match text.split_once("://") {
        Some(("tcp", rest)) => rest,
        Some(_) => return Err(HOW),
        None => text,
    };
    let (host, port) = rest.rsplit_once(':').ok_or(HOW)?;
    let fine = !host.is_empty() && !host.contains([' ', '/', '@']) && port.parse::<u16>().is_ok_and(|p| p > 0);
    if fine { Ok(format!("tcp://{host}:{port}")) } else { Err(HOW) }
}

fn hex(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typed_address_becomes_a_port_or_says_how_to_write_one() {
        for (text, expect) in [
            ("tcp://192.168.0.10:35000", Some("tcp://192.168.0.10:35000")),
            (" 192.168.0.10:35000 ", Some("tcp://192.168.0.10:35000")),
            ("tcp://[::1]:35000", Some("tcp://[::1]:35000")),
            ("/dev/ttyUSB0", Some("/dev/ttyUSB0")),
            ("sim:petrol", Some("sim:petrol")),
            ("bt:00:1D:A5:68:98:8B?channel=2", Some("bt:00:1D:A5:68:98:8B?channel=2")),
            ("ble:00:1D:A5:68:98:8B", Some("ble:00:1D:A5:68:98:8B")),
            ("00-1d-a5-68-98-8b", Some("bt:00:1D:A5:68:98:8B")),
            ("bt:", None),
            ("192.168.0.10", None),
            ("192.168.0.10:0", None),
            ("192.168.0.10:70000", None),
            ("http://192.168.0.10:80", None),
            (":35000", None),
            ("", None),
        ] {
            assert_eq!(typed_port(text).ok().as_deref(), expect, "{text}");
        }
    }

    #[test]
    fn the_one_used_last_stands_first_and_what_does_not_exist_last() {
        let port = |port: &str, kind, likely: bool| PortInfo {
            likely: likely.then(String::new),
            ..PortInfo::new(port, kind, port)
        };
        let ports = vec![
            port("/dev/ttyUSB0", PortKind::Serial, true),
            port("bt:1", PortKind::Bluetooth, true),
            port("/dev/ttyS0", PortKind::Serial, false),
            port("", PortKind::Bluetooth, false),
            port("sim:petrol", PortKind::Simulated, false),
            port("tcp://h:1", PortKind::Tcp, false),
        ];
        assert!(any_real(&ports));
        let seen = |last| -> Vec<(&str, usize)> {
            groups(ports.clone(), last).into_iter().map(|(name, list)| (name, list.len())).collect()
        };
        let others = [("Serial ports", 1), ("Bluetooth", 1), ("Wi-Fi", 1), ("Simulated vehicles", 1)];
        assert_eq!(seen(None), [&[("Likely adapters", 2)][..], &others].concat());
        assert_eq!(seen(Some("bt:1")), [&[("Used last", 1), ("Likely adapters", 1)][..], &others].concat());
        let nothing = vec![port("", PortKind::Bluetooth, false), port("sim:petrol", PortKind::Simulated, false)];
        assert!(!any_real(&nothing));
    }
}
