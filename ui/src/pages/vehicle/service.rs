//! What was done to the vehicle, newest first; records can be written down, removed with undo, and an odometer reading that cannot be
//! right waits here for a decision.

mod add;

use crate::{
    backend::call,
    live::{Act, fetch},
    parts::{icon, notice, seen, toast::Toasts},
    words::{self, service as said},
};
use leptos::prelude::*;
use roadworthy_api::{
    calls::{JudgeOdometer, ListService, RemoveService},
    id::{ServiceId, VehicleId},
    service::{Judgement, Meter, OdometerFlag, ServiceRow},
    vehicle::Page,
};

/// Records on one page.
const AT_ONCE: u32 = 50;

/// The tab.
pub(super) fn service(vehicle: VehicleId) -> AnyView {
    let offset = RwSignal::new(0u32);
    let list = fetch(move || Some(ListService { vehicle, offset: offset.get(), limit: AT_ONCE }));
    let adding = RwSignal::new(false);
    let body = move |page: Page<ServiceRow>| {
        if page.total == 0 {
            return view! {
                <div class="empty panel" data-testid="service-empty">
                    {icon::icon(icon::TEXT, 32)} <h2>"No service record yet"</h2>
                    <p>"Write down what was done to this vehicle, when, and at which odometer reading."</p>
                </div>
            }
            .into_any();
        }
        let (from, total) = (offset.get_untracked(), page.total);
        let more = (total > AT_ONCE).then(|| {
            view! {
                <div class="row">
                    <button class="button" type="button" disabled=from == 0 on:click=move |_| offset.update(|o| *o = o.saturating_sub(AT_ONCE))>"Newer"</button>
                    <span class="num muted">{format!("{} to {} of {total}", from + 1, (from + AT_ONCE).min(total))}</span>
                    <button class="button" type="button" disabled=from + AT_ONCE >= total on:click=move |_| offset.update(|o| *o += AT_ONCE)>"Older"</button>
                </div>
            }
        });
        view! { <ul class="workers panel" aria-label="Service records">{page.rows.into_iter().map(row).collect_view()}</ul> {more} }.into_any()
    };
    let form = move || adding.get().then(|| add::add(vehicle, adding));
    let button = move || {
        (!adding.get()).then(|| {
            view! { <div class="row"><button class="button main" type="button" data-testid="service-add" on:click=move |_| adding.set(true)>{icon::icon(icon::PLUS, 20)} "Write down what was done"</button></div> }
        })
    };
    view! { <div class="stack wide">{button} {form} {seen::seen(list, 4, body)}</div> }.into_any()
}

fn row(row: ServiceRow) -> AnyView {
    let (act, id) = (Act::new(), row.id);
    let title = said::service_title(&row.fields);
    let label = format!("Remove {title} of {}", row.fields.day);
    let remove = move |_| {
        act.run(call(RemoveService { service: id, removed: true }), move |()| {
            let back = RemoveService { service: id, removed: false };
            Toasts::here().done_but("Record removed.", back, "The record is back.");
        });
    };
    let corrected = row.corrected.map(|_| view! { " " <span class="tag">"Corrected"</span> });
    let from = row.import.map(|_| match row.line {
        Some(line) => format!("from a file, line {line}"),
        None => "from a file".to_owned(),
    });
    let forgotten = row.forgotten.then(|| notice::plain("Its words were erased with its customer."));
    let notes =
        (!row.fields.notes.is_empty()).then(|| view! { <p class="muted small clamp">{row.fields.notes.clone()}</p> });
    let by = from.unwrap_or_else(|| words::actor(&row.by));
    let flag = row.flag.clone().map(|flag| flagged(id, &flag, row.judged, row.fields.odometer));
    view! {
        <li data-testid="service-row">
            <div class="stack tight">
                <p><b>{title}</b> {corrected}</p>
                <p class="num wrap">{row.fields.day.clone()} " · " {said::service_facts(&row)}</p>
                {notes}
                {forgotten}
                <small>{by}</small>
                {flag}
                {notice::shown(act.error)}
            </div>
            <div class="buttons">
                <button class="button plain" type="button" aria-label=label data-testid="service-remove" disabled=move || act.busy.get() on:click=remove>{icon::icon(icon::REMOVE, 20)}</button>
            </div>
        </li>
    }
    .into_any()
}

/// Why a reading does not count, what speaks against it, and the decision.
fn flagged(service: ServiceId, flag: &OdometerFlag, judged: Option<Judgement>, meter: Option<Meter>) -> AnyView {
    let act = Act::new();
    let judge = move |judged: Option<Judgement>| act.run(call(JudgeOdometer { service, judged }), |_| ());
    let evidence = |e: &roadworthy_api::service::OdometerEvidence| {
        view! { <li class="num wrap">{format!("{}: {} km, {}", e.day, crate::locale::number(e.km, 0), e.source)}</li> }
    };
    let (what, reason) = (said::doubt(flag.what), flag.reason.clone());
    let evidence = (!flag.evidence.is_empty())
        .then(|| view! { <ul class="bullets small">{flag.evidence.iter().map(evidence).collect_view()}</ul> });
    if let Some(judged) = judged {
        return view! {
            <div class="row" data-testid="odometer-judged">
                <span class="tag">{what}</span> <span>{said::judgement(judged)}</span>
                <button class="button" type="button" data-testid="odometer-back" disabled=move || act.busy.get() on:click=move |_| judge(None)>"Take that back"</button>
            </div>
            {notice::shown(act.error)}
        }
        .into_any();
    }
    let other = meter.and_then(|m| said::other_unit(&m)).map(|unit| {
        view! {
            <button class="button" type="button" data-testid="odometer-unit" disabled=move || act.busy.get() on:click=move |_| judge(Some(Judgement::Unit { unit }))>
                {format!("It is in {}", unit.word())}
            </button>
        }
    });
    view! {
        <div class="notice mild" data-testid="odometer-flag">
            {icon::alert_icon()}
            <p class="cause">{format!("The odometer reading does not count yet: {}.", what.to_lowercase())}</p>
            <p>{reason}</p>
            {evidence}
            <div class="buttons">
                <button class="button" type="button" data-testid="odometer-accept" disabled=move || act.busy.get() on:click=move |_| judge(Some(Judgement::Accept))>"It is right"</button>
                <button class="button" type="button" data-testid="odometer-leave" disabled=move || act.busy.get() on:click=move |_| judge(Some(Judgement::LeaveOut))>"Leave it out"</button>
                {other}
            </div>
            {notice::shown(act.error)}
        </div>
    }
    .into_any()
}
