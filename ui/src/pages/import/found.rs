//! What the file is taken for, and what its first rows would give.

use super::{account, desk::Desk, file};
use crate::{
    locale,
    parts::{icon, notice},
    words::import as said,
};
use leptos::prelude::*;
use roadworthy_api::{
    id::ImportId,
    import::{Answers, ImportPreview, Layout, Separator},
};

/// What it is taken for, how sure that is, what was taken for granted.
pub(super) fn found(desk: Desk) -> AnyView {
    let name = move || desk.file.with(|f| f.as_ref().map(|f| f.name.clone()));
    let problem = move || {
        desk.error.get().map(|e| {
            let again = view! { <button class="button" type="button" on:click=move |_| desk.look_again()>"Look again"</button> };
            view! { <div data-testid="import-refused">{notice::error_with(&e, again)}</div> }
        })
    };
    let facts = move || match desk.preview.get() {
        Some(preview) => facts(desk, &preview),
        None if desk.error.with(Option::is_some) => ().into_any(),
        None => crate::parts::seen::skeleton(3),
    };
    // A log of a bus says so, by its own error as long as there is no DBC file.
    let bus = Memo::new(move |_| {
        let frames = desk.preview.with(|p| p.as_ref().is_some_and(|p| p.mapping.layout == Layout::Candump));
        frames
            || desk.dbc.with(Option::is_some)
            || desk.preview.with(Option::is_none) && desk.error.with(Option::is_some)
    });
    view! {
        <section class="panel stack" data-testid="import-found" aria-busy=move || desk.busy.get().to_string()>
            <div class="row apart">
                <h2 class="file-name">{name}</h2>
                <button class="button" type="button" data-testid="import-other" on:click=move |_| desk.close()>{icon::icon(icon::BACK, 20)} "Another file"</button>
            </div>
            {problem}
            {facts}
            {move || bus.get().then(|| file::dbc(desk))}
        </section>
    }
    .into_any()
}

fn facts(desk: Desk, preview: &ImportPreview) -> AnyView {
    let (confidence, guesses) =
        desk.looked.get_untracked().unwrap_or_else(|| (preview.confidence, preview.guesses.clone()));
    let (sure, why) = said::certainty(confidence);
    let by_hand = desk.mapping.with_untracked(Option::is_some);
    let certainty = if by_hand { "Read as you say below".to_owned() } else { format!("{sure}: {why}.") };
    let writing = format!("{}, {}", locale::bytes(preview.bytes), said::writing(&preview.encoding, &preview.mapping));
    let already = preview.already.map(|id| already(desk, id));
    let granted = (!guesses.is_empty()).then(|| {
        view! {
            <div class="stack tight" data-testid="import-guesses">
                <h3>"Taken for granted"</h3>
                <ul class="bullets">{guesses.into_iter().map(|g| view! { <li>{g}</li> }).collect_view()}</ul>
            </div>
        }
    });
    let changes = (preview.mapping.layout != Layout::Candump).then(|| details(desk, preview));
    view! {
        {already}
        <p class="summary-line" data-testid="import-layout"><b>{said::layout(preview.mapping.layout)}</b> " · " {certainty} " " <small>{writing}</small></p>
        {granted}
        {changes}
    }
    .into_any()
}

/// The very same file again.
fn already(desk: Desk, id: ImportId) -> AnyView {
    view! {
        <div class="notice mild" role="status" data-testid="import-already">
            {icon::alert_icon()}
            <p class="cause">"This very file was imported already."</p>
            <p><a href=format!("/imports/{id}")>"That import"</a> " says what came of it. Importing it again stores the same values a second time."</p>
            <label class="choice">
                <input type="checkbox" data-testid="import-again" prop:checked=move || desk.again.get() on:change=move |ev| desk.again.set(event_target_checked(&ev)) />
                "Import it once more"
            </label>
        </div>
    }
    .into_any()
}

/// What is seldom wrong, and can be said otherwise.
fn details(desk: Desk, preview: &ImportPreview) -> AnyView {
    let (separator, decimal, filled) =
        (preview.mapping.separator, preview.mapping.decimal, preview.mapping.filled_forward);
    let separated = move |ev| {
        let chosen = said::chosen(&said::SEPARATORS, &event_target_value(&ev));
        // Other cells are other columns: what was said of the columns is of no use any more.
        desk.mapping.set(None);
        desk.say(|a| a.separator = chosen);
    };
    let signed = move |ev| desk.say(|a| a.decimal = said::chosen(&said::DECIMALS, &event_target_value(&ev)));
    let repeated = move |ev| desk.say(|a: &mut Answers| a.filled_forward = Some(event_target_value(&ev) == "yes"));
    let option =
        |key: &'static str, label: &'static str, on: bool| view! { <option value=key selected=on>{label}</option> };
    let separators =
        said::SEPARATORS.map(|(value, key, label): (Separator, _, _)| option(key, label, value == separator));
    let decimals = said::DECIMALS.map(|(value, key, label)| option(key, label, value == decimal));
    view! {
        <details class="more">
            <summary data-testid="import-details">{icon::icon(icon::MORE, 20)} "Read it otherwise"</summary>
            <div class="threes">
                <div class="field">
                    <label for="import-separator">"Between cells"</label>
                    <select class="select" id="import-separator" data-testid="import-separator" on:change=separated>{separators}</select>
                </div>
                <div class="field">
                    <label for="import-decimal">"Decimal sign"</label>
                    <select class="select" id="import-decimal" on:change=signed>{decimals}</select>
                </div>
                <div class="field">
                    <label for="import-filled">"A cell as the one above it"</label>
                    <select class="select" id="import-filled" on:change=repeated>
                        {option("no", "Is a reading", !filled)} {option("yes", "Is a copy, not read", filled)}
                    </select>
                </div>
            </div>
        </details>
    }
    .into_any()
}

/// The first lines as they stand in the file.
pub(super) fn first_lines(desk: Desk) -> AnyView {
    let head = Memo::new(move |_| {
        desk.preview.with(|p| p.as_ref().map(|p| (p.head.clone(), p.mapping.header as usize)).unwrap_or_default())
    });
    let body = move || {
        let (lines, header) = head.get();
        let width = lines.iter().map(Vec::len).max().unwrap_or(0);
        let row = move |(at, cells): (usize, Vec<String>)| {
            let missing = width - cells.len();
            let class = if at + 1 == header { "header" } else { "" };
            let cell = |text: String| view! { <td>{text}</td> };
            view! {
                <tr class=class><th scope="row" class="num">{at + 1}</th> {cells.into_iter().map(cell).collect_view()} {(missing > 0).then(|| view! { <td colspan=missing></td> })}</tr>
            }
        };
        lines.into_iter().enumerate().map(row).collect_view()
    };
    view! {
        <section class="panel stack">
            <h2>"The first lines of the file"</h2>
            <div class="scroll" tabindex="0" role="region" aria-label="The first lines of the file">
                <table class="table cells" data-testid="import-head">
                    <caption class="unseen">"Line by line, cell by cell"</caption>
                    <tbody>{body}</tbody>
                </table>
            </div>
        </section>
    }
    .into_any()
}

/// What its first rows would give.
pub(super) fn first_rows(desk: Desk) -> AnyView {
    let report = Memo::new(move |_| desk.preview.with(|p| p.as_ref().and_then(|p| p.report.clone())));
    (move || {
        report.get().map(|report| {
            let title = format!("What the first {} give", said::counted(report.rows, "row"));
            view! { <section class="panel stack" data-testid="import-first-rows"><h2>{title}</h2> {account::account(&report)}</section> }
        })
    })
    .into_any()
}
