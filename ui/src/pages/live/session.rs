//! One session: who is read and how it stands, what to do with it, what it says.

use super::{controls, desk::Desk, picker, recordings, strips, table, tiles, traffic, words};
use crate::{
    backend::call,
    frame,
    live::{Act, Live},
    parts::{icon, notice, seen},
    storage,
};
use leptos::prelude::*;
use leptos_router::{
    NavigateOptions,
    hooks::{use_navigate, use_query_map},
};
use roadworthy_api::{
    calls::{ChooseSignals, CloseLive, PauseLive},
    id::LiveId,
    live::{LiveSession, LiveState},
};

/// Where the choice of signals is remembered, as ids one after the other.
pub(super) const REMEMBERED: &str = "roadworthy.live.signals";

/// The session.
#[component]
pub(super) fn Session(
    /// Which.
    id: LiveId,
) -> impl IntoView {
    let live = Live::here();
    let desk = Desk::new(id);
    let session = move |read: fn(&LiveSession) -> String| live.session(id).map(|s| read(&s)).unwrap_or_default();
    let port = Memo::new(move |_| session(|s| s.port.clone()));
    let about = Memo::new(move |_| session(about));
    let vehicle = Memo::new(move |_| live.session(id).and_then(|s| s.vehicle));
    let problem = Memo::new(move |_| live.session(id).and_then(|s| s.recording_problem));
    Effect::new(move |_| frame::title(&format!("Live · {}", port.get())));
    let act = Act::new();
    let picking = RwSignal::new(false);
    choose_as_asked(desk, act);
    remember(desk);
    let badge = move || {
        desk.state.get().map(|s| {
            let (class, word) = words::state(&s);
            view! { <span class=format!("state {class}") data-testid="live-state" data-state=class>{word}</span> }
        })
    };
    let owner = move || {
        vehicle.get().map(|v| {
            view! { <a class="button" href=format!("/vehicles/{v}")>{icon::icon(icon::CAR, 20)} "Its vehicle"</a> }
        })
    };
    // Not the state itself: a session that is read says so in every frame, and nothing below must be made anew for that.
    let stage = Memo::new(move |_| match (desk.state.get(), desk.available.with(Vec::is_empty)) {
        (Some(LiveState::Connecting { .. }), _) | (None, _) => Stage::Connecting,
        (Some(LiveState::Ended { .. }), true) => Stage::Nothing,
        (_, true) => Stage::Connecting,
        (_, false) if desk.chosen.with(Vec::is_empty) => Stage::Choosing,
        _ => Stage::Shown,
    });
    let body = move || match stage.get() {
        Stage::Connecting => connecting(desk),
        Stage::Nothing => ().into_any(),
        Stage::Choosing => choose_something(picking),
        Stage::Shown => view! { {tiles::tiles(desk)} {strips::strips(desk)} {table::table(desk)} }.into_any(),
    };
    view! {
        <div class="stack wide live">
            <header class="stack">
                <div class="row apart">
                    <div class="title"><h1>"Live"</h1> {badge} <span class="muted small">{about}</span></div>
                    <div class="buttons">{owner}</div>
                </div>
                {controls::controls(desk, act, picking)}
            </header>
            {move || trouble(desk, act, port.get())}
            {notice::shown(act.error)}
            {move || problem.get().map(|e| notice::error(&e))}
            {body}
            {traffic::traffic(desk)}
            {recordings::of_session(vehicle)}
            {picker::picker(desk, Act::new(), picking)}
        </div>
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Stage {
    Connecting,
    Nothing,
    Choosing,
    Shown,
}

fn about(session: &LiveSession) -> String {
    let protocol = session.protocol.as_ref().map(|p| p.name.clone());
    let vin = session.vin.as_ref().map(|v| format!("VIN {v}"));
    let volts = session.adapter.voltage.map(|v| format!("{} V at the connector", crate::locale::fixed(v, 1)));
    [Some(session.port.clone()), vin, protocol, volts].into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

fn connecting(desk: Desk) -> AnyView {
    let doing = Memo::new(move |_| match desk.state.get() {
        Some(LiveState::Connecting { doing }) if !doing.is_empty() => doing,
        _ => "Asking the vehicle what it can say…".to_owned(),
    });
    view! {
        <section class="panel stack" data-testid="live-connecting">
            <p class="doing" aria-live="polite">{doing}</p>
            {seen::skeleton(3)}
        </section>
    }
    .into_any()
}

fn choose_something(picking: RwSignal<bool>) -> AnyView {
    view! {
        <div class="empty panel">
            <h2>"Nothing is being read"</h2>
            <p>"Choose what to watch. The fewer signals, the more often each of them is read."</p>
            <button class="button main" type="button" on:click=move |_| picking.set(true)>"Choose signals"</button>
        </div>
    }
    .into_any()
}

/// What stands in the way of new values, and what can be done.
fn trouble(desk: Desk, act: Act, port: String) -> Option<AnyView> {
    let id = desk.id;
    match desk.state.get()? {
        LiveState::Reconnecting { error, attempt } => {
            let stop = move |_| act.run(call(CloseLive { session: id }), |()| ());
            Some(
                view! {
                    <div class="notice mild" role="status" data-testid="reconnecting">
                        {icon::alert_icon()}
                        <p class="cause">{format!("The link to the vehicle broke. It is being connected again, try {attempt}.")}</p>
                        <p>{error.message} " " {error.hint} " The values below are the last that came; a recording goes on when the link is back."</p>
                        <div class="buttons"><button class="button" type="button" on:click=stop>"Stop trying"</button></div>
                    </div>
                }
                .into_any(),
            )
        }
        LiveState::Held { why } => {
            let go_on = move |_| {
                act.run(call(PauseLive { session: id, paused: false }), |s| Live::here().session_changed(s));
            };
            Some(
                view! {
                    <div class="notice mild" role="status" data-testid="held">
                        {icon::alert_icon()}
                        <p class="cause">{why}</p>
                        <p>"The values below are the last that came."</p>
                        <div class="buttons"><button class="button main" type="button" on:click=go_on>"Go on reading"</button></div>
                    </div>
                }
                .into_any(),
            )
        }
        LiveState::Ended { error } => {
            let again = format!("/live?port={}", js_sys::encode_uri_component(&port));
            let again = view! { <a class="button main" href=again>"Open it again"</a> <a class="button" href="/live">"Open another"</a> };
            Some(match error {
                Some(error) => notice::error_with(&error, again),
                None => view! {
                    <div class="notice" role="status">
                        {icon::icon(icondata_lu::LuCircleStop, 20)}
                        <p class="cause">"This session was closed. What came until then is still shown; a recording of it is kept."</p>
                        <div class="buttons">{again}</div>
                    </div>
                }
                .into_any(),
            })
        }
        _ => None,
    }
}

/// Chooses the signals that the address asks for, once it is known what there is.
fn choose_as_asked(desk: Desk, act: Act) {
    let asked = use_query_map().with_untracked(|q| q.get("signals"));
    let navigate = use_navigate();
    let Some(asked) = asked else { return };
    let done = StoredValue::new(false);
    Effect::new(move |_| {
        let wanted: Vec<&str> = asked.split(',').collect();
        let ids = desk.available.with(|all| words::available(&wanted, all));
        if ids.is_empty() || done.get_value() {
            return;
        }
        done.set_value(true);
        // In place of this address: a reload must not undo what was chosen since.
        navigate(&format!("/live/{}", desk.id), NavigateOptions { replace: true, ..Default::default() });
        act.run(call(ChooseSignals { session: desk.id, signals: ids }), |s| Live::here().session_changed(s));
    });
}

/// Keeps what is chosen for the next session.
fn remember(desk: Desk) {
    Effect::new(move |_| {
        let ids: Vec<String> = desk.chosen.with(|c| c.iter().map(|i| i.id.clone()).collect());
        if !ids.is_empty() {
            storage::set(REMEMBERED, &ids.join(","));
        }
    });
}
