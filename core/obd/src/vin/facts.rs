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
    let demands = vin.starts_with(['1', '2', '3', '4', '5', 'L']);
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
