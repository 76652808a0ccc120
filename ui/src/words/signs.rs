//! What the status cluster says: one sign for each thing that can fail by itself, always in the same order.

use super::{Tone, count, list};
use crate::locale;
use roadworthy_api::{Timestamp, work::Pulse};

/// Days after which the newest backup is too old to be quiet about.
const OLD_BACKUP: i64 = 7 * 86_400_000;

/// One of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sign {
    /// For tests and as its place in the list.
    pub(crate) key: &'static str,
    pub(crate) tone: Tone,
    /// What it is about.
    pub(crate) name: &'static str,
    /// How that is, in a few words.
    pub(crate) short: String,
    /// The whole of it, with the cause where there is one.
    pub(crate) long: String,
    /// Where more of it is.
    pub(crate) href: &'static str,
}

fn sign(key: &'static str, name: &'static str, href: &'static str) -> impl Fn(Tone, &str, &str) -> Sign {
    move |tone, short, long| Sign { key, tone, name, short: short.into(), long: long.into(), href }
}

/// Everything that the engine tells of itself.
pub(crate) fn signs(pulse: &Pulse, now: Timestamp) -> Vec<Sign> {
    vec![recording(pulse), workers(pulse), outbox(pulse), backup(pulse, now), damage(pulse)]
}

fn recording(pulse: &Pulse) -> Sign {
    let say = sign("recording", "Recording", "/live");
    match (&pulse.recording_problem, pulse.recording) {
        (Some(error), _) => say(Tone::Bad, "Recording is not stored", &error.to_string()),
        (None, 0) => say(Tone::Quiet, "None runs", "Nothing is being recorded."),
        (None, n) => {
            say(Tone::Busy, "Recording", &format!("{} here, stored within a second.", count(n.into(), "recording")))
        }
    }
}

fn workers(pulse: &Pulse) -> Sign {
    let say = sign("workers", "Workers", "/system/workers");
    let names = list(&pulse.workers_in_trouble);
    match (pulse.workers_in_trouble.len(), pulse.workers_run) {
        (0, true) => say(Tone::Fine, "All at work", "Every worker does its part."),
        (0, false) => {
            say(Tone::Heed, "Workers are off", "No process runs the workers: what happens is kept, and waits.")
        }
        (1, _) => say(Tone::Bad, "A worker is in trouble", &format!("In trouble: {names}. The others go on.")),
        (n, _) => {
            say(Tone::Bad, &format!("{n} workers are in trouble"), &format!("In trouble: {names}. The others go on."))
        }
    }
}

fn outbox(pulse: &Pulse) -> Sign {
    let say = sign("outbox", "Outbox", "/system/outbox");
    match (pulse.dead_letters, pulse.waiting) {
        (0, 0) => say(Tone::Fine, "Empty", "Every message was sent."),
        (0, n) => say(
            Tone::Quiet,
            &format!("{n} waiting"),
            "Messages wait for their turn, or for the network; they are tried again by themselves.",
        ),
        (n, _) => say(
            Tone::Heed,
            &if n == 1 { "1 message given up".to_owned() } else { format!("{n} messages given up") },
            "They could not be sent. Read why, then try them again or drop them.",
        ),
    }
}

fn backup(pulse: &Pulse, now: Timestamp) -> Sign {
    let say = sign("backup", "Backup", "/system/backups");
    match (&pulse.backup_problem, pulse.last_backup) {
        (Some(error), _) => say(Tone::Bad, "The last backup failed", &error.to_string()),
        (None, None) => say(Tone::Quiet, "None yet", "No backup has been made yet."),
        (None, Some(at)) => {
            let ago = locale::ago(at, now);
            let long = format!("The newest backup was made {ago}.");
            if now - at > OLD_BACKUP {
                say(Tone::Heed, "The newest backup is old", &long)
            } else {
                say(Tone::Fine, &format!("Made {ago}"), &long)
            }
        }
    }
}

fn damage(pulse: &Pulse) -> Sign {
    let say = sign("damage", "Database", "/system/chain");
    match &pulse.damage {
        None => say(Tone::Fine, "Whole", "Nothing wrong was found when it was opened."),
        Some(error) => say(Tone::Bad, "The database is damaged", &error.to_string()),
    }
}

/// The worst of them, if a person should look at it; the first of several.
pub(crate) fn pressing(signs: &[Sign]) -> Option<&Sign> {
    let worst = signs.iter().map(|s| s.tone).max().filter(|t| *t >= Tone::Heed)?;
    signs.iter().find(|s| s.tone == worst)
}

#[cfg(test)]
mod tests {
    use super::*;
    use roadworthy_api::{Code, Error};

    fn well() -> Pulse {
        Pulse { workers_run: true, last_backup: Some(0), ..Pulse::default() }
    }

    #[test]
    fn all_is_quiet_when_all_is_well() {
        assert_eq!(pressing(&signs(&well(), 1000)), None);
        let offline = Pulse { waiting: 4, ..well() };
        assert_eq!(pressing(&signs(&offline, 1000)), None, "being offline is normal");
    }

    #[test]
    fn each_trouble_presses_and_leads_to_its_page() {
        let full = || Some(Error::new(Code::DiskFull, "The disk is full."));
        for (pulse, short, href) in [
            (Pulse { recording_problem: full(), ..well() }, "Recording is not stored", "/live"),
            (Pulse { workers_run: false, ..well() }, "Workers are off", "/system/workers"),
            (
                Pulse { workers_in_trouble: vec!["diagnosis".into()], ..well() },
                "A worker is in trouble",
                "/system/workers",
            ),
            (Pulse { dead_letters: 2, ..well() }, "2 messages given up", "/system/outbox"),
            (Pulse { backup_problem: full(), ..well() }, "The last backup failed", "/system/backups"),
            (Pulse { damage: full(), ..well() }, "The database is damaged", "/system/chain"),
        ] {
            let signs = signs(&pulse, 1000);
            let found = pressing(&signs).map(|s| (s.short.as_str(), s.href));
            assert_eq!(found, Some((short, href)));
        }
    }

    #[test]
    fn the_worst_stands_first() {
        let both = Pulse { dead_letters: 1, damage: Some(Error::new(Code::ChainBroken, "x")), ..well() };
        assert_eq!(pressing(&signs(&both, 1000)).map(|s| s.key), Some("damage"));
    }

    #[test]
    fn an_old_backup_is_not_passed_over() {
        assert_eq!(pressing(&signs(&well(), OLD_BACKUP + 1)).map(|s| s.key), Some("backup"));
    }
}
