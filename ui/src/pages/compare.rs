//! Two visits of one vehicle side by side: what differs, or everything; made to be printed for the customer.

use crate::{
    frame,
    live::fetch,
    locale,
    parts::{
        compared::{self, Compared},
        icon, letterhead, seen, value,
    },
    words,
};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use roadworthy_api::{
    calls::CompareVisits,
    id::VisitId,
    vehicle::Verdict,
    visit::{ComparedRow, ComparedSection, Comparison, VisitRow},
};

/// The page.
#[component]
pub(crate) fn ComparePage() -> impl IntoView {
    let params = use_params_map();
    let both = Memo::new(move |_| {
        let id = |key: &str| params.with(|p| p.get(key)).and_then(|t| t.parse::<VisitId>().ok());
        id("one").zip(id("other"))
    });
    let comparison = fetch(move || both.get().map(|(one, other)| CompareVisits { one, other }));
    let all = RwSignal::new(false);
    frame::title("Two visits compared");
    move || {
        if both.get().is_none() {
            return super::missing::page().into_any();
        }
        view! { <div class="stack wide">{seen::seen(comparison, 8, move |c| side_by_side(c, all))}</div> }.into_any()
    }
}

fn side_by_side(comparison: Comparison, all: RwSignal<bool>) -> AnyView {
    let vehicle = comparison.newer.vehicle;
    let km =
        comparison.km_between.map(|km| view! { " " {value::number(km.round(), "km")} " were driven between them." });
    let line = words::verdict_line(&comparison);
    let (older, newer) = (
        column("Then", &comparison.older, &comparison.verdicts.0),
        column("Now", &comparison.newer, &comparison.verdicts.1),
    );
    let dates = (locale::time(comparison.older.ended), locale::time(comparison.newer.ended));
    let rows = StoredValue::new(comparison.rows);
    let sections = move || {
        let found = rows.with_value(|rows| words::sections(rows, all.get()));
        if found.is_empty() {
            return view! { <p class="panel" data-testid="nothing-differs">"Nothing that matters differs between the two visits."</p> }.into_any();
        }
        found.into_iter().map(|(which, rows)| section(which, rows, &dates)).collect_view().into_any()
    };
    let everything = rows.with_value(Vec::len);
    view! {
        <article class="stack wide" data-testid="comparison">
            <header class="stack">
                {letterhead::letterhead("Two visits compared")}
                <a class="back" href=format!("/vehicles/{vehicle}/visits")>{icon::icon(icon::BACK, 20)} "The visits"</a>
                <h1>"Two visits compared"</h1>
                <p>{letterhead::vehicle(vehicle)}</p>
                <p class="reason" data-testid="compared-line">{line} {km}</p>
                <div class="sides">{older} {newer}</div>
                <div class="buttons">
                    <button class="button main" type="button" data-testid="print" on:click=move |_| frame::print()>{icon::icon(icon::PRINT, 20)} "Print"</button>
                    <label class="choice">
                        <input type="checkbox" data-testid="compare-all" prop:checked=move || all.get() on:change=move |ev| all.set(event_target_checked(&ev)) />
                        {format!("Show all {everything} rows, not only what differs")}
                    </label>
                </div>
            </header>
            {sections}
        </article>
    }
    .into_any()
}

/// What matters of a comparison, without the page around it.
pub(crate) fn changes(comparison: Comparison) -> AnyView {
    let dates = (locale::time(comparison.older.ended), locale::time(comparison.newer.ended));
    let found = words::sections(&comparison.rows, false);
    if found.is_empty() {
        return view! { <p class="panel" data-testid="nothing-differs">"Nothing that matters differs between the two checks."</p> }.into_any();
    }
    found.into_iter().map(|(which, rows)| section(which, rows, &dates)).collect_view().into_any()
}

fn column(when: &'static str, visit: &VisitRow, verdict: &Verdict) -> AnyView {
    view! {
        <section class="panel stack">
            <h2>{when} ": " <a class="plain-link" href=format!("/visits/{}", visit.id)>{locale::time(visit.ended)}</a></h2>
            <div>{icon::state_badge(verdict.state, "")}</div>
            <p>{verdict.reason.clone()}</p>
            {visit.partial.then(|| view! { <p class="muted">"This check was cut short."</p> })}
        </section>
    }
    .into_any()
}

fn section(section: ComparedSection, rows: Vec<ComparedRow>, (then, now): &(String, String)) -> AnyView {
    let heading = words::section_word(section);
    let absent = if section == ComparedSection::Codes { "not there" } else { "not read" };
    let row = |row: ComparedRow| Compared {
        label: row.label,
        ecu: row.ecu,
        before: row.before,
        after: row.after,
        absent,
        differs: row.differs,
        mark: row.differs.then_some("Differs"),
    };
    let sides = (format!("Then, {then}"), format!("Now, {now}"));
    let rows = rows.into_iter().map(row).collect();
    view! {
        <section class="panel stack">
            <h2>{heading}</h2>
            {compared::table(heading, sides, "Differs", "compared-row", rows)}
        </section>
    }
    .into_any()
}
