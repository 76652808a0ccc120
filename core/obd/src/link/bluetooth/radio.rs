//! Whether this machine has a Bluetooth radio that is on, as the kernel says.

use super::words::Radio;
use std::{fs, path::Path};

/// The state of the radio, or of the best one where there are several.
pub(super) fn state() -> Radio {
    read(Path::new("/sys/class"))
}

fn read(class: &Path) -> Radio {
    let text = |path: &Path| fs::read_to_string(path).map(|t| t.trim().to_owned()).unwrap_or_default();
    let entries = |name: &str| {
        fs::read_dir(class.join(name))
            .into_iter()
            .flatten()
            .filter_map(Result::ok)
            .map(|e| e.path())
            .collect::<Vec<_>>()
    };
    // A switched-off radio may vanish from the list of radios and stay in that of switches.
    let switches: Vec<_> = entries("rfkill").into_iter().filter(|p| text(&p.join("type")) == "bluetooth").collect();
    // Connections have entries of their own, as `hci0:12`.
    let radios = entries("bluetooth")
        .iter()
        .any(|p| p.file_name().and_then(|n| n.to_str()).is_some_and(|n| n.starts_with("hci") && !n.contains(':')));
    if switches.is_empty() {
        return if radios { Radio::On } else { Radio::Absent };
    }
    let best = |p: &std::path::PathBuf| match (text(&p.join("hard")).as_str(), text(&p.join("soft")).as_str()) {
        ("1", _) => Radio::HardBlocked,
        (_, "1") => Radio::Blocked,
        _ if radios => Radio::On,
        _ => Radio::Off,
    };
    let states: Vec<Radio> = switches.iter().map(best).collect();
    [Radio::On, Radio::Off, Radio::Blocked].into_iter().find(|s| states.contains(s)).unwrap_or(Radio::HardBlocked)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_radio_is_on_only_if_no_switch_holds_it() {
        // Radios, switches as (type, soft, hard).
        type Case<'a> = (&'a [&'a str], &'a [(&'a str, &'a str, &'a str)], Radio);
        let cases: [Case<'_>; 8] = [
            (&[], &[], Radio::Absent),
            (&[], &[("wlan", "0", "0")], Radio::Absent),
            (&["hci0"], &[("bluetooth", "0", "0")], Radio::On),
            (&["hci0"], &[], Radio::On),
            (&["hci0:12"], &[], Radio::Absent),
            (&["hci0"], &[("bluetooth", "1", "0")], Radio::Blocked),
            (&[], &[("bluetooth", "1", "1")], Radio::HardBlocked),
            (&["hci0", "hci1"], &[("bluetooth", "1", "0"), ("bluetooth", "0", "0")], Radio::On),
        ];
        for (number, (radios, switches, expect)) in cases.into_iter().enumerate() {
            let root = std::env::temp_dir().join(format!("roadworthy-radio-{}-{number}", std::process::id()));
            for radio in radios {
                fs::create_dir_all(root.join("bluetooth").join(radio)).unwrap();
            }
            for (n, (kind, soft, hard)) in switches.iter().enumerate() {
                let dir = root.join("rfkill").join(format!("rfkill{n}"));
                fs::create_dir_all(&dir).unwrap();
                for (file, value) in [("type", kind), ("soft", soft), ("hard", hard)] {
                    fs::write(dir.join(file), format!("{value}\n")).unwrap();
                }
            }
            assert_eq!(read(&root), expect, "case {number}");
            let _ = fs::remove_dir_all(&root);
        }
    }
}
