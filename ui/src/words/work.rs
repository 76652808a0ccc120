//! Workers, messages, backups in words.

use super::count;
use crate::locale;
use roadworthy_api::{
    Timestamp,
    backup::{BackupReason, BackupReport, Restored},
    telemetry::Retained,
    work::{MessageState, MessageView, WorkerState},
};

/// How something that goes on by itself is, as its class and shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Tone {
    /// Nothing to say.
    Quiet,
    /// All is well.
    Fine,
    /// At work.
    Busy,
    /// A person should look at it.
    Heed,
    /// A person must see to it.
    Bad,
}

/// A tone as its class and test id.
pub(crate) fn tone_key(tone: Tone) -> &'static str {
    match tone {
        Tone::Quiet => "quiet",
        Tone::Fine => "fine",
        Tone::Busy => "busy",
        Tone::Heed => "heed",
        Tone::Bad => "bad",
    }
}

/// What a worker does just now: its tone, a word, and what more there is to say.
pub(crate) fn worker_state(state: &WorkerState, lag: u64) -> (Tone, &'static str, String) {
    match state {
        WorkerState::Idle if lag == 0 => (Tone::Fine, "Idle", String::new()),
        WorkerState::Idle | WorkerState::Busy { .. } => (Tone::Busy, "At work", String::new()),
        WorkerState::Paused => (Tone::Heed, "Paused", "Its events wait until it goes on.".into()),
        WorkerState::Retrying { attempts, next, cause } => (
            Tone::Bad,
            "Trying again",
            format!("{}; next at {}. {cause}", tried(*attempts), locale::clock(*next, false)),
        ),
        WorkerState::Stalled { since, at } => {
            (Tone::Bad, "Stalled", format!("Since {}, at: {at}", locale::clock(*since, false)))
        }
        WorkerState::Off => (Tone::Heed, "Off", "No process runs workers just now.".into()),
    }
}

/// How far behind a worker is.
pub(crate) fn lag(events: u64, ms: u64) -> String {
    if events == 0 {
        return "nothing waits".into();
    }
    let waits = if events == 1 { "waits" } else { "wait" };
    format!("{} {waits}, the oldest for {}", count(events, "event"), lasting(ms))
}

/// A span of time as a person says it.
pub(crate) fn lasting(ms: u64) -> String {
    match ms {
        ms if ms < 1000 => format!("{ms} ms"),
        ms if ms < 120_000 => count(ms / 1000, "second"),
        ms if ms < 7_200_000 => count(ms / 60_000, "minute"),
        ms if ms < 172_800_000 => count(ms / 3_600_000, "hour"),
        ms => count(ms / 86_400_000, "day"),
    }
}

/// How often something was tried.
pub(crate) fn tried(attempts: u32) -> String {
    match attempts {
        0 => "not tried yet".into(),
        1 => "tried once".into(),
        n => format!("tried {n} times"),
    }
}

/// Views of the outbox: address, label.
pub(crate) const MESSAGE_VIEWS: [(MessageView, &str, &str); 4] = [
    (MessageView::All, "all", "All"),
    (MessageView::Waiting, "waiting", "Waiting"),
    (MessageView::Dead, "dead", "Given up"),
    (MessageView::Sent, "sent", "Sent"),
];

/// Where a message stands: its tone, a word, and when.
pub(crate) fn message_state(state: &MessageState, now: Timestamp) -> (Tone, &'static str, String) {
    match state {
        MessageState::Waiting { next } if *next > now => {
            (Tone::Quiet, "Waiting", format!("tried again at {}", locale::clock(*next, false)))
        }
        MessageState::Waiting { .. } => (Tone::Quiet, "Waiting", "next in turn".into()),
        MessageState::Sending => (Tone::Busy, "Sending", String::new()),
        MessageState::Sent { at } => (Tone::Fine, "Sent", locale::ago(*at, now)),
        MessageState::Dead { at } => (Tone::Bad, "Given up", locale::ago(*at, now)),
        MessageState::Dropped { at } => (Tone::Quiet, "Dropped", locale::ago(*at, now)),
    }
}

/// Why a backup was made.
pub(crate) fn backup_reason(why: BackupReason) -> &'static str {
    match why {
        BackupReason::Asked => "Asked for",
        BackupReason::Scheduled => "Made by itself",
        BackupReason::BeforeRestore => "Before another was restored",
        BackupReason::BeforeMigration => "Before an update of the tables",
    }
}

/// What a verification of a backup looked at.
pub(crate) fn looked_at(report: &BackupReport) -> String {
    super::list(&[count(report.events, "event"), count(report.blocks, "block"), count(report.files, "file")])
}

/// What a restore did.
pub(crate) fn restored(done: &Restored) -> String {
    let forgotten = match done.forgotten {
        0 => String::new(),
        n => format!(
            " {} forgotten since then {} forgotten again.",
            count(n.into(), "customer"),
            if n == 1 { "was" } else { "were" }
        ),
    };
    let lost = match done.lost {
        0 => "nothing of before is missing".to_owned(),
        1 => "1 of before is not".to_owned(),
        n => format!("{n} of before are not"),
    };
    format!(
        "Restored from {}: {} {} here now, {lost}.{forgotten} To undo this, restore {}.",
        done.from,
        count(done.events, "event"),
        if done.events == 1 { "is" } else { "are" },
        done.undo
    )
}

/// What retention did.
pub(crate) fn retained(done: &Retained) -> String {
    let pinned = match done.pinned {
        0 => String::new(),
        n => format!(" {} stayed because of pins.", count(n, "block")),
    };
    if done.blocks == 0 {
        return format!("Nothing is old enough to be dropped.{pinned}");
    }
    format!(
        "{} of {} dropped, {} free; their minutes and hours stay.{pinned}",
        count(done.samples, "single value"),
        count(done.blocks, "block"),
        locale::bytes(done.bytes)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_worker_in_trouble_says_why() {
        let retrying = WorkerState::Retrying { attempts: 3, next: 0, cause: "the disk is full".into() };
        for (state, lag, tone, word) in [
            (WorkerState::Idle, 0, Tone::Fine, "Idle"),
            (WorkerState::Idle, 2, Tone::Busy, "At work"),
            (WorkerState::Paused, 9, Tone::Heed, "Paused"),
            (WorkerState::Off, 0, Tone::Heed, "Off"),
            (retrying.clone(), 1, Tone::Bad, "Trying again"),
        ] {
            let said = worker_state(&state, lag);
            assert_eq!((said.0, said.1), (tone, word));
        }
        assert_eq!(worker_state(&retrying, 1).2, "tried 3 times; next at 00:00:00. the disk is full");
    }

    #[test]
    fn lag_is_said_in_events_and_time() {
        for (events, ms, expect) in [
            (0, 0, "nothing waits"),
            (1, 40, "1 event waits, the oldest for 40 ms"),
            (12, 61_000, "12 events wait, the oldest for 61 seconds"),
            (2, 9_000_000, "2 events wait, the oldest for 2 hours"),
        ] {
            assert_eq!(lag(events, ms), expect);
        }
    }

    #[test]
    fn a_message_says_where_it_stands() {
        for (state, expect) in [
            (MessageState::Waiting { next: 90_000 }, (Tone::Quiet, "Waiting", "tried again at 00:01:30")),
            (MessageState::Waiting { next: 0 }, (Tone::Quiet, "Waiting", "next in turn")),
            (MessageState::Dead { at: 0 }, (Tone::Bad, "Given up", "1 minute ago")),
        ] {
            let (tone, word, more) = message_state(&state, 60_000);
            assert_eq!((tone, word, more.as_str()), expect);
        }
    }

    #[test]
    fn a_restore_says_how_it_is_undone() {
        let done = Restored { from: "a".into(), events: 5, lost: 2, forgotten: 1, undo: "b".into() };
        assert_eq!(
            restored(&done),
            "Restored from a: 5 events are here now, 2 of before are not. 1 customer forgotten since then was forgotten again. \
             To undo this, restore b."
        );
    }

    #[test]
    fn retention_says_what_pins_kept() {
        assert_eq!(retained(&Retained::default()), "Nothing is old enough to be dropped.");
        let kept = Retained { pinned: 2, ..Retained::default() };
        assert_eq!(retained(&kept), "Nothing is old enough to be dropped. 2 blocks stayed because of pins.");
    }
}
