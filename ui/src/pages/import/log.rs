//! A log: how its preview is asked for, and what only it has on the page.

use super::{
    account, columns, dbc,
    desk::{Desk, Look, Said},
    found, questions, start, whose,
};
use crate::words::import as said;
use leptos::prelude::*;
use roadworthy_api::{
    calls::{GetImport, ListImports, PreviewImport, StartImport},
    history::FileNature,
    id::{ImportId, VehicleId},
    import::{Answers, ColumnMapping, Confidence, ImportPreview, ImportRow, Layout, Mapping, Question, Separator},
    vehicle::Page,
};

/// What the parts of a log's page share.
pub(super) type Logs = Desk<ImportPreview>;

impl Look for ImportPreview {
    const NATURE: FileNature = FileNature::Log;
    type Mapping = Mapping;
    type Answers = Answers;
    type Ask = PreviewImport;
    type Begin = StartImport;

    fn ask(said: Said<Self>) -> PreviewImport {
        let Said { file, dbc, mapping, answers, .. } = said;
        PreviewImport { file, dbc, mapping, answers }
    }

    fn begin(vehicle: VehicleId, said: Said<Self>, again: bool) -> StartImport {
        let Said { file, dbc, mapping, answers, .. } = said;
        StartImport { vehicle, file, dbc, mapping, answers, again }
    }

    fn mapping(&self) -> &Mapping {
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
        let Mapping { layout, separator, decimal, .. } = self.mapping;
        let writing = match layout {
            Layout::Candump => format!("{}, frames of a bus", self.encoding),
            _ => said::writing(&self.encoding, separator, decimal),
        };
        (said::layout(layout), format!("{}, {writing}", crate::locale::bytes(self.bytes)))
    }

    fn nothing(&self) -> Option<&'static str> {
        // Where each row names its signal, they are known only once it was read.
        let named = self.mapping.columns.is_empty() && self.mapping.long.is_some();
        (!named && !self.mapping.columns.iter().any(|c| c.take)).then_some("No column is taken.")
    }
}

impl Logs {
    /// Changes how a column is read.
    pub(super) fn change_column(self, at: usize, how: impl FnOnce(&mut ColumnMapping)) {
        self.change(|mapping| {
            if let Some(column) = mapping.columns.get_mut(at) {
                how(column);
            }
        });
    }
}

/// Step two: how the log is read.
pub(super) fn looked_at(desk: Logs) -> AnyView {
    let there = Memo::new(move |_| desk.preview.with(Option::is_some));
    let below = move || {
        there.get().then(|| {
            view! {
                {questions::questions(desk, questions::of_log, last)}
                {columns::columns(desk)}
                {found::first_lines(desk)}
                {first_rows(desk)}
            }
        })
    };
    view! {
        {whose::whose(desk.address)}
        {found::found(desk, details, dbc::dbc)}
        {below}
        {start::start(desk)}
    }
    .into_any()
}

/// What is seldom wrong, and can be said otherwise.
fn details(desk: Logs, preview: &ImportPreview) -> AnyView {
    if preview.mapping.layout == Layout::Candump {
        return ().into_any();
    }
    let Mapping { separator, decimal, filled_forward: filled, .. } = preview.mapping;
    let separated = move |chosen: Option<Separator>| {
        // Other cells are other columns: what was said of the columns is of no use any more.
        desk.mapping.set(None);
        desk.say(|a| a.separator = chosen);
    };
    let repeated = move |ev| desk.say(|a: &mut Answers| a.filled_forward = Some(event_target_value(&ev) == "yes"));
    let fields = view! {
        {found::separator(separator, separated)}
        {found::decimal(decimal, move |chosen| desk.say(|a| a.decimal = chosen))}
        <div class="field">
            <label for="import-filled">"A cell as the one above it"</label>
            <select class="select" id="import-filled" on:change=repeated>
                <option value="no" selected=!filled>"Is a reading"</option> <option value="yes" selected=filled>"Is a copy, not read"</option>
            </select>
        </div>
    }
    .into_any();
    found::otherwise(desk, fields)
}

/// What its first rows would give.
fn first_rows(desk: Logs) -> AnyView {
    let report = Memo::new(move |_| desk.preview.with(|p| p.as_ref().and_then(|p| p.report.clone())));
    (move || {
        report.get().map(|report| {
            let title = format!("What the first {} give", said::counted(report.rows, "row"));
            view! { <section class="panel stack" data-testid="import-first-rows"><h2>{title}</h2> {account::account(&report)}</section> }
        })
    })
    .into_any()
}

/// The newest import of the vehicle that was not undone: a season's files are alike.
fn last(desk: Logs) -> AnyView {
    let list = move || {
        desk.vehicle.get().map(|vehicle| ListImports { vehicle: Some(vehicle), offset: 0, limit: questions::NEWEST })
    };
    let newest = move |page: &Page<ImportRow>| {
        let now = desk.preview.with(|p| p.as_ref().map(|p| p.mapping.layout));
        let like = |r: &&ImportRow| r.undone.is_none() && Some(r.layout) == now;
        page.rows.iter().find(like).map(|r| (r.id, said::file_name(&r.name)))
    };
    questions::as_last(desk, list, newest, |import| GetImport { import }, |detail| detail.mapping)
}
