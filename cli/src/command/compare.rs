//! `roadworthy compare` and `roadworthy traffic`.

use super::file;
use crate::{
    args::keep::{self, Compare},
    exit::{Exit, Stop},
    out::{Cell, Out, Tone, cell, state, time},
    session::{Place, Session, id},
};
use roadworthy_api::{
    Code, Error,
    calls::{CompareVisits, ExportTraffic, ListVisits},
    id::VisitId,
    visit::{ComparedSection, Comparison},
};
use roadworthy_obd::{line::candump, traffic::Traffic};

pub(super) fn visit(text: &str) -> Result<VisitId, Error> {
    id(text, "a visit", "`roadworthy vehicle PLATE` lists the visits of a vehicle with their ids.")
}

pub(crate) fn run(place: &Place, out: &mut Out, compare: &Compare) -> Result<Exit, Stop> {
    let session = Session::open(place)?;
    let pair = match &compare.last {
        None => compare.visits.iter().map(|text| visit(text)).collect::<Result<Vec<_>, _>>()?,
        Some(named) => {
            let vehicle = session.find_vehicle(named)?;
            session.call(ListVisits { vehicle, offset: 0, limit: 2 })?.rows.iter().map(|row| row.id).collect()
        }
    };
    let &[one, other] = pair.as_slice() else {
        return Err(Error::new(Code::NotFound, "There are not two visits to compare.")
            .hint("Check the vehicle again, or name two visits.")
            .into());
    };
    let compared = session.call(CompareVisits { one, other })?;
    if out.json {
        out.object(&compared)?;
    } else {
        print(out, &compared)?;
    }
    Ok(Exit::Good)
}

fn print(out: &mut Out, compared: &Comparison) -> Result<(), Stop> {
    let (older, newer) = (&compared.older, &compared.newer);
    let driven = compared.km_between.map(|km| format!(", {km:.0} km between")).unwrap_or_default();
    out.line(&format!("{} → {}{driven}", time(older.ended), time(newer.ended)))?;
    let verdicts = [&compared.verdicts.0, &compared.verdicts.1];
    let rows: Vec<Vec<Cell>> = verdicts.map(|v| vec![state(v.state), cell(Tone::Plain, &v.reason)]).to_vec();
    out.table(&rows)?;
    for (section, title) in [
        (ComparedSection::Codes, "Trouble codes"),
        (ComparedSection::Readiness, "Readiness"),
        (ComparedSection::Coverage, "Who answered"),
        (ComparedSection::Calibrations, "Calibrations"),
        (ComparedSection::Values, "Readings"),
    ] {
        let word = |text: &Option<String>| text.clone().unwrap_or_else(|| "–".into());
        let rows: Vec<Vec<Cell>> = compared
            .rows
            .iter()
            // What answers as before is no news.
            .filter(|row| row.section == section && (row.differs || section != ComparedSection::Coverage))
            .map(|row| {
                vec![
                    cell(Tone::Watch, if row.differs { "≠" } else { " " }),
                    cell(Tone::Strong, &row.label),
                    cell(Tone::Faint, &row.ecu),
                    cell(Tone::Plain, word(&row.before)),
                    cell(Tone::Plain, word(&row.after)),
                ]
            })
            .collect();
        if !rows.is_empty() {
            out.heading(title)?;
            out.table(&rows)?;
        }
    }
    Ok(())
}

pub(crate) fn traffic(place: &Place, out: &mut Out, traffic: &keep::Traffic) -> Result<Exit, Stop> {
    let visit = visit(&traffic.visit)?;
    let session = Session::open(place)?;
    let info = session.call(ExportTraffic { visit })?;
    let (mut info, mut bytes) = session.engine.blob(&info.hash)?;
    if traffic.candump {
        let text = String::from_utf8_lossy(&bytes);
        bytes = candump(&Traffic::parse(&text).map_err(Error::from)?)?.into_bytes();
        info.hash = roadworthy_core::files::hash(&bytes);
        info.bytes = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    }
    file::write(out, &traffic.output, traffic.force, &info, &bytes)?;
    Ok(Exit::Good)
}
