//! A labelled line of text with its help and what is wrong with it.

use leptos::{html, prelude::*};

/// One line of text bound to a signal.
#[component]
pub(crate) fn Field(
    /// Its label.
    label: &'static str,
    /// Id, for the label and for tests.
    #[prop(into)]
    id: String,
    /// The text.
    value: RwSignal<String>,
    /// What helps to fill it in.
    #[prop(optional, into)]
    help: Signal<&'static str>,
    /// What is wrong with it, if anything.
    #[prop(optional, into)]
    wrong: Signal<Option<String>>,
    /// Kind of input, `text` unless told; `decimal` is text for which a phone shows digits.
    #[prop(default = "text")]
    kind: &'static str,
    /// Takes the focus when it appears.
    #[prop(optional)]
    first: bool,
) -> impl IntoView {
    let node = NodeRef::<html::Input>::new();
    Effect::new(move |_| {
        if let Some(input) = node.get()
            && first
        {
            // Focus is a courtesy.
            let _ = input.focus();
        }
    });
    let (kind, digits) = if kind == "decimal" { ("text", Some("decimal")) } else { (kind, None) };
    let described = format!("{id}-help");
    view! {
        <div class="field">
            <label for=id.clone()>{label}</label>
            <input node_ref=node class="input" id=id.clone() data-testid=id type=kind inputmode=digits autocomplete="off" spellcheck="false"
                aria-describedby=described.clone() aria-invalid=move || wrong.get().is_some().to_string()
                prop:value=move || value.get() on:input=move |ev| value.set(event_target_value(&ev)) />
            {move || match wrong.get() {
                Some(text) => view! { <span class="wrong" id=described.clone() role="alert">{text}</span> }.into_any(),
                None => view! { <span class="help" id=described.clone()>{help}</span> }.into_any(),
            }}
        </div>
    }
}

/// A labelled area of text bound to a signal.
pub(crate) fn area(label: &'static str, id: &'static str, value: RwSignal<String>) -> AnyView {
    view! {
        <div class="field">
            <label for=id>{label}</label>
            <textarea class="area" id=id rows="2" prop:value=move || value.get() on:input=move |ev| value.set(event_target_value(&ev))></textarea>
        </div>
    }
    .into_any()
}
