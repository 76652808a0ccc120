//! What every chart of a stack has: its place, its scale, words as bands.

use crate::{
    chart::{
        axis::Scale,
        bands::{self, Band},
    },
    locale,
};
use leptos::prelude::*;
use wasm_bindgen::{JsCast, closure::Closure};

/// Where the plot begins, in pixels: room for the scale's figures.
pub(crate) const LEFT: f64 = 48.0;
/// Height of a plot in pixels.
pub(crate) const HEIGHT: f64 = 88.0;
/// Room above and below the line.
pub(crate) const ROOM: f64 = 6.0;

/// Keeps `kept_width` that of the plots in a node.
pub(crate) fn measure(kept_width: RwSignal<f64>, node: &web_sys::HtmlDivElement) {
    let measured = node.clone();
    let take = move || {
        let width = f64::from(measured.client_width()) - LEFT;
        if width > 50.0 && (width - kept_width.get_untracked()).abs() > 0.5 {
            kept_width.set(width);
        }
    };
    take();
    let changed = Closure::<dyn Fn()>::new(take);
    if let Ok(observer) = web_sys::ResizeObserver::new(changed.as_ref().unchecked_ref()) {
        observer.observe(node);
        let kept = StoredValue::new_local((observer, changed));
        on_cleanup(move || kept.with_value(|(observer, _)| observer.disconnect()));
    }
}

/// Whether an element is on screen.
pub(crate) fn on_screen(node: NodeRef<leptos::svg::Svg>) -> RwSignal<bool> {
    let seen = RwSignal::new(true);
    Effect::new(move |_| {
        let Some(node) = node.get() else { return };
        let changed = Closure::<dyn Fn(js_sys::Array)>::new(move |entries: js_sys::Array| {
            let last = entries.pop().dyn_into::<web_sys::IntersectionObserverEntry>();
            let _ = seen.try_set(last.map_or(true, |e| e.is_intersecting()));
        });
        if let Ok(observer) = web_sys::IntersectionObserver::new(changed.as_ref().unchecked_ref()) {
            observer.observe(&node);
            let kept = StoredValue::new_local((observer, changed));
            on_cleanup(move || kept.with_value(|(observer, _)| observer.disconnect()));
        }
    });
    seen
}

/// The lines of a scale with their figures.
pub(crate) fn figures(scale: Scale) -> AnyView {
    let tick = |v: f64| {
        let y = ROOM + scale.y(v, HEIGHT - 2.0 * ROOM);
        view! {
            <path class="line" d=format!("M{LEFT} {y:.1}h9999") />
            <text x=LEFT - 6.0 y=y + 4.0 text-anchor="end">{locale::fixed(v, scale.digits())}</text>
        }
    };
    scale.ticks().into_iter().map(tick).collect_view().into_any()
}

/// Words as bands: colour, hatching and the word itself.
pub(crate) fn said_bands(all: &[Band], pattern: &str) -> AnyView {
    let hatches = (0..bands::LOOKS).map(|look| {
        let (name, apart) = (format!("{pattern}-{look}"), 5 + look * 2);
        let turn = format!("rotate({})", look * 35);
        view! {
            <pattern id=name width=apart height=apart patternUnits="userSpaceOnUse" patternTransform=turn>
                <path class=format!("hatch look-{look}") d=format!("M0 0V{apart}") />
            </pattern>
        }
    });
    let band = |b: &Band| {
        // About as many letters as fit; the word is in the legend and the table anyway.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "letters in a band on a screen")]
        let fit = ((b.width - 12.0).max(0.0) / 7.0) as usize;
        let text = if b.text.chars().count() <= fit {
            b.text.to_string()
        } else if fit > 3 {
            format!("{}…", b.text.chars().take(fit - 1).collect::<String>())
        } else {
            String::new()
        };
        view! {
            <rect class=format!("word look-{}", b.look) x=b.x y="20" width=b.width height=HEIGHT - 40.0 />
            <rect x=b.x y="20" width=b.width height=HEIGHT - 40.0 fill=format!("url(#{pattern}-{})", b.look) />
            <text class="said" x=b.x + 6.0 y=HEIGHT / 2.0 + 5.0>{text}</text>
        }
    };
    view! { <defs>{hatches.collect_view()}</defs> {all.iter().map(band).collect_view()} }.into_any()
}
