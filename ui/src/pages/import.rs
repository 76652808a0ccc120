//! Importing a log: choose the file, look at what it is taken for and say what cannot be told from it, import. What comes of it is
//! the import's own page, so that it can be kept and found again.

pub(crate) mod account;
mod address;
mod columns;
mod desk;
mod file;
mod found;
mod questions;
mod running;
mod start;
mod whose;

use crate::frame;
use address::Address;
use desk::Desk;
use leptos::prelude::*;

/// The page.
#[component]
pub(crate) fn ImportPage() -> impl IntoView {
    frame::title("Import");
    let address = Address::here();
    let desk = Desk::new(address);
    let step =
        Memo::new(move |_| address.now.with(|p| if p.job.is_some() { 3 } else { 1 + usize::from(p.file.is_some()) }));
    let job = Memo::new(move |_| address.now.with(|p| p.job));
    let body = move || match step.get() {
        3 => job.get().map(|job| running::running(job, address)).into_any(),
        2 => looked_at(desk),
        _ => view! { {whose::whose(desk)} {file::file(desk)} }.into_any(),
    };
    view! {
        <div class="stack wide">
            <h1>"Import a log"</h1>
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

/// Step two: how the file is read.
fn looked_at(desk: Desk) -> AnyView {
    let there = Memo::new(move |_| desk.preview.with(Option::is_some));
    let below = move || {
        there.get().then(|| {
            view! {
                {questions::questions(desk)}
                {columns::columns(desk)}
                {found::first_lines(desk)}
                {found::first_rows(desk)}
            }
        })
    };
    view! {
        {whose::whose(desk)}
        {found::found(desk)}
        {below}
        {start::start(desk)}
    }
    .into_any()
}
