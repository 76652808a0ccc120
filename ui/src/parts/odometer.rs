//! An odometer reading that cannot be right: why, what speaks against it, and what a person says of it.

use super::icon;
use crate::{locale, words::service as said};
use leptos::{html, prelude::*};
use roadworthy_api::service::{Judgement, Meter, OdometerDoubt, OdometerEvidence, OdometerFlag};

/// A reading that waits for a decision, or what was decided; `judge` is told what a person says, `None` takes it back.
pub(crate) fn flagged(
    flag: &OdometerFlag,
    judged: Signal<Option<Judgement>>,
    meter: Option<Meter>,
    busy: Signal<bool>,
    judge: impl Fn(Option<Judgement>) + Copy + Send + Sync + 'static,
) -> AnyView {
    let flag = flag.clone();
    // What was pressed goes away: the focus goes on to what takes its place.
    let pressed = StoredValue::new(false);
    let say = move |judged| {
        pressed.set_value(true);
        judge(judged);
    };
    let first = move || {
        let node = NodeRef::<html::Button>::new();
        Effect::new(move |_| {
            if let Some(button) = node.get()
                && pressed.get_value()
            {
                pressed.set_value(false);
                // Focus is a courtesy.
                let _ = button.focus();
            }
        });
        node
    };
    let body = move || match judged.get() {
        Some(judged) => {
            let back = view! {
                <button node_ref=first() class="button" type="button" data-testid="odometer-back" disabled=move || busy.get() on:click=move |_| say(None)>"Take that back"</button>
            };
            row(flag.what, judged, back.into_any())
        }
        None => waiting(&flag, meter, busy, first(), say),
    };
    body.into_any()
}

/// What was decided, where it stands.
pub(crate) fn decided(what: OdometerDoubt, judged: Judgement) -> AnyView {
    row(what, judged, ().into_any())
}

fn row(what: OdometerDoubt, judged: Judgement, back: AnyView) -> AnyView {
    view! {
        <div class="row" data-testid="odometer-judged">
            <span class="tag">{said::doubt(what)}</span> <span>{said::judgement(judged)}</span>
            {back}
        </div>
    }
    .into_any()
}

fn waiting(
    flag: &OdometerFlag,
    meter: Option<Meter>,
    busy: Signal<bool>,
    first: NodeRef<html::Button>,
    say: impl Fn(Option<Judgement>) + Copy + Send + Sync + 'static,
) -> AnyView {
    let evidence = |e: &OdometerEvidence| {
        view! { <li class="num wrap">{format!("{}: {} km, {}", e.day, locale::number(e.km, 0), e.source)}</li> }
    };
    let evidence = (!flag.evidence.is_empty())
        .then(|| view! { <ul class="bullets small">{flag.evidence.iter().map(evidence).collect_view()}</ul> });
    let other = meter.and_then(|m| said::other_unit(&m)).map(|unit| {
        view! {
            <button class="button" type="button" data-testid="odometer-unit" disabled=move || busy.get() on:click=move |_| say(Some(Judgement::Unit { unit }))>
                {format!("It is in {}", unit.word())}
            </button>
        }
    });
    view! {
        <div class="notice mild" data-testid="odometer-flag">
            {icon::alert_icon()}
            <p class="cause">{format!("The odometer reading does not count yet: {}.", said::doubt(flag.what).to_lowercase())}</p>
            <p>{flag.reason.clone()}</p>
            {evidence}
            <div class="buttons">
                <button node_ref=first class="button" type="button" data-testid="odometer-accept" disabled=move || busy.get() on:click=move |_| say(Some(Judgement::Accept))>"It is right"</button>
                <button class="button" type="button" data-testid="odometer-leave" disabled=move || busy.get() on:click=move |_| say(Some(Judgement::LeaveOut))>"Leave it out"</button>
                {other}
            </div>
        </div>
    }
    .into_any()
}
