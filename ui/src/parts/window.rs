//! Long lists: only what is in view is drawn. Lists of up to [`ALL`] rows are drawn whole, so that searching in the page works.

use leptos::prelude::*;
use std::ops::Range;

/// Rows drawn without further ado.
pub(crate) const ALL: usize = 200;
/// Lines of rows drawn beyond either edge.
const SPARE: usize = 6;

/// Which of `count` rows to draw, `columns` to a line of `height` pixels, when the list's top is `above` pixels above the window's
/// top and the window is `view` pixels high. Always whole lines.
pub(crate) fn in_view(count: usize, columns: usize, height: f64, above: f64, view: f64) -> Range<usize> {
    let columns = columns.max(1);
    if count <= ALL || height <= 0.0 {
        return 0..count;
    }
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to nought, and lines fit")]
    let line = |pixels: f64| (pixels.max(0.0) / height) as usize;
    let from = line(above).saturating_sub(SPARE) * columns;
    let to = (line(above + view) + 1 + SPARE) * columns;
    from.min(count)..to.min(count)
}

/// Pixels of empty space above and below the rows drawn.
pub(crate) fn space(count: usize, columns: usize, height: f64, drawn: &Range<usize>) -> (f64, f64) {
    let columns = columns.max(1);
    #[allow(clippy::cast_precision_loss, reason = "lines of a list")]
    let lines = |rows: usize| rows.div_ceil(columns) as f64 * height;
    (lines(drawn.start), lines(count - drawn.end.min(count)))
}

/// Scroll position and height of the window in pixels, as signals that follow it.
pub(crate) fn viewport() -> (Signal<f64>, Signal<f64>, Signal<f64>) {
    let (top, height, width) = (RwSignal::new(0.0), RwSignal::new(900.0), RwSignal::new(1200.0));
    let read = move || {
        let Some(window) = web_sys::window() else { return };
        let number = |v: Result<wasm_bindgen::JsValue, wasm_bindgen::JsValue>| v.ok().and_then(|v| v.as_f64());
        top.set(window.scroll_y().unwrap_or_default());
        height.set(number(window.inner_height()).unwrap_or(900.0));
        width.set(number(window.inner_width()).unwrap_or(1200.0));
    };
    read();
    // Once more when the list stands in the page and has a width.
    request_animation_frame(read);
    let scroll = window_event_listener(leptos::ev::scroll, move |_| read());
    let resize = window_event_listener(leptos::ev::resize, move |_| read());
    on_cleanup(move || {
        scroll.remove();
        resize.remove();
    });
    (top.into(), height.into(), width.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_lists_are_drawn_whole_and_long_ones_where_they_are_seen() {
        for (count, columns, above, expect) in [
            (200, 1, 9000.0, 0..200),
            (1000, 1, 0.0, 0..22),
            (1000, 1, -300.0, 0..16),
            (1000, 1, 5600.0, 94..122),
            (1000, 3, 5600.0, 282..366),
            (1000, 1, 55_900.0, 992..1000),
            (1000, 1, 90_000.0, 1000..1000),
        ] {
            assert_eq!(in_view(count, columns, 56.0, above, 840.0), expect, "{count} {columns} {above}");
        }
    }

    #[test]
    fn drawn_and_empty_space_add_up_to_the_whole_list() {
        for columns in [1, 3] {
            for above in [0.0, 777.0, 20_000.0] {
                let drawn = in_view(1001, columns, 56.0, above, 840.0);
                let (before, after) = space(1001, columns, 56.0, &drawn);
                let whole = 1001usize.div_ceil(columns) as f64 * 56.0;
                assert_eq!(before + after + drawn.len().div_ceil(columns) as f64 * 56.0, whole, "{columns} {above}");
            }
        }
    }
}
