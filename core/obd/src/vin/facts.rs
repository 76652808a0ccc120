//! What a VIN says by itself.

use super::{VinProblem, check_digit_fits, maker, region, well_formed, year};
use roadworthy_api::vin::{CheckDigit, VinFacts};

/// Facts read from a VIN, without asking anybody. `present_year` bounds the model years: one runs at most a year ahead of the
/// calendar (49 CFR 565.12), and nothing is said of the future.
///
/// What is not certain is absent. Position 9 is judged only where the market demands a check digit: North America (49 CFR
/// 565) and China (GB 16735). Elsewhere anything may stand there, often the filler Z.
pub fn facts(vin: &str, present_year: u16) -> Result<VinFacts, VinProblem> {
    well_formed(vin)?;
    let demands = vin.starts_with('L') || region::region(vin) == Some("North America");
    let check_digit = match (demands, check_digit_fits(vin)) {
        (false, _) => CheckDigit::NotUsed,
        (true, true) => CheckDigit::Fits,
        (true, false) => CheckDigit::Wrong,
    };
    Ok(VinFacts {
        region: region::region(vin).map(str::to_owned),
        country: region::country(vin).map(str::to_owned),
        maker: maker::maker(vin).map(str::to_owned),
        model_years: year::model_years(vin, check_digit, present_year),
        check_digit,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn facts_are_as_certain_as_the_number() {
        let german = facts("WVWZZZ1KZ60000001", 2026).unwrap();
        assert_eq!(german.region.as_deref(), Some("Europe"));
        assert_eq!(german.country.as_deref(), Some("Germany"));
        assert_eq!(german.maker.as_deref(), Some("Volkswagen"));
        assert_eq!((german.model_years.as_slice(), german.check_digit), (&[2006][..], CheckDigit::NotUsed));
        let ones = facts("11111111111111111", 2026).unwrap();
        assert_eq!((ones.maker, ones.check_digit), (None, CheckDigit::Fits));
        assert_eq!(facts("11111111211111111", 2026).unwrap().check_digit, CheckDigit::Wrong);
        assert_eq!(facts("WVWZZZ1KZ6O000001", 2026), Err(VinProblem::Character(11)));
        assert_eq!(facts("WVWZZZ", 2026), Err(VinProblem::Length(6)));
    }

    proptest! {
        #[test]
        fn nothing_is_said_of_the_future_and_nothing_panics(text in "\\PC{0,20}", vin in "[A-HJ-NPR-Z0-9]{17}", year in 0u16..) {
            prop_assert_eq!(facts(&text, year).is_ok(), well_formed(&text).is_ok());
            let facts = facts(&vin, year).unwrap();
            prop_assert!(facts.model_years.len() <= 2 && facts.model_years.is_sorted());
            prop_assert!(facts.model_years.iter().all(|y| *y >= 1980 && *y <= year.saturating_add(1)));
            prop_assert!(facts.region.is_some());
            prop_assert_eq!(facts.check_digit == CheckDigit::NotUsed, !(vin.starts_with('L') || facts.region.as_deref() == Some("North America")));
        }

        /// One mistyped character of a number that fits never fits again: the weights and 11 share no factor.
        #[test]
        fn one_mistyped_character_is_noticed_or_worth_the_same(vin in "1[A-HJ-NPR-Z0-9]{16}", at in 0usize..17, to in "[A-HJ-NPR-Z0-9]") {
            let digit = super::super::check_digit(&vin).unwrap();
            let fitting = format!("{}{digit}{}", &vin[..8], &vin[9..]);
            prop_assume!(at != 8);
            let mistyped = format!("{}{to}{}", &fitting[..at], &fitting[at + 1..]);
            let same = super::super::worth(mistyped.as_bytes()[at]) == super::super::worth(fitting.as_bytes()[at]);
            prop_assert_eq!(check_digit_fits(&mistyped), same);
        }
    }
}
