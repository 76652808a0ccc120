//! One `[[ecu]]` of a vehicle file.

use super::{
    drive::{Car, Drive, State},
    ecu::{Ecu, Frozen, Item},
    monitors::{Monitors, Oxygen, Test},
    uds::Uds,
    value::{self, Part},
};
use crate::{
    bus::Family,
    keys::{self, File, Keys},
};
use roadworthy_api::Error;
use std::collections::{BTreeMap, BTreeSet};
use toml::Value;

/// The seed of every freeze frame's drive.
const FROZEN: u64 = 0xF301;

pub(super) fn read(mut keys: Keys, family: Family, vin: Option<&str>, car: &Car) -> Result<Ecu, Error> {
    let (low, high) = match family {
        Family::Can11 => (0x7E8, 0x7EF),
        Family::Can29 => (0x18DA_F100, 0x18DA_F1EF),
        _ => (0x01, 0xEF),
    };
    let id = keys.whole("id", low, high, None)?;
    let think = match *keys.numbers("think", 2)?.as_slice() {
        [least, more] if (0.0..=4000.0).contains(&least) && (0.0..=4000.0).contains(&more) => (least, more),
        [] => (10.0, 10.0),
        _ => {
            return Err(
                keys.wrong("think", "must be two numbers of milliseconds from 0 to 4000: least, and how much more.")
            );
        }
    };
    let pad = u8::try_from(keys.whole("pad", 0, 255, Some(0))?).unwrap_or(0);
    let values = values(keys.below("values")?)?;
    let mut pids: BTreeSet<u8> = values.keys().copied().collect();
    for pid in keys.bytes("pids")? {
        if !value::from_physics(pid) && !values.contains_key(&pid) {
            return Err(keys.wrong("pids", format!("has 0x{pid:02X}, which needs an entry under [ecu.values].")));
        }
        pids.insert(pid);
    }
    let readiness = match *keys.bytes("readiness")?.as_slice() {
        [] => None,
        [a, b, c, d] => Some([a, b, c, d]),
        _ => return Err(keys.wrong("readiness", "must be four bytes.")),
    };
    let stored = codes(&mut keys, "stored")?;
    let pending = codes(&mut keys, "pending")?;
    let permanent = codes(&mut keys, "permanent")?;
    let mut frozen = Vec::new();
    for frame in keys.each("freeze")? {
        frozen.push(freeze(frame, &pids, car)?);
    }
    let long = frozen.iter().filter(|f| f.failure.is_some()).count();
    let mut information = information(keys.below("information")?)?;
    if keys.flag("gives-vin")? {
        let Some(vin) = vin else { return Err(keys.wrong("gives-vin", "needs a \"vin\" at the top of the file.")) };
        information.insert(0x02, Item { count: 1, data: vin.as_bytes().to_vec() });
    }
    let mut refuse = Vec::new();
    let silent = keys.texts("silent")?;
    let silent = silent
        .iter()
        .map(|text| {
            hex(text).ok_or_else(|| keys.wrong("silent", format!("has \"{text}\", which is no request in hex.")))
        })
        .collect::<Result<_, _>>()?;
    for (request, nrc) in keys.below("refuse")?.rest() {
        let (Some(bytes), Some(nrc)) = (hex(&request), keys::byte(&nrc)) else {
            return Err(
                keys.wrong("refuse", format!("\"{request}\" must be a request in hex with a byte: \"09\" = 0x11."))
            );
        };
        refuse.push((bytes, nrc));
    }
    let can = matches!(family, Family::Can11 | Family::Can29);
    let monitors = monitors(keys.below("monitors")?, can)?;
    let oxygen = oxygen(keys.below("oxygen")?, can)?;
    let uds = match keys.take("uds") {
        None => None,
        Some(Value::Table(table)) if can => Some(uds(Keys::new(File::Vehicle, "ecu uds, ", table))?),
        Some(_) => return Err(keys.wrong("uds", "must be a table: [ecu.uds], on CAN.")),
    };
    if long != if uds.is_some() { frozen.len() } else { 0 } {
        return Err(
            keys.wrong("freeze", "has a cause with a failure type (\"P0301-11\") exactly where the ECU has [ecu.uds].")
        );
    }
    let mut slow = Vec::new();
    for (request, ms) in keys.below("slow")?.rest() {
        let (Some(bytes), Some(ms)) = (hex(&request), keys::number(&ms).filter(|ms| (1.0..=10_000.0).contains(ms)))
        else {
            return Err(keys.wrong("slow", format!("\"{request}\" must be a request in hex with 1 to 10000 ms.")));
        };
        slow.push((bytes, ms));
    }
    let zero_frames = keys.flag("zero-frames")?;
    let ecu = Ecu {
        monitors,
        oxygen,
        uds,
        zero_frames,
        zeros: BTreeSet::new(),
        slow,
        id,
        think,
        pad,
        pids,
        values,
        readiness,
        stored,
        pending,
        permanent,
        frozen,
        information,
        refuse,
        silent,
    };
    if !can && ecu.longest_value() > 4 {
        return Err(keys.wrong("values", "has more than four bytes, which do not fit a frame of this bus."));
    }
    keys.done()?;
    Ok(ecu)
}

fn values(keys: Keys) -> Result<BTreeMap<u8, Vec<Part>>, Error> {
    let mut out = BTreeMap::new();
    let place = Keys::new(File::Vehicle, "ecu values, ", toml::Table::new());
    for (key, value) in keys.rest() {
        let pid = pid(&key).filter(|p| *p % 0x20 != 0 && *p != 1);
        let Some(pid) = pid else {
            return Err(
                place.wrong(&key, "is no PID: two hex digits, not a bitmap and not 01, which is \"readiness\".")
            );
        };
        let parts = value::parts(&value).map_err(|what| place.wrong(&key, what))?;
        out.insert(pid, parts);
    }
    Ok(out)
}

/// `01 = [[tid, uas, value, min, max], …]`; before CAN `01 = [[component, value, limit], …]`.
fn monitors(keys: Keys, can: bool) -> Result<Monitors, Error> {
    let mut out = Monitors::new();
    let place = Keys::new(File::Vehicle, "ecu monitors, ", toml::Table::new());
    for (key, value) in keys.rest() {
        let id = pid(&key).filter(|id| id % 0x20 != 0);
        let id = id.ok_or_else(|| place.wrong(&key, "is no id of a monitor: two hex digits, not a bitmap."))?;
        let tests = value.as_array().filter(|list| (1..=12).contains(&list.len()));
        let tests = tests.and_then(|list| list.iter().map(|value| test(value, can)).collect::<Option<_>>());
        let kind = if can {
            "must be one to twelve tests of five numbers each: test, unit and scaling, value, smallest, largest."
        } else {
            "must be one to twelve tests of three numbers each before CAN: component, value, limit."
        };
        out.insert(id, tests.ok_or_else(|| place.wrong(&key, kind))?);
    }
    Ok(out)
}

fn test(value: &Value, can: bool) -> Option<Test> {
    let numbers: Vec<u16> =
        value.as_array()?.iter().map(|n| n.as_integer().and_then(|n| u16::try_from(n).ok())).collect::<Option<_>>()?;
    let byte = |n: u16| u8::try_from(n).ok();
    match *numbers.as_slice() {
        [tid, uas, value, min, max] if can => Some(Test::Can([byte(tid)?, byte(uas)?], [value, min, max])),
        [component, value, limit] if !can => Some(Test::Legacy(byte(component)?, [value, limit])),
        _ => None,
    }
}

/// `0101 = [bytes]`: test id and sensor, then what follows.
fn oxygen(keys: Keys, can: bool) -> Result<Oxygen, Error> {
    let mut out = Oxygen::new();
    let place = Keys::new(File::Vehicle, "ecu oxygen, ", toml::Table::new());
    for (key, value) in keys.rest() {
        let bytes: Option<Vec<u8>> = value
            .as_array()
            .filter(|l| !can && (1..=3).contains(&l.len()))
            .and_then(|l| l.iter().map(keys::byte).collect());
        let (Some(&[test, sensor]), Some(bytes)) = (hex(&key).as_deref(), bytes) else {
            return Err(place.wrong(&key, "must be a test id and a sensor in hex with one to three bytes, before CAN."));
        };
        out.insert((test, sensor), bytes);
    }
    Ok(out)
}

fn uds(mut keys: Keys) -> Result<Uds, Error> {
    let mut codes = Vec::new();
    for (text, status) in keys.below("codes")?.rest() {
        let (Some(code), Some(status)) = (long_code(&text), keys::byte(&status)) else {
            return Err(
                keys.wrong("codes", format!("\"{text}\" must be a code such as \"P0301-11\" with a status byte."))
            );
        };
        codes.push((code, status));
    }
    let permanent = keys.texts("permanent")?;
    let permanent = permanent
        .iter()
        .map(|text| {
            long_code(text).ok_or_else(|| {
                keys.wrong("permanent", format!("has \"{text}\", which is no code such as \"P0301-11\"."))
            })
        })
        .collect::<Result<_, _>>()?;
    let mut identifiers = BTreeMap::new();
    for (did, data) in keys.below("identifiers")?.rest() {
        let number = u16::from_str_radix(&did, 16).ok().filter(|d| did.len() == 4 && (0xF501..=0xF5FF).contains(d));
        let (Some(number), Some(data)) = (number.filter(|d| d % 0x20 != 0), data.as_str().and_then(hex)) else {
            return Err(keys.wrong(
                "identifiers",
                format!("\"{did}\" must be an identifier from F501 to F5FF with bytes in hex."),
            ));
        };
        identifiers.insert(number.to_be_bytes()[1], data);
    }
    keys.done()?;
    Ok(Uds { codes, permanent, identifiers })
}

/// `P0301-11` is 03 01 11, the failure type last (ISO 15031-6).
fn long_code(text: &str) -> Option<[u8; 3]> {
    let (base, failure) = text.split_once('-')?;
    let ([high, low], failure) = (code(base)?, pid(failure)?);
    Some([high, low, failure])
}

fn codes(keys: &mut Keys, key: &str) -> Result<Vec<[u8; 2]>, Error> {
    let texts = keys.texts(key)?;
    texts
        .iter()
        .map(|text| {
            code(text).ok_or_else(|| keys.wrong(key, format!("has \"{text}\", which is no code such as \"P0301\".")))
        })
        .collect()
}

fn freeze(mut keys: Keys, supported: &BTreeSet<u8>, car: &Car) -> Result<Frozen, Error> {
    let text = keys.text("cause")?;
    let (cause, failure) = match (code(&text), long_code(&text)) {
        (Some(cause), _) => (cause, None),
        (None, Some([high, low, failure])) => ([high, low], Some(failure)),
        _ => return Err(keys.wrong("cause", "must be a code such as \"P0301\".")),
    };
    let pids: BTreeSet<u8> = keys.bytes("pids")?.into_iter().collect();
    if let Some(pid) = pids.iter().find(|p| !supported.contains(p)) {
        return Err(keys.wrong("pids", format!("has 0x{pid:02X}, which the ECU does not support.")));
    }
    let mut drive = Drive::new(car.clone(), FROZEN, true);
    drive.advance_to(keys.number("after", 0.0, 7200.0, Some(300.0))?);
    let mut state: State = drive.state().clone();
    let mut with = keys.below("with")?;
    for signal in value::SIGNALS {
        if let Some(value) = with.take(signal.name) {
            let number = keys::number(&value).ok_or_else(|| with.wrong(signal.name, "must be a number."))?;
            (signal.set)(&mut state, number);
        }
    }
    with.done()?;
    keys.done()?;
    Ok(Frozen { cause, failure, state, pids })
}

fn information(keys: Keys) -> Result<BTreeMap<u8, Item>, Error> {
    let mut out = BTreeMap::new();
    let place = Keys::new(File::Vehicle, "ecu information, ", toml::Table::new());
    for (key, value) in keys.rest() {
        let infotype = pid(&key)
            .filter(|n| (2..0x20).contains(n))
            .ok_or_else(|| place.wrong(&key, "is no infotype: two hex digits from 02 to 1F."))?;
        let item = match value {
            Value::Array(list) => items(infotype, &list),
            Value::Table(table) => {
                let mut keys = Keys::new(File::Vehicle, format!("ecu information {key}, "), table);
                let count = u8::try_from(keys.whole("count", 0, 255, None)?).unwrap_or(0);
                let data = keys.bytes("bytes")?;
                keys.done()?;
                Some(Item { count, data })
            }
            _ => None,
        };
        let item = item.filter(|i| i.data.len() <= 255).ok_or_else(|| {
            place.wrong(&key, "must be a list of texts that fit their infotype, or { count = …, bytes = […] }.")
        })?;
        out.insert(infotype, item);
    }
    Ok(out)
}

/// Texts padded with NUL to the length of the standard; infotype 06 in hex.
fn items(infotype: u8, list: &[Value]) -> Option<Item> {
    let mut data = Vec::new();
    for value in list {
        let text = value.as_str()?;
        let (mut bytes, size) = match infotype {
            0x02 => (text.as_bytes().to_vec(), 17),
            0x04 => (text.as_bytes().to_vec(), 16),
            0x06 => (hex(text)?, 4),
            0x0A => (text.as_bytes().to_vec(), 20),
            _ => return None,
        };
        if bytes.is_empty() || bytes.len() > size {
            return None;
        }
        bytes.resize(size, 0);
        data.extend(bytes);
    }
    Some(Item { count: u8::try_from(list.len()).ok()?, data })
}

/// A trouble code as sent: `P0301` is 03 01, `U0100` is C1 00 (SAE J2012).
fn code(text: &str) -> Option<[u8; 2]> {
    let (system, digits) = text.split_at_checked(1)?;
    let system = match system {
        "P" => 0,
        "C" => 1,
        "B" => 2,
        "U" => 3,
        _ => return None,
    };
    let plain = digits.len() == 4 && digits.bytes().all(|b| b.is_ascii_hexdigit());
    let number = plain.then(|| u16::from_str_radix(digits, 16).ok()).flatten().filter(|n| *n < 0x4000)?;
    Some((system << 14 | number).to_be_bytes())
}

fn pid(text: &str) -> Option<u8> {
    match *hex(text)?.as_slice() {
        [byte] => Some(byte),
        _ => None,
    }
}

/// Bytes written in hex, one to seven of them.
fn hex(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u8> =
        text.chars().map(|c| c.to_digit(16).and_then(|d| u8::try_from(d).ok())).collect::<Option<_>>()?;
    let (pairs, rest) = digits.as_chunks::<2>();
    (rest.is_empty() && (1..=7).contains(&pairs.len())).then(|| pairs.iter().map(|[h, l]| h << 4 | l).collect())
}
