//! Live data: choose a vehicle, watch it. A session has an address, and everybody who opens it sees the same.
//!
//! [`start`] begins or joins a session, [`session`] shows one; [`desk`] is what its parts share: what is chosen, which time is
//! looked at, and how often is drawn.

mod controls;
mod desk;
mod export;
mod picker;
mod recordings;
mod session;
mod start;
mod strips;
mod table;
mod tiles;
mod traffic;
mod words;

use crate::{
    frame,
    live::{Live, sessions},
    parts::{icon, seen},
};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use roadworthy_api::{
    id::LiveId,
    live::{LiveSession, LiveState},
};

/// The page.
#[component]
pub(crate) fn LivePage() -> impl IntoView {
    frame::title("Live");
    let params = use_params_map();
    let asked = Memo::new(move |_| params.with(|p| p.get("session")));
    let live = Live::here();
    let known = Memo::new(move |_| {
        let id = asked.get()?.parse::<LiveId>().ok()?;
        live.session(id).map(|_| id)
    });
    move || match (asked.get(), known.get()) {
        (None, _) => view! { <start::Start /> }.into_any(),
        (Some(_), Some(id)) => view! { <session::Session id=id /> }.into_any(),
        (Some(_), None) if live.sessions_known.get() => gone(),
        (Some(_), None) => seen::skeleton(6),
    }
}

fn gone() -> AnyView {
    view! {
        <div class="stack wide">
            <h1>"Live"</h1>
            <div class="empty panel">
                <h2>"This session is over"</h2>
                <p>"It belongs to an earlier run of the program, or ended a while ago. What was recorded in it is kept."</p>
                <a class="button main" href="/live">"Open another"</a>
            </div>
        </div>
    }
    .into_any()
}

/// For the frame: the live session that runs, with a way to it.
pub(crate) fn running() -> AnyView {
    let live = Live::here();
    let newest = Memo::new(move |_| {
        live.sessions.with(|all| all.iter().find(|s| sessions::open(s)).map(|s| (s.id, word(s), s.recording.is_some())))
    });
    (move || {
        newest.get().map(|(id, (short, long), recording)| {
            let class = if recording { "busy recording" } else { "busy" };
            let image = if recording { icondata_lu::LuCircleDot } else { icondata_lu::LuActivity };
            view! {
                <a class=class href=format!("/live/{id}") title=long data-testid="live-running">
                    {icon::icon(image, 20)} <span class="words">{short}</span> <span class="unseen">{long}</span>
                </a>
            }
        })
    })
    .into_any()
}

fn word(session: &LiveSession) -> (&'static str, &'static str) {
    match (&session.state, session.recording.is_some()) {
        (LiveState::Reconnecting { .. }, _) => {
            ("Reconnecting", "The link to the vehicle broke; it is being connected again.")
        }
        (_, true) => ("Recording", "A live session is being recorded."),
        (LiveState::Held { .. }, _) => {
            ("Live, stopped", "A live session has stopped reading so as not to harm the vehicle.")
        }
        (LiveState::Paused, _) => ("Live, paused", "A live session is open and paused."),
        _ => ("Live", "A live session is open."),
    }
}
