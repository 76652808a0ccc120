//! Signals over time, in words.

use crate::{
    chart::{
        track::Datum,
        trend::{self, Here, Series},
    },
    locale,
};
use roadworthy_api::telemetry::{SignalSpan, TrendValues};

/// What a signal is called: its label, with the ECU where several give it.
pub(crate) fn signal_title(span: &SignalSpan, all: &[SignalSpan]) -> String {
    let several = all.iter().any(|other| other.label == span.label && other.id != span.id);
    match (several, span.id.split(':').next().unwrap_or_default()) {
        (false, _) => span.label.clone(),
        // It came with a file.
        (true, "") => format!("{} · ECU not said", span.label),
        (true, ecu) => format!("{} · {ecu}", span.label),
    }
}

/// Signals of which every word of a search is known.
pub(crate) fn signals_found<'a>(all: &'a [SignalSpan], query: &str) -> Vec<&'a SignalSpan> {
    let query = query.to_lowercase();
    let known = |s: &SignalSpan| format!("{} {} {}", s.label, s.id.replace('_', " "), s.unit).to_lowercase();
    all.iter().filter(|s| query.split_whitespace().all(|word| known(s).contains(word))).collect()
}

/// Units that more than one signal has, with how many: the most first.
pub(crate) fn units(all: &[SignalSpan]) -> Vec<(String, usize)> {
    let mut found: Vec<(String, usize)> = Vec::new();
    for span in all.iter().filter(|s| !s.unit.is_empty()) {
        match found.iter_mut().find(|(unit, _)| *unit == span.unit) {
            Some((_, count)) => *count += 1,
            None => found.push((span.unit.clone(), 1)),
        }
    }
    found.retain(|(_, count)| *count > 1);
    found.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    found
}

/// A stretch of time, as short as it can be said.
pub(crate) fn duration(ms: i64) -> String {
    #[allow(clippy::cast_precision_loss, reason = "three figures are shown")]
    let of = |unit: i64, name: &str| {
        let value = ms as f64 / unit as f64;
        format!("{} {name}", locale::number(value, u8::from(value < 10.0)))
    };
    match ms {
        m if m < 1_000 => format!("{m} ms"),
        m if m < 60_000 => of(1_000, "s"),
        m if m < 3_600_000 => of(60_000, "min"),
        m if m < 86_400_000 => of(3_600_000, "h"),
        _ => of(86_400_000, "days"),
    }
}

/// What a chart shows of its signal; `column` is the time of one column in milliseconds.
pub(crate) fn values_shown(values: &TrendValues, column: i64) -> String {
    match values {
        TrendValues::Raw { words, .. } if !words.is_empty() => "each word".into(),
        TrendValues::Raw { .. } => "each value".into(),
        TrendValues::Band { made_of, .. } => {
            let length = match trend::whole(made_of, column) {
                60_000 => "minute".into(),
                3_600_000 => "hour".into(),
                86_400_000 => "day".into(),
                other => duration(other),
            };
            format!("every {length}: least, greatest, mean")
        }
    }
}

fn digits(greatest: f64) -> u8 {
    match greatest.abs() {
        v if v >= 1000.0 => 0,
        v if v >= 10.0 => 1,
        v if v >= 1.0 => 2,
        _ => 3,
    }
}

/// What stands at one moment of a series; nothing is made up in a gap.
pub(crate) fn here(series: &Series, found: Option<&Here>, unit: &str) -> String {
    let unit = if unit.is_empty() { String::new() } else { format!(" {unit}") };
    match found {
        None => "no value".into(),
        Some(Here::One(Datum::Number(v))) => {
            let digits = if let Series::Each(track) = series { track.digits() } else { digits(*v) };
            format!("{}{unit}", locale::fixed(*v, digits))
        }
        Some(Here::One(Datum::Word(text))) => text.to_string(),
        Some(Here::One(Datum::Missing(why))) => why.to_string(),
        Some(Here::Many(c)) if c.count == 1 => format!("{}{unit}", locale::fixed(c.mean, digits(c.max))),
        Some(Here::Many(c)) => {
            let of = |v| locale::fixed(v, digits(c.max.abs().max(c.min.abs())));
            format!("mean {}, {} to {}{unit}", of(c.mean), of(c.min), of(c.max))
        }
    }
}

/// From the least to the greatest.
pub(crate) fn value_range(least: f64, greatest: f64) -> String {
    let digits =
        if least.fract() == 0.0 && greatest.fract() == 0.0 { 0 } else { digits(greatest.abs().max(least.abs())) };
    let (least, greatest) = (locale::fixed(least, digits), locale::fixed(greatest, digits));
    if least == greatest { least } else { format!("{least} to {greatest}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use roadworthy_api::telemetry::BandColumn;

    fn span(id: &str, label: &str, unit: &str) -> SignalSpan {
        let (id, label, unit) = (id.into(), label.into(), unit.into());
        SignalSpan { id, label, unit, from: 0, to: 1, samples: 1, raw_from: None }
    }

    #[test]
    fn signals_are_called_by_their_ecu_only_where_several_give_them() {
        let all = [
            span("7E8:0C:engine_rpm", "Engine speed", "rpm"),
            span("7E9:0C:engine_rpm", "Engine speed", "rpm"),
            span("7E8:05:coolant_temperature", "Coolant temperature", "°C"),
        ];
        let titles: Vec<_> = all.iter().map(|s| signal_title(s, &all)).collect();
        assert_eq!(titles, ["Engine speed · 7E8", "Engine speed · 7E9", "Coolant temperature"]);
        let both = [all[2].clone(), span(":05:coolant_temperature", "Coolant temperature", "°C")];
        assert_eq!(
            signal_title(&both[1], &both),
            "Coolant temperature · ECU not said",
            "because the file did not name it"
        );
        for (query, expect) in [("", 3), ("speed 7e9", 1), ("°c", 1), ("engine rpm", 2), ("boost", 0)] {
            assert_eq!(signals_found(&all, query).len(), expect, "{query}");
        }
        assert_eq!(units(&all), [("rpm".to_owned(), 2)]);
    }

    #[test]
    fn what_a_chart_shows_is_said() {
        let band = |of: &str| TrendValues::Band { made_of: of.into(), columns: vec![] };
        for (values, expect) in [
            (TrendValues::Raw { points: vec![], words: vec![] }, "each value"),
            (TrendValues::Raw { points: vec![], words: vec![(0, "open".into())] }, "each word"),
            (band("raw"), "every 1.5 min: least, greatest, mean"),
            // Whole minutes, whole hours.
            (band("minutes"), "every 2.0 min: least, greatest, mean"),
            (band("hours"), "every hour: least, greatest, mean"),
        ] {
            assert_eq!(values_shown(&values, 90_000), expect);
        }
    }

    #[test]
    fn stretches_are_short() {
        for (ms, expect) in
            [(90, "90 ms"), (1_500, "1.5 s"), (42_000, "42 s"), (5_400_000, "1.5 h"), (864_000_000, "10 days")]
        {
            assert_eq!(duration(ms), expect);
        }
    }

    #[test]
    fn a_column_says_its_mean_and_its_ends_and_a_gap_nothing() {
        let series = Series::Band(vec![], 0);
        let column = |count| Here::Many(BandColumn { from: 0, to: 1, min: 1.0, max: 30.0, mean: 12.34, count });
        for (found, expect) in [
            (Some(column(5)), "mean 12.3, 1.0 to 30.0 °C"),
            (Some(column(1)), "12.3 °C"),
            (Some(Here::One(Datum::Missing("no answer".into()))), "no answer"),
            (None, "no value"),
        ] {
            assert_eq!(here(&series, found.as_ref(), "°C"), expect);
        }
        for (a, b, expect) in [(812.0, 2310.0, "812 to 2310"), (0.12, 0.7, "0.120 to 0.700"), (5.0, 5.0, "5")] {
            assert_eq!(value_range(a, b), expect);
        }
    }
}
