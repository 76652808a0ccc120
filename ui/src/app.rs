//! What is where: every page and its address.

use crate::{
    backend,
    frame::Frame,
    live::Live,
    pages::{
        alerts::{AlertPage, AlertsPage},
        check::CheckPage,
        compare::ComparePage,
        fleet::FleetPage,
        import::ImportPage,
        imported::{HistoryPage, ImportedPage},
        live::LivePage,
        locked, missing,
        settings::SettingsPage,
        system::SystemPage,
        timeline::TimelinePage,
        vehicle::VehiclePage,
        visit::VisitPage,
    },
    parts::toast::Toasts,
};
use leptos::prelude::*;
use leptos_router::{
    components::{Route, Router, Routes},
    path,
};

/// The whole interface.
#[component]
pub(crate) fn App() -> impl IntoView {
    let locked_out = !backend::in_window() && !backend::has_token();
    if locked_out {
        return locked::page(None).into_any();
    }
    // First and here, at the root: what they hold lives as long as the page.
    let _ = Toasts::here();
    let live = Live::here();
    let pages = move || {
        view! {
            <Routes fallback=missing::page>
                <Route path=path!("/") view=FleetPage />
                <Route path=path!("/check") view=CheckPage />
                <Route path=path!("/live") view=LivePage />
                <Route path=path!("/live/:session") view=LivePage />
                <Route path=path!("/vehicles/:id") view=VehiclePage />
                <Route path=path!("/vehicles/:id/:tab") view=VehiclePage />
                <Route path=path!("/visits/:id") view=VisitPage />
                <Route path=path!("/compare/:one/:other") view=ComparePage />
                <Route path=path!("/import") view=ImportPage />
                <Route path=path!("/imports/:id") view=ImportedPage />
                <Route path=path!("/histories/:id") view=HistoryPage />
                <Route path=path!("/alerts") view=AlertsPage />
                <Route path=path!("/alerts/:id") view=AlertPage />
                <Route path=path!("/system") view=SystemPage />
                <Route path=path!("/system/:part") view=SystemPage />
                <Route path=path!("/timeline") view=TimelinePage />
                <Route path=path!("/settings") view=SettingsPage />
            </Routes>
        }
        .into_any()
    };
    view! {
        <Router>
            {move || match live.refused.get() {
                Some(error) => locked::page(Some(error)).into_any(),
                None => view! { <Frame>{pages()}</Frame> }.into_any(),
            }}
        </Router>
    }
    .into_any()
}
