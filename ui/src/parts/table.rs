//! A table of which only what is in view is drawn. Rows beyond are space; readers are told how many rows there are.

use super::paged::Paged;
use leptos::{html, prelude::*};

/// Pixels of a row; the style sheet says the same.
pub(crate) const HEIGHT: f64 = 56.0;

/// The table. `row` draws one `tr` and is told its `aria-rowindex`; `node` is the body, new for each table.
pub(crate) fn table<T: Clone + PartialEq + Send + Sync + 'static>(
    caption: &'static str,
    id: &'static str,
    head: AnyView,
    columns: usize,
    list: Paged<T>,
    node: NodeRef<html::Tbody>,
    row: impl Fn(T, usize) -> AnyView + Copy + Send + Sync + 'static,
) -> AnyView {
    let drawn = list.drawn(node, HEIGHT, |_| 1);
    let pad = move |height: f64| {
        (height > 0.0)
            .then(|| view! { <tr aria-hidden="true" style:height=format!("{height}px")><td colspan=columns></td></tr> })
    };
    let one = move |at: usize| {
        let content = list.row(at);
        // The heading is row 1.
        let index = at + 2;
        move || {
            match content.get() {
            Some(content) => row(content, index),
            None => view! {
                <tr aria-rowindex=index><td colspan=columns><span class="skeleton"></span><span class="unseen">"Reading…"</span></td></tr>
            }
            .into_any(),
        }
        }
    };
    view! {
        <div class="panel scroll" tabindex="0" role="region" aria-label=caption>
            <table class="table rows virtual" data-testid=id aria-rowcount=move || list.count() + 1>
                <caption class="unseen">{caption}</caption>
                <thead><tr aria-rowindex="1">{head}</tr></thead>
                <tbody node_ref=node>
                    {move || pad(drawn.get().above)}
                    <For each=move || drawn.get().rows key=|at| *at children=one />
                    {move || pad(drawn.get().below)}
                </tbody>
            </table>
        </div>
    }
    .into_any()
}
