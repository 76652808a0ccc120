//! Mouse, fingers and keys on charts. One pointer that moves drags time, one that does not sets the cursor, two zoom.

use super::plot::LEFT;
use crate::chart::axis::View;
use leptos::prelude::*;
use roadworthy_api::Timestamp;
use std::cell::RefCell;
use wasm_bindgen::JsCast;
use web_sys::{KeyboardEvent, PointerEvent, WheelEvent};

/// Where the cursor is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Cursor {
    /// Nowhere.
    None,
    /// Under the pointer, so many pixels from the left.
    Hovers(f64),
    /// At a moment, until it is let go.
    Held(Timestamp),
}

impl Cursor {
    /// Its moment.
    pub(crate) fn at(self, view: View, width: f64) -> Option<Timestamp> {
        match self {
            Self::None => None,
            Self::Held(at) => Some(at),
            Self::Hovers(x) => Some(view.at(x, width)),
        }
    }
}

/// A stack of charts over one time.
pub(crate) trait Plane: Copy + 'static {
    /// The stretch that is shown, untracked.
    fn view(self) -> View;
    /// Width of a plot in pixels.
    fn width(self) -> f64;
    /// Where the cursor is.
    fn cursor(self) -> RwSignal<Cursor>;
    /// The oldest and the newest moment there is something of.
    fn ends(self) -> (Timestamp, Timestamp);
    /// Longest stretch that can be zoomed to.
    fn longest(self) -> i64;
    /// Shows another stretch.
    fn show(self, view: View);
    /// Zooms by `factor` about a moment.
    fn zoom(self, about: Timestamp, factor: f64);
    /// Everything as at the start.
    fn reset(self);

    /// The cursor goes where the pointer is, unless it is held.
    fn hover(self, x: f64) {
        if !matches!(self.cursor().get_untracked(), Cursor::Held(_)) {
            let inside = (0.0..=self.width()).contains(&x);
            self.cursor().set(if inside { Cursor::Hovers(x) } else { Cursor::None });
        }
    }

    /// The pointer left.
    fn unhover(self) {
        if matches!(self.cursor().get_untracked(), Cursor::Hovers(_)) {
            self.cursor().set(Cursor::None);
        }
    }

    /// Holds the cursor at a moment between the oldest and the newest, and shows it.
    fn move_cursor(self, at: Timestamp) {
        let (oldest, newest) = self.ends();
        let at = at.clamp(oldest, newest.max(oldest));
        self.cursor().set(Cursor::Held(at));
        let view = self.view();
        if !view.holds(at) {
            self.show(view.moved(at - if at < view.from { view.from } else { view.to }));
        }
    }
}

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

pub(crate) fn down(plane: impl Plane, event: &PointerEvent) {
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
        hand.from = Some((plane.view(), hand.down.iter().map(|(_, x)| *x).collect()));
    });
}

pub(crate) fn moved(plane: impl Plane, event: &PointerEvent) {
    let x = place(event);
    let shown = HAND.with_borrow_mut(|hand| {
        let Some(at) = hand.down.iter().position(|(id, _)| *id == event.pointer_id()) else {
            return Some(None);
        };
        if let Some(pointer) = hand.down.get_mut(at) {
            pointer.1 = x;
        }
        let (view, starts) = hand.from.as_ref()?;
        let width = plane.width();
        let view = match (starts.as_slice(), hand.down.as_slice()) {
            ([start], [(_, now)]) => {
                if !hand.dragged && (now - start).abs() < TREMBLE {
                    return None;
                }
                view.moved(view.at(*start, width) - view.at(*now, width))
            }
            ([a, b], [(_, c), (_, d)]) => {
                let (before, after) = ((a - b).abs().max(10.0), (c - d).abs().max(10.0));
                let zoomed = view.zoom(view.at((a + b) / 2.0, width), before / after, plane.longest());
                zoomed.moved(zoomed.at((a + b) / 2.0, width) - zoomed.at((c + d) / 2.0, width))
            }
            _ => return None,
        };
        hand.dragged = true;
        Some(Some(view))
    });
    match shown {
        Some(Some(view)) => plane.show(view),
        Some(None) if event.pointer_type() == "mouse" => plane.hover(x),
        _ => {}
    }
}

pub(crate) fn up(plane: impl Plane, event: &PointerEvent) {
    let tapped = HAND.with_borrow_mut(|hand| {
        let there = hand.down.iter().any(|(id, _)| *id == event.pointer_id());
        hand.down.retain(|(id, _)| *id != event.pointer_id());
        hand.from = (!hand.down.is_empty()).then(|| (plane.view(), hand.down.iter().map(|(_, x)| *x).collect()));
        there && hand.down.is_empty() && !hand.dragged && event.type_() == "pointerup"
    });
    if tapped {
        plane.cursor().set(Cursor::Held(plane.view().at(place(event), plane.width())));
    }
}

pub(crate) fn left(plane: impl Plane) {
    plane.unhover();
}

pub(crate) fn reset(plane: impl Plane) {
    plane.reset();
}

/// The wheel zooms charts that were clicked, or with Ctrl held; otherwise the page scrolls, as everywhere.
pub(crate) fn wheel(plane: impl Plane, event: &WheelEvent) {
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
    let about = plane.view().at(place(event), plane.width());
    plane.zoom(about, if event.delta_y() > 0.0 { 1.25 } else { 0.8 });
}

/// Keys on the charts.
pub(crate) fn key(plane: impl Plane, event: &KeyboardEvent) {
    if event.ctrl_key() || event.alt_key() || event.meta_key() {
        return;
    }
    let view = plane.view();
    let at = match plane.cursor().get_untracked() {
        Cursor::Held(at) => at,
        Cursor::Hovers(x) => view.at(x, plane.width()),
        Cursor::None => view.to,
    };
    let step = if event.shift_key() { view.span() / 10 } else { (view.span() / 100).max(1) };
    match event.key().as_str() {
        "ArrowLeft" => plane.move_cursor(at - step),
        "ArrowRight" => plane.move_cursor(at + step),
        "+" | "=" => plane.zoom(at, 0.8),
        "-" => plane.zoom(at, 1.25),
        "Home" => {
            let oldest = plane.ends().0;
            plane.show(View { from: oldest, to: oldest + view.span() });
        }
        "End" | "0" => plane.reset(),
        "Escape" => plane.cursor().set(Cursor::None),
        _ => return,
    }
    event.prevent_default();
}
