//! The program's log: its last lines, by level; copied or saved without names, plates, VINs and tokens.

use crate::{
    backend::{self, call},
    live::{Act, fetch},
    locale,
    parts::{icon, notice, seen, toast},
};
use leptos::prelude::*;
use roadworthy_api::{
    calls::{ExportLog, ReadLog},
    system::LogLine,
};

/// Lines read at once.
const LINES: u32 = 500;
/// Levels, worst first: each shows itself and those before it.
const LEVELS: [(&str, &str); 4] =
    [("error", "Errors"), ("warn", "Warnings"), ("info", "Information"), ("trace", "Everything")];

/// The tab.
pub(super) fn log() -> AnyView {
    let lines = fetch(|| Some(ReadLog { limit: LINES }));
    let (level, saving) = (RwSignal::new("trace".to_owned()), Act::new());
    let shown =
        Memo::new(move |_| lines.value.with(|l| l.as_ref().map(|l| at_least(l, &level.get())).unwrap_or_default()));
    let export = move |_| {
        let work = async move {
            let blob = call(ExportLog {}).await?;
            Ok((backend::save(&blob).await?, blob.name))
        };
        saving.run(work, |(saved, name)| toast::saved(saved, &name));
    };
    let option = move |(key, label): (&'static str, &'static str)| {
        view! { <option value=key selected=move || level.get() == key>{label}</option> }
    };
    let body = move |_| {
        if shown.with(Vec::is_empty) {
            return view! { <p class="muted">"Nothing of that level is in its last lines."</p> }.into_any();
        }
        view! {
            <div class="scroll log" tabindex="0" role="region" aria-label="Lines of the log" data-testid="log-lines">
                {shown.get().into_iter().map(line).collect_view()}
            </div>
        }
        .into_any()
    };
    view! {
        <section class="panel stack">
            <h2>"Log"</h2>
            <small>"It holds no names, plates, VINs or tokens; read it before you send it."</small>
            <div class="row">
                <select class="narrow select" aria-label="Least level" data-testid="log-level" on:change=move |ev| level.set(event_target_value(&ev))>{LEVELS.map(option)}</select>
                <button class="button" type="button" on:click=move |_| lines.again()>{icon::icon(icon::AGAIN, 20)} "Read again"</button>
                <button class="button" type="button" data-testid="copy-log" on:click=move |_| toast::copy(&shown.with_untracked(|l| text(l)), "The lines are copied.")>
                    {icon::icon(icon::COPY, 20)} "Copy"
                </button>
                <button class="button" type="button" data-testid="export-log" disabled=move || saving.busy.get() on:click=export>{icon::icon(icon::SAVE, 20)} "Save"</button>
            </div>
            {notice::shown(saving.error)}
            {seen::seen(lines, 8, body)}
        </section>
    }
    .into_any()
}

/// Lines of at least this level; what follows a line that is shown is shown with it.
fn at_least(lines: &[LogLine], least: &str) -> Vec<LogLine> {
    let rank = |level: &str| ["error", "warn", "info", "debug", "trace"].iter().position(|l| *l == level).unwrap_or(0);
    let mut with = true;
    let shown = |line: &&LogLine| {
        if !line.level.is_empty() {
            with = rank(&line.level) <= rank(least);
        }
        with
    };
    lines.iter().filter(shown).cloned().collect()
}

fn text(lines: &[LogLine]) -> String {
    let one = |l: &LogLine| match l.at {
        Some(at) => format!("{} {} {}\n", locale::time(at), l.level, l.text),
        None => format!("{}\n", l.text),
    };
    lines.iter().map(one).collect()
}

fn line(line: LogLine) -> AnyView {
    let class = format!("line {}", line.level);
    let at = line.at.map(|at| locale::clock(at, true));
    view! { <p class=class data-testid="log-line"><span class="muted">{at}</span> " " <b>{line.level}</b> " " {line.text}</p> }.into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_follows_a_line_goes_with_it() {
        let line = |level: &str, text: &str| LogLine { at: None, level: level.into(), text: text.into() };
        let lines = [line("info", "a"), line("", "a2"), line("error", "b"), line("", "b2"), line("debug", "c")];
        for (least, expect) in [("error", "b b2"), ("info", "a a2 b b2"), ("trace", "a a2 b b2 c")] {
            let shown: Vec<_> = at_least(&lines, least).into_iter().map(|l| l.text).collect();
            assert_eq!(shown.join(" "), expect, "{least}");
        }
    }
}
