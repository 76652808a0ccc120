//! The end of the second step: import it as it is shown, or keep how it is read for the next file of its kind.

use super::desk::{Desk, Look};
use crate::{
    backend::save_made,
    live::Act,
    parts::{export::said, icon, notice, toast::Toasts},
    words,
};
use leptos::{html, prelude::*};
use roadworthy_api::{Code, Error, import::Confidence};
use serde::{Serialize, de::DeserializeOwned};
use wasm_bindgen_futures::JsFuture;
use web_sys::File;

/// Largest mapping that is read, in bytes.
const MAPPING_MAX: f64 = 8_388_608.0;

/// What keeps the import from being started, first things first; `None`: nothing.
fn hindrance(
    vehicle: bool,
    seen: bool,
    refused: bool,
    open: usize,
    guess: bool,
    already: bool,
    nothing: Option<&'static str>,
) -> Option<String> {
    Some(match nothing {
        _ if !vehicle => "Say first which vehicle it is about.".into(),
        _ if refused => "As it is said now the file cannot be read: see above.".into(),
        _ if !seen => "The file is being looked at.".into(),
        _ if open > 0 => format!("{} must be answered first.", words::count(open as u64, "question")),
        Some(nothing) => nothing.into(),
        None if guess => "The layout is a guess: say that the columns are right.".into(),
        None if already => "This very file was imported already: say that it is to be imported once more.".into(),
        None => return None,
    })
}

/// The buttons.
pub(super) fn start<P: Look>(desk: Desk<P>) -> AnyView {
    let guess = Memo::new(move |_| {
        let sure = desk.looked.with(|l| l.as_ref().map(|l| l.0));
        desk.mapping.with(Option::is_none) && sure == Some(Confidence::Guess)
    });
    let hindrance = Memo::new(move |_| {
        let (seen, open, already, nothing) = desk.preview.with(|p| match p {
            Some(p) => (true, p.questions().len(), p.already().is_some(), p.nothing()),
            None => (false, 0, false, None),
        });
        hindrance(
            desk.vehicle.get().is_some(),
            seen,
            desk.error.with(Option::is_some),
            open,
            guess.get() && !desk.agreed.get(),
            already && !desk.again.get(),
            nothing,
        )
    });
    let begin = move |_| desk.begin(move |job| desk.address.open(|place| place.job = Some(job)));
    let agree = move || {
        guess.get().then(|| {
            view! {
                <label class="choice">
                    <input type="checkbox" data-testid="import-agree" prop:checked=move || desk.agreed.get() on:change=move |ev| desk.agreed.set(event_target_checked(&ev)) />
                    "I looked at the columns: they are right"
                </label>
            }
        })
    };
    let busy = move || desk.busy.get() || desk.start.busy.get();
    let label = move || if desk.start.busy.get() { "Beginning…" } else { "Import it" };
    view! {
        <section class="panel stack">
            {agree}
            {kept(desk)}
            {notice::shown(desk.start.error)}
        </section>
        <div class="buttons at-hand">
            <button class="button main" type="button" data-testid="import-start" disabled=move || busy() || hindrance.with(Option::is_some) on:click=begin>
                {icon::icon(icon::FILE, 20)} {label}
            </button>
            <small role="status" data-testid="import-hindrance">
                {move || hindrance.get().unwrap_or_else(|| "All of it is there at the end, or nothing. It can be undone at once.".into())}
            </small>
        </div>
    }
    .into_any()
}

/// Keeping how a file is read, and reading it as another was.
fn kept<P: Look>(desk: Desk<P>) -> AnyView {
    let (saving, loading) = (Act::new(), Act::new());
    let input = NodeRef::<html::Input>::new();
    let save = move |_| {
        if let Some(mapping) = desk.preview.with_untracked(|p| p.as_ref().map(|p| p.mapping().clone())) {
            save_mapping(saving, mapping);
        }
    };
    let chosen = move |_| {
        let Some(input) = input.get_untracked() else { return };
        let file = input.files().and_then(|files| files.get(0));
        if let Some(file) = file {
            loading.run(read(file), move |mapping| {
                desk.mapping.set(Some(mapping));
                Toasts::here().say("The file is read so now.");
            });
        }
        input.set_value("");
    };
    let ask = move |_| {
        if let Some(input) = input.get_untracked() {
            input.click();
        }
    };
    let by_hand = move || {
        desk.mapping.with(Option::is_some).then(|| {
            view! {
                <button class="button" type="button" data-testid="mapping-drop" on:click=move |_| desk.mapping.set(None)>{icon::icon(icon::AGAIN, 20)} "Read it as it looks"</button>
            }
        })
    };
    let none = move || desk.preview.with(Option::is_none);
    view! {
        <div class="stack tight">
            <p class="muted small">"For the next file of its kind: how this one is read can be saved, and another be read the same way. Columns are found by their names."</p>
            <div class="buttons">
                <button class="button" type="button" data-testid="mapping-save" disabled=move || none() || saving.busy.get() on:click=save>{icon::icon(icon::SAVE, 20)} "Save how it is read"</button>
                <button class="button" type="button" data-testid="mapping-load-button" disabled=move || loading.busy.get() on:click=ask>{icon::icon(icon::FILE, 20)} "Read it as a file says…"</button>
                <input node_ref=input type="file" accept=".json,application/json" hidden data-testid="mapping-load" aria-label="How another was read" on:change=chosen />
                {by_hand}
            </div>
            {notice::shown(saving.error)}
            {notice::shown(loading.error)}
        </div>
    }
    .into_any()
}

/// Saves how a file is read.
pub(crate) fn save_mapping(act: Act, mapping: impl Serialize + 'static) {
    let work = async move {
        let json = serde_json::to_string_pretty(&mapping)
            .map_err(|e| Error::new(Code::Internal, format!("It cannot be written: {e}.")))?;
        save_made("import mapping.json", "application/json", format!("{json}\n").as_bytes()).await
    };
    act.run(work, |saved| Toasts::here().say(said(&saved)));
}

async fn read<M: DeserializeOwned>(file: File) -> Result<M, Error> {
    let name = file.name();
    let refused = |why: String| {
        Error::new(Code::Invalid, format!("{name} does not say how such a file is read: {why}."))
            .hint("Choose a file that was saved by this page, or by --save-mapping on the command line.")
    };
    if file.size() > MAPPING_MAX {
        return Err(refused("it is larger than 8 MiB".into()));
    }
    let text = JsFuture::from(file.text()).await.map_err(|_| refused("it cannot be read".into()))?;
    let text = text.as_string().unwrap_or_default();
    serde_json::from_str(&text).map_err(|e| refused(e.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_said_one_after_the_other() {
        let none = Some("No column is taken.");
        for (vehicle, seen, refused, open, guess, already, nothing, expect) in [
            (false, true, false, 2, true, true, None, Some("which vehicle")),
            (true, false, false, 0, false, false, None, Some("looked at")),
            (true, true, true, 0, false, false, None, Some("cannot be read")),
            (true, true, false, 2, true, true, none, Some("2 questions")),
            (true, true, false, 0, true, true, none, Some("No column")),
            (true, true, false, 0, true, true, None, Some("a guess")),
            (true, true, false, 0, false, true, None, Some("already")),
            (true, true, false, 0, false, false, None, None),
        ] {
            let found = hindrance(vehicle, seen, refused, open, guess, already, nothing);
            match (found, expect) {
                (Some(found), Some(expect)) => assert!(found.contains(expect), "{found}"),
                (found, expect) => assert_eq!(found.is_some(), expect.is_some(), "{found:?}"),
            }
        }
    }
}
