//! Events and stories, in words.

use roadworthy_api::{
    Timestamp,
    id::VehicleId,
    journal::{EventGroup, EvidenceLink, TimelineRow},
    work::StoryStep,
};

/// Groups, as filters list them.
pub(crate) const EVENT_GROUPS: [EventGroup; 6] = [
    EventGroup::Readings,
    EventGroup::Alerts,
    EventGroup::Papers,
    EventGroup::Records,
    EventGroup::Messages,
    EventGroup::System,
];

/// A group as its class and its place in an address.
pub(crate) fn group_key(group: EventGroup) -> &'static str {
    match group {
        EventGroup::Readings => "readings",
        EventGroup::Alerts => "alerts",
        EventGroup::Papers => "papers",
        EventGroup::Records => "records",
        EventGroup::Messages => "messages",
        EventGroup::System => "system",
    }
}

/// A group in a word.
pub(crate) fn group_word(group: EventGroup) -> &'static str {
    match group {
        EventGroup::Readings => "Readings",
        EventGroup::Alerts => "Alerts",
        EventGroup::Papers => "Papers",
        EventGroup::Records => "Records",
        EventGroup::Messages => "Messages",
        EventGroup::System => "System",
    }
}

/// Who did it, as in `owner/window` or `engine/diagnosis`.
pub(crate) fn who(actor: &str) -> String {
    match actor.split_once('/') {
        Some(("engine", worker)) => match worker {
            "acquisition" => "Roadworthy's look at readings".into(),
            "diagnosis" => "Roadworthy's diagnosis".into(),
            "orchestrator" => "Roadworthy's rules".into(),
            "approval" => "Roadworthy's approvals".into(),
            "alerts" => "Roadworthy's alerts".into(),
            "notification" => "Roadworthy's notifications".into(),
            "outbox" | "deliverer" => "Roadworthy's outbox".into(),
            "security" => "Roadworthy's watch over behaviour".into(),
            "" | "engine" => "Roadworthy".into(),
            other => format!("Roadworthy's {}", other.replace(['-', '_'], " ")),
        },
        Some((who, "window")) => format!("the {who} in the window"),
        Some((who, "browser")) => format!("the {who} in a browser"),
        Some((who, "command-line")) => format!("the {who} on the command line"),
        Some((who, "engine")) => format!("Roadworthy for the {who}"),
        Some((who, _)) => format!("the {who}"),
        None if actor == "engine" || actor.is_empty() => "Roadworthy".into(),
        None => actor.to_owned(),
    }
}

/// Where what shows an event is, and what that is called.
pub(crate) fn evidence(link: &EvidenceLink) -> (String, &'static str) {
    match link {
        EvidenceLink::Visit { visit } => (format!("/visits/{visit}"), "The visit"),
        EvidenceLink::Trend { vehicle, from, until } => {
            (format!("/vehicles/{vehicle}/trends?from={from}&to={until}"), "The values")
        }
        EvidenceLink::Alert { alert } => (format!("/alerts/{alert}"), "The alert"),
        EvidenceLink::Import { import } => (format!("/imports/{import}"), "The import"),
        EvidenceLink::History { import } => (format!("/histories/{import}"), "The import"),
        EvidenceLink::Service { vehicle } => (format!("/vehicles/{vehicle}/service"), "The records"),
        EvidenceLink::Papers { vehicle } => (format!("/vehicles/{vehicle}/notes"), "The papers"),
    }
}

/// The days of a vehicle's timeline, as date fields write them.
pub(crate) fn vehicle_days(vehicle: VehicleId, from: &str, to: &str) -> String {
    format!("/vehicles/{vehicle}/timeline?from={from}&to={to}")
}

/// The word of an event that stands beside charts; `None` for one that only follows from others.
pub(crate) fn worth_a_flag(kind: &str) -> Option<&'static str> {
    Some(match kind {
        "vehicle.checked" => "Check",
        "alert.created" => "Alert",
        "alert.closed" => "Alert closed",
        "vehicle.readings.flagged" => "Implausible",
        "telemetry.imported" => "Import",
        "telemetry.import.undone" => "Import undone",
        "note.added" => "Note",
        "photo.added" => "Photo",
        "measurement.added" => "Measured",
        k if k.starts_with("work.") || k.starts_with("repair.") => "Repair",
        _ => return None,
    })
}

/// How much later than `first`, as a step of a story says it.
pub(crate) fn later(first: Timestamp, at: Timestamp) -> String {
    let sign = if at < first { "−" } else { "+" };
    format!("{sign}{}", super::duration((at - first).abs()))
}

/// The newest rows put before those that are held, each once, newest first. Where a full page (`limit`) of newer rows does not
/// reach those held, they are dropped: a hole would look like nothing had happened.
pub(crate) fn merged(held: &[TimelineRow], newest: Vec<TimelineRow>, limit: usize) -> Vec<TimelineRow> {
    let top = held.first().map(|r| r.event.arrival);
    let reach = newest.last().map(|r| r.event.arrival);
    let hole = newest.len() >= limit && matches!((top, reach), (Some(top), Some(reach)) if reach > top);
    let mut all = newest;
    if !hole {
        let last = reach.unwrap_or(u64::MAX);
        all.extend(held.iter().filter(|r| r.event.arrival < last).cloned());
    }
    all
}

/// Steps of a story in the order to read them, each with how deep it stands: what led to a step is above it, less deep. Every
/// step is there once, also where a step names one that is not before it.
pub(crate) fn story_order(steps: &[StoryStep]) -> Vec<(usize, usize)> {
    let cause = |n: usize| steps.get(n).and_then(|s| s.because).map(|b| b as usize).filter(|b| *b < n);
    let mut order: Vec<(usize, usize)> = Vec::with_capacity(steps.len());
    let mut open: Vec<(usize, usize)> =
        (0..steps.len()).rev().filter(|n| cause(*n).is_none()).map(|n| (n, 0)).collect();
    while let Some((at, depth)) = open.pop() {
        order.push((at, depth));
        // What a step led to comes after it, earliest first.
        open.extend((at + 1..steps.len()).rev().filter(|n| cause(*n) == Some(at)).map(|n| (n, depth + 1)));
    }
    order
}

#[cfg(test)]
mod tests {
    use super::*;
    use roadworthy_api::{id::EventId, journal::EventRow};

    fn row(arrival: u64) -> TimelineRow {
        let id = EventId(arrival.into());
        TimelineRow {
            event: EventRow { arrival, id, at: 0, kind: String::new(), actor: String::new(), summary: String::new() },
            group: EventGroup::Readings,
            vehicle: None,
            vehicle_name: None,
            evidence: None,
            correlation: id,
        }
    }

    #[test]
    fn newer_rows_join_those_held_without_a_hole() {
        for (held, newest, expect) in [
            (&[][..], &[5, 4][..], &[5, 4][..]),
            (&[3, 2, 1], &[5, 4, 3], &[5, 4, 3, 2, 1]),
            (&[3, 2, 1], &[3, 2, 1], &[3, 2, 1]),
            // Less than a page: whatever lies between is of other groups.
            (&[3, 2, 1], &[9, 8], &[9, 8, 3, 2, 1]),
            // A full page that does not reach what is held.
            (&[3, 2, 1], &[9, 8, 7], &[9, 8, 7]),
            (&[3, 2, 1], &[], &[3, 2, 1]),
        ] {
            let of = |all: &[u64]| all.iter().map(|a| row(*a)).collect::<Vec<_>>();
            let found: Vec<u64> = merged(&of(held), of(newest), 3).iter().map(|r| r.event.arrival).collect();
            assert_eq!(found, expect, "{held:?} {newest:?}");
        }
    }

    #[test]
    fn a_story_is_told_from_cause_to_effect_and_no_step_is_lost() {
        let step = |because: Option<u32>| StoryStep {
            event: None,
            at: 0,
            kind: String::new(),
            actor: String::new(),
            summary: String::new(),
            because,
        };
        for (because, expect) in [
            (&[][..], &[][..]),
            (&[None, Some(0), Some(1)], &[(0, 0), (1, 1), (2, 2)]),
            (&[None, Some(0), Some(0), Some(1)], &[(0, 0), (1, 1), (3, 2), (2, 1)]),
            (&[None, None, Some(0)], &[(0, 0), (2, 1), (1, 0)]),
            // Itself, a later one, one that is not there: each stands for itself.
            (&[Some(0), Some(2), None, Some(99)], &[(0, 0), (1, 0), (2, 0), (3, 0)]),
        ] {
            let steps: Vec<_> = because.iter().map(|b| step(*b)).collect();
            assert_eq!(story_order(&steps), expect, "{because:?}");
        }
    }

    #[test]
    fn actors_are_people_or_parts_of_the_program() {
        for (actor, expect) in [
            ("technician/window", "the technician in the window"),
            ("owner/command-line", "the owner on the command line"),
            ("owner/browser", "the owner in a browser"),
            ("engine/diagnosis", "Roadworthy's diagnosis"),
            ("engine/blood-hound", "Roadworthy's blood hound"),
            ("engine", "Roadworthy"),
            ("owner/engine", "Roadworthy for the owner"),
        ] {
            assert_eq!(who(actor), expect);
        }
    }

    #[test]
    fn steps_say_how_much_later_they_came() {
        for (at, expect) in [(0, "+0 ms"), (42, "+42 ms"), (1_500, "+1.5 s"), (-7, "−7 ms")] {
            assert_eq!(later(0, at), expect);
        }
    }
}
