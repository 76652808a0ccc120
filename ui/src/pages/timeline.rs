//! Every event in words, newest first, grouped by day: of one vehicle on its tab, of all on a page of its own.

mod chosen;
mod feed;
mod filters;
mod list;
mod story;

use crate::frame;
use chosen::Chosen;
use feed::Feed;
use leptos::prelude::*;
use roadworthy_api::id::VehicleId;

/// The page of all vehicles; `?story=ID` tells the story of an event, alert, decision, visit, recording or message.
#[component]
pub(crate) fn TimelinePage() -> impl IntoView {
    frame::title("Timeline");
    let chosen = Chosen::new(None);
    view! {
        <div class="stack wide">
            <h1>"Timeline"</h1>
            {whole(chosen, true)}
        </div>
    }
}

/// The tab of a vehicle.
pub(crate) fn of_vehicle(vehicle: VehicleId) -> AnyView {
    let chosen = Chosen::new(Some(vehicle));
    view! { <div class="stack wide">{whole(chosen, false)}</div> }.into_any()
}

fn whole(chosen: Chosen, fleet: bool) -> AnyView {
    let feed = Feed::new(chosen);
    view! {
        {filters::filters(chosen, fleet)}
        {list::list(chosen, feed, fleet)}
        {story::story(chosen)}
    }
    .into_any()
}
