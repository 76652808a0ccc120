//! Events of the service history in words. What people wrote is sealed, so day, kind and odometer tell it.

use super::{counted, counted_u64, read, removed};
use crate::journal::kind::{
    self, HistoryImportUndone, HistoryImported, OdometerJudged, ServiceCorrected, ServiceRecorded, ServiceRemoved,
    ServiceSaid,
};
use roadworthy_api::service::{Judgement, ServiceKind};

pub(super) fn summary(kind: &str, payload: &str) -> Option<String> {
    Some(match kind {
        kind::SERVICE_RECORDED => {
            let said = read::<ServiceRecorded>(payload)?;
            match (said.records.as_slice(), said.import) {
                ([one], None) => format!("{} written down", told(one)),
                (records, Some(_)) => {
                    format!("{} taken from a file", counted(records.len(), "service record", "service records"))
                }
                (records, None) => {
                    format!("{} written down", counted(records.len(), "service record", "service records"))
                }
            }
        }
        kind::SERVICE_CORRECTED => format!("Corrected: {}", told(&read::<ServiceCorrected>(payload)?.record)),
        kind::SERVICE_REMOVED => removed("Service record", read::<ServiceRemoved>(payload)?.removed),
        kind::SERVICE_ODOMETER_JUDGED => match read::<OdometerJudged>(payload)?.judged {
            Some(Judgement::Accept) => "Odometer reading of a service record accepted".to_owned(),
            Some(Judgement::LeaveOut) => "Odometer reading of a service record left out".to_owned(),
            Some(Judgement::Unit { unit }) => {
                format!("Odometer reading of a service record said to be in {}", unit.word())
            }
            None => "What was said of a service record's odometer reading taken back".to_owned(),
        },
        kind::HISTORY_IMPORTED => {
            let said = read::<HistoryImported>(payload)?;
            let (records, rows) = (said.report.records, said.report.rows);
            let days = if said.from == said.to { said.from } else { format!("{} to {}", said.from, said.to) };
            let flagged = match said.report.flagged.saturating_sub(said.report.judged) {
                0 => String::new(),
                n => format!("; {} to be judged", counted_u64(n, "odometer reading", "odometer readings")),
            };
            format!(
                "Service history imported: {} of {}, {days}{flagged}",
                counted_u64(records, "record", "records"),
                counted_u64(rows, "row", "rows")
            )
        }
        _ => {
            read::<HistoryImportUndone>(payload)?;
            "Import of a service history taken back".to_owned()
        }
    })
}

/// As in `Repair of 2024-03-05 at 45,100 km`.
fn told(said: &ServiceSaid) -> String {
    let meter = match (said.kind, said.odometer) {
        (_, Some(meter)) => format!(" at {} {}", crate::odometer::grouped(meter.value), meter.unit.word()),
        (_, None) => String::new(),
    };
    match said.kind {
        ServiceKind::Plan => format!("Planned work of {}{meter}", said.day),
        kind => format!("{} of {}{meter}", kind.label(), said.day),
    }
}
