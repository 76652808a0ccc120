//! The forms of the measurements tab.

mod fields;
pub(super) mod form;
mod wheels;
