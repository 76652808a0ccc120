//! What a person does with an alert: acknowledge, snooze, close; each says so and can be taken back.

use crate::{
    backend::call,
    live::Act,
    locale,
    parts::{dialog::Dialog, field::Field, icon, notice, toast::Toasts},
    words,
};
use leptos::{ev, prelude::*};
use roadworthy_api::{
    Timestamp,
    alert::AlertState,
    calls::{AcknowledgeAlert, CloseAlert, SnoozeAlert},
    id::AlertId,
};

/// Says that somebody sees to it, or takes that back.
pub(super) fn acknowledge(act: Act, alert: AlertId, title: String, state: &AlertState) {
    let toasts = Toasts::here();
    let taken = matches!(state, AlertState::Acknowledged { .. });
    act.run(call(AcknowledgeAlert { alert, acknowledged: !taken }), move |_| {
        let back = AcknowledgeAlert { alert, acknowledged: taken };
        if taken {
            toasts.done_but(format!("Open again: {title}"), back, "It is acknowledged again.");
        } else {
            toasts.done_but(format!("Acknowledged: {title}"), back, "The alert is open again.");
        }
    });
}

/// Quiet until then, or not any more.
fn snooze(act: Act, alert: AlertId, title: String, until: Option<Timestamp>, then: impl FnOnce() + 'static) {
    let toasts = Toasts::here();
    act.run(call(SnoozeAlert { alert, until }), move |_| {
        match until {
            Some(at) => toasts.done_but(
                format!("Quiet until {}: {title}", locale::time(at)),
                SnoozeAlert { alert, until: None },
                "The alert is open again.",
            ),
            None => toasts.say(format!("Open again: {title}")),
        }
        then();
    });
}

/// The buttons of one alert, with their dialogs.
#[component]
pub(super) fn Buttons(
    /// Which alert.
    alert: AlertId,
    /// What it says.
    title: String,
    /// Where it stands.
    state: AlertState,
) -> impl IntoView {
    let act = Act::new();
    let (snoozing, closing) = (RwSignal::new(false), RwSignal::new(false));
    let title = StoredValue::new(title);
    let closed = matches!(state, AlertState::Closed { .. });
    let body = if closed {
        let open = move |_| {
            act.run(call(CloseAlert { alert, closed: false, why: String::new() }), move |_| {
                Toasts::here().say(format!("Open again: {}", title.get_value()));
            });
        };
        view! {
            <button class="button" type="button" data-testid="reopen" disabled=move || act.busy.get() on:click=open>
                {icon::icon(icon::AGAIN, 20)} "Open it again"
            </button>
        }
        .into_any()
    } else {
        let taken = matches!(state, AlertState::Acknowledged { .. });
        let quiet = matches!(state, AlertState::Snoozed { .. });
        let sleep = move |_| {
            if quiet { snooze(act, alert, title.get_value(), None, || ()) } else { snoozing.set(true) }
        };
        view! {
            <button class=if taken { "button" } else { "button main" } type="button" data-testid="acknowledge" aria-keyshortcuts="A" disabled=move || act.busy.get()
                on:click=move |_| acknowledge(act, alert, title.get_value(), &state)>
                {icon::icon(if taken { icon::AGAIN } else { icon::TICK }, 20)} {if taken { "Open it again" } else { "Acknowledge" }}
            </button>
            <button class="button" type="button" data-testid="snooze" aria-keyshortcuts="S" disabled=move || act.busy.get() on:click=sleep>
                {icon::icon(icon::CLOCK, 20)} {if quiet { "End the quiet" } else { "Snooze" }}
            </button>
            <button class="button" type="button" data-testid="close-alert" on:click=move |_| closing.set(true)>{icon::icon(icon::CLOSE, 20)} "Close"</button>
        }
        .into_any()
    };
    view! {
        <div class="buttons">{body}</div>
        {notice::shown(act.error)}
        <Snoozing alert=alert title=title.get_value() open=snoozing />
        <Closing alert=alert title=title.get_value() open=closing />
    }
}

/// The dialog that asks until when.
#[component]
pub(super) fn Snoozing(
    /// Which alert.
    alert: AlertId,
    /// What it says.
    title: String,
    /// Whether it is open.
    open: RwSignal<bool>,
) -> impl IntoView {
    let (act, typed, tried) = (Act::new(), RwSignal::new(String::new()), RwSignal::new(false));
    let title = StoredValue::new(title);
    let until = move |at: Timestamp| {
        snooze(act, alert, title.get_value(), Some(at), move || {
            let _ = open.try_set(false);
        })
    };
    let picked = move || locale::typed_moment(&typed.get()).filter(|at| *at > locale::now());
    let wrong = Signal::derive(move || {
        (tried.get() && picked().is_none()).then(|| "Pick a day and time that is still to come.".to_owned())
    });
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        tried.set(true);
        if let Some(at) = picked() {
            until(at);
        }
    };
    let inside = move || {
        let now = locale::now();
        let choice = move |(key, label, at): (&'static str, &'static str, Timestamp)| {
            view! {
                <button class="button" type="button" data-testid=format!("snooze-{key}") disabled=move || act.busy.get() on:click=move |_| until(at)>{label}</button>
            }
        };
        view! {
            <form class="stack" novalidate on:submit=submit>
                <h2>"Quiet until when?"</h2>
                <p>{title.get_value()}</p>
                <div class="buttons">{words::snoozes(now, locale::next_morning(now)).map(choice)}</div>
                <Field label="Or until" id="snooze-until" kind="datetime-local" value=typed wrong=wrong help="It is open again then." />
                {notice::shown(act.error)}
                <div class="buttons">
                    <button class="button main" type="submit" disabled=move || act.busy.get()>"Snooze until then"</button>
                    <button class="button" type="button" on:click=move |_| open.set(false)>"Do not snooze"</button>
                </div>
            </form>
        }
        .into_any()
    };
    view! { <Dialog open=open label="Snooze">{inside}</Dialog> }
}

/// The dialog that asks for a word.
#[component]
fn Closing(
    /// Which alert.
    alert: AlertId,
    /// What it says.
    title: String,
    /// Whether it is open.
    open: RwSignal<bool>,
) -> impl IntoView {
    let (act, why, toasts) = (Act::new(), RwSignal::new(String::new()), Toasts::here());
    let title = StoredValue::new(title);
    let empty = move || why.with(|w| w.trim().is_empty());
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        if empty() {
            return;
        }
        let close = CloseAlert { alert, closed: true, why: why.get_untracked().trim().to_owned() };
        act.run(call(close), move |_| {
            let _ = open.try_set(false);
            let back = CloseAlert { alert, closed: false, why: String::new() };
            toasts.done_but(format!("Closed: {}", title.get_value()), back, "The alert is open again.");
        });
    };
    let inside = move || {
        view! {
            <form class="stack" novalidate on:submit=submit>
                <h2>"Close this alert?"</h2>
                <p>{title.get_value()}</p>
                <p class="muted">"It closes by itself when a later check finds it gone. If it is found again after you close it, it opens again."</p>
                <Field label="Why it is over" id="close-why" value=why first=true help="As in: coil of cylinder 1 replaced." />
                {notice::shown(act.error)}
                <div class="buttons">
                    <button class="button main" type="submit" data-testid="close-confirm" disabled=move || act.busy.get() || empty()>"Close it"</button>
                    <button class="button" type="button" on:click=move |_| open.set(false)>"Leave it open"</button>
                </div>
            </form>
        }
        .into_any()
    };
    view! { <Dialog open=open label="Close the alert">{inside}</Dialog> }
}
