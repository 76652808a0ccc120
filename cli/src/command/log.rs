//! `roadworthy log export`.

use super::file;
use crate::{
    args::Log,
    exit::{Exit, Stop},
    out::Out,
    session::{Place, Session},
};
use roadworthy_api::calls::ExportLog;

pub(crate) fn run(place: &Place, out: &mut Out, log: Log) -> Result<Exit, Stop> {
    let Log::Export { output, force } = log;
    let session = Session::open(place)?;
    let info = session.call(ExportLog {})?;
    let (info, bytes) = session.engine.blob(&info.hash)?;
    file::write(out, &output, force, &info, &bytes)?;
    Ok(Exit::Good)
}
