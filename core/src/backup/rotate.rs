//! Which backups stay, and what goes with those that do not.
//!
//! Kept are the newest ones, and of each of the last days and weeks (by UTC, weeks from Monday) the last one. What another
//! installation made is left alone, and so is what cannot be read; one whole backup stays whatever the rules say.

use super::folder::{Folder, Hold, Kept};
use crate::files::{io_error, sync_folder};
use jiff::{Timestamp as Time, civil::Date, tz::TimeZone};
use roadworthy_api::{Result, Timestamp, backup::BackupReason, system::BackupSettings};
use std::{
    collections::{BTreeSet, HashSet},
    fs,
};

/// Milliseconds for which a backup made before a restore or a migration stays, so that it can be undone.
const UNDO_MS: i64 = 7 * 86_400_000;

/// Places of those that go, of backups newest first by when and why they were made.
fn going(made: &[(Timestamp, BackupReason)], rules: &BackupSettings, now: Timestamp) -> BTreeSet<usize> {
    let newest = usize::try_from(rules.keep_newest.max(1)).unwrap_or(usize::MAX);
    let mut kept: BTreeSet<usize> = (0..made.len().min(newest)).collect();
    let day = |at: Timestamp| Time::from_millisecond(at).map_or(Date::ZERO, |t| t.to_zoned(TimeZone::UTC).date());
    let week = |at: Timestamp| {
        let date = day(at).iso_week_date();
        (date.year(), date.week())
    };
    // The newest of each day and week comes first; a clock set back does not bring an old day to life.
    let mut days = Vec::new();
    let mut weeks = Vec::new();
    for (place, (at, why)) in made.iter().enumerate() {
        if !days.contains(&day(*at)) {
            days.push(day(*at));
            if days.len() <= rules.keep_days as usize {
                kept.insert(place);
            }
        }
        if !weeks.contains(&week(*at)) {
            weeks.push(week(*at));
            if weeks.len() <= rules.keep_weeks as usize {
                kept.insert(place);
            }
        }
        let undoes = matches!(why, BackupReason::BeforeRestore | BackupReason::BeforeMigration);
        if undoes && now.saturating_sub(*at) < UNDO_MS {
            kept.insert(place);
        }
    }
    (0..made.len()).filter(|place| !kept.contains(place)).collect()
}

/// Removes the backups of `installation` that the rules let go, then stored files that no backup names any more. Gives the
/// names of those that went.
pub(super) fn rotate(
    folder: &Folder,
    _hold: &Hold,
    installation: &str,
    rules: &BackupSettings,
    now: Timestamp,
) -> Result<Vec<String>> {
    let all: Vec<Kept> = folder.names()?.iter().filter_map(|name| folder.get(name).ok()).collect();
    let mut mine: Vec<&Kept> =
        all.iter().filter(|k| !installation.is_empty() && k.manifest.installation == installation).collect();
    // A name tells the second only, and one that was let go within it is given again.
    mine.sort_by_key(|kept| std::cmp::Reverse(kept.manifest.at));
    let made: Vec<(Timestamp, BackupReason)> = mine.iter().map(|k| (k.manifest.at, k.manifest.why)).collect();
    let mut going = going(&made, rules, now);
    if going.is_empty() {
        return Ok(Vec::new());
    }
    let whole = |kept: &Kept| kept.problem().is_none() && kept.database_is_whole().unwrap_or(false);
    let stays_whole = mine.iter().enumerate().any(|(place, kept)| !going.contains(&place) && whole(kept));
    if !stays_whole
        && let Some(last) = going.iter().copied().find(|place| mine.get(*place).is_some_and(|kept| whole(kept)))
    {
        going.remove(&last);
    }
    let mut gone = Vec::new();
    for kept in going.iter().filter_map(|place| mine.get(*place)) {
        // Out of sight first: a backup that is half removed must not look like one.
        let (path, out) = (kept.path(), folder.root.join(format!("new-gone-{}", kept.manifest.name)));
        let removed =
            fs::rename(&path, &out).and_then(|()| sync_folder(&folder.root)).and_then(|()| fs::remove_dir_all(&out));
        removed.map_err(|e| io_error(&path, &e))?;
        gone.push(kept.manifest.name.clone());
    }
    collect(folder)?;
    Ok(gone)
}

/// Removes stored files that no backup names. Where one cannot be read nothing goes: it may name any.
fn collect(folder: &Folder) -> Result<()> {
    let mut named = HashSet::new();
    for name in folder.names()? {
        let Ok(kept) = folder.get(&name) else { return Ok(()) };
        named.extend(kept.manifest.files.into_iter().map(|f| (f.hash, f.deflated)));
    }
    let gone = folder.files().collect(|hash, deflated| named.contains(&(hash.to_owned(), deflated)))?;
    if gone > 0 {
        tracing::debug!(gone, "files that no backup needs any more were removed");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Midnight of 2026-11-20, a Friday, UTC.
    const NOW: Timestamp = 1_795_132_800_000;
    const HOUR: i64 = 3_600_000;

    /// `ages` in hours, newest first.
    fn check(ages: &[i64], rules: (u32, u32, u32), kept: &[i64]) {
        let made: Vec<_> = ages.iter().map(|h| (NOW - h * HOUR, BackupReason::Scheduled)).collect();
        let (keep_newest, keep_days, keep_weeks) = rules;
        let rules = BackupSettings { keep_newest, keep_days, keep_weeks, ..BackupSettings::default() };
        let going = going(&made, &rules, NOW);
        let stay: Vec<i64> = ages.iter().enumerate().filter(|(n, _)| !going.contains(n)).map(|(_, age)| *age).collect();
        assert_eq!(stay, kept, "{rules:?}");
    }

    #[test]
    fn the_newest_and_the_last_of_each_day_and_week_stay() {
        check(&[], (3, 7, 4), &[]);
        check(&[1, 2, 3, 4, 5], (3, 0, 0), &[1, 2, 3]);
        check(&[1, 2, 3], (0, 0, 0), &[1]);
        // 1 and 2 are of Thursday, 25 and 26 of Wednesday, 49 of Tuesday.
        check(&[1, 2, 25, 26, 49], (1, 2, 0), &[1, 25]);
        check(&[1, 2, 25, 26, 49], (2, 2, 0), &[1, 2, 25]);
        // Thursday, Monday, the Sunday before, and the week before that.
        check(&[1, 73, 97, 200, 400], (1, 0, 2), &[1, 97]);
        check(&[1, 73, 97, 200, 400], (1, 0, 3), &[1, 97, 400]);
        // Days without a backup do not count.
        check(&[1, 500, 900, 1300], (1, 3, 0), &[1, 500, 900]);
    }

    #[test]
    fn what_a_restore_can_be_undone_with_stays_a_week() {
        let rules = BackupSettings { keep_newest: 1, keep_days: 0, keep_weeks: 0, ..BackupSettings::default() };
        let check = |days: i64, expect: &[usize]| {
            let made = [(NOW, BackupReason::Asked), (NOW - days * 24 * HOUR, BackupReason::BeforeRestore)];
            assert_eq!(going(&made, &rules, NOW).into_iter().collect::<Vec<_>>(), expect, "{days} days");
        };
        check(6, &[]);
        check(8, &[1]);
    }
}
