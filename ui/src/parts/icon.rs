//! Lucide icons. Each is drawing only and hidden from readers of the page: a label stands beside it, or names its button.

use crate::words;
use icondata_core::Icon;
use leptos::prelude::*;
use roadworthy_api::{check::Outcome, vehicle::State};

pub(crate) use icondata_lu::{
    LuArrowDown as DOWN, LuArrowLeft as BACK, LuArrowUp as UP, LuCable as CABLE, LuCamera as CAMERA, LuCar as CAR,
    LuChevronRight as MORE, LuCopy as COPY, LuFileDown as SAVE, LuFileText as TEXT, LuFlaskConical as SIMULATED,
    LuGauge as GAUGE, LuGitCompareArrows as COMPARE, LuHistory as VISITS, LuKeyRound as KEY, LuKeyboard as KEYBOARD,
    LuLayoutGrid as CARDS, LuLink as LINK, LuList as TABLE, LuPencil as EDIT, LuPlug as PLUG, LuPlugZap as UNPLUGGED,
    LuPlus as PLUS, LuPrinter as PRINT, LuScanLine as SCAN, LuSearch as SEARCH, LuSettings as SETTINGS,
    LuShieldCheck as SHIELD, LuSun as SUN, LuTrash2 as REMOVE, LuUser as PERSON, LuWifi as WIFI, LuX as CLOSE,
};
use icondata_lu::{
    LuBan, LuCircle, LuCircleAlert, LuCircleCheck, LuCircleDashed, LuCircleMinus, LuEye, LuOctagonAlert,
    LuTriangleAlert,
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
