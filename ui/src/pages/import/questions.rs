//! What cannot be told from the file, asked where the answer is given. Each answer is tried at once; one that was given stays here,
//! so that it can be changed.

mod field;

use super::desk::{Desk, Look};
use crate::{
    backend::call,
    live::{Act, fetch},
    parts::{icon, notice},
    words::Tone,
};
pub(super) use field::{choices, of_log, radios, text};
use leptos::prelude::*;
use roadworthy_api::{call::Request, id::ImportId, import::Question};

/// Imports among which one is looked for that was not undone.
pub(super) const NEWEST: u32 = 20;

/// The questions, each with its `field`; nothing where nothing is open. `last` offers the answers of the import before.
pub(super) fn questions<P: Look>(
    desk: Desk<P>,
    field: fn(Desk<P>, &Question) -> AnyView,
    last: fn(Desk<P>) -> AnyView,
) -> AnyView {
    let asked = Memo::new(move |_| desk.asked.get());
    let body = move || {
        let all = asked.get();
        (!all.is_empty()).then(|| {
            let one = |q: Question| question(desk, q, field);
            view! {
                <section class="panel stack" data-testid="import-questions">
                    <h2>"What the file does not say"</h2>
                    {all.into_iter().map(one).collect_view()}
                    {last(desk)}
                </section>
            }
        })
    };
    body.into_any()
}

fn question<P: Look>(desk: Desk<P>, question: Question, field: fn(Desk<P>, &Question) -> AnyView) -> AnyView {
    let what = question.what.clone();
    let key = what.clone();
    let open = Memo::new(move |_| {
        desk.preview.with(|p| p.as_ref().is_some_and(|p| p.questions().iter().any(|q| q.what == key)))
    });
    let state = move || match open.get() {
        true => {
            view! { <span class="tone heed" data-testid="question-open">{icon::tone_icon(Tone::Heed, 20)} "Must be said"</span> }
        }
        false => {
            view! { <span class="tone fine" data-testid="question-said">{icon::tone_icon(Tone::Fine, 20)} "Said"</span> }
        }
    };
    let field = field(desk, &question);
    view! {
        <fieldset class="stack tight" data-testid="question" data-what=what>
            <legend><span class="row">{question.ask} {state}</span></legend>
            {field}
        </fieldset>
    }
    .into_any()
}

/// Reading the file as the newest import of the vehicle was that `newest` finds: one program's files are alike.
pub(super) fn as_last<P, L, G>(
    desk: Desk<P>,
    list: impl Fn() -> Option<L> + Copy + 'static,
    newest: impl Fn(&L::Reply) -> Option<(ImportId, String)> + Copy + Send + Sync + 'static,
    get: impl Fn(ImportId) -> G + Copy + Send + Sync + 'static,
    mapping: impl Fn(G::Reply) -> P::Mapping + Copy + Send + Sync + 'static,
) -> AnyView
where
    P: Look,
    L: Request,
    L::Reply: Clone + PartialEq + Send + Sync,
    G: Request,
{
    let act = Act::new();
    let found = fetch(list);
    let button = move || {
        let (import, name) = found.value.with(|page| page.as_ref().and_then(newest))?;
        let read = move |_| act.run(call(get(import)), move |detail| desk.mapping.set(Some(mapping(detail))));
        Some(view! {
            <div class="row">
                <button class="button" type="button" data-testid="import-as-last" disabled=move || act.busy.get() on:click=read>{icon::icon(icon::VISITS, 20)} "Read it as the last one"</button>
                <small>{name}</small>
            </div>
        })
    };
    view! { {button} {notice::shown(act.error)} }.into_any()
}
