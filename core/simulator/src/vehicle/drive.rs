//! How a car drives: a driver with a target speed, forces on the car, an engine that delivers them and warms up.
//!
//! Simple physics in fixed steps of a tenth of a second, so that the same seed gives the same drive whenever it is looked at.

mod engine;

use crate::random::Random;

/// Step in seconds.
const STEP: f64 = 0.1;
/// Longest stretch simulated at once, in seconds: a client that comes back after a night finds the car where it was.
const LONGEST: f64 = 4.0 * 3600.0;
/// What turns the wheels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Engine {
    /// Petrol, throttled, with a catalyst.
    Spark,
    /// Diesel, turbocharged, with a particulate filter.
    Compression,
    /// Petrol beside an electric motor; the engine stops when the car stands.
    Hybrid,
}

/// What a car is.
#[derive(Clone, Debug)]
pub(crate) struct Car {
    pub(crate) engine: Engine,
    /// kg, driver included.
    pub(crate) mass: f64,
    /// Drag coefficient times frontal area, m².
    pub(crate) drag: f64,
    /// Rolling circumference of a wheel, m.
    pub(crate) wheel: f64,
    /// Overall ratio per gear.
    pub(crate) gears: Vec<f64>,
    /// Litres of displacement.
    pub(crate) litres: f64,
    /// Greatest torque, Nm.
    pub(crate) torque: f64,
    /// Litres of tank.
    pub(crate) tank: f64,
    /// Odometer at the start, km.
    pub(crate) odometer: f64,
    /// Fuel at the start, share of the tank.
    pub(crate) fuel: f64,
    /// Charge of a hybrid's battery at the start, share.
    pub(crate) battery: f64,
    /// Outside, °C; the engine starts as cold.
    pub(crate) ambient: f64,
    /// Air pressure, kPa.
    pub(crate) pressure: f64,
}

/// Everything a sensor could see at one moment. Units in the names' comments.
#[derive(Clone, Debug)]
pub(crate) struct State {
    /// Engine runs.
    pub(crate) running: bool,
    /// Seconds since engine start.
    pub(crate) runtime: f64,
    /// km/h.
    pub(crate) speed: f64,
    /// 1/min.
    pub(crate) rpm: f64,
    /// 0: neutral.
    pub(crate) gear: u8,
    /// Accelerator pedal, 0–1.
    pub(crate) pedal: f64,
    /// Throttle plate, 0–1.
    pub(crate) throttle: f64,
    /// Share of the greatest torque at this speed, 0–1.
    pub(crate) load: f64,
    /// °C.
    pub(crate) coolant: f64,
    /// °C.
    pub(crate) oil: f64,
    /// °C.
    pub(crate) intake: f64,
    /// °C.
    pub(crate) ambient: f64,
    /// °C.
    pub(crate) catalyst: f64,
    /// g/s.
    pub(crate) maf: f64,
    /// Intake manifold, kPa.
    pub(crate) map: f64,
    /// Outside, kPa.
    pub(crate) pressure: f64,
    /// Short term fuel trim, %.
    pub(crate) short_trim: f64,
    /// Long term fuel trim, %.
    pub(crate) long_trim: f64,
    /// Air-fuel ratio over stoichiometric.
    pub(crate) lambda: f64,
    /// Second oxygen sensor, V.
    pub(crate) o2: f64,
    /// Degrees before top dead centre.
    pub(crate) timing: f64,
    /// Share of the tank.
    pub(crate) fuel: f64,
    /// Fuel rate, l/h.
    pub(crate) fuel_rate: f64,
    /// km.
    pub(crate) odometer: f64,
    /// km since start.
    pub(crate) distance: f64,
    /// V.
    pub(crate) volts: f64,
    /// Greatest torque, Nm, and the share of it that the engine gives.
    pub(crate) torque: (f64, f64),
    /// Charge of a hybrid's battery, share.
    pub(crate) battery: f64,
    /// Injection pressure of a diesel, kPa.
    pub(crate) rail: f64,
    /// Exhaust gas before the particulate filter, °C.
    pub(crate) exhaust: f64,
    /// What the particulate filter resists, kPa.
    pub(crate) filter: f64,
    /// Litres of displacement.
    pub(crate) litres: f64,
}

/// A car on its way.
pub(crate) struct Drive {
    car: Car,
    random: Random,
    state: State,
    time: f64,
    /// Speed the driver wants in km/h, and until when.
    wish: (f64, f64),
}

impl Drive {
    pub(crate) fn new(car: Car, seed: u64, running: bool) -> Self {
        let state = State {
            running,
            runtime: 0.0,
            speed: 0.0,
            rpm: 0.0,
            gear: 0,
            pedal: 0.0,
            throttle: 0.14,
            load: 0.0,
            coolant: car.ambient,
            oil: car.ambient,
            intake: car.ambient + 3.0,
            ambient: car.ambient,
            catalyst: car.ambient,
            maf: 0.0,
            map: car.pressure,
            pressure: car.pressure,
            short_trim: 0.0,
            long_trim: 2.3,
            lambda: 1.0,
            o2: 0.45,
            timing: 0.0,
            fuel: car.fuel,
            fuel_rate: 0.0,
            odometer: car.odometer,
            distance: 0.0,
            volts: 12.5,
            torque: (car.torque, 0.0),
            battery: car.battery,
            rail: 0.0,
            exhaust: car.ambient,
            filter: 0.0,
            litres: car.litres,
        };
        let mut drive = Self { car, random: Random::new(seed), state, time: 0.0, wish: (0.0, 15.0) };
        drive.step();
        drive
    }

    pub(crate) fn state(&self) -> &State {
        &self.state
    }

    /// Drives on until `seconds` after the start; time that has passed already changes nothing.
    pub(crate) fn advance_to(&mut self, seconds: f64) {
        let end = if seconds - self.time > LONGEST { self.time + LONGEST } else { seconds };
        while self.time + STEP <= end {
            self.step();
        }
        self.time = self.time.max(seconds - STEP);
    }

    fn step(&mut self) {
        self.time += STEP;
        if self.state.running {
            self.choose_speed();
            let force = self.accelerate();
            self.engine(force);
            self.warm_up();
            self.mixture();
        }
    }

    /// Town and country: stops, streets, roads.
    fn choose_speed(&mut self) {
        if self.time < self.wish.1 {
            return;
        }
        let kind = self.random.between(0.0, 1.0);
        let (speed, hold) = if kind < 0.25 {
            (0.0, self.random.between(5.0, 30.0))
        } else if kind < 0.75 {
            (self.random.between(28.0, 55.0), self.random.between(15.0, 60.0))
        } else {
            (self.random.between(70.0, 108.0), self.random.between(30.0, 120.0))
        };
        self.wish = (speed, self.time + hold);
    }

    /// Moves the car; returns the force at the wheels in N (negative: braking or engine braking).
    fn accelerate(&mut self) -> f64 {
        let s = &mut self.state;
        let v = s.speed / 3.6;
        let wanted = ((self.wish.0 / 3.6 - v) * 0.45).clamp(-2.4, 1.9);
        let resistance = if v > 0.0 { self.car.mass * 9.81 * 0.011 + 0.6 * self.car.drag * v * v } else { 0.0 };
        let ratio = self.car.gears.get(usize::from(s.gear.max(1)) - 1).copied().unwrap_or(1.0);
        let torque_left = 0.92 * self.car.torque * ratio / (self.car.wheel / std::f64::consts::TAU);
        let force = (self.car.mass * wanted + resistance).min(torque_left);
        let next = (v + (force - resistance) / self.car.mass * STEP).max(0.0);
        let next = if self.wish.0 == 0.0 && next < 0.3 { 0.0 } else { next };
        let km = (v + next) / 2.0 * STEP / 1000.0;
        s.speed = next * 3.6;
        s.odometer += km;
        s.distance += km;
        // Shift up late under power, early when coasting; a hysteresis of 5 km/h keeps it from hunting.
        let thresholds = [0.5, 16.0, 32.0, 50.0, 68.0];
        let up = thresholds
            .iter()
            .take(self.car.gears.len())
            .filter(|t| s.speed > **t + 5.0 * f64::from(u8::from(**t > 1.0)))
            .count();
        let down = thresholds.iter().take(self.car.gears.len()).filter(|t| s.speed > **t).count();
        let gear = usize::from(s.gear).clamp(up, down.max(up));
        s.gear = u8::try_from(gear).unwrap_or(0);
        if s.speed == 0.0 { 0.0 } else { force }
    }

    fn mixture(&mut self) {
        let wander = self.random.between(-1.0, 1.0);
        let s = &mut self.state;
        let closed = s.coolant > 35.0;
        s.short_trim = if closed { (s.short_trim * 0.96 + 0.35 * wander).clamp(-9.0, 9.0) } else { 0.0 };
        let target = if s.lambda > 1.5 { 0.06 } else { 0.66 + 0.05 * wander };
        s.o2 += (target - s.o2) * 0.2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vehicle::file;

    fn car(name: &str) -> Car {
        file::named(name).unwrap().unwrap().car
    }

    fn after(seed: u64, seconds: f64) -> Drive {
        let mut drive = Drive::new(car("petrol"), seed, true);
        drive.advance_to(seconds);
        drive
    }

    #[test]
    fn the_same_seed_drives_the_same_way_however_often_it_is_looked_at() {
        let once = after(3, 600.0);
        let mut often = Drive::new(car("petrol"), 3, true);
        for tenth in 0..=6000 {
            often.advance_to(f64::from(tenth) / 10.0);
        }
        assert!(
            (once.state.odometer - often.state.odometer).abs() < 0.05,
            "{} {}",
            once.state.odometer,
            often.state.odometer
        );
        assert!((after(4, 600.0).state.odometer - once.state.odometer).abs() > 1e-6);
    }

    #[test]
    fn a_drive_stays_within_what_a_car_can_do() {
        for seed in 0..12 {
            let mut drive = Drive::new(car("petrol"), seed, true);
            let (mut fastest, mut before) = (0.0f64, drive.state.odometer);
            for second in 1..2400 {
                drive.advance_to(f64::from(second));
                let s = &drive.state;
                assert!(
                    (600.0..6500.0).contains(&s.rpm) || s.runtime < 3.0,
                    "rpm {} at {second} s of seed {seed}",
                    s.rpm
                );
                assert!((0.0..130.0).contains(&s.speed), "speed {}", s.speed);
                assert!((0.0..=1.0).contains(&s.load) && (0.0..=1.0).contains(&s.throttle));
                assert!((0.2..90.0).contains(&s.maf), "maf {}", s.maf);
                assert!((15.0..99.0).contains(&s.coolant), "coolant {}", s.coolant);
                assert!((13.5..14.6).contains(&s.volts));
                assert!(s.odometer >= before);
                before = s.odometer;
                fastest = fastest.max(s.speed);
            }
            assert!(fastest > 25.0, "seed {seed} never drove");
            assert!(
                (82.0..96.0).contains(&drive.state.coolant),
                "warm engine at {} °C, seed {seed}",
                drive.state.coolant
            );
            assert!(drive.state.fuel < car("petrol").fuel);
        }
    }

    #[test]
    fn a_cold_start_idles_high_and_stands() {
        let drive = after(1, 5.0);
        assert_eq!(drive.state.speed, 0.0);
        assert!((1000.0..1250.0).contains(&drive.state.rpm), "{}", drive.state.rpm);
        assert!((1.0..9.0).contains(&drive.state.maf), "{}", drive.state.maf);
        assert!((0.1..0.45).contains(&drive.state.load), "{}", drive.state.load);
    }

    #[test]
    fn an_engine_at_rest_stays_at_rest() {
        let mut drive = Drive::new(car("petrol"), 1, false);
        drive.advance_to(100.0);
        assert_eq!((drive.state.rpm, drive.state.speed, drive.state.maf), (0.0, 0.0, 0.0));
        assert_eq!(drive.state.volts, 12.5);
    }
}
