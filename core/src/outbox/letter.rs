//! A message as it goes out, written from what the tables hold at that moment.

use super::About;
use crate::store::{self, Fallible, outbox::Claim};
use jiff::{Timestamp as Moment, tz::TimeZone};
use roadworthy_api::{Timestamp, finding::Severity, id::DeviceId};
use rusqlite::Connection;

/// A message as it goes out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Letter {
    /// What tells a repeat from a new message.
    pub(crate) key: String,
    /// Who sends.
    pub(crate) device: DeviceId,
    /// When what it is about was put in.
    pub(crate) at: Timestamp,
    /// How much it presses.
    pub(crate) severity: Severity,
    /// One line.
    pub(crate) subject: String,
    /// What it is about in a sentence or two, for where there is little room.
    pub(crate) short: String,
    /// The whole text, lines ended by `\n`.
    pub(crate) body: String,
}

impl Letter {
    /// Writes a message out.
    pub(crate) fn write(conn: &Connection, claim: &Claim, device: DeviceId, zone: &TimeZone) -> Fallible<Self> {
        let vehicle = match claim.about.vehicle {
            Some(id) => store::vehicle::vehicle_name(conn, id)?,
            None => None,
        };
        Ok(Self::new(claim.key.clone(), device, &claim.subject, &claim.about, vehicle, claim.created, zone))
    }

    /// The letter by which a channel is tried out.
    pub(crate) fn trial(key: String, device: DeviceId, at: Timestamp, zone: &TimeZone) -> Self {
        let about = About {
            alert: None,
            decision: None,
            vehicle: None,
            severity: Severity::Note,
            text: "This is a test: messages from Roadworthy arrive here. There is nothing to do.".into(),
        };
        Self::new(key, device, "Test message", &about, None, at, zone)
    }

    fn new(
        key: String,
        device: DeviceId,
        title: &str,
        about: &About,
        vehicle: Option<String>,
        at: Timestamp,
        zone: &TimeZone,
    ) -> Self {
        let of = vehicle.as_deref().map(|name| format!(" – {name}")).unwrap_or_default();
        let mut body = format!("{}\n", about.text.trim());
        if let Some(name) = &vehicle {
            body.push_str(&format!("\nVehicle: {name}\n"));
        }
        body.push_str(&format!("Written: {}\n", words(at, zone)));
        if about.alert.is_some() {
            body.push_str(match about.severity {
                Severity::ActNow => {
                    "\nWhat to do next: look at this now. Open Alerts in Roadworthy, read what to check first, and \
                     acknowledge it.\n"
                }
                _ => "\nWhat to do next: open Alerts in Roadworthy, read what to check first, and acknowledge it.\n",
            });
        }
        let short = match &vehicle {
            Some(name) => format!("{name}: {}", about.text.trim()),
            None => about.text.trim().to_owned(),
        };
        Self { key, device, at, severity: about.severity, subject: line(&format!("{title}{of}")), short, body }
    }
}

/// As one line: a line break would end a header.
fn line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn words(at: Timestamp, zone: &TimeZone) -> String {
    Moment::from_millisecond(at)
        .map_or_else(|_| format!("{at} ms"), |t| t.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M %Z").to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use roadworthy_api::id::AlertId;

    fn letter(severity: Severity, vehicle: Option<&str>) -> Letter {
        let about = About {
            alert: Some(AlertId(1)),
            decision: None,
            vehicle: None,
            severity,
            text: "Cylinder 1 does not burn its fuel.".into(),
        };
        Letter::new(
            "k".into(),
            DeviceId(1),
            &format!("{}: Cylinder 1\nmisfires", if severity == Severity::ActNow { "Act now" } else { "Watch" }),
            &about,
            vehicle.map(str::to_owned),
            1_795_215_600_000,
            &TimeZone::UTC,
        )
    }

    #[test]
    fn a_letter_says_what_how_much_it_presses_whose_it_is_and_what_to_do() {
        let letter = letter(Severity::ActNow, Some("AB 123"));
        assert_eq!(letter.subject, "Act now: Cylinder 1 misfires – AB 123");
        assert_eq!(letter.short, "AB 123: Cylinder 1 does not burn its fuel.");
        assert_eq!(
            letter.body,
            "Cylinder 1 does not burn its fuel.\n\nVehicle: AB 123\nWritten: 2026-11-20 23:00 UTC\n\nWhat to do next: look \
             at this now. Open Alerts in Roadworthy, read what to check first, and acknowledge it.\n"
        );
    }

    #[test]
    fn a_vehicle_that_is_gone_leaves_no_trace() {
        let letter = letter(Severity::Watch, None);
        assert_eq!(letter.subject, "Watch: Cylinder 1 misfires");
        assert!(!letter.body.contains("Vehicle:"));
    }

    #[test]
    fn a_trial_says_that_it_is_one() {
        let trial = Letter::trial("try/1".into(), DeviceId(1), 0, &TimeZone::UTC);
        assert_eq!(trial.subject, "Test message");
        assert!(trial.body.contains("nothing to do"));
    }
}
