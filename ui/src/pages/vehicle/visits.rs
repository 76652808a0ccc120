//! A vehicle's visits, newest first; any two can be put side by side.

use crate::{
    locale,
    parts::{
        icon,
        paged::{Stage, paged},
        seen,
        table::table,
        value,
    },
    words,
};
use leptos::{html, prelude::*};
use roadworthy_api::{
    calls::ListVisits,
    id::{VehicleId, VisitId},
    visit::VisitRow,
};

/// The tab.
pub(super) fn visits(vehicle: VehicleId) -> AnyView {
    let list = paged(move |offset, limit| ListVisits { vehicle, offset, limit });
    let picked = RwSignal::new(Vec::<VisitId>::new());
    let newest = list.row(0);
    let before = list.row(1);
    let stage = list.stage();
    let body = move || {
        if stage.get() == Stage::Opening {
            return seen::skeleton(5);
        }
        if stage.get() == Stage::Empty {
            return none(vehicle);
        }
        let head = view! {
            <th scope="col" class="col-pick">"Compare"</th> <th scope="col" class="col-when">"When"</th> <th scope="col" class="col-short">"Codes"</th>
            <th scope="col" class="col-short">"ECUs"</th> <th scope="col">"Protocol"</th> <th scope="col" class="col-port">"Port"</th>
        }
        .into_any();
        table("Visits", "visits", head, 6, list, NodeRef::<html::Tbody>::new(), move |visit, at| {
            row(&visit, at, picked)
        })
    };
    let last_two = move || {
        let (newest, before) = (newest.get()?.id, before.get()?.id);
        Some(
            view! { <a class="button" href=format!("/compare/{before}/{newest}") data-testid="compare-last">"Compare the last two"</a> },
        )
    };
    let chosen = move || {
        match picked.get().as_slice() {
        [a, b] => view! { <a class="button main" href=format!("/compare/{a}/{b}") data-testid="compare">"Compare the two chosen"</a> }.into_any(),
        [_] => view! { <span class="muted">"Choose one more."</span> }.into_any(),
        _ => view! { <span class="muted">"Choose two visits to put them side by side."</span> }.into_any(),
    }
    };
    let tools = move || {
        (list.total.get().unwrap_or(0) > 1)
            .then(|| view! { <div class="row" aria-live="polite">{last_two} {chosen}</div> })
    };
    view! { <div class="stack">{list.problem()} {tools} {body}</div> }.into_any()
}

fn none(vehicle: VehicleId) -> AnyView {
    view! {
        <div class="empty panel">
            {icon::icon(icon::VISITS, 32)} <h2>"No visits yet"</h2> <p>"A visit is one time the vehicle was connected."</p>
            <a class="button main" href=format!("/check?vehicle={vehicle}")>{icon::icon(icon::SCAN, 20)} "Check this vehicle"</a>
        </div>
    }
    .into_any()
}

/// Two at most: a third replaces the one chosen first.
fn pick(picked: &mut Vec<VisitId>, visit: VisitId, on: bool) {
    picked.retain(|v| *v != visit);
    if on {
        picked.push(visit);
        let over = picked.len().saturating_sub(2);
        picked.drain(..over);
    }
}

fn row(visit: &VisitRow, at: usize, picked: RwSignal<Vec<VisitId>>) -> AnyView {
    let id = visit.id;
    let label = format!("Compare the visit of {}", locale::time(visit.ended));
    view! {
        <tr data-testid="visit-row" aria-rowindex=at>
            <td>
                <label class="choice tick">
                    <input type="checkbox" aria-label=label prop:checked=move || picked.with(|p| p.contains(&id))
                        on:change=move |ev| picked.update(|p| pick(p, id, event_target_checked(&ev))) />
                </label>
            </td>
            <td>
                <a class="row-link" href=format!("/visits/{id}")><b>{locale::time(visit.ended)}</b></a> " " <small>{value::ago(visit.ended)}</small>
                {visit.partial.then(|| view! { " " <span class="tag">"Cut short"</span> })}
            </td>
            <td class="num">{if visit.codes == 0 { "none".to_owned() } else { words::count(visit.codes.into(), "code") }}</td>
            <td class="num">{visit.ecus}</td>
            <td class="one-line">{visit.protocol.clone().unwrap_or_else(|| "none answered".into())}</td>
            <td class="one-line"><code>{visit.port.clone()}</code></td>
        </tr>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_are_chosen_at_most() {
        let mut picked = vec![];
        for (visit, on, expect) in
            [(1, true, vec![1]), (2, true, vec![1, 2]), (3, true, vec![2, 3]), (2, false, vec![3]), (3, true, vec![3])]
        {
            pick(&mut picked, VisitId(visit), on);
            assert_eq!(picked.iter().map(|v| v.0).collect::<Vec<_>>(), expect);
        }
    }
}
