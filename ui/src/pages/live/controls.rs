//! Signals, pause, mark, record, close: the buttons of a session, and the keys that stand for them.

use super::{desk::Desk, words};
use crate::{
    backend::call,
    frame,
    live::{Act, Live, sessions},
    parts::{icon, notice, toast::Toasts},
};
use leptos::{ev, prelude::*};
use roadworthy_api::{
    calls::{CloseLive, MarkLive, PauseLive, StartRecording, StopRecording},
    live::{LiveSession, LiveState, Recording},
};

/// The buttons.
pub(super) fn controls(desk: Desk, act: Act, picking: RwSignal<bool>) -> AnyView {
    let (id, live) = (desk.id, Live::here());
    let open = Memo::new(move |_| live.session(id).is_some_and(|s| sessions::open(&s)));
    let paused = Memo::new(move |_| matches!(desk.state.get(), Some(LiveState::Paused | LiveState::Held { .. })));
    let connected = Memo::new(move |_| open.get() && !matches!(desk.state.get(), Some(LiveState::Connecting { .. })));
    let recording = Memo::new(move |_| live.session(id).and_then(|s| s.recording));
    let recorded = Memo::new(move |_| recording.with(Option::is_some));
    let whose = Memo::new(move |_| live.session(id).map_or(Whose::Nobody, |s| Whose::of(&s)));
    let label = RwSignal::new(String::new());
    // Apart from the others: a moment to be marked does not wait for them.
    let marking = Act::new();
    let changed = move |s| live.session_changed(s);

    let pause = move || act.run(call(PauseLive { session: id, paused: !paused.get_untracked() }), changed);
    let mark = move || {
        let text = label.get_untracked().trim().to_owned();
        marking.run(call(MarkLive { session: id, label: text }), move |session: LiveSession| {
            let said = session.marks.last().map(|m| words::mark(m.at, &m.label)).unwrap_or_default();
            let _ = label.try_set(String::new());
            Toasts::here().say(format!("Marked: {said}"));
            changed(session);
        });
    };
    let record = move || {
        if recorded.get_untracked() {
            let place = whose.get_untracked().short();
            act.run(call(StopRecording { session: id }), move |row| {
                Toasts::here().say(format!("{} recorded, kept {place}.", words::samples(row.samples)));
            });
        } else {
            act.run(call(StartRecording { session: id }), changed);
        }
    };
    let keys = window_event_listener(ev::keydown, move |event| {
        let strong = event.ctrl_key() || event.alt_key() || event.meta_key();
        if strong || event.repeat() || frame::typing(&event) || !connected.get_untracked() {
            return;
        }
        match event.key().to_lowercase().as_str() {
            "m" => mark(),
            "r" => record(),
            "p" => pause(),
            _ => return,
        }
        event.prevent_default();
    });
    on_cleanup(move || keys.remove());

    let count = move || desk.chosen.with(Vec::len);
    let replies = move || {
        desk.figures.track();
        let rate = sessions::heard(id, |t| t.replies).unwrap_or_default();
        let per_second = words::rate(if desk.reading() { rate } else { 0.0 });
        format!("{per_second} in all")
    };
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        mark();
    };
    let off = move || act.busy.get() || !connected.get();
    view! {
        <div class="controls">
            <button class="button" type="button" data-testid="pick-signals" disabled=move || desk.available.with(Vec::is_empty) || !open.get()
                on:click=move |_| picking.set(true)>
                {icon::icon(icondata_lu::LuListChecks, 20)} {move || format!("Signals ({})", count())}
            </button>
            <button class="button" type="button" data-testid="pause" aria-keyshortcuts="P" disabled=off on:click=move |_| pause()>
                {move || icon::icon(if paused.get() { icondata_lu::LuPlay } else { icondata_lu::LuPause }, 20)}
                {move || if paused.get() { "Go on" } else { "Pause" }}
            </button>
            <form class="marking" on:submit=submit>
                <input class="input" aria-label="What to call the mark, if anything" placeholder="Mark: cold start" autocomplete="off" maxlength="80"
                    data-testid="mark-label" disabled=move || !connected.get() prop:value=move || label.get() on:input=move |ev| label.set(event_target_value(&ev)) />
                <button class="button" type="submit" data-testid="mark" aria-keyshortcuts="M" disabled=off>
                    {icon::icon(icondata_lu::LuFlag, 20)} "Mark"
                </button>
            </form>
            <button class=move || if recorded.get() { "button danger" } else { "button" } type="button" data-testid="record" aria-keyshortcuts="R"
                aria-pressed=move || recorded.get().to_string() disabled=off on:click=move |_| record()>
                {move || icon::icon(if recorded.get() { icondata_lu::LuSquare } else { icondata_lu::LuCircleDot }, 20)}
                {move || if recorded.get() { "Stop recording" } else { "Record" }}
            </button>
            <span class="num muted small" data-testid="replies">{replies}</span>
            <button class="button plain close" type="button" data-testid="close-live" disabled=move || act.busy.get() || !open.get()
                on:click=move |_| act.run(call(CloseLive { session: id }), |()| ())>
                {icon::icon(icon::CLOSE, 20)} "Close"
            </button>
        </div>
        {notice::shown(marking.error)}
        {move || recorded.get().then(|| runs(desk, whose.get()))}
    }
    .into_any()
}

/// What a recording is kept for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Whose {
    Vehicle,
    /// No vehicle has the VIN yet; the one that gets it has the recording too.
    Vin,
    Nobody,
}

impl Whose {
    fn of(session: &LiveSession) -> Self {
        match (session.vehicle, &session.vin) {
            (Some(_), _) => Self::Vehicle,
            (None, Some(_)) => Self::Vin,
            (None, None) => Self::Nobody,
        }
    }

    fn short(self) -> &'static str {
        match self {
            Self::Vehicle => "under the vehicle",
            Self::Vin => "for this VIN, among the recordings below",
            Self::Nobody => "among the recordings below",
        }
    }

    fn long(self) -> &'static str {
        match self {
            Self::Vehicle => "It is kept under the vehicle.",
            Self::Vin => {
                "It is kept for this VIN: among the recordings on the Live page, and under the vehicle once one has the VIN."
            }
            Self::Nobody => "It is kept among the recordings on the Live page, since no vehicle is known.",
        }
    }
}

fn runs(desk: Desk, whose: Whose) -> AnyView {
    let place = whose.long();
    let id = desk.id;
    let of =
        move |read: fn(&Recording) -> i64| Live::here().session(id).and_then(|s| s.recording).map_or(0, |r| read(&r));
    let since = Memo::new(move |_| of(|r| r.started));
    let count = move || Live::here().session(id).and_then(|s| s.recording).map_or(0, |r| r.samples);
    view! {
        <p class="recording-line" data-testid="recording">
            <span class="dot" aria-hidden="true"></span>
            <b>"Recording "</b> <b class="num">{move || words::elapsed(desk.now.get() - since.get())}</b>
            <span class="num">{move || words::samples(count())}</span> <span class="muted">{place}</span>
        </p>
    }
    .into_any()
}
