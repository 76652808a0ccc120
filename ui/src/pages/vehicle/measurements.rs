//! What was measured by hand, typed: odometer, brakes, tyres, battery, oil; and all of it over time, with undo.

use super::measure::form;
use crate::{
    backend::call,
    live::Act,
    locale,
    parts::{
        icon, notice,
        paged::{Paged, Stage, paged},
        seen,
        table::table,
        toast::Toasts,
        value,
    },
    words,
};
use leptos::{html, prelude::*};
use leptos_router::hooks::use_query_map;
use roadworthy_api::{
    calls::{ListMeasurements, RemoveMeasurement},
    id::VehicleId,
    note::MeasurementRow,
};

/// The tab; `?add=odometer` opens that form.
pub(super) fn measurements(vehicle: VehicleId) -> AnyView {
    let list = paged(move |offset, limit| ListMeasurements { vehicle, offset, limit });
    let asked = use_query_map().with_untracked(|q| q.get("add"));
    let first: Vec<Memo<Option<MeasurementRow>>> = (0..60).map(|at| list.row(at)).collect();
    let newest = Memo::new(move |_| {
        let rows: Vec<MeasurementRow> = first.iter().filter_map(|row| row.get()).collect();
        words::newest(&rows).into_iter().cloned().collect::<Vec<_>>()
    });
    view! {
        <div class="stack wide">
            {form::form(vehicle, asked.as_deref(), newest)}
            {list.problem()}
            {history(list)}
        </div>
    }
    .into_any()
}

fn history(list: Paged<MeasurementRow>) -> AnyView {
    let stage = list.stage();
    let body = move || {
        if stage.get() == Stage::Opening {
            return seen::skeleton(4);
        }
        if stage.get() == Stage::Empty {
            return notice::plain("Nothing measured yet.");
        }
        let head = view! {
            <th scope="col" class="col-when">"When"</th> <th scope="col" class="col-what">"What"</th> <th scope="col">"Figures"</th>
            <th scope="col" class="col-port">"From"</th> <th scope="col" class="col-act"><span class="unseen">"Remove"</span></th>
        }
        .into_any();
        table("Measurements", "measurements", head, 5, list, NodeRef::<html::Tbody>::new(), row)
    };
    body.into_any()
}

fn row(measurement: MeasurementRow, at: usize) -> AnyView {
    let (act, toasts) = (Act::new(), Toasts::here());
    let what = words::what_word(&measurement.measured);
    let label = format!("Remove {what} of {}", locale::time(measurement.at));
    let remove = measurement.id.map(|measurement| {
        let press = move |_| {
            act.run(call(RemoveMeasurement { measurement, removed: true }), move |()| {
                let back = RemoveMeasurement { measurement, removed: false };
                toasts.done_but("Measurement removed.", back, "The measurement is back.");
            });
        };
        view! {
            <button class="button plain" type="button" aria-label=label data-testid="remove-measurement" disabled=move || act.busy.get() on:click=press>
                {icon::icon(icon::REMOVE, 20)}
            </button>
        }
    });
    // Said at the foot of the page: a row is no place for a notice.
    Effect::new(move |_| {
        if let Some(error) = act.error.get() {
            toasts.say(error.to_string());
        }
    });
    view! {
        <tr data-testid="measurement-row" aria-rowindex=at>
            <td>{locale::time(measurement.at)} " " <small>{value::ago(measurement.at)}</small></td>
            <td>{what}</td>
            <td class="wrap"><b>{words::measured_line(&measurement.measured)}</b></td>
            <td class="one-line">{words::actor(&measurement.source)}</td>
            <td>{remove}</td>
        </tr>
    }
    .into_any()
}
