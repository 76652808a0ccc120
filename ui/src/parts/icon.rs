//! Lucide icons. Each is drawing only and hidden from readers of the page: a label stands beside it, or names its button.

use crate::words::{self, MonitorState, Tone};
use icondata_core::Icon;
use leptos::prelude::*;
use roadworthy_api::{check::Outcome, finding::Severity, vehicle::State};

pub(crate) use icondata_lu::{
    LuActivity as LIVE, LuArchive as BACKUP, LuArrowDown as DOWN, LuArrowLeft as BACK, LuArrowUp as UP,
    LuBluetooth as BLUETOOTH, LuCable as CABLE, LuCamera as CAMERA, LuCar as CAR, LuCheck as TICK,
    LuChevronRight as MORE, LuClock as CLOCK, LuCopy as COPY, LuCpu as SYSTEM, LuEllipsis as OTHERS, LuEraser as ERASE,
    LuFileDown as SAVE, LuFileText as TEXT, LuFileUp as FILE, LuFlaskConical as SIMULATED, LuGauge as GAUGE,
    LuGitCompareArrows as COMPARE, LuHistory as VISITS, LuInbox as INBOX, LuKeyRound as KEY, LuKeyboard as KEYBOARD,
    LuLayoutGrid as CARDS, LuLink as LINK, LuList as TABLE, LuPause as PAUSE, LuPencil as EDIT, LuPlay as GO_ON,
    LuPlug as PLUG, LuPlus as PLUS, LuPrinter as PRINT, LuRotateCcw as AGAIN, LuScanLine as SCAN, LuSearch as SEARCH,
    LuSettings as SETTINGS, LuShieldCheck as SHIELD, LuSun as SUN, LuTrash2 as REMOVE, LuUser as PERSON,
    LuWifi as WIFI, LuX as CLOSE,
};
use icondata_lu::{
    LuBan, LuCircle, LuCircleAlert, LuCircleCheck, LuCircleDashed, LuCircleDot, LuCircleMinus, LuCircleX, LuEye,
    LuInfo, LuOctagonAlert, LuTriangleAlert,
};

/// An icon of `size` pixels in the colour of the text around it.
pub(crate) fn icon(icon: Icon, size: u8) -> AnyView {
    let size = size.to_string();
    view! {
        <svg width=size.clone() height=size viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2"
            stroke-linecap="round" stroke-linejoin="round" aria-hidden="true" inner_html=icon.data />
    }
    .into_any()
}

/// The shape of a state.
pub(crate) fn state_icon(state: State, size: u8) -> AnyView {
    icon(
        match state {
            State::Good => LuCircleCheck,
            State::Watch => LuEye,
            State::ActSoon => LuTriangleAlert,
            State::ActNow => LuOctagonAlert,
            State::CannotTell => LuCircleDashed,
        },
        size,
    )
}

/// A state as shape and word; `size` is a class: `tight`, `large` or nothing.
pub(crate) fn state_badge(state: State, size: &'static str) -> AnyView {
    let pixels = if size == "tight" { 16 } else { 20 };
    view! {
        <span class=format!("state {} {size}", words::state_key(state)) data-state=words::state_key(state)>
            {state_icon(state, pixels)} {words::state_word(state)}
        </span>
    }
    .into_any()
}

/// What an on-board monitor's result means, as shape and word.
pub(crate) fn monitor_badge(state: MonitorState) -> AnyView {
    let image = match state {
        MonitorState::Outside => LuCircleX,
        MonitorState::Near => LuTriangleAlert,
        MonitorState::Inside => LuCircleCheck,
        MonitorState::NoLimit | MonitorState::NotRun => LuCircleDashed,
    };
    let key = words::monitor_state_key(state);
    view! { <span class=format!("result {key}")>{icon(image, 16)} {words::monitor_state_word(state)}</span> }.into_any()
}

/// A severity as shape and word; `size` as in [`state_badge`].
pub(crate) fn severity_badge(severity: Severity, size: &'static str) -> AnyView {
    let (key, pixels) = (words::severity_key(severity), if size == "tight" { 16 } else { 20 });
    let image = match severity {
        Severity::Note => LuInfo,
        Severity::Watch => LuEye,
        Severity::ActSoon => LuTriangleAlert,
        Severity::ActNow => LuOctagonAlert,
    };
    view! {
        <span class=format!("state {key} {size}") data-severity=key>{icon(image, pixels)} {words::severity_word(severity)}</span>
    }
    .into_any()
}

/// The shape of how something that goes on by itself is.
pub(crate) fn tone_icon(tone: Tone, size: u8) -> AnyView {
    icon(
        match tone {
            Tone::Quiet => LuCircle,
            Tone::Fine => LuCircleCheck,
            Tone::Busy => LuCircleDot,
            Tone::Heed => LuTriangleAlert,
            Tone::Bad => LuOctagonAlert,
        },
        size,
    )
}

/// The same with a word.
pub(crate) fn tone_badge(tone: Tone, word: &'static str) -> AnyView {
    let key = words::tone_key(tone);
    view! { <span class=format!("tone {key}") data-tone=key>{tone_icon(tone, 20)} {word}</span> }.into_any()
}

/// The shape of an outcome.
pub(crate) fn outcome_icon(outcome: &Outcome) -> AnyView {
    icon(
        match outcome {
            Outcome::Answered => LuCircleCheck,
            Outcome::Refused { .. } => LuBan,
            Outcome::Silent => LuCircleDashed,
            Outcome::NotAsked { .. } => LuCircleMinus,
            Outcome::Unreadable { .. } => LuCircleAlert,
        },
        16,
    )
}

/// An outcome as shape and word, its reason on focus and for readers.
pub(crate) fn outcome_badge(outcome: &Outcome) -> AnyView {
    let reason = words::outcome_reason(outcome);
    let title = reason.clone();
    view! {
        <span class=format!("outcome {}", words::outcome_key(outcome)) title=title>
            {outcome_icon(outcome)} {words::outcome_word(outcome)}
            {reason.map(|r| view! { <span class="unseen">{format!(": {r}")}</span> })}
        </span>
    }
    .into_any()
}

/// A monitor: run, still running, not fitted.
pub(crate) fn monitor_icon(available: bool, complete: bool) -> AnyView {
    let which = match (available, complete) {
        (true, true) => LuCircleCheck,
        (true, false) => LuCircle,
        (false, _) => LuCircleDashed,
    };
    icon(which, 20)
}

/// Something went wrong, or is to be heeded.
pub(crate) fn alert_icon() -> AnyView {
    icon(LuTriangleAlert, 20)
}

/// All is well.
pub(crate) fn fine_icon() -> AnyView {
    icon(LuCircleCheck, 20)
}
