//! Short news at the foot of the page, with undo where an act can be undone.

use super::icon;
use crate::backend::{Saved, call};
use leptos::{leptos_dom::helpers::set_timeout, prelude::*, task::spawn_local};
use roadworthy_api::call::Request;
use std::{cell::Cell, sync::Arc, time::Duration};
use wasm_bindgen_futures::JsFuture;

const STAYS: Duration = Duration::from_secs(10);
/// Shown at once; older ones leave.
const MOST: usize = 3;

type Undo = Arc<dyn Fn() + Send + Sync>;

#[derive(Clone)]
struct Toast {
    id: u32,
    text: String,
    undo: Option<Undo>,
}

/// What is shown just now.
#[derive(Clone, Copy)]
pub(crate) struct Toasts {
    list: RwSignal<Vec<Toast>>,
    next: StoredValue<u32>,
}

thread_local! {
    static HERE: Cell<Option<Toasts>> = const { Cell::new(None) };
}

impl Toasts {
    fn new() -> Self {
        Self { list: RwSignal::new(Vec::new()), next: StoredValue::new(0) }
    }

    /// The one of this interface. Not a context: toasts come from what a person did, outside every component.
    pub(crate) fn here() -> Self {
        HERE.with(|here| match here.get() {
            Some(toasts) => toasts,
            None => {
                let toasts = Self::new();
                here.set(Some(toasts));
                toasts
            }
        })
    }

    /// Says something.
    pub(crate) fn say(self, text: impl Into<String>) {
        self.add(text.into(), None);
    }

    /// Says what was done, and takes it back if asked to.
    pub(crate) fn done(self, text: impl Into<String>, undo: impl Fn() + Send + Sync + 'static) {
        self.add(text.into(), Some(Arc::new(undo)));
    }

    /// Says what was done; taking it back runs `back` and says so in `then`'s words.
    pub(crate) fn done_but<C>(self, text: impl Into<String>, back: C, then: &'static str)
    where
        C: Request + Clone + Sync,
    {
        self.done(text, move || {
            let back = back.clone();
            spawn_local(async move {
                match call(back).await {
                    Ok(_) => self.say(then),
                    Err(error) => self.say(error.to_string()),
                }
            });
        });
    }

    fn add(self, text: String, undo: Option<Undo>) {
        self.next.update_value(|n| *n += 1);
        let id = self.next.get_value();
        self.list.update(|list| {
            list.push(Toast { id, text, undo });
            let over = list.len().saturating_sub(MOST);
            list.drain(..over);
        });
        set_timeout(move || self.drop(id), STAYS);
    }

    fn drop(self, id: u32) {
        self.list.update(|list| list.retain(|t| t.id != id));
    }

    /// Where they appear: once, at the foot of the frame.
    pub(crate) fn view(self) -> AnyView {
        let one = move |toast: Toast| {
            let id = toast.id;
            let label = format!("Undo: {}", toast.text);
            let undo = toast.undo.map(|undo| {
                let take_back = move |_| {
                    undo();
                    self.drop(id);
                };
                view! { <button class="button plain" type="button" aria-label=label data-testid="undo" on:click=take_back>"Undo"</button> }
            });
            view! {
                <div class="toast" data-testid="toast">
                    <span>{toast.text}</span>
                    {undo}
                    <button class="button plain" type="button" aria-label="Dismiss" on:click=move |_| self.drop(id)>
                        {icon::icon(icon::CLOSE, 20)}
                    </button>
                </div>
            }
        };
        view! {
            <div class="toasts" role="status" aria-live="polite">
                <For each=move || self.list.get() key=|t| t.id children=one />
            </div>
        }
        .into_any()
    }
}

/// Puts text on the clipboard and says so.
pub(crate) fn copy(text: &str, said: &'static str) {
    let toasts = Toasts::here();
    let Some(window) = web_sys::window() else { return };
    let promise = window.navigator().clipboard().write_text(text);
    spawn_local(async move {
        match JsFuture::from(promise).await {
            Ok(_) => toasts.say(said),
            Err(_) => toasts.say("The clipboard was refused: select the text and copy it by hand."),
        }
    });
}

/// Says where a file went.
pub(crate) fn saved(saved: Saved, name: &str) {
    Toasts::here().say(match saved {
        Saved::Downloaded => format!("{name} is in your downloads."),
        Saved::At(path) => format!("Saved as {path}."),
    });
}
