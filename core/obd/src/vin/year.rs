//! The model year.

use roadworthy_api::vin::CheckDigit;

/// Years that position 10 may mean.
pub(super) fn model_years(_vin: &str, _check_digit: CheckDigit, _present_year: u16) -> Vec<u16> {
    Vec::new()
}
