//! Vehicles as data: the format of `docs/simulator.md` read into a [`Description`].
//!
//! The usual case: [`named`] for a vehicle that ships with the program, [`parse`] for a file of somebody's own. Every error
//! names the key. Nothing is guessed: a key that is not known is an error, not a comment.

use super::{
    drive::{Car, Engine},
    ecu::Ecu,
    unit,
};
use crate::{
    bus::Family,
    keys::{File, Keys},
};
use roadworthy_api::Error;

/// A vehicle as its file describes it.
pub(crate) struct Description {
    /// One word, as in `misfire`.
    pub(crate) name: String,
    /// What it is, for people, in a few words.
    pub(crate) about: String,
    /// The ELM327's number of its bus, 1 to 9.
    pub(crate) protocol: u8,
    pub(crate) car: Car,
    pub(crate) ecus: Vec<Ecu>,
}

macro_rules! shipped {
    ($($name:literal),+ $(,)?) => {
        /// Names of the vehicles that ship with the program.
        pub(crate) const NAMES: &[&str] = &[$($name),+];

        fn text(name: &str) -> Option<&'static str> {
            match name {
                $($name => Some(include_str!(concat!("../../vehicles/", $name, ".toml"))),)+
                _ => None,
            }
        }
    };
}

shipped![
    "petrol", "misfire", "diesel", "hybrid", "iso9141", "kwp-slow", "kwp", "pwm", "vpw", "can29", "no-vin", "bad-vin",
    "uds",
];

/// A shipped vehicle; `None` for a name that is not in [`NAMES`].
pub(crate) fn named(name: &str) -> Option<Result<Description, Error>> {
    text(name).map(parse)
}

/// Reads a file.
///
/// # Errors
/// [`roadworthy_api::Code::Malformed`], naming the key.
pub(crate) fn parse(text: &str) -> Result<Description, Error> {
    let mut top = Keys::new(File::Vehicle, "", File::Vehicle.table(text)?);
    let name = top.text("name")?;
    if name.len() > 40 || !name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-') {
        return Err(top.wrong("name", "must be one word of small letters, digits and hyphens."));
    }
    let about = top.text("about")?;
    let protocol = u8::try_from(top.whole("protocol", 1, 9, None)?).unwrap_or(6);
    let vin = top.optional_text("vin")?;
    if let Some(vin) = &vin
        && !(vin.len() == 17 && vin.bytes().all(|b| b.is_ascii_graphic()))
    {
        return Err(top.wrong("vin", "must have 17 printable characters; leave it out for a car without one."));
    }
    let car = car(top.below("car")?)?;
    let family = Family::of(protocol);
    let mut ecus = Vec::new();
    for keys in top.each("ecu")? {
        ecus.push(unit::read(keys, family, vin.as_deref(), &car)?);
    }
    if ecus.is_empty() {
        return Err(top.wrong("ecu", "is missing: a vehicle has at least one ECU."));
    }
    for (n, ecu) in ecus.iter().enumerate() {
        if ecus.iter().take(n).any(|other| other.id == ecu.id) {
            return Err(top.wrong("ecu", format!("{} has the id 0x{:X} of an earlier one.", n + 1, ecu.id)));
        }
    }
    top.done()?;
    Ok(Description { name, about, protocol, car, ecus })
}

fn car(mut keys: Keys) -> Result<Car, Error> {
    let engine = match keys.text("engine")?.as_str() {
        "spark" => Engine::Spark,
        "compression" => Engine::Compression,
        "hybrid" => Engine::Hybrid,
        _ => return Err(keys.wrong("engine", "must be \"spark\", \"compression\" or \"hybrid\".")),
    };
    let gears = keys.numbers("gears", 5)?;
    if gears.is_empty() || gears.iter().any(|ratio| !(0.5..=40.0).contains(ratio)) {
        return Err(keys.wrong("gears", "must be one to five overall ratios from 0.5 to 40."));
    }
    let car = Car {
        engine,
        gears,
        mass: keys.number("mass", 300.0, 10_000.0, None)?,
        drag: keys.number("drag", 0.1, 10.0, None)?,
        wheel: keys.number("wheel", 0.5, 5.0, None)?,
        litres: keys.number("litres", 0.3, 20.0, None)?,
        torque: keys.number("torque", 20.0, 3000.0, None)?,
        tank: keys.number("tank", 5.0, 1000.0, None)?,
        odometer: keys.number("odometer", 0.0, 2_000_000.0, None)?,
        fuel: keys.number("fuel", 0.0, 1.0, None)?,
        battery: keys.number("battery", 0.2, 0.8, Some(0.55))?,
        ambient: keys.number("ambient", -40.0, 60.0, Some(19.0))?,
        pressure: keys.number("pressure", 50.0, 110.0, Some(99.0))?,
    };
    keys.done()?;
    Ok(car)
}

#[cfg(test)]
mod tests;
