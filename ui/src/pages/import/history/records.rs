//! What would become of the file: odometer readings that cannot be right, an account of every row, and the first records.

use super::{super::account, Histories};
use crate::{
    parts::{notice, odometer},
    words::{self, history as said, import, service},
};
use leptos::prelude::*;
use roadworthy_api::{
    history::{HistoryAnswers, HistoryRecord, JudgedLine, PREVIEW_RECORDS},
    service::Judgement,
};

/// Readings that cannot be right, to be decided on now or later.
pub(super) fn flagged(desk: Histories) -> AnyView {
    let all = Memo::new(move |_| {
        let of = |records: &[HistoryRecord]| records.iter().filter(|r| r.flag.is_some()).cloned().collect::<Vec<_>>();
        desk.preview.with(|p| p.as_ref().map(|p| of(&p.records)).unwrap_or_default())
    });
    let counts = Memo::new(move |_| {
        desk.preview.with(|p| p.as_ref().and_then(|p| p.report.as_ref()).map_or((0, 0), |r| (r.flagged, r.judged)))
    });
    // A record stays as it is drawn when another one is decided on.
    let key = |record: &HistoryRecord| serde_json::to_string(&(record.line, &record.flag)).unwrap_or_default();
    let none = Memo::new(move |_| all.with(Vec::is_empty));
    let line = move || counts.with(|(flagged, judged)| said::flags_line(*flagged, *judged));
    let more = move || {
        let hidden = counts.with(|c| c.0).saturating_sub(all.with(Vec::len) as u64);
        (hidden > 0).then(|| {
            notice::plain(format!(
                "And {}, which wait on the Service tab after the import.",
                import::counted(hidden, "other")
            ))
        })
    };
    (move || {
        (!none.get()).then(|| {
            view! {
                <section class="panel stack" data-testid="history-flags">
                    <h2>"Odometer readings that cannot be right"</h2>
                    <p role="status" data-testid="history-flags-line">{line}</p>
                    <p class="muted small">"They are stored as they are stated. Decide now, or later on the vehicle's Service tab."</p>
                    <ul class="workers"><For each=move || all.get() key=key children=move |record| one(desk, &record) /></ul>
                    {more}
                </section>
            }
        })
    })
    .into_any()
}

fn one(desk: Histories, record: &HistoryRecord) -> AnyView {
    let (line, meter) = (record.line, record.fields.odometer);
    let said = move |answers: &HistoryAnswers| answers.judged.iter().find(|j| j.line == line).map(|j| j.judged);
    let judged = Memo::new(move |_| desk.answers.with(said));
    let say = move |said: Option<Judgement>| {
        desk.say(|answers| {
            answers.judged.retain(|j| j.line != line);
            answers.judged.extend(said.map(|judged| JudgedLine { line, judged }));
        });
    };
    // The own layout brings what was decided before; that stands.
    let brought = record.judged.filter(|_| desk.answers.with_untracked(said).is_none());
    let body = record.flag.as_ref().map(|flag| match brought {
        Some(judged) => odometer::decided(flag.what, judged),
        None => odometer::flagged(flag, judged.into(), meter, Signal::derive(|| false), say),
    });
    view! {
        <li data-testid="history-flag" data-line=line.to_string()>
            <div class="stack tight">
                <p><b>{service::service_title(&record.fields)}</b></p>
                <p class="num wrap">{record.fields.day.clone()} " · " {service::service_facts(&record.fields)} " · " <small>{format!("line {line}")}</small></p>
                {body}
            </div>
        </li>
    }
    .into_any()
}

/// What would become of every row.
pub(super) fn account(desk: Histories) -> AnyView {
    let report = Memo::new(move |_| desk.preview.with(|p| p.as_ref().and_then(|p| p.report.clone())));
    (move || {
        report.get().map(|report| {
            view! {
                <section class="panel stack" data-testid="history-account">
                    <h2>"What becomes of every row"</h2>
                    {account::of_history(&report)}
                </section>
            }
        })
    })
    .into_any()
}

/// The first records as they would be stored.
pub(super) fn first(desk: Histories) -> AnyView {
    let all = Memo::new(move |_| {
        desk.preview.with(|p| {
            p.as_ref().map(|p| p.records.iter().take(PREVIEW_RECORDS).cloned().collect::<Vec<_>>()).unwrap_or_default()
        })
    });
    let row = |record: HistoryRecord| {
        let HistoryRecord { line, fields, flag, .. } = record;
        let doubt = flag.map(|flag| view! { " " <span class="tag">{service::doubt(flag.what)}</span> });
        let more = words::list(&service::extras(&fields));
        view! {
            <tr data-testid="history-record">
                <td class="num" data-label="Line">{line}</td>
                <td class="num" data-label="Day">{fields.day.clone()}</td>
                <th scope="row">{service::service_title(&fields)} <br /> <small>{fields.kind.label()}</small></th>
                <td class="num" data-label="Odometer">{fields.odometer.as_ref().map(|meter| view! { <span>{service::meter(meter)} {doubt}</span> })}</td>
                <td class="num" data-label="Cost">{fields.cost.as_ref().map(service::money)}</td>
                <td data-label="Also">{(!more.is_empty()).then(|| view! { <small>{more}</small> })}</td>
            </tr>
        }
    };
    let title = move || {
        let (shown, total) = (
            all.with(Vec::len),
            desk.preview.with(|p| p.as_ref().and_then(|p| p.report.as_ref()).map_or(0, |r| r.records)),
        );
        match total > shown as u64 {
            true => format!("The first {} of {}", import::counted(shown as u64, "record"), import::whole(total)),
            false => "The records".to_owned(),
        }
    };
    (move || {
        (!all.with(Vec::is_empty)).then(|| {
            view! {
                <section class="panel stack" data-testid="history-records">
                    <h2>{title}</h2>
                    <div class="scroll" tabindex="0" role="region" aria-label="Records">
                        <table class="table fold records" aria-label="Records">
                            <thead>
                                <tr>
                                    <th scope="col">"Line"</th> <th scope="col">"Day"</th> <th scope="col">"What was done"</th> <th scope="col">"Odometer"</th>
                                    <th scope="col">"Cost"</th> <th scope="col">"Also"</th>
                                </tr>
                            </thead>
                            <tbody>{move || all.get().into_iter().map(row).collect_view()}</tbody>
                        </table>
                    </div>
                </section>
            }
        })
    })
    .into_any()
}
