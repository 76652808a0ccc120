//! Importing a log or a service history: choose the file, look at what it is taken for and say what cannot be told from it, import.
//! What comes of it is the import's own page, so that it can be kept and found again.

pub(crate) mod account;
mod address;
mod columns;
mod dbc;
mod desk;
mod file;
mod found;
mod history;
mod log;
mod questions;
mod running;
pub(crate) mod start;
mod whose;

use crate::{frame, live::fetch};
use address::Address;
use leptos::prelude::*;
use roadworthy_api::{calls::TellFile, history::FileNature};

/// The page.
#[component]
pub(crate) fn ImportPage() -> impl IntoView {
    frame::title("Import");
    let address = Address::here();
    // Here, so that what was said of a file is still there after going back to it.
    let (logs, histories) = (log::Logs::new(address), history::Histories::new(address));
    let step =
        Memo::new(move |_| address.now.with(|p| if p.job.is_some() { 3 } else { 1 + usize::from(p.file.is_some()) }));
    let job = Memo::new(move |_| address.now.with(|p| p.job));
    let nature = Memo::new(move |_| address.now.with(|p| p.nature));
    let body = move || match (step.get(), nature.get()) {
        (3, _) => job.get().map(|job| running::running(job, address)).into_any(),
        (2, Some(FileNature::Log)) => log::looked_at(logs),
        (2, Some(FileNature::History)) => history::looked_at(histories),
        (2, None) => told(address),
        _ => view! { {whose::whose(address)} {file::file(address)} }.into_any(),
    };
    view! {
        <div class="stack wide">
            <h1>"Import a file"</h1>
            {move || steps(step.get())}
            {body}
        </div>
    }
}

fn steps(now: usize) -> AnyView {
    let step = |(at, name): (usize, &'static str)| {
        let (class, current) = (if at < now { "past" } else { "" }, (at == now).then_some("step"));
        view! { <li class=class aria-current=current>{name}</li> }
    };
    view! { <ol class="steps" aria-label="Steps">{[(1, "File"), (2, "Look"), (3, "Import")].map(step)}</ol> }.into_any()
}

/// Before step two: the file is asked what it is, and the address keeps the answer.
fn told(address: Address) -> AnyView {
    let told = fetch(move || address.now.with(|p| p.file.clone()).map(|picked| TellFile { file: picked.file }));
    Effect::new(move |_| {
        if let Some(nature) = told.value.get() {
            address.change(|place| place.nature = Some(nature));
        }
    });
    found::unknown(address, told.error, move || told.again())
}
