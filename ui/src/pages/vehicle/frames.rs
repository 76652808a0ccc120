//! Freeze frames of the last visits: what an ECU stored when it set a code.

use super::recent::recent;
use crate::{
    locale,
    parts::{frame, icon, seen},
    words,
};
use leptos::prelude::*;
use roadworthy_api::{
    check::{FreezeFrame, Outcome},
    id::VehicleId,
    visit::VisitDetail,
};

/// The tab.
pub(super) fn frames(vehicle: VehicleId) -> AnyView {
    seen::seen(recent(vehicle), 6, move |visits| {
        let Some(newest) = visits.first() else {
            return view! {
                <div class="empty panel">
                    <h2>"No freeze frames yet"</h2>
                    <p>"They come with a check: values that an ECU stored at the moment it set a code."</p>
                    <a class="button main" href=format!("/check?vehicle={vehicle}")>{icon::icon(icon::SCAN, 20)} "Check this vehicle"</a>
                </div>
            }
            .into_any();
        };
        let read = newest.check.coverage.iter().any(|c| c.request.starts_with("02") && c.outcome == Outcome::Answered);
        let now = match (newest.check.freeze_frames.is_empty(), read) {
            (false, _) => of_visit(newest),
            (true, true) => view! { <p>"The newest visit found none."</p> }.into_any(),
            (true, false) => {
                view! { <p class="muted">"Not known: in the newest visit no ECU answered this question."</p> }
                    .into_any()
            }
        };
        let older: Vec<&VisitDetail> = visits.iter().skip(1).filter(|v| !v.check.freeze_frames.is_empty()).collect();
        let before = (!older.is_empty()).then(|| {
            let each = older.iter().map(|v| {
                view! {
                    <details class="more">
                        <summary>{icon::icon(icon::MORE, 20)} {format!("Visit of {}", locale::time(v.check.ended))}</summary>
                        {of_visit(v)}
                    </details>
                }
            });
            view! { <section class="panel"><h2>"In the visits before"</h2> {each.collect_view()}</section> }
        });
        let when = locale::time(newest.check.ended);
        view! {
            <div class="stack wide">
                <section class="panel stack"><h2>{format!("Newest visit, {when}")}</h2> {now}</section>
                {before}
            </div>
        }
        .into_any()
    })
}

fn of_visit(visit: &VisitDetail) -> AnyView {
    visit.check.freeze_frames.iter().map(|f| one(f, visit)).collect_view().into_any()
}

fn one(frozen: &FreezeFrame, visit: &VisitDetail) -> AnyView {
    let ecu = visit.check.ecus.iter().find(|e| e.id == frozen.ecu);
    let ecu = ecu.map_or_else(|| frozen.ecu.clone(), |e| format!("{} ({})", e.name, e.id));
    let meaning = words::meaning(&visit.meanings, &frozen.cause).map(|(title, _)| title);
    view! {
        <section class="stack" data-testid="freeze-frame">
            <h3><span class="mono">{frozen.cause.clone()}</span> " " {meaning} " " <small>{format!("frame {}, {ecu}", frozen.frame)}</small></h3>
            {frame::values(frozen)}
        </section>
    }
    .into_any()
}
