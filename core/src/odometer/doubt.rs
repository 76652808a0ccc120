//! Which of many odometer readings cannot be right, and what may have happened to them. Pure; nothing is dropped or corrected.
//!
//! The readings that a vehicle may have passed through one after the other make a chain. The heaviest chain is believed; what is
//! on none of the heaviest ones is flagged, and so is what is on some of them only: there one of two is wrong, and which cannot
//! be told. Then the flagged reading is looked at beside its neighbours on the chain: does it fit as miles, with a digit more or
//! less, or does a new instrument begin there?

use super::{FIRST_KM, KM_PER_DAY, ROUNDING_KM, TIMES, grouped};
use roadworthy_api::{
    Timestamp,
    service::{KM_PER_MILE, Meter, MeterUnit, OdometerDoubt, OdometerEvidence, OdometerFlag},
};

const DAY_MS: f64 = 86_400_000.0;
/// How far back a chain is continued: a longer run of readings that are all wrong ends it.
const BACK: usize = 3000;
/// What a reading of the vehicle itself weighs against one that somebody wrote down.
const OF_VEHICLE: u32 = 3;
/// What a reading that counts already weighs.
const KNOWN: u32 = 2;
/// A correction is offered only where it means no more km a day than this.
const OFFER_PER_DAY: f64 = 1000.0;
/// The same where a reading has a neighbour on one side only, where nearly anything fits, and nothing is known of the vehicle's pace.
const OPEN_PER_DAY: f64 = 150.0;
/// Where its pace is known, so many times that, and at least so many km a day.
const OF_PACE: (f64, f64) = (3.0, 30.0);
/// Readings that begin anew before an instrument is said to have been replaced.
const ANEW: usize = 3;

/// A reading among others.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Reading {
    /// Its moment, or the beginning of its day.
    pub(crate) from: Timestamp,
    /// Its moment, or the end of its day.
    pub(crate) until: Timestamp,
    /// Its day, as in `2024-03-05`.
    pub(crate) day: String,
    /// As it was stated; never in hours.
    pub(crate) meter: Meter,
    /// In words, as in `line 12`.
    pub(crate) source: String,
    /// It counts already, and is not judged again.
    pub(crate) known: bool,
    /// The vehicle itself gave it.
    pub(crate) itself: bool,
}

impl Reading {
    fn km(&self) -> f64 {
        self.meter.km().unwrap_or(0.0)
    }

    fn with(&self, km: f64) -> Self {
        Self { meter: Meter { value: km, unit: MeterUnit::Km }, ..self.clone() }
    }

    /// As in `98,000 km (line 3, 2023-04-01)`.
    fn words(&self) -> String {
        format!("{} km ({}, {})", grouped(self.km()), self.source, self.day)
    }

    fn stated(&self) -> String {
        match self.meter.unit {
            MeterUnit::Mi => format!("{} mi ({} km)", grouped(self.meter.value), grouped(self.km())),
            _ => format!("{} km", grouped(self.km())),
        }
    }

    fn evidence(&self) -> OdometerEvidence {
        OdometerEvidence { day: self.day.clone(), km: self.km(), source: self.source.clone() }
    }

    fn weight(&self) -> u32 {
        match (self.itself, self.known) {
            (true, _) => OF_VEHICLE,
            (false, true) => KNOWN,
            (false, false) => 1,
        }
    }
}

/// Days from one to the other, at least one: of either only the day may be known.
fn days(a: &Reading, b: &Reading) -> f64 {
    (b.until.saturating_sub(a.from) as f64 / DAY_MS).max(1.0)
}

/// Whether a vehicle may have come from `a` to `b`, which is not before it.
fn may_follow(a: &Reading, b: &Reading) -> bool {
    let km = b.km() - a.km();
    if b.from < a.until {
        // The order within a day is not known.
        return km.abs() <= KM_PER_DAY;
    }
    let tenfold = a.km() >= FIRST_KM && b.km() >= a.km() * TIMES;
    km >= -ROUNDING_KM && !tenfold && km <= KM_PER_DAY * days(a, b)
}

/// For each reading that is not known already why it is flagged, in the order given; `today` ends on that moment.
pub(crate) fn doubts(readings: &[Reading], today: Timestamp) -> Vec<Option<OdometerFlag>> {
    let mut order: Vec<usize> = (0..readings.len()).filter(|i| readings[*i].from <= today).collect();
    order.sort_by(|a, b| {
        let (a, b) = (&readings[*a], &readings[*b]);
        (a.from, a.until).cmp(&(b.from, b.until)).then(a.km().total_cmp(&b.km()))
    });
    let sorted: Vec<&Reading> = order.iter().map(|i| &readings[*i]).collect();
    let standing = standing(&sorted);
    let chain: Vec<usize> =
        standing.iter().enumerate().filter(|(_, s)| **s == Standing::Believed).map(|(i, _)| i).collect();
    let mut flags: Vec<Option<OdometerFlag>> = readings
        .iter()
        .map(|r| (r.from > today && !r.known).then(|| flag(OdometerDoubt::Future, future(r), &[])))
        .collect();
    let steps = unit_steps(&sorted, &chain);
    for (at, reading) in sorted.iter().enumerate() {
        if reading.known {
            continue;
        }
        let found = match standing[at] {
            Standing::Believed => steps[at].clone(),
            _ => Some(explain(&sorted, &standing, &chain, at)),
        };
        if let Some(place) = flags.get_mut(order[at]) {
            *place = found;
        }
    }
    flags
}

fn flag(what: OdometerDoubt, reason: String, against: &[&Reading]) -> OdometerFlag {
    OdometerFlag { what, reason, evidence: against.iter().map(|r| r.evidence()).collect() }
}

fn future(reading: &Reading) -> String {
    format!("{} stands at {}, a day that has not come yet.", reading.stated(), reading.day)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    /// On every heaviest chain.
    Believed,
    /// On some of them.
    Rival,
    /// On none.
    Off,
}

fn standing(sorted: &[&Reading]) -> Vec<Standing> {
    let n = sorted.len();
    let weight: Vec<u32> = sorted.iter().map(|r| r.weight()).collect();
    let (mut up, mut down) = (weight.clone(), weight.clone());
    for i in 0..n {
        for j in (i.saturating_sub(BACK)..i).rev() {
            if up[j] + weight[i] > up[i] && may_follow(sorted[j], sorted[i]) {
                up[i] = up[j] + weight[i];
            }
        }
    }
    for i in (0..n).rev() {
        for j in i + 1..n.min(i + 1 + BACK) {
            if down[j] + weight[i] > down[i] && may_follow(sorted[i], sorted[j]) {
                down[i] = down[j] + weight[i];
            }
        }
    }
    let best = up.iter().copied().max().unwrap_or(0);
    let on: Vec<bool> = (0..n).map(|i| up[i] + down[i] - weight[i] == best).collect();
    // Where it is of the chain's weight; two that lie there both cannot be on one chain.
    let mut filled = vec![0u32; best as usize];
    for i in (0..n).filter(|i| on[*i]) {
        for place in up[i] - weight[i]..up[i] {
            filled[place as usize] += 1;
        }
    }
    (0..n)
        .map(|i| match on[i] {
            false => Standing::Off,
            true if (up[i] - weight[i]..up[i]).all(|place| filled[place as usize] == 1) => Standing::Believed,
            true => Standing::Rival,
        })
        .collect()
}

/// The believed readings beside a place.
fn neighbours<'a>(sorted: &[&'a Reading], chain: &[usize], at: usize) -> (Option<&'a Reading>, Option<&'a Reading>) {
    let next = chain.partition_point(|i| *i < at);
    let before = next.checked_sub(1).and_then(|i| chain.get(i)).map(|i| sorted[*i]);
    let after = chain[next..].iter().find(|i| **i != at).map(|i| sorted[*i]);
    (before, after)
}

fn explain(sorted: &[&Reading], standing: &[Standing], chain: &[usize], at: usize) -> OdometerFlag {
    let it = sorted[at];
    let (before, after) = neighbours(sorted, chain, at);
    let beside: Vec<&Reading> = before.into_iter().chain(after).collect();
    let place = place(before, after);
    let most = match (before, after) {
        (Some(_), Some(_)) => OFFER_PER_DAY,
        _ => usual(sorted, chain).map_or(OPEN_PER_DAY, |pace| (pace * OF_PACE.0).clamp(OF_PACE.1, OFFER_PER_DAY)),
    };
    let fits = |km: f64| {
        let as_if = it.with(km);
        let well = |a: &Reading, b: &Reading| may_follow(a, b) && (b.km() - a.km()).abs() <= most * days(a, b);
        !beside.is_empty() && before.is_none_or(|b| well(b, &as_if)) && after.is_none_or(|a| well(&as_if, a))
    };
    let (value, unit) = (it.meter.value, it.meter.unit);
    let (other, km) = match unit {
        MeterUnit::Km => (MeterUnit::Mi, value * KM_PER_MILE),
        _ => (MeterUnit::Km, value),
    };
    if fits(km) {
        let as_other = match other {
            MeterUnit::Mi => format!("{} mi are {} km", grouped(value), grouped(km)),
            _ => format!("{} km", grouped(value)),
        };
        let reason =
            format!("{} does not fit, but the figure does as {}: {as_other}, {place}.", it.stated(), unit_name(other));
        return flag(OdometerDoubt::Unit, reason, &beside);
    }
    if let Some((reason, near)) = anew(sorted, standing, at, before, after) {
        return flag(OdometerDoubt::Replaced, reason, &near);
    }
    let per = if unit == MeterUnit::Mi { KM_PER_MILE } else { 1.0 };
    let too_high = after.is_some_and(|a| it.km() > a.km()) || before.is_some_and(|b| it.km() > b.km());
    let too_low = before.is_some_and(|b| it.km() < b.km());
    if too_high && let Some(less) = shorter(value).into_iter().find(|v| fits(v * per)) {
        let reason =
            format!("{} may have a digit too many: {} {} fits {place}.", it.stated(), grouped(less), unit.word());
        return flag(OdometerDoubt::ExtraDigit, reason, &beside);
    }
    if too_low && longer(value).into_iter().any(|v| fits(v * per)) {
        let reason = format!("{} may lack a digit: with one more it fits {place}.", it.stated());
        return flag(OdometerDoubt::MissingDigit, reason, &beside);
    }
    if standing[at] == Standing::Rival {
        let rivals: Vec<&Reading> = (0..sorted.len())
            .filter(|i| *i != at && standing[*i] == Standing::Rival && !follows(sorted, at, *i))
            .map(|i| sorted[i])
            .take(3)
            .collect();
        let named: Vec<String> = rivals.iter().map(|r| r.words()).collect();
        if !named.is_empty() {
            let reason = format!(
                "{} and {} cannot both be right; which is wrong cannot be told.",
                it.stated(),
                named.join(", ")
            );
            return flag(OdometerDoubt::Contradicts, reason, &rivals);
        }
    }
    match (before, after) {
        (Some(b), _) if it.km() < b.km() => {
            let reason = format!("{} is below the reading before it: {}.", it.stated(), b.words());
            flag(OdometerDoubt::Below, reason, &beside)
        }
        (_, Some(a)) if it.km() > a.km() => {
            let reason = format!("{} is above the reading after it: {}.", it.stated(), a.words());
            flag(OdometerDoubt::Above, reason, &beside)
        }
        (Some(b), _) if !may_follow(b, it) => {
            let rate = grouped((it.km() - b.km()) / days(b, it));
            let reason = format!("{} means {rate} km a day since the reading before it: {}.", it.stated(), b.words());
            flag(OdometerDoubt::Jump, reason, &beside)
        }
        (_, Some(a)) => {
            let rate = grouped((a.km() - it.km()) / days(it, a));
            let reason = format!("{} means {rate} km a day up to the reading after it: {}.", it.stated(), a.words());
            flag(OdometerDoubt::Jump, reason, &beside)
        }
        _ => flag(OdometerDoubt::Contradicts, format!("{} contradicts the other readings.", it.stated()), &beside),
    }
}

fn follows(sorted: &[&Reading], one: usize, other: usize) -> bool {
    let (first, second) = (one.min(other), one.max(other));
    may_follow(sorted[first], sorted[second])
}

fn place(before: Option<&Reading>, after: Option<&Reading>) -> String {
    match (before, after) {
        (Some(b), Some(a)) => format!("between {} and {}", b.words(), a.words()),
        (Some(b), None) => format!("after {}", b.words()),
        (None, Some(a)) => format!("before {}", a.words()),
        (None, None) => String::new(),
    }
}

fn unit_name(unit: MeterUnit) -> &'static str {
    match unit {
        MeterUnit::Mi => "miles",
        _ => "kilometres",
    }
}

/// Whether the reading is one of several at either end of the story that follow one another and begin lower, or end higher,
/// than the believed ones beside them.
fn anew<'a>(
    sorted: &[&'a Reading],
    standing: &[Standing],
    at: usize,
    before: Option<&'a Reading>,
    after: Option<&'a Reading>,
) -> Option<(String, Vec<&'a Reading>)> {
    let run = |from: usize, to: usize| -> Option<Vec<&'a Reading>> {
        let run: Vec<&Reading> = (from..to).map(|i| sorted[i]).collect();
        let fit = run.len() >= ANEW && run.windows(2).all(|two| may_follow(two[0], two[1]));
        fit.then_some(run)
    };
    match (before, after) {
        (Some(believed), None) => {
            let from = standing.iter().rposition(|s| *s == Standing::Believed)? + 1;
            let run = run(from, sorted.len()).filter(|_| from <= at)?;
            let first = *run.first()?;
            let reason = format!(
                "From {} on the readings begin anew at {}; before them stands {}. The instrument may have been replaced.",
                first.day,
                first.stated(),
                believed.words()
            );
            (first.km() < believed.km()).then(|| (reason, vec![believed, first]))
        }
        (None, Some(believed)) => {
            let to = standing.iter().position(|s| *s == Standing::Believed)?;
            let run = run(0, to).filter(|_| at < to)?;
            let last = *run.last()?;
            let reason = format!(
                "Up to {} the readings go to {}; after them stands {}. The instrument may have been replaced.",
                last.day,
                last.stated(),
                believed.words()
            );
            (last.km() > believed.km()).then(|| (reason, vec![last, believed]))
        }
        _ => None,
    }
}

/// Kilometres a day from one believed reading to the next, the middle of all.
fn usual(sorted: &[&Reading], chain: &[usize]) -> Option<f64> {
    let rate = |a: &Reading, b: &Reading| (b.km() - a.km()) / days(a, b);
    let mut rates: Vec<f64> = chain.windows(2).map(|two| rate(sorted[two[0]], sorted[two[1]])).collect();
    if rates.len() < 2 {
        return None;
    }
    rates.sort_by(f64::total_cmp);
    Some(rates[rates.len() / 2].max(0.0))
}

/// The figure with any one digit left out, each once; one that would begin with a zero has lost more than that.
fn shorter(value: f64) -> Vec<f64> {
    let digits = format!("{value:.0}");
    let mut found: Vec<f64> = (0..digits.len())
        .filter_map(|i| Some([digits.get(..i)?, digits.get(i + 1..)?].concat()))
        .filter(|less| !less.starts_with('0'))
        .filter_map(|less| less.parse().ok())
        .collect();
    found.dedup();
    found
}

/// The figure with any one digit put in.
fn longer(value: f64) -> Vec<f64> {
    let digits = format!("{value:.0}");
    (0..=digits.len())
        .flat_map(|i| (0..10).map(move |digit| (i, digit)))
        .filter_map(|(i, digit)| format!("{}{digit}{}", digits.get(..i)?, digits.get(i..)?).parse().ok())
        .collect()
}

/// Believed readings that go on 1.609 times as high, in a time in which nobody of this vehicle drives so far: one unit before
/// that step, and another after it.
fn unit_steps(sorted: &[&Reading], chain: &[usize]) -> Vec<Option<OdometerFlag>> {
    let mut flags = vec![None; sorted.len()];
    let pairs: Vec<(usize, usize)> = chain.windows(2).map(|two| (two[0], two[1])).collect();
    let rate = |a: &Reading, km: f64, b: &Reading| (km - a.km()) / days(a, b);
    if pairs.len() < 4 {
        return flags;
    }
    let usual = usual(sorted, chain).unwrap_or(0.0);
    for (place, (a, b)) in pairs.iter().enumerate() {
        let (before, after) = (sorted[*a], sorted[*b]);
        let times = after.km() / before.km().max(1.0);
        let as_if = after.km() / KM_PER_MILE;
        let strange = before.km() >= FIRST_KM
            && (1.5..1.75).contains(&times)
            && rate(before, after.km(), after) > (usual * 5.0).max(250.0)
            && as_if >= before.km() - ROUNDING_KM
            && rate(before, as_if, after) <= (usual * 2.0).max(150.0);
        if !strange {
            continue;
        }
        // Figures in miles that went on as kilometres are wrong after the step, else those before it were miles.
        let later = after.meter.unit == MeterUnit::Mi;
        let wrong = if later { &chain[place + 1..] } else { &chain[..=place] };
        for i in wrong.iter().filter(|i| !sorted[**i].known) {
            let reason = format!(
                "The readings go on 1.6 times as high from {} to {}, as from miles to kilometres. {} may be in {}.",
                before.words(),
                after.words(),
                sorted[*i].stated(),
                if later { "kilometres" } else { "miles" }
            );
            flags[*i] = Some(flag(OdometerDoubt::Unit, reason, &[before, after]));
        }
        break;
    }
    flags
}

#[cfg(test)]
mod tests;
