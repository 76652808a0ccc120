//! The model year in position 10, which repeats every 30 years.
//!
//! Where 49 CFR 565 applies, position 10 is the model year, and position 7 of passenger cars, multipurpose vehicles and light
//! trucks tells the cycles apart: a digit until 2009, a letter from 2010. Of heavier vehicles it tells nothing, so an
//! identifier that also stands for them leaves both. Elsewhere the place is free (ISO 3779). It is read only for China
//! (GB 16735) and for makers that are known to put the year there; for all others nothing is said.

use super::maker;
use roadworthy_api::vin::CheckDigit;

/// The years of one cycle in order. I, O, Q, U, Z and 0 never stand for a year.
const YEARS: &[u8] = b"ABCDEFGHJKLMNPRSTVWXY123456789";
const CYCLE: u16 = 30;

/// Years that position 10 may mean, oldest first; none where that is not certain.
pub(super) fn model_years(vin: &str, check_digit: CheckDigit, present_year: u16) -> Vec<u16> {
    let bytes = vin.as_bytes();
    let (Some(seventh), Some(tenth)) = (bytes.get(6), bytes.get(9)) else { return Vec::new() };
    let read = match check_digit {
        CheckDigit::Fits => true,
        // Mistyped, or built for a market that wants neither check digit nor year.
        CheckDigit::Wrong => false,
        CheckDigit::NotUsed => EUROPEAN.contains(&vin.get(..3).unwrap_or_default()),
    };
    let Some(place) = YEARS.iter().position(|y| y == tenth).and_then(|p| u16::try_from(p).ok()).filter(|_| read) else {
        return Vec::new();
    };
    let mut years = vec![1980 + place, 1980 + CYCLE + place];
    if maker::only_passenger(vin) {
        years.retain(|year| (*year >= 1980 + CYCLE) == seventh.is_ascii_uppercase());
    }
    years.retain(|year| *year <= present_year.saturating_add(1));
    years
}

/// Identifiers whose makers put the model year in position 10 in Europe too: those of the Volkswagen group, and Volvo cars.
const EUROPEAN: &[&str] = &["WVW", "WV1", "WV2", "WVG", "WAU", "WUA", "TRU", "WP0", "WP1", "TMB", "VSS", "YV1", "YV4"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn position_seven_decides_only_where_it_may() {
        use CheckDigit::{Fits, NotUsed, Wrong};
        let cases: &[(&str, CheckDigit, &[u16])] = &[
            // A passenger car of North America: digit until 2009, letter from 2010.
            ("1HG000100A0000000", Fits, &[1980]),
            ("1HG000A00A0000000", Fits, &[2010]),
            ("1HG000A00F0000000", Fits, &[2015]),
            ("1HG000100F0000000", Fits, &[1985]),
            ("1HG000100Y0000000", Fits, &[2000]),
            // A letter asks for 2030, which is not yet.
            ("1HG000A00Y0000000", Fits, &[]),
            ("1HG000A00V0000000", Fits, &[2027]),
            ("1HG000A00W0000000", Fits, &[]),
            // Trucks, and identifiers that are not known, may be heavy.
            ("1FT000A00F0000000", Fits, &[1985, 2015]),
            ("1RW000A00F0000000", Fits, &[1985, 2015]),
            ("1RW000A00X0000000", Fits, &[1999]),
            // Mistyped.
            ("1HG000A00F0000000", Wrong, &[]),
            // U, Z and 0 are no years.
            ("1HG000A00U0000000", Fits, &[]),
            ("1HG000A00Z0000000", Fits, &[]),
            ("1HG000A0000000000", Fits, &[]),
            ("LSV000A0080000000", Fits, &[2008]),
            ("LSV000A00D0000000", Fits, &[1983, 2013]),
            ("LSV000A00D0000000", Wrong, &[]),
            // Fillers say nothing of the year.
            ("WVWZZZ1KZ60000000", NotUsed, &[2006]),
            ("WVWZZZ1KZB0000000", NotUsed, &[1981, 2011]),
            ("WDB0000001A000000", NotUsed, &[]),
            ("VF1000000F0000000", NotUsed, &[]),
            ("JHM000000F0000000", NotUsed, &[]),
        ];
        for (vin, digit, years) in cases {
            assert_eq!(model_years(vin, *digit, 2026), *years, "{vin}");
        }
    }
}
