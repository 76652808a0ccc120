//! A check: connect, read, result. The first two are here; the result is the visit's own page, so that it can be kept and sent.

mod cleared;
pub(crate) mod connect;
mod reading;

use crate::{frame, live::Live};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use roadworthy_api::{
    id::{JobId, VehicleId},
    job::JobKind,
};

/// The page.
#[component]
pub(crate) fn CheckPage() -> impl IntoView {
    frame::title("Check");
    let query = use_query_map();
    let job = Memo::new(move |_| query.with(|q| q.get("job")).and_then(|t| t.parse::<JobId>().ok()));
    let vehicle = Memo::new(move |_| query.with(|q| q.get("vehicle")).and_then(|t| t.parse::<VehicleId>().ok()));
    let port = Memo::new(move |_| query.with(|q| q.get("port")));
    let body = move || match job.get() {
        Some(job) => view! { {steps(2)} <reading::Reading job=job /> }.into_any(),
        None => view! { {steps(1)} {running()} <connect::Connect vehicle=vehicle port=port /> }.into_any(),
    };
    view! { <div class="stack wide"><h1>"Check"</h1> {body}</div> }
}

/// Where in the three steps the page is, from 1.
pub(crate) fn steps(now: usize) -> AnyView {
    let step = |(at, name): (usize, &'static str)| {
        let (class, current) = (if at < now { "past" } else { "" }, (at == now).then_some("step"));
        view! { <li class=class aria-current=current>{name}</li> }
    };
    view! { <ol class="steps" aria-label="Steps">{[(1, "Connect"), (2, "Read"), (3, "Result")].map(step)}</ol> }
        .into_any()
}

fn running() -> AnyView {
    let live = Live::here();
    (move || {
        live.running(JobKind::Check).or_else(|| live.running(JobKind::Clearing)).map(|job| {
            view! {
                <div class="notice" role="status">
                    {crate::parts::icon::icon(crate::parts::icon::CABLE, 20)}
                    <p class="cause">{format!("{} is running.", job.title)}</p>
                    <div class="buttons"><a class="button" href=format!("/check?job={}", job.id)>"Show it"</a></div>
                </div>
            }
        })
    })
    .into_any()
}
