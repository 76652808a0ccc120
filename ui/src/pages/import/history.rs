//! A service history: how its preview is asked for, and what only it has on the page.

mod columns;
mod questions;
mod records;

use super::{
    desk::{Desk, Look, Said},
    found, questions as ask, start, whose,
};
use crate::{
    locale,
    words::{history as said, import},
};
use leptos::prelude::*;
use roadworthy_api::{
    calls::{GetHistory, ListHistories, PreviewHistory, StartHistory},
    history::{FileNature, HistoryAnswers, HistoryMapping, HistoryPreview, HistoryRow},
    id::{ImportId, VehicleId},
    import::{Confidence, Question, Separator},
    vehicle::Page,
};

/// What the parts of a history's page share.
pub(super) type Histories = Desk<HistoryPreview>;

impl Look for HistoryPreview {
    const NATURE: FileNature = FileNature::History;
    type Mapping = HistoryMapping;
    type Answers = HistoryAnswers;
    type Ask = PreviewHistory;
    type Begin = StartHistory;

    fn ask(said: Said<Self>) -> PreviewHistory {
        let Said { vehicle, file, mapping, answers, .. } = said;
        PreviewHistory { vehicle, file, mapping, answers }
    }

    fn begin(vehicle: VehicleId, said: Said<Self>, again: bool) -> StartHistory {
        let Said { file, mapping, answers, .. } = said;
        StartHistory { vehicle, file, mapping, answers, again }
    }

    fn mapping(&self) -> &HistoryMapping {
        &self.mapping
    }

    fn questions(&self) -> &[Question] {
        &self.questions
    }

    fn confidence(&self) -> Confidence {
        self.confidence
    }

    fn guesses(&self) -> &[String] {
        &self.guesses
    }

    fn already(&self) -> Option<ImportId> {
        self.already
    }

    fn head(&self) -> (&[Vec<String>], usize) {
        (&self.head, self.mapping.header as usize)
    }

    fn told(&self) -> (&'static str, String) {
        let HistoryMapping { history, separator, decimal, .. } = self.mapping;
        let writing = import::writing(&self.encoding, separator, decimal);
        (said::layout(history), format!("{}, {writing}", locale::bytes(self.bytes)))
    }

    fn nothing(&self) -> Option<&'static str> {
        let none = self.report.as_ref().is_some_and(|report| report.records == 0);
        none.then_some("No row of it is a service record.")
    }
}

impl Histories {
    /// Says something after which lines may be other records: what was said of odometer readings is forgotten.
    fn say_anew(self, what: impl FnOnce(&mut HistoryAnswers)) {
        self.say(|answers| {
            answers.judged.clear();
            what(answers);
        });
    }
}

/// Step two: how the history is read.
pub(super) fn looked_at(desk: Histories) -> AnyView {
    let there = Memo::new(move |_| desk.preview.with(Option::is_some));
    let below = move || {
        there.get().then(|| {
            view! {
                {ask::questions(desk, questions::field, last)}
                {records::flagged(desk)}
                {records::account(desk)}
                {columns::columns(desk)}
                {records::first(desk)}
                {found::first_lines(desk)}
            }
        })
    };
    view! {
        {whose::whose(desk.address)}
        {found::found(desk, details, |_| ().into_any())}
        {below}
        {start::start(desk)}
    }
    .into_any()
}

/// What is seldom wrong or seldom known, and can be said otherwise.
fn details(desk: Histories, preview: &HistoryPreview) -> AnyView {
    let separated = move |chosen: Option<Separator>| {
        // Other cells are other columns: what was said of the columns is of no use any more.
        desk.mapping.set(None);
        desk.say_anew(|a| a.separator = chosen);
    };
    let filled = preview.mapping.fuel_unit;
    let fuels = said::FUELS.iter().map(|(unit, key, label)| {
        view! { <option value=*key selected=filled == Some(*unit)>{*label}</option> }
    });
    let of_fuel = move |ev| desk.say(|a| a.fuel_unit = import::chosen(said::FUELS, &event_target_value(&ev)));
    let currency = preview.mapping.currency.clone().filter(|c| c != "unknown").unwrap_or_default();
    let of_currency = move |ev| {
        let text = event_target_value(&ev).trim().to_owned();
        desk.say(|a| a.currency = (!text.is_empty()).then_some(text));
    };
    let fields = view! {
        {found::separator(preview.mapping.separator, separated)}
        {found::decimal(preview.mapping.decimal, move |chosen| desk.say(|a| a.decimal = chosen))}
        <div class="field">
            <label for="import-currency">"Currency"</label>
            <input class="input" id="import-currency" data-testid="import-currency" autocomplete="off" spellcheck="false" aria-describedby="import-currency-help"
                value=currency on:change=of_currency />
            <span class="help" id="import-currency-help">"Of amounts that name none, as in EUR."</span>
        </div>
        <div class="field">
            <label for="import-fuel">"Unit of fuel"</label>
            <select class="select" id="import-fuel" on:change=of_fuel>
                <option value="" selected=filled.is_none()>"Not stated"</option> {fuels.collect_view()}
            </select>
        </div>
    }
    .into_any();
    found::otherwise(desk, fields)
}

/// The newest import of the vehicle that was not undone: the exports of one program are alike.
fn last(desk: Histories) -> AnyView {
    let list = move || {
        desk.vehicle.get().map(|vehicle| ListHistories { vehicle: Some(vehicle), offset: 0, limit: ask::NEWEST })
    };
    let newest = move |page: &Page<HistoryRow>| {
        let now = desk.preview.with(|p| p.as_ref().map(|p| p.mapping.history));
        let like = |r: &&HistoryRow| r.undone.is_none() && Some(r.layout) == now;
        page.rows.iter().find(like).map(|r| (r.id, import::file_name(&r.name)))
    };
    ask::as_last(desk, list, newest, |import| GetHistory { import }, |detail| detail.mapping)
}
