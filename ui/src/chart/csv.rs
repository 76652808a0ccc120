//! What a chart shows as CSV (RFC 4180): one row per sample, times as ISO 8601 in UTC.

use super::{
    axis::View,
    track::{Datum, Track},
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

fn cell(text: &str) -> String {
    // A cell that begins like a formula is run by spreadsheets; a quote in front keeps it text.
    let text = if text.starts_with(['=', '+', '-', '@']) { format!("'{text}") } else { text.to_owned() };
    if text.contains([',', '"', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

/// A moment as ISO 8601 with milliseconds, in UTC (proleptic Gregorian calendar).
pub(crate) fn iso(at: Timestamp) -> String {
    let (days, ms) = (at.div_euclid(86_400_000), at.rem_euclid(86_400_000));
    // Days since the first of March of the year nought, in eras of 400 years.
    let z = days + 719_468;
    let (era, doe) = (z.div_euclid(146_097), z.rem_euclid(146_097));
    let yoe = (doe - doe / 1460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let (day, month) = (doy - (153 * mp + 2) / 5 + 1, if mp < 10 { mp + 3 } else { mp - 9 });
    let year = yoe + era * 400 + i64::from(month <= 2);
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
}
