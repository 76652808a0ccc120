//! The story of an event: from the raw reading to the sent message, each step below what led to it.

use super::chosen::Chosen;
use crate::{
    live::fetch,
    locale,
    parts::{dialog::Dialog, seen},
    words,
};
use leptos::{html, prelude::*};
use roadworthy_api::{
    calls::Trace,
    work::{Story, StoryStep},
};

/// Steps deeper than this are drawn no further in.
const DEEPEST: usize = 8;

/// The dialog; it is open while the address names a story.
pub(super) fn story(chosen: Chosen) -> AnyView {
    let open = RwSignal::new(false);
    Effect::new(move |_| open.set(chosen.story.with(Option::is_some)));
    Effect::new(move |before: Option<bool>| {
        let now = open.get();
        if before == Some(true) && !now {
            chosen.change.run(("story", String::new()));
        }
        now
    });
    view! { <Dialog open=open label="The story of an event" class="wide">{move || inside(chosen, open)}</Dialog> }
        .into_any()
}

fn inside(chosen: Chosen, open: RwSignal<bool>) -> AnyView {
    let asked = chosen.story.get_untracked().unwrap_or_default();
    let id = asked.clone();
    let close = NodeRef::<html::Button>::new();
    Effect::new(move |_| {
        if let Some(close) = close.get() {
            // Focus is a courtesy.
            let _ = close.focus();
        }
    });
    let found = fetch(move || Some(Trace { id: id.clone() }));
    view! {
        <div class="stack" data-testid="story-steps">
            <div class="row apart">
                <h2>"What led to what"</h2>
                <button node_ref=close class="button" type="button" on:click=move |_| open.set(false)>"Close"</button>
            </div>
            {seen::seen(found, 5, move |story| steps(&story, &asked))}
        </div>
    }
    .into_any()
}

fn steps(story: &Story, asked: &str) -> AnyView {
    if story.steps.is_empty() {
        return view! { <p class="muted">"Nothing is known of what led to it, or of what followed."</p> }.into_any();
    }
    let first = story.steps.iter().map(|s| s.at).min().unwrap_or_default();
    let line = |(at, depth): (usize, usize)| story.steps.get(at).map(|s| step(s, depth, first, asked));
    let began = locale::exact(first);
    view! {
        <p class="muted small">{format!("It began {began}. Each step stands below the one that led to it; times are from the beginning.")}</p>
        <ol class="story">{words::story_order(&story.steps).into_iter().map(line).collect_view()}</ol>
    }
    .into_any()
}

fn step(step: &StoryStep, depth: usize, first: i64, asked: &str) -> AnyView {
    let here = step.event.is_some_and(|e| e.to_string() == asked);
    let led = if depth == 0 { String::new() } else { format!("Step {} deep: ", depth + 1) };
    view! {
        <li class:here=here aria-current=here.then_some("step") style=format!("--depth: {}", depth.min(DEEPEST))>
            <span><span class="unseen">{led}</span> {step.summary.clone()}</span>
            <small>
                <time class="when num" tabindex="0" data-exact=locale::exact(step.at) title=locale::exact(step.at)>{words::later(first, step.at)}</time>
                " · by " {words::who(&step.actor)} " · " <code>{step.kind.clone()}</code>
            </small>
        </li>
    }
    .into_any()
}
