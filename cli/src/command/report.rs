//! `roadworthy report`.

use super::file;
use crate::{
    args::Report,
    exit::{Exit, Stop},
    out::Out,
    session::{Place, Session, id},
};
use roadworthy_api::{calls::MakeCheckReport, id::VisitId};

pub(crate) fn run(place: &Place, out: &mut Out, report: &Report) -> Result<Exit, Stop> {
    let visit: VisitId =
        id(&report.visit, "a visit", "`roadworthy vehicle PLATE` lists the visits of a vehicle with their ids.")?;
    let session = Session::open(place)?;
    let info = session.call(MakeCheckReport { visit })?;
    let (info, bytes) = session.engine.blob(&info.hash)?;
    file::write(out, &report.output, report.force, &info, &bytes)?;
    Ok(Exit::Good)
}
