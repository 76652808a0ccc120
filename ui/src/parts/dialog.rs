//! The native dialog: it traps the focus, closes on Escape and gives the focus back by itself.

use leptos::{html, prelude::*};

/// A modal dialog that is open while `open` says so.
#[component]
pub(crate) fn Dialog(
    /// Whether it is open; closing by key sets it.
    open: RwSignal<bool>,
    /// Its name for readers.
    #[prop(into)]
    label: Signal<String>,
    /// Its class.
    #[prop(optional)]
    class: &'static str,
    /// What is in it, made anew at each opening.
    children: ChildrenFn,
) -> impl IntoView {
    let node = NodeRef::<html::Dialog>::new();
    Effect::new(move |_| {
        let Some(dialog) = node.get() else { return };
        match (open.get(), dialog.open()) {
            // Refused only when the element left the page, which closes it anyway.
            (true, false) => drop(dialog.show_modal()),
            (false, true) => dialog.close(),
            _ => {}
        }
    });
    view! {
        <dialog node_ref=node class=class aria-label=move || label.get() on:close=move |_| open.set(false)>
            {move || open.get().then(|| children())}
        </dialog>
    }
}
