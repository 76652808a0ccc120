//! How long single values are kept, and when backups are made and which are kept.

use super::adapters::change;
use crate::{
    live::{Act, fetch},
    parts::{field::Field, notice, toast::Toasts},
};
use leptos::{ev, prelude::*};
use roadworthy_api::{calls::GetSettings, system::Settings};

/// Numbers as they are typed.
#[derive(Clone, Copy)]
struct Typed {
    days: RwSignal<String>,
    hours: RwSignal<String>,
    folder: RwSignal<String>,
    newest: RwSignal<String>,
    keep_days: RwSignal<String>,
    keep_weeks: RwSignal<String>,
}

impl Typed {
    fn new() -> Self {
        let text = || RwSignal::new(String::new());
        Self { days: text(), hours: text(), folder: text(), newest: text(), keep_days: text(), keep_weeks: text() }
    }

    fn show(self, settings: &Settings) {
        self.days.set(settings.keep_raw_days.map(|d| d.to_string()).unwrap_or_default());
        self.hours.set(settings.backup.every_hours.to_string());
        self.folder.set(settings.backup.folder.clone().unwrap_or_default());
        self.newest.set(settings.backup.keep_newest.to_string());
        self.keep_days.set(settings.backup.keep_days.to_string());
        self.keep_weeks.set(settings.backup.keep_weeks.to_string());
    }
}

/// What was typed as a whole number up to `most`.
fn whole(text: &str, most: u32) -> Result<u32, String> {
    text.trim().parse().ok().filter(|n| *n <= most).ok_or_else(|| format!("Type a whole number from 0 to {most}."))
}

/// Days, or nothing for ever.
fn days(text: &str) -> Result<Option<u32>, String> {
    match text.trim() {
        "" => Ok(None),
        text => match whole(text, 36_500)? {
            0 => Err("Type at least 1 day, or leave it empty to keep them for ever.".into()),
            days => Ok(Some(days)),
        },
    }
}

/// The panel.
#[component]
pub(super) fn Keeping() -> impl IntoView {
    let settings = fetch(|| Some(GetSettings {}));
    let (typed, tried, act, toasts) = (Typed::new(), RwSignal::new(false), Act::new(), Toasts::here());
    let shown = StoredValue::new(None);
    Effect::new(move |_| {
        settings.value.with(|s| {
            let Some(s) = s.as_ref() else { return };
            let now = (s.keep_raw_days, s.backup.clone());
            // Shown once, and again only when it changed: what is being typed stays while another setting is saved.
            if shown.with_value(|was| was.as_ref() != Some(&now)) {
                typed.show(s);
                shown.set_value(Some(now));
            }
        });
    });
    let wrong = move |text: RwSignal<String>, most: u32| {
        Signal::derive(move || whole(&text.get(), most).err().filter(|_| tried.get()))
    };
    let wrong_days = Signal::derive(move || days(&typed.days.get()).err().filter(|_| tried.get()));
    let read = move || -> Option<_> {
        Some((
            days(&typed.days.get_untracked()).ok()?,
            whole(&typed.hours.get_untracked(), 8760).ok()?,
            whole(&typed.newest.get_untracked(), 1000).ok()?,
            whole(&typed.keep_days.get_untracked(), 1000).ok()?,
            whole(&typed.keep_weeks.get_untracked(), 1000).ok()?,
        ))
    };
    let save = move |event: ev::SubmitEvent| {
        event.prevent_default();
        tried.set(true);
        let Some((raw, hours, newest, keep_days, keep_weeks)) = read() else { return };
        let folder = Some(typed.folder.get_untracked().trim().to_owned()).filter(|f| !f.is_empty());
        let changing = change(move |s| {
            s.keep_raw_days = raw;
            s.backup.every_hours = hours;
            s.backup.folder = folder;
            s.backup.keep_newest = newest;
            s.backup.keep_days = keep_days;
            s.backup.keep_weeks = keep_weeks;
        });
        act.run(changing, move |()| {
            let _ = tried.try_set(false);
            toasts.say("Kept.");
        });
    };
    view! {
        <form class="panel stack" id="keeping" novalidate on:submit=save>
            <h2>"What is kept"</h2>
            <Field label="Days for which single values are kept" id="raw-days" kind="decimal" value=typed.days wrong=wrong_days
                help="Empty: for ever. Minutes and hours are always kept, and what a pin names." />
            <h3>"Backups"</h3>
            <Field label="Hours between two backups" id="backup-hours" kind="decimal" value=typed.hours wrong=wrong(typed.hours, 8760)
                help="0: none is made by itself." />
            <Field label="Folder of the backups" id="backup-folder" value=typed.folder
                help="Empty: in the data folder. A folder on another disk survives this one." />
            <p class="muted small">"How many are kept; older ones are deleted:"</p>
            <div class="threes figures">
                <Field label="Newest" id="keep-newest" kind="decimal" value=typed.newest wrong=wrong(typed.newest, 1000) />
                <Field label="One a day" id="keep-days" kind="decimal" value=typed.keep_days wrong=wrong(typed.keep_days, 1000) />
                <Field label="One a week" id="keep-weeks" kind="decimal" value=typed.keep_weeks wrong=wrong(typed.keep_weeks, 1000) />
            </div>
            {notice::shown(act.error)}
            <div class="buttons">
                <button class="button" type="submit" data-testid="save-keeping" disabled=move || act.busy.get()>"Save"</button>
                <a class="button plain" href="/system/backups">"To the backups"</a>
            </div>
        </form>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_whole_and_an_empty_field_is_for_ever() {
        for (text, expect) in
            [("", Some(None)), (" 90 ", Some(Some(90))), ("0", None), ("-1", None), ("1.5", None), ("99999", None)]
        {
            assert_eq!(days(text).ok(), expect, "{text:?}");
        }
    }
}
