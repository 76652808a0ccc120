//! Opening the bus: the initialisation of the K-line, and the automatic search.

use super::{Out, settings::Settings};
use crate::{bus::Family, profile::habits, vehicle::Vehicle};

/// Milliseconds of the 5-baud initialisation: 300 of silence, 2000 for the address, up to 300 for the first answer.
const SLOW: f64 = 2600.0;
/// Milliseconds of the fast initialisation and its first exchange.
const FAST: f64 = 300.0;

/// What became of one protocol.
enum Tried {
    /// The vehicle is there, after so many milliseconds.
    Found(f64),
    /// It is not, after so many milliseconds, and the chip says so in these words.
    Not(f64, &'static str),
}

/// Opens the bus if it is not open: `Ok` with what is printed on the way, `Err` with the whole answer when nothing is found.
pub(super) fn connect(
    settings: &mut Settings,
    vehicle: &mut Vehicle,
    habits: &habits::Request,
) -> Result<Vec<Out>, Vec<Out>> {
    let kept = settings.wake_up && habits.wakes;
    let asleep = Family::of(settings.protocol.number).is_k_line() && !vehicle.in_session(kept);
    if settings.open && vehicle.awake() && !asleep {
        return Ok(Vec::new());
    }
    if settings.protocol.automatic {
        return search(settings, vehicle, habits);
    }
    let number = settings.protocol.number;
    let k_line = Family::of(number).is_k_line();
    // The dots are printed while the slow initialisation runs; a fast one has none.
    let dots = if number == 5 { "" } else { "..." };
    match (attempt(number, vehicle), k_line) {
        (Tried::Found(_), false) => {
            settings.open = true;
            Ok(Vec::new())
        }
        (Tried::Found(ms), true) => {
            settings.open = true;
            vehicle.initialise();
            Ok(vec![Out::part(2.0, "BUS INIT: "), Out::part(ms, dots), Out::line(20.0, "OK")])
        }
        (Tried::Not(ms, _), true) => {
            settings.open = false;
            Err(vec![Out::part(2.0, "BUS INIT: "), Out::part(ms, dots), Out::line(20.0, "ERROR")])
        }
        (Tried::Not(ms, words), false) => Err(vec![Out::line(ms, words)]),
    }
}

/// Every protocol by its number, beginning where the client said; an initialisation in a search prints nothing.
fn search(settings: &mut Settings, vehicle: &mut Vehicle, habits: &habits::Request) -> Result<Vec<Out>, Vec<Out>> {
    let first = settings.protocol.first;
    let order = (1..=9).filter(|n| *n == first).chain((1..=9).filter(|n| *n != first));
    let (mut spent, mut dialled) = (0.0, false);
    for number in order {
        // 3 and 4 share the slow initialisation: the key words that come back tell which of the two it is.
        let slow = matches!(number, 3 | 4);
        let (ms, found) = match attempt(number, vehicle) {
            Tried::Found(ms) => (ms, true),
            Tried::Not(ms, _) => (ms, false),
        };
        if !(slow && dialled) {
            spent += ms;
        }
        dialled |= slow;
        if found && habits.finds {
            (settings.protocol.number, settings.open) = (number, true);
            if slow || number == 5 {
                vehicle.initialise();
            }
            return Ok(vec![Out::line(2.0, "SEARCHING..."), Out::part(spent.max(habits.search), "")]);
        }
    }
    (settings.protocol.number, settings.open) = (0, false);
    Err(vec![Out::line(2.0, "SEARCHING..."), Out::line(spent.max(habits.search), "UNABLE TO CONNECT")])
}

fn attempt(number: u8, vehicle: &Vehicle) -> Tried {
    let (there, here) = (vehicle.protocol(), vehicle.awake());
    let found = here && there == number;
    let can = |n: u8| (6..=12).contains(&n);
    // Bits per second, in which 500 000 and 250 000 differ.
    let rate = |n: u8| match n {
        6 | 7 => 500,
        8..=10 => 250,
        11 => 125,
        _ => 50,
    };
    match number {
        1 if found => Tried::Found(80.0),
        1 => Tried::Not(380.0, "NO DATA"),
        2 if found => Tried::Found(90.0),
        2 => Tried::Not(420.0, "NO DATA"),
        3 | 4 if found => Tried::Found(SLOW),
        3 | 4 => Tried::Not(SLOW, "NO DATA"),
        5 if found => Tried::Found(FAST),
        5 => Tried::Not(FAST, "NO DATA"),
        _ if found => Tried::Found(60.0),
        // Nobody acknowledges, or traffic at another bit rate reads as errors.
        _ if !can(there) || here && rate(there) != rate(number) => Tried::Not(140.0, "CAN ERROR"),
        // Acknowledged by whatever is awake on the bus, answered by nobody.
        _ => Tried::Not(210.0, "NO DATA"),
    }
}
