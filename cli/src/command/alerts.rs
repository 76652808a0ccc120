//! `roadworthy alerts`.

use crate::{
    args::alerts::{Alerts, AlertsCommand},
    exit::{Exit, Stop},
    out::{Cell, Out, Tone, cell, count, time},
    session::{Place, Session, id},
};
use roadworthy_api::{
    alert::{AlertDetail, AlertRow, AlertState, AlertView},
    calls::{AcknowledgeAlert, CloseAlert, GetAlert, ListAlerts, SnoozeAlert},
    finding::Severity,
    id::AlertId,
};

const PAGE: u32 = 200;
const HOUR_MS: i64 = 3_600_000;

fn alert(text: &str) -> Result<AlertId, Stop> {
    Ok(id(text, "an alert", "`roadworthy alerts --all` prints the ids.")?)
}

pub(crate) fn run(place: &Place, out: &mut Out, alerts: &Alerts) -> Result<Exit, Stop> {
    let Some(command) = &alerts.command else { return list(place, out, alerts) };
    let row = match command {
        AlertsCommand::Show { alert: id } => {
            let alert = alert(id)?;
            return show(out, &Session::open(place)?.call(GetAlert { alert })?);
        }
        AlertsCommand::Acknowledge { alert: id, undo } => {
            let alert = alert(id)?;
            Session::open_to_store(place)?.call(AcknowledgeAlert { alert, acknowledged: !undo })?
        }
        AlertsCommand::Snooze { alert: id, hours } => {
            let alert = alert(id)?;
            let now = jiff::Timestamp::now().as_millisecond();
            let until = (*hours > 0).then(|| now.saturating_add(i64::from(*hours).saturating_mul(HOUR_MS)));
            Session::open_to_store(place)?.call(SnoozeAlert { alert, until })?
        }
        AlertsCommand::Close { alert: id, why } => {
            let alert = alert(id)?;
            Session::open_to_store(place)?.call(CloseAlert { alert, closed: true, why: why.clone() })?
        }
        AlertsCommand::Reopen { alert: id } => {
            let alert = alert(id)?;
            Session::open_to_store(place)?.call(CloseAlert { alert, closed: false, why: String::new() })?
        }
    };
    if out.json {
        out.object(&row)?;
    } else {
        out.table(&[line(&row)])?;
    }
    Ok(Exit::Good)
}

fn list(place: &Place, out: &mut Out, alerts: &Alerts) -> Result<Exit, Stop> {
    let session = Session::open(place)?;
    let vehicle = alerts.vehicle.as_deref().map(|named| session.find_vehicle(named)).transpose()?;
    // What presses, then what somebody has seen to or put off.
    let views: &[AlertView] = match (alerts.all, alerts.closed) {
        (true, _) => &[AlertView::All],
        (_, true) => &[AlertView::Closed],
        _ => &[AlertView::Open, AlertView::Acknowledged, AlertView::Snoozed],
    };
    let mut rows: Vec<AlertRow> = Vec::new();
    for view in views {
        rows.extend(session.all(|offset| ListAlerts { view: *view, vehicle, offset, limit: PAGE })?);
    }
    if out.json {
        out.object(&rows)?;
    } else if rows.is_empty() {
        out.line(if alerts.closed { "No alert is over yet." } else { "No alerts." })?;
    } else {
        out.table(&rows.iter().map(line).collect::<Vec<_>>())?;
    }
    Ok(Exit::Good)
}

/// How much it presses as shape and word, as the pages show it.
pub(super) fn severity(severity: Severity) -> Cell {
    match severity {
        Severity::Note => cell(Tone::Faint, "· note"),
        Severity::Watch => cell(Tone::Watch, "◉ watch"),
        Severity::ActSoon => cell(Tone::Watch, "▲ act soon"),
        Severity::ActNow => cell(Tone::Bad, "⬢ act now"),
    }
}

fn state(state: &AlertState) -> String {
    match state {
        AlertState::Open => "open".into(),
        AlertState::Acknowledged { at, by } => format!("acknowledged {} by {by}", time(*at)),
        AlertState::Snoozed { until, by } => format!("snoozed until {} by {by}", time(*until)),
        AlertState::Closed { at, by, why } => format!("closed {} by {by}: {why}", time(*at)),
    }
}

fn line(row: &AlertRow) -> Vec<Cell> {
    vec![
        severity(row.severity),
        cell(Tone::Strong, &row.vehicle_name),
        cell(Tone::Plain, &row.title),
        cell(Tone::Plain, state(&row.state)),
        cell(Tone::Faint, format!("seen {}, {}", count(row.times as usize, "time"), time(row.seen))),
        cell(Tone::Faint, row.id.to_string()),
    ]
}

fn show(out: &mut Out, detail: &AlertDetail) -> Result<Exit, Stop> {
    if out.json {
        out.object(detail)?;
        return Ok(Exit::Good);
    }
    let AlertDetail { row, finding, decision, history } = detail;
    let (tone, word) = severity(row.severity);
    out.line(&out.paint(Tone::Strong, &cell(Tone::Plain, format!("{}: {}", row.vehicle_name, row.title)).1))?;
    out.line(&format!("{}, {}", out.paint(tone, &word), cell(Tone::Plain, state(&row.state)).1))?;
    out.line(&cell(Tone::Plain, &finding.explanation).1)?;
    if !finding.check_next.is_empty() {
        out.heading("Check next")?;
        let steps = finding.check_next.iter().zip(1..);
        let steps: Vec<_> =
            steps.map(|(step, n)| vec![cell(Tone::Faint, n.to_string()), cell(Tone::Plain, step)]).collect();
        out.table(&steps)?;
    }
    if !finding.evidence.is_empty() {
        out.heading("Evidence")?;
        let rows = finding.evidence.iter().map(|seen| {
            vec![
                cell(Tone::Plain, &seen.what),
                cell(Tone::Strong, &seen.value),
                cell(Tone::Faint, &seen.ecu),
                cell(Tone::Faint, time(seen.at)),
            ]
        });
        out.table(&rows.collect::<Vec<_>>())?;
    }
    if let Some(decision) = decision {
        out.heading("Decision")?;
        out.table(&[super::decisions::line(decision)])?;
        for reason in &decision.reasons {
            out.line(&format!("  {}", cell(Tone::Plain, reason).1))?;
        }
    }
    out.heading("What happened")?;
    let rows = history
        .iter()
        .map(|step| vec![cell(Tone::Faint, time(step.at)), cell(Tone::Plain, &step.what), cell(Tone::Faint, &step.by)]);
    out.table(&rows.collect::<Vec<_>>())?;
    Ok(Exit::Good)
}
