//! What a visit rests on: its recorded traffic read once more, and a bundle of all of it for somebody else.

use crate::{
    backend::call,
    live::Act,
    parts::{
        compared::{self, Compared},
        dialog::Dialog,
        icon, notice, toast,
    },
    words,
};
use leptos::prelude::*;
use roadworthy_api::{
    calls::{MakeBundle, RedecodeVisit},
    id::VisitId,
    visit::{DecodedChange, DecodedPart, DecodedRow, Redecoding},
};

/// The buttons with their dialogs; only of a visit whose traffic was recorded.
pub(super) fn buttons(visit: VisitId) -> AnyView {
    let (anew, bundle) = (RwSignal::new(false), RwSignal::new(false));
    view! {
        <button class="button" type="button" data-testid="read-anew" aria-haspopup="dialog" on:click=move |_| anew.set(true)>
            {icon::icon(icon::AGAIN, 20)} "Read again with today's decoder…"
        </button>
        <button class="button" type="button" data-testid="bundle" aria-haspopup="dialog" on:click=move |_| bundle.set(true)>
            {icon::icon(icon::SAVE, 20)} "Save a bundle…"
        </button>
        <Dialog open=anew class="wide" label="Read again with today's decoder">{move || read_anew(visit, anew)}</Dialog>
        <Dialog open=bundle label="Save a bundle">{move || save_bundle(visit, bundle)}</Dialog>
    }
    .into_any()
}

fn read_anew(visit: VisitId, open: RwSignal<bool>) -> AnyView {
    let (read, act) = (RwSignal::new(None::<Redecoding>), Act::new());
    act.run(call(RedecodeVisit { visit, keep: false }), move |said| {
        let _ = read.try_set(Some(said));
    });
    let keep = move |_| {
        act.run(call(RedecodeVisit { visit, keep: true }), move |_| {
            let _ = open.try_set(false);
            toast::Toasts::here().say("The visit shows what is read today; the reading of then is kept.");
        });
    };
    let body = move || match read.get() {
        None => act.busy.get().then(|| view! { <p role="status">"Reading the recorded traffic…"</p> }.into_any()),
        Some(read) => Some(found(&read)),
    };
    let differs = move || read.with(|r| r.as_ref().is_some_and(|r| !words::decoded_parts(&r.rows).is_empty()));
    view! {
        <div class="stack" data-testid="redecoding">
            <h2>"Read again with today's decoder"</h2>
            <p>"The bytes of this visit stay as they were recorded. Nothing that is shown changes unless you keep it."</p>
            {body}
            {notice::shown(act.error)}
            <div class="buttons">
                {move || differs().then(|| view! {
                    <button class="button main" type="button" data-testid="keep-redecoding" disabled=move || act.busy.get() on:click=keep>
                        {icon::icon(icon::SAVE, 20)} {move || if act.busy.get() { "Keeping it…" } else { "Show what is read today" }}
                    </button>
                })}
                <button class="button" type="button" on:click=move |_| open.set(false)>
                    {move || if differs() { "Leave it as it is" } else { "Close" }}
                </button>
            </div>
        </div>
    }
    .into_any()
}

fn found(read: &Redecoding) -> AnyView {
    let parts = words::decoded_parts(&read.rows);
    view! {
        <p class="reason" role="status" data-testid="decoded-line">{words::decoded_line(read)}</p>
        {parts.into_iter().map(|(part, rows)| section(part, rows)).collect_view()}
    }
    .into_any()
}

fn section(part: DecodedPart, rows: Vec<DecodedRow>) -> AnyView {
    let heading = words::decoded_part(part);
    let row = |row: DecodedRow| Compared {
        label: row.label,
        ecu: row.ecu,
        before: row.before,
        after: row.after,
        absent: if row.change == DecodedChange::New { "not read" } else { "not there" },
        differs: true,
        mark: Some(words::decoded_change(row.change)),
    };
    let sides = ("As shown".to_owned(), "As read today".to_owned());
    let rows = rows.into_iter().map(row).collect();
    view! {
        <section class="stack">
            <h3>{heading}</h3>
            {compared::table(heading, sides, "How it stands", "decoded-row", rows)}
        </section>
    }
    .into_any()
}

fn save_bundle(visit: VisitId, open: RwSignal<bool>) -> AnyView {
    let (full, act) = (RwSignal::new(false), Act::new());
    let save = move |_| {
        let make = super::kept(MakeBundle { visit, full: full.get_untracked() });
        act.run(make, move |(saved, name)| {
            let _ = open.try_set(false);
            toast::saved(saved, &name);
        });
    };
    let choice = move |is_full: bool, id: &'static str, label: &'static str, what: &'static str| {
        view! {
            <label class="choice long">
                <input type="radio" name="bundle-form" data-testid=id prop:checked=move || full.get() == is_full
                    on:change=move |_| full.set(is_full) />
                <span>{label} <br /> <small class="muted">{what}</small></span>
            </label>
        }
    };
    view! {
        <div class="stack" data-testid="bundle-form">
            <h2>"Save a bundle"</h2>
            <p>
                "One ZIP with the recorded traffic, what was read in it, versions and hashes, and a text that says how to check it \
                 without this program. No person and no plate is named in it."
            </p>
            <fieldset class="stack">
                <legend class="unseen">"What it names"</legend>
                {choice(false, "bundle-redacted", "Without VIN and serial numbers", "For a forum, a manufacturer, a report of a fault. Stand-ins of the same length take their place, and it reads as before.")}
                {choice(true, "bundle-full", "With VIN and serial numbers", "For somebody who may know them: the owner, an insurer, a court.")}
            </fieldset>
            {notice::shown(act.error)}
            <div class="buttons">
                <button class="button main" type="button" data-testid="save-bundle" disabled=move || act.busy.get() on:click=save>
                    {icon::icon(icon::SAVE, 20)} {move || if act.busy.get() { "Packing…" } else { "Save" }}
                </button>
                <button class="button" type="button" on:click=move |_| open.set(false)>"Cancel"</button>
            </div>
        </div>
    }
    .into_any()
}
