//! Notification: puts what people should be told into the outbox, once for each channel that the settings switch on.
//!
//! To add a channel, add a line to [`CHANNELS`]; the outbox delivers it. What is put in holds no plate, name or VIN: those are
//! added when a message is sent.

use super::{Done, Read, Worker, approval};
use crate::{
    journal::{
        Event,
        kind::{self, AlertClosed, AlertCreated, AlertEscalated, ApprovalRequested},
        words,
    },
    outbox::{About, NewMessage},
    store::{Fallible, alert, decision},
};
use roadworthy_api::{
    alert::{AlertState, DecisionState},
    finding::{Finding, Severity},
    id::AlertId,
    system::NotifySettings,
};

/// Whether the settings switch a channel on.
type IsOn = fn(&NotifySettings) -> bool;

/// Every channel, and whether the settings switch it on.
pub(crate) const CHANNELS: &[(&str, IsOn)] =
    &[("desktop", |settings| settings.desktop), ("mail", |settings| settings.mail.is_some())];

/// The worker.
pub(crate) struct Notification;

impl Worker for Notification {
    fn name(&self) -> &'static str {
        "notification"
    }

    fn does(&self) -> &'static str {
        "Puts messages about alerts and open decisions into the outbox."
    }

    fn listens(&self) -> &'static [&'static str] {
        &[kind::ALERT_CREATED, kind::ALERT_ESCALATED, kind::ALERT_CLOSED, kind::APPROVAL_REQUESTED]
    }

    fn handle(&self, read: &Read<'_>, event: &Event) -> Fallible<Done> {
        let mut done = Done::nothing();
        let payload = event.payload.as_str();
        match event.kind.as_str() {
            kind::ALERT_CREATED => {
                if let Ok(AlertCreated { alert, .. }) = serde_json::from_str(payload) {
                    about_alert(read, alert, "created", "", &mut done)?;
                }
            }
            kind::ALERT_ESCALATED => {
                if let Ok(AlertEscalated { alert, why, .. }) = serde_json::from_str(payload) {
                    about_alert(read, alert, &format!("escalated/{}", event.id), &why, &mut done)?;
                }
            }
            kind::ALERT_CLOSED => {
                // By a person it is no news to them; `evidence` says that a sighting opened it.
                if let Ok(AlertClosed { alert, closed: false, why, evidence: Some(_), .. }) =
                    serde_json::from_str(payload)
                {
                    about_alert(read, alert, &format!("opened/{}", event.id), &why, &mut done)?;
                }
            }
            _ => {
                if let Ok(asked) = serde_json::from_str(payload) {
                    about_decision(read, &asked, &mut done)?;
                }
            }
        }
        Ok(done)
    }
}

/// What happened to an alert; nothing where somebody has seen to it, or put it off, by now.
fn about_alert(read: &Read<'_>, id: AlertId, what: &str, why: &str, done: &mut Done) -> Fallible<()> {
    let Some((_, row)) = alert::get(read.conn, id, read.now)? else { return Ok(()) };
    if row.state != AlertState::Open {
        return Ok(());
    }
    let finding = alert::finding(read.conn, id)?;
    let about = About {
        alert: Some(id),
        decision: None,
        vehicle: Some(row.vehicle),
        severity: row.severity,
        text: text(why, &finding),
    };
    let subject = format!("{}: {}", headed(row.severity), row.title);
    put(read, &format!("alert/{id}/{what}"), &subject, &about, done);
    Ok(())
}

/// A decision that waits for a person; nothing where its alert is put off, or the policy answers it.
fn about_decision(read: &Read<'_>, asked: &ApprovalRequested, done: &mut Done) -> Fallible<()> {
    let Some((_, row)) = decision::get(read.conn, asked.decision)? else { return Ok(()) };
    let by_policy = read.settings.auto_approve_critical && approval::answers(&row);
    if row.state != DecisionState::Waiting || by_policy {
        return Ok(());
    }
    let known = alert::of_key(read.conn, row.vehicle, &row.key, read.now)?;
    if known.iter().any(|known| matches!(known.row.state, AlertState::Snoozed { .. })) {
        return Ok(());
    }
    let reasons = row.reasons.join("\n");
    let about = About {
        alert: row.alert,
        decision: Some(row.id),
        vehicle: Some(row.vehicle),
        severity: row.severity,
        text: format!("{}\n\n{reasons}\n\nApprove or refuse it under Alerts.", row.work),
    };
    put(read, &format!("decision/{}/asked", row.id), &format!("Please decide: {}", row.title), &about, done);
    Ok(())
}

fn put(read: &Read<'_>, key: &str, subject: &str, about: &About, done: &mut Done) {
    let settings = &read.settings.notify;
    if about.severity < settings.from {
        return;
    }
    for (channel, _) in CHANNELS.iter().filter(|(_, on)| on(settings)) {
        done.messages.push(NewMessage {
            key: format!("{key}/{channel}"),
            channel,
            subject: subject.to_owned(),
            about: about.clone(),
        });
    }
}

fn headed(severity: Severity) -> String {
    let word = words::severity(severity);
    let mut letters = word.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// A finding as a message tells it.
fn text(why: &str, finding: &Finding) -> String {
    let mut parts = Vec::new();
    if !why.is_empty() {
        parts.push(why.to_owned());
    }
    parts.push(finding.explanation.clone());
    if !finding.check_next.is_empty() {
        let steps: Vec<String> =
            finding.check_next.iter().enumerate().map(|(i, step)| format!("{}. {step}", i + 1)).collect();
        parts.push(format!("Check next:\n{}", steps.join("\n")));
    }
    parts.retain(|part| !part.is_empty());
    parts.join("\n\n")
}
