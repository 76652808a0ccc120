//! Importing a log: choose the file, look at what it is taken for and say what cannot be told from it, import. What comes of it is
//! the import's own page, so that it can be kept and found again.

pub(crate) mod account;
mod columns;
mod desk;
mod file;
mod found;
mod questions;
mod running;
mod start;
mod whose;

use crate::frame;
use desk::Desk;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use roadworthy_api::id::{JobId, VehicleId};

/// The page.
#[component]
pub(crate) fn ImportPage() -> impl IntoView {
    frame::title("Import");
    let query = use_query_map();
    let job = Memo::new(move |_| query.with(|q| q.get("job")).and_then(|t| t.parse::<JobId>().ok()));
    let vehicle = Memo::new(move |_| query.with(|q| q.get("vehicle")).and_then(|t| t.parse::<VehicleId>().ok()));
    let desk = Desk::new(vehicle);
    let step = Memo::new(move |_| match (job.get().is_some(), desk.file.with(Option::is_some)) {
        (true, _) => 3,
        (_, true) => 2,
        _ => 1,
    });
    let body = move || match step.get() {
        3 => job.get().map(|job| running::running(job, vehicle)).into_any(),
        2 => looked_at(desk),
        _ => view! { {whose::whose(vehicle)} {file::file(desk)} }.into_any(),
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
        {whose::whose(desk.vehicle)}
        {found::found(desk)}
        {below}
        {start::start(desk)}
    }
    .into_any()
}
