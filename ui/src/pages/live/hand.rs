//! Mouse, fingers and keys on the charts. One pointer that moves drags time, one that does not sets the cursor, two zoom.

use super::{
    desk::{Cursor, Desk, Window},
    strips::LEFT,
};
use crate::chart::axis::View;
use leptos::prelude::*;
use std::cell::RefCell;
use wasm_bindgen::JsCast;
use web_sys::{KeyboardEvent, PointerEvent, WheelEvent};

/// Pixels that a finger may tremble before it drags.
const TREMBLE: f64 = 5.0;

/// What the pointers do.
#[derive(Default)]
struct Hand {
    /// Each pointer that is down: which, where now.
    down: Vec<(i32, f64)>,
    /// The stretch when the newest of them went down, and where they were.
    from: Option<(View, Vec<f64>)>,
    dragged: bool,
}

thread_local! {
    // One page, one hand.
    static HAND: RefCell<Hand> = RefCell::new(Hand::default());
}

/// Pixels from the left end of the plot.
fn place(event: &web_sys::MouseEvent) -> f64 {
    let node = event.current_target().and_then(|t| t.dyn_into::<web_sys::Element>().ok());
    f64::from(event.client_x()) - node.map_or(0.0, |n| n.get_bounding_client_rect().left()) - LEFT
}

pub(super) fn down(desk: Desk, event: &PointerEvent) {
    if event.button() != 0 {
        return;
    }
    if let Some(node) = event.current_target().and_then(|t| t.dyn_into::<web_sys::Element>().ok()) {
        // Refused for a pointer that is gone already.
        let _ = node.set_pointer_capture(event.pointer_id());
    }
    HAND.with_borrow_mut(|hand| {
        hand.down.retain(|(id, _)| *id != event.pointer_id());
        hand.down.push((event.pointer_id(), place(event)));
        if hand.down.len() == 1 {
            hand.dragged = false;
        }
        hand.from = Some((desk.view.get_untracked(), hand.down.iter().map(|(_, x)| *x).collect()));
    });
}

pub(super) fn moved(desk: Desk, event: &PointerEvent) {
    let x = place(event);
    let shown = HAND.with_borrow_mut(|hand| {
        let Some(at) = hand.down.iter().position(|(id, _)| *id == event.pointer_id()) else {
            return Some(None);
        };
        if let Some(pointer) = hand.down.get_mut(at) {
            pointer.1 = x;
        }
        let (view, starts) = hand.from.as_ref()?;
        let width = desk.width.get_untracked();
        let view = match (starts.as_slice(), hand.down.as_slice()) {
            ([start], [(_, now)]) => {
                if !hand.dragged && (now - start).abs() < TREMBLE {
                    return None;
                }
                view.moved(view.at(*start, width) - view.at(*now, width))
            }
            ([a, b], [(_, c), (_, d)]) => {
                let (before, after) = ((a - b).abs().max(10.0), (c - d).abs().max(10.0));
                let zoomed = view.zoom(view.at((a + b) / 2.0, width), before / after);
                zoomed.moved(zoomed.at((a + b) / 2.0, width) - zoomed.at((c + d) / 2.0, width))
            }
            _ => return None,
        };
        hand.dragged = true;
        Some(Some(view))
    });
    match shown {
        Some(Some(view)) => desk.show(view),
        Some(None) if event.pointer_type() == "mouse" => desk.hover(x),
        _ => {}
    }
}

pub(super) fn up(desk: Desk, event: &PointerEvent) {
    let tapped = HAND.with_borrow_mut(|hand| {
        let there = hand.down.iter().any(|(id, _)| *id == event.pointer_id());
        hand.down.retain(|(id, _)| *id != event.pointer_id());
        hand.from =
            (!hand.down.is_empty()).then(|| (desk.view.get_untracked(), hand.down.iter().map(|(_, x)| *x).collect()));
        there && hand.down.is_empty() && !hand.dragged && event.type_() == "pointerup"
    });
    if tapped {
        desk.put_cursor(place(event));
    }
}

pub(super) fn left(desk: Desk) {
    desk.unhover();
}

pub(super) fn reset(desk: Desk) {
    desk.reset();
}

/// The wheel zooms charts that were clicked, or with Ctrl held; otherwise the page scrolls, as everywhere.
pub(super) fn wheel(desk: Desk, event: &WheelEvent) {
    let inside = event
        .current_target()
        .and_then(|t| t.dyn_into::<web_sys::Element>().ok())
        .and_then(|n| n.closest(".plots").ok().flatten())
        .is_some_and(|plots| {
            let active = document().active_element();
            active.is_some_and(|a| plots.contains(Some(&a)))
        });
    if !(inside || event.ctrl_key()) {
        return;
    }
    event.prevent_default();
    let about = desk.view.get_untracked().at(place(event), desk.width.get_untracked());
    desk.zoom(about, if event.delta_y() > 0.0 { 1.25 } else { 0.8 });
}

/// Keys on the charts.
pub(super) fn key(desk: Desk, event: &KeyboardEvent) {
    if event.ctrl_key() || event.alt_key() || event.meta_key() {
        return;
    }
    let view = desk.view.get_untracked();
    let at = match desk.cursor.get_untracked() {
        Cursor::Held(at) => at,
        Cursor::Hovers(x) => view.at(x, desk.width.get_untracked()),
        Cursor::None => view.to,
    };
    let step = if event.shift_key() { view.span() / 10 } else { (view.span() / 100).max(1) };
    match event.key().as_str() {
        "ArrowLeft" => desk.move_cursor(at - step),
        "ArrowRight" => desk.move_cursor(at + step),
        "+" | "=" => desk.zoom(at, 0.8),
        "-" => desk.zoom(at, 1.25),
        "Home" => {
            let oldest = desk.ends().0;
            desk.window.set(Window::Still(View { from: oldest, to: oldest + view.span() }));
        }
        "End" | "0" => desk.reset(),
        "Escape" => desk.cursor.set(Cursor::None),
        _ => return,
    }
    event.prevent_default();
}
