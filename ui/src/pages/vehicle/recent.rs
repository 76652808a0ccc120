//! The last visits with their whole checks, for tabs that look at several.

use crate::{
    backend::call,
    live::{Fetched, fetch_by},
};
use roadworthy_api::{
    Error,
    calls::{GetVisit, ListVisits},
    id::VehicleId,
    visit::VisitDetail,
};

/// Visits looked at.
pub(super) const VISITS: u32 = 6;

/// The last visits, newest first.
pub(super) fn recent(vehicle: VehicleId) -> Fetched<Vec<VisitDetail>> {
    fetch_by(move || Some(vehicle), read)
}

async fn read(vehicle: VehicleId) -> Result<Vec<VisitDetail>, Error> {
    let page = call(ListVisits { vehicle, offset: 0, limit: VISITS }).await?;
    let mut visits = Vec::with_capacity(page.rows.len());
    for row in page.rows {
        visits.push(call(GetVisit { visit: row.id }).await?);
    }
    Ok(visits)
}
