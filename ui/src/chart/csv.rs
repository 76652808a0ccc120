//! What a chart shows as CSV (RFC 4180): one row per sample, times as ISO 8601 in UTC.

use super::{
    axis::View,
    calendar,
    track::{Datum, Track},
    trend::Series,
};
use roadworthy_api::{Timestamp, live::SignalInfo};
use std::fmt::Write as _;

/// The samples of `view`, signal by signal.
pub(crate) fn csv(signals: &[(SignalInfo, Track)], view: View) -> String {
    let mut out = String::from("time,ecu,pid,name,label,value,unit\r\n");
    for (info, track) in signals {
        let rest = [&info.ecu, &info.pid, &info.name, &info.label].map(|t| cell(t)).join(",");
        for (_, point) in track.around(view.from, view.to).filter(|(_, p)| view.holds(p.at)) {
            let value = match &point.datum {
                Datum::Number(value) => value.to_string(),
                Datum::Word(text) => cell(text),
                // What is missing is no value: its row says when nothing came, and holds none.
                Datum::Missing(_) => String::new(),
            };
            let _ = write!(out, "{},{rest},{value},{}\r\n", iso(point.at), cell(&info.unit));
        }
    }
    out
}

/// What a trend shows, signal (id, label, unit) by signal: a row per single value, or per column with its least, mean and
/// greatest. A row of what is missing says when nothing came, and holds no value.
pub(crate) fn trend(signals: &[(String, String, String, Series)], view: View) -> String {
    let mut out = String::from("from,to,signal,label,value,least,mean,greatest,values,unit\r\n");
    for (id, label, unit, series) in signals {
        let (name, unit) = (format!("{},{}", cell(id), cell(label)), cell(unit));
        match series {
            Series::Each(track) => {
                for (_, point) in track.around(view.from, view.to).filter(|(_, p)| view.holds(p.at)) {
                    let (value, count) = match &point.datum {
                        Datum::Number(value) => (value.to_string(), 1),
                        Datum::Word(text) => (cell(text), 1),
                        Datum::Missing(_) => (String::new(), 0),
                    };
                    let at = iso(point.at);
                    let _ = write!(out, "{at},{at},{name},{value},,,,{count},{unit}\r\n");
                }
            }
            Series::Band(columns, _) => {
                for c in columns.iter().filter(|c| c.to >= view.from && c.from <= view.to) {
                    let (from, to) = (iso(c.from), iso(c.to));
                    let _ = write!(out, "{from},{to},{name},,{},{},{},{},{unit}\r\n", c.min, c.mean, c.max, c.count);
                }
            }
        }
    }
    out
}

fn cell(text: &str) -> String {
    // A cell that begins like a formula is run by spreadsheets; a quote in front keeps it text.
    let text = if text.starts_with(['=', '+', '-', '@']) { format!("'{text}") } else { text.to_owned() };
    if text.contains([',', '"', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

/// A moment as ISO 8601 with milliseconds, in UTC (proleptic Gregorian calendar).
pub(crate) fn iso(at: Timestamp) -> String {
    let (days, ms) = (at.div_euclid(86_400_000), at.rem_euclid(86_400_000));
    let (year, month, day) = calendar::civil(days);
    let (h, m, s) = (ms / 3_600_000, ms / 60_000 % 60, ms / 1000 % 60);
    format!("{year:04}-{month:02}-{day:02}T{h:02}:{m:02}:{s:02}.{:03}Z", ms % 1000)
}

#[cfg(test)]
mod tests {
    use super::*;
    use roadworthy_api::live::LiveValue;

    #[test]
    fn moments_are_written_as_the_standard_says() {
        for (at, expect) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (951_782_400_000, "2000-02-29T00:00:00.000Z"),
            (1_709_251_199_999, "2024-02-29T23:59:59.999Z"),
            (4_107_542_399_001, "2100-02-28T23:59:59.001Z"),
            (-1, "1969-12-31T23:59:59.999Z"),
        ] {
            assert_eq!(iso(at), expect);
        }
    }

    #[test]
    fn a_row_is_a_sample_and_what_is_missing_has_no_value() {
        let mut track = Track::default();
        track.push(0, &LiveValue::Number { value: 812.25 });
        track.push(500, &LiveValue::Missing { missing: "no answer".into() });
        track.push(9000, &LiveValue::Number { value: 1.0 });
        let info = SignalInfo {
            id: "7E8:0C:engine_rpm".into(),
            ecu: "7E8".into(),
            ecu_name: "Engine".into(),
            pid: "0C".into(),
            name: "engine_rpm".into(),
            label: "Engine speed, \"raw\"".into(),
            unit: "rpm".into(),
            range: None,
        };
        let text = csv(&[(info, track)], View { from: 0, to: 1000 });
        assert_eq!(
            text,
            "time,ecu,pid,name,label,value,unit\r\n\
             1970-01-01T00:00:00.000Z,7E8,0C,engine_rpm,\"Engine speed, \"\"raw\"\"\",812.25,rpm\r\n\
             1970-01-01T00:00:00.500Z,7E8,0C,engine_rpm,\"Engine speed, \"\"raw\"\"\",,rpm\r\n"
        );
    }

    #[test]
    fn no_cell_is_run_as_a_formula() {
        for (text, expect) in [("=1+1", "'=1+1"), ("@x,y", "\"'@x,y\""), ("plain", "plain")] {
            assert_eq!(cell(text), expect);
        }
    }

    #[test]
    fn a_row_of_a_trend_is_a_value_or_a_column() {
        use roadworthy_api::telemetry::{BandColumn, TrendValues};
        let view = View { from: 0, to: 10_000 };
        let points = vec![(0, Some(1.5)), (500, None)];
        let each = Series::new(TrendValues::Raw { points, words: vec![] }, view, 100);
        let column = |from| BandColumn { from, to: from + 9, min: 1.0, max: 3.0, mean: 2.5, count: 4 };
        let columns = vec![column(0), column(90_000)];
        let band = Series::new(TrendValues::Band { made_of: "raw".into(), columns }, view, 100);
        let of = |id: &str, series| (id.to_owned(), "=A, b".to_owned(), "V".to_owned(), series);
        assert_eq!(
            trend(&[of("a", each), of("b", band)], view),
            "from,to,signal,label,value,least,mean,greatest,values,unit\r\n\
             1970-01-01T00:00:00.000Z,1970-01-01T00:00:00.000Z,a,\"'=A, b\",1.5,,,,1,V\r\n\
             1970-01-01T00:00:00.500Z,1970-01-01T00:00:00.500Z,a,\"'=A, b\",,,,,0,V\r\n\
             1970-01-01T00:00:00.000Z,1970-01-01T00:00:00.009Z,b,\"'=A, b\",,1,2.5,3,4,V\r\n"
        );
    }
}
