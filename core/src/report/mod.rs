//! The printable check report: one A4 page for the customer.
//!
//! The usual case: [`check_pdf`]. A visit is laid out as marks at places (`layout`, on the real widths of the bundled
//! typeface) and then drawn (`draw`) as PDF/A-3b, which krilla validates while writing. Nothing reads a clock or the
//! machine, so one visit gives identical bytes every time; what does not fit one page is counted, never silently dropped.

mod draw;
mod font;
mod layout;
mod page;
mod section;
pub(crate) mod words;

use jiff::tz::TimeZone;
use roadworthy_api::{Result, vehicle::VehicleDetail, visit::VisitDetail};

/// The report of one visit as a one-page A4 PDF/A-3b.
///
/// `shop` is printed in the header when not empty. Times are written in `zone` with their offset from UTC; the document's
/// creation date is the visit's end. [`roadworthy_api::Code::Invalid`] when that is no date.
pub fn check_pdf(vehicle: &VehicleDetail, visit: &VisitDetail, shop: &str, zone: &TimeZone) -> Result<Vec<u8>> {
    let fonts = font::Fonts::new()?;
    let page = layout::layout(&fonts, vehicle, visit, shop, zone);
    let name = vehicle.row.plate.as_deref().or(vehicle.row.name.as_deref()).unwrap_or("vehicle");
    let about = draw::About {
        title: format!("Vehicle check: {}", fonts.printable(name)),
        author: fonts.printable(shop),
        id: visit.id.to_string(),
        created: visit.check.ended,
    };
    draw::draw(&fonts, &page, about)
}

#[cfg(test)]
mod sample;
#[cfg(test)]
mod tests;
