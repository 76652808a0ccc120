//! What delivers the force: a throttled petrol engine, a diesel with boost and a particulate filter, a hybrid.

use super::{Drive, Engine, STEP};

/// Energy of petrol and of diesel in kJ/g; the air petrol burns with.
const PETROL: f64 = 43.0;
const DIESEL: f64 = 42.6;
const STOICHIOMETRIC: f64 = 14.7;
/// Grams per litre.
const PETROL_DENSITY: f64 = 745.0;
const DIESEL_DENSITY: f64 = 835.0;
/// What a hybrid's battery holds, kJ.
const BATTERY: f64 = 1.3 * 3600.0;

impl Drive {
    pub(super) fn engine(&mut self, force: f64) {
        if self.car.engine == Engine::Hybrid && !self.engine_wanted(force) {
            self.glide();
            return;
        }
        let jitter = self.random.between(-1.0, 1.0);
        let s = &mut self.state;
        s.runtime += STEP;
        let v = s.speed / 3.6;
        let cold = ((70.0 - s.coolant) / 50.0).clamp(0.0, 1.0);
        let idle = 760.0 + 380.0 * cold + 14.0 * jitter;
        let ratio = usize::from(s.gear).checked_sub(1).and_then(|g| self.car.gears.get(g)).copied().unwrap_or(0.0);
        let target = (v / self.car.wheel * 60.0 * ratio).max(idle);
        s.rpm += (target - s.rpm) * 0.5;
        let omega = s.rpm / 60.0 * std::f64::consts::TAU;
        let friction = (18.0 + 9.0 * cold + 0.004 * s.rpm).min(60.0);
        let torque = (force * v / 0.92 / omega.max(50.0)).clamp(-friction, self.car.torque);
        let cut = torque <= -0.8 * friction && s.rpm > 1300.0;
        let best = self.car.torque * (1.0 - ((s.rpm - 3800.0) / 5200.0).powi(2) * 0.6);
        let indicated = if cut { 0.0 } else { (torque + friction).max(6.0) };
        s.load = (indicated / (best + friction)).clamp(0.0, 1.0);
        s.torque.1 = (indicated / self.car.torque).clamp(0.0, 1.0);
        s.pedal = if force > 0.0 { (s.load * 0.85).clamp(0.0, 1.0) } else { 0.0 };
        s.timing = (9.0 + s.rpm / 260.0 - 17.0 * s.load - 4.0 * cold).clamp(-10.0, 42.0);
        s.volts = 14.1 + 0.08 * jitter - 0.1 * cold;
        let work = indicated * omega / 1000.0;
        match self.car.engine {
            Engine::Compression => self.burn_diesel(work, cut),
            _ => self.burn_petrol(work, cut, cold, jitter),
        }
        if self.car.engine == Engine::Hybrid {
            // The engine charges a little beside driving, and braking gives back.
            let kilowatts = if force < 0.0 { -0.6 * force * v / 1000.0 } else { 2.5 };
            self.charge(kilowatts);
        }
    }

    /// Throttled: the air follows the fuel.
    fn burn_petrol(&mut self, work: f64, cut: bool, cold: f64, jitter: f64) {
        let s = &mut self.state;
        s.throttle = 0.13 + 0.82 * s.load.powf(1.3) * (0.35 + 0.65 * (s.rpm / 4500.0).min(1.0));
        let fuel = work / (0.34 * PETROL);
        let air = 0.98 * self.car.litres / 2.0 * s.rpm / 60.0 * 1.15;
        s.maf = if cut { 0.24 * air } else { (fuel * STOICHIOMETRIC).clamp(0.12 * air, 0.95 * air) };
        s.map = (s.pressure * s.maf / air.max(0.1) / 0.9).clamp(18.0, s.pressure);
        let burnt = if cut { 0.0 } else { s.maf / STOICHIOMETRIC };
        s.fuel_rate = burnt * 3600.0 / PETROL_DENSITY;
        s.fuel = (s.fuel - s.fuel_rate / 3600.0 * STEP / self.car.tank).max(0.0);
        s.lambda = if cut { 1.99 } else { 1.0 - 0.06 * cold + 0.004 * jitter };
    }

    /// Not throttled: air in plenty, more with boost; only the fuel follows the pedal.
    fn burn_diesel(&mut self, work: f64, cut: bool) {
        let s = &mut self.state;
        s.throttle = 0.94;
        let burnt = if cut { 0.0 } else { work / (0.40 * DIESEL) };
        let boost = 118.0 * s.load * ((s.rpm - 1100.0) / 1100.0).clamp(0.0, 1.0);
        s.map += (s.pressure + boost - s.map) * 0.1;
        s.maf = 0.92 * self.car.litres / 2.0 * s.rpm / 60.0 * 1.18 * s.map / 100.0;
        s.fuel_rate = burnt * 3600.0 / DIESEL_DENSITY;
        s.fuel = (s.fuel - s.fuel_rate / 3600.0 * STEP / self.car.tank).max(0.0);
        s.lambda = if burnt > 0.0 { (s.maf / burnt / 14.5).clamp(1.1, 1.99) } else { 1.99 };
        s.rail = 28_000.0 + 132_000.0 * s.load;
        s.exhaust += (150.0 + 470.0 * s.load - s.exhaust) / 12.0 * STEP;
        s.filter = 0.35 + 0.045 * s.maf;
    }

    /// Whether a hybrid needs its engine: never at a standstill unless the battery is low.
    fn engine_wanted(&self, force: f64) -> bool {
        let s = &self.state;
        let kilowatts = force * s.speed / 3.6 / 1000.0;
        s.battery < 0.35 || s.speed > 0.0 && (kilowatts > 11.0 || s.speed > 58.0 || s.battery < 0.42)
    }

    /// On the motor alone.
    fn glide(&mut self) {
        let kilowatts = {
            let s = &mut self.state;
            let v = s.speed / 3.6;
            let wanted = ((self.wish.0 / 3.6 - v) * 0.45).clamp(-2.4, 1.9);
            s.runtime += STEP;
            s.rpm *= 0.4;
            if s.rpm < 60.0 {
                s.rpm = 0.0;
            }
            (s.load, s.torque.1, s.maf, s.fuel_rate) = (0.0, 0.0, 0.0, 0.0);
            (s.throttle, s.map, s.lambda, s.timing) = (0.13, s.pressure, 1.99, 0.0);
            s.pedal = if s.speed > 0.0 { (wanted / 6.0).clamp(0.0, 1.0) } else { 0.0 };
            s.volts = 14.0;
            let drive = self.car.mass * wanted * v / 1000.0;
            if drive < 0.0 { -0.6 * drive } else { -drive / 0.88 - 0.4 }
        };
        self.charge(kilowatts);
    }

    fn charge(&mut self, kilowatts: f64) {
        let s = &mut self.state;
        s.battery = (s.battery + kilowatts * STEP / BATTERY).clamp(0.2, 0.8);
    }

    pub(super) fn warm_up(&mut self) {
        let s = &mut self.state;
        let (density, energy) = match self.car.engine {
            Engine::Compression => (DIESEL_DENSITY, DIESEL),
            _ => (PETROL_DENSITY, PETROL),
        };
        let heat = s.fuel_rate / 3600.0 * density * energy * 0.3;
        let thermostat = ((s.coolant - 86.0) * 4.0).clamp(0.0, 45.0);
        let loss = 0.012 * (s.coolant - s.ambient) + thermostat;
        s.coolant += (heat - loss) / 42.0 * STEP;
        s.oil += (s.coolant + 4.0 * s.load - s.oil) / 240.0 * STEP;
        let warm_air = s.ambient
            + 4.0
            + 14.0 * (1.0 - (s.speed / 60.0).min(1.0)) * ((s.coolant - s.ambient) / 70.0).clamp(0.0, 1.0);
        s.intake += (warm_air - s.intake) / 40.0 * STEP;
        let exhaust = 320.0 + 420.0 * s.load;
        s.catalyst += (exhaust - s.catalyst) / 60.0 * STEP;
    }
}
