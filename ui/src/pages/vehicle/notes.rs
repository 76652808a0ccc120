//! Notes of the shop: write, read, change, remove with undo.

use crate::{
    backend::call,
    live::{Act, fetch},
    parts::{
        dialog::Dialog,
        icon, notice,
        paged::{Paged, Stage, paged},
        seen,
        toast::Toasts,
        value, window,
    },
    words,
};
use leptos::{ev, html, prelude::*};
use roadworthy_api::{
    calls::{AddNote, EditNote, GetNote, ListNotes, RemoveNote},
    id::{NoteId, VehicleId},
    note::NoteRow,
    valid::LongText,
};

/// Pixels of a note of a long list with the gap below it; the style sheet says the same.
const HEIGHT: f64 = 208.0 + 16.0;

/// The tab.
pub(super) fn notes(vehicle: VehicleId) -> AnyView {
    let list = paged(move |offset, limit| ListNotes { vehicle, offset, limit });
    let opened = RwSignal::new(None::<NoteId>);
    let open = RwSignal::new(false);
    view! {
        <div class="stack wide">
            {write(vehicle)}
            {list.problem()}
            {all(list, opened, open)}
            <Dialog open=open label="Note" class="wide">{move || opened.get().map(|id| whole(id, open))}</Dialog>
        </div>
    }
    .into_any()
}

fn write(vehicle: VehicleId) -> AnyView {
    let (text, act, toasts) = (RwSignal::new(String::new()), Act::new(), Toasts::here());
    let empty = move || text.with(|t| t.trim().is_empty());
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        if empty() {
            return;
        }
        act.run(call(AddNote { vehicle, visit: None, text: LongText(text.get_untracked()) }), move |note| {
            let _ = text.try_set(String::new());
            toasts.done_but("Note kept.", RemoveNote { note, removed: true }, "The note is taken back.");
        });
    };
    view! {
        <form class="panel stack" novalidate on:submit=submit>
            <div class="field">
                <label for="note-text">"Write a note"</label>
                <textarea class="area" id="note-text" data-testid="note-text" rows="3" prop:value=move || text.get()
                    on:input=move |ev| text.set(event_target_value(&ev))></textarea>
            </div>
            {notice::shown(act.error)}
            <div class="buttons">
                <button class="button main" type="submit" data-testid="add-note" disabled=move || act.busy.get() || empty()>"Keep the note"</button>
            </div>
        </form>
    }
    .into_any()
}

fn all(list: Paged<NoteRow>, opened: RwSignal<Option<NoteId>>, open: RwSignal<bool>) -> AnyView {
    let node = NodeRef::<html::Div>::new();
    let drawn = list.drawn(node, HEIGHT, |_| 1);
    let one = move |at: usize| {
        let note = list.row(at);
        let content = move || {
            match note.get() {
            Some(row) => card(row, opened, open),
            None => view! { <div class="panel note"><span class="skeleton"></span><span class="unseen">"Reading…"</span></div> }.into_any(),
        }
        };
        view! { <li aria-posinset=at + 1 aria-setsize=move || list.count()>{content}</li> }
    };
    let stage = list.stage();
    let body = move || {
        if stage.get() == Stage::Opening {
            return seen::skeleton(4);
        }
        if stage.get() == Stage::Empty {
            return notice::plain("No notes yet. What is written here stays with the vehicle, and in its journal.");
        }
        view! {
            <div node_ref=node class:virtual=move || { list.count() > window::ALL }>
                <span class="pad" style:height=move || format!("{}px", drawn.get().above)></span>
                <ol class="notes" role="list" aria-label="Notes"><For each=move || drawn.get().rows key=|at| *at children=one /></ol>
                <span class="pad" style:height=move || format!("{}px", drawn.get().below)></span>
            </div>
        }
        .into_any()
    };
    body.into_any()
}

fn card(row: NoteRow, opened: RwSignal<Option<NoteId>>, open: RwSignal<bool>) -> AnyView {
    let (act, toasts) = (Act::new(), Toasts::here());
    let note = row.id;
    let remove = move |_| {
        act.run(call(RemoveNote { note, removed: true }), move |()| {
            toasts.done_but("Note removed.", RemoveNote { note, removed: false }, "The note is back.");
        });
    };
    let show = move |_| {
        opened.set(Some(note));
        open.set(true);
    };
    let cut = (row.bytes as usize) > row.start.len();
    let edited = row.edited.map(|at| view! { ", changed " {value::when(at)} });
    view! {
        <article class="panel note" data-testid="note">
            <p class="note-text">{row.start}{cut.then_some("…")}</p>
            <footer class="row apart">
                <small>{value::when(row.at)} {edited} " · " {words::actor(&row.by)}</small>
                <span class="buttons">
                    <button class="button plain" type="button" data-testid="open-note" on:click=show>
                        {icon::icon(icon::EDIT, 20)} {if cut { "Read all and change" } else { "Open and change" }}
                    </button>
                    <button class="button plain" type="button" data-testid="remove-note" disabled=move || act.busy.get() on:click=remove>
                        {icon::icon(icon::REMOVE, 20)} "Remove"
                    </button>
                </span>
            </footer>
            {notice::shown(act.error)}
        </article>
    }
    .into_any()
}

fn whole(note: NoteId, open: RwSignal<bool>) -> AnyView {
    // Once: what somebody else changes meanwhile must not replace what is being typed.
    let (text, act, toasts) = (RwSignal::new(None::<String>), Act::new(), Toasts::here());
    let before = StoredValue::new(String::new());
    let asked = fetch(move || Some(GetNote { note }));
    Effect::new(move |_| {
        if let Some(whole) = asked.value.get()
            && text.with_untracked(Option::is_none)
        {
            before.set_value(whole.0.clone());
            text.set(Some(whole.0));
        }
    });
    let there = Memo::new(move |_| text.with(Option::is_some));
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let Some(new) = text.get_untracked().filter(|t| !t.trim().is_empty()) else { return };
        let old = LongText(before.get_value());
        act.run(call(EditNote { note, text: LongText(new) }), move |()| {
            let _ = open.try_set(false);
            toasts.done_but("Note changed.", EditNote { note, text: old }, "The note is as before.");
        });
    };
    let area = move || {
        if !there.get() {
            return seen::skeleton(6);
        }
        view! {
            <textarea class="area tall" id="note-whole" data-testid="note-whole" rows="16" aria-label="The note's text"
                prop:value=move || text.get().unwrap_or_default() on:input=move |ev| text.set(Some(event_target_value(&ev)))></textarea>
        }
        .into_any()
    };
    view! {
        <form class="stack" novalidate on:submit=submit>
            <h2>"Note"</h2>
            {area}
            {notice::shown(asked.error)}
            {notice::shown(act.error)}
            <div class="buttons">
                <button class="button main" type="submit" data-testid="save-note"
                    disabled=move || act.busy.get() || text.with(|t| t.as_ref().is_none_or(|t| t.trim().is_empty()))>"Save"</button>
                <button class="button" type="button" on:click=move |_| open.set(false)>"Close"</button>
            </div>
        </form>
    }
    .into_any()
}
