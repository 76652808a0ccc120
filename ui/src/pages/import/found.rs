//! What the file is taken for.

use super::{
    address::Address,
    desk::{Desk, Look},
};
use crate::{
    parts::{icon, notice, seen},
    words::import as said,
};
use leptos::{html, prelude::*};
use roadworthy_api::{
    Error,
    history::FileNature,
    id::ImportId,
    import::{Decimal, Separator},
};

/// The panel that names the file, around what is known of it.
fn panel(address: Address, busy: Signal<bool>, inside: AnyView) -> AnyView {
    let name = move || address.now.with(|p| p.file.as_ref().map(|f| f.name.clone()));
    view! {
        <section class="panel stack" data-testid="import-found" aria-busy=move || busy.get().to_string()>
            <div class="row apart">
                <h2 class="file-name">{name}</h2>
                <button class="button" type="button" data-testid="import-other" on:click=move |_| address.close()>{icon::icon(icon::BACK, 20)} "Another file"</button>
            </div>
            {inside}
        </section>
    }
    .into_any()
}

/// As long as it is not known whether the file is a log or a history.
pub(super) fn unknown(
    address: Address,
    error: RwSignal<Option<Error>>,
    again: impl Fn() + Copy + Send + 'static,
) -> AnyView {
    let body = move || match error.get() {
        Some(e) => {
            let again = view! { <button class="button" type="button" on:click=move |_| again()>"Look again"</button> };
            view! { <div data-testid="import-refused">{notice::error_with(&e, again)}</div> }.into_any()
        }
        None => seen::skeleton(3),
    };
    panel(address, Signal::derive(move || error.with(Option::is_none)), body.into_any())
}

/// What it is taken for, how sure that is, what was taken for granted; `details` can be said otherwise, `beside` stands at the end.
pub(super) fn found<P: Look>(
    desk: Desk<P>,
    details: fn(Desk<P>, &P) -> AnyView,
    beside: fn(Desk<P>) -> AnyView,
) -> AnyView {
    let problem = move || {
        desk.error.get().map(|e| {
            let other = other(P::NATURE);
            // Where it was read before, what was said last is wrong, and not what it is taken for.
            let as_other = desk.preview.with_untracked(Option::is_none).then(|| {
                view! {
                    <button class="button" type="button" data-testid="import-as-other" on:click=move |_| desk.address.change(|p| p.nature = Some(other))>
                        {format!("Take it for {}", said::nature(other))}
                    </button>
                }
            });
            let more = view! {
                <button class="button" type="button" on:click=move |_| desk.look_again()>"Look again"</button>
                {as_other}
            };
            view! { <div data-testid="import-refused">{notice::error_with(&e, more)}</div> }
        })
    };
    let facts = move || match desk.preview.get() {
        Some(preview) => facts(desk, &preview, details),
        None if desk.error.with(Option::is_some) => ().into_any(),
        None => seen::skeleton(3),
    };
    panel(desk.address, desk.busy.into(), view! { {problem} {facts} {beside(desk)} }.into_any())
}

fn facts<P: Look>(desk: Desk<P>, preview: &P, details: fn(Desk<P>, &P) -> AnyView) -> AnyView {
    let (confidence, guesses) =
        desk.looked.get_untracked().unwrap_or_else(|| (preview.confidence(), preview.guesses().to_vec()));
    let (sure, why) = said::certainty(confidence);
    let by_hand = desk.mapping.with_untracked(Option::is_some);
    let certainty = if by_hand { "Read as you say below".to_owned() } else { format!("{sure}: {why}.") };
    let (layout, writing) = preview.told();
    let granted = (!guesses.is_empty()).then(|| {
        view! {
            <div class="stack tight" data-testid="import-guesses">
                <h3>"Taken for granted"</h3>
                <ul class="bullets">{guesses.into_iter().map(|g| view! { <li>{g}</li> }).collect_view()}</ul>
            </div>
        }
    });
    view! {
        {preview.already().map(|id| already(desk, id))}
        <p class="summary-line" data-testid="import-layout"><b>{layout}</b> " · " {certainty} " " <small>{writing}</small></p>
        {granted}
        {details(desk, preview)}
    }
    .into_any()
}

/// The very same file again.
fn already<P: Look>(desk: Desk<P>, id: ImportId) -> AnyView {
    let href = said::address_of(P::NATURE, &id.to_string());
    let twice = if P::NATURE == FileNature::Log { "the same values" } else { "the same records" };
    view! {
        <div class="notice mild" role="status" data-testid="import-already">
            {icon::alert_icon()}
            <p class="cause">"This very file was imported already."</p>
            <p><a href=href>"That import"</a> {format!(" says what came of it. Importing it again stores {twice} a second time.")}</p>
            <label class="choice">
                <input type="checkbox" data-testid="import-again" prop:checked=move || desk.again.get() on:change=move |ev| desk.again.set(event_target_checked(&ev)) />
                "Import it once more"
            </label>
        </div>
    }
    .into_any()
}

fn other(nature: FileNature) -> FileNature {
    match nature {
        FileNature::Log => FileNature::History,
        FileNature::History => FileNature::Log,
    }
}

/// What is seldom wrong, folded in: what the file is, and `fields`.
pub(super) fn otherwise<P: Look>(desk: Desk<P>, fields: AnyView) -> AnyView {
    let taken = move |ev| {
        let wanted = if event_target_value(&ev) == "log" { FileNature::Log } else { FileNature::History };
        desk.address.change(|place| place.nature = Some(wanted));
    };
    let log = P::NATURE == FileNature::Log;
    // It is drawn anew with each answer, and stays open.
    let node = NodeRef::<html::Details>::new();
    let toggled = move |_| desk.unfolded.set(node.get_untracked().is_some_and(|details| details.open()));
    view! {
        <details node_ref=node class="more" open=desk.unfolded.get_untracked() on:toggle=toggled>
            <summary data-testid="import-details">{icon::icon(icon::MORE, 20)} "Read it otherwise"</summary>
            <div class="threes">
                <div class="field">
                    <label for="import-nature">"The file is"</label>
                    <select class="select" id="import-nature" data-testid="import-nature" on:change=taken>
                        <option value="log" selected=log>"A log: values over time"</option>
                        <option value="history" selected=!log>"A service history"</option>
                    </select>
                </div>
                {fields}
            </div>
        </details>
    }
    .into_any()
}

/// What stands between cells.
pub(super) fn separator(now: Separator, say: impl Fn(Option<Separator>) + 'static) -> AnyView {
    let options =
        said::SEPARATORS.map(|(value, key, label)| view! { <option value=key selected=value == now>{label}</option> });
    view! {
        <div class="field">
            <label for="import-separator">"Between cells"</label>
            <select class="select" id="import-separator" data-testid="import-separator"
                on:change=move |ev| say(said::chosen(&said::SEPARATORS, &event_target_value(&ev)))>{options}</select>
        </div>
    }
    .into_any()
}

/// The decimal sign.
pub(super) fn decimal(now: Decimal, say: impl Fn(Option<Decimal>) + 'static) -> AnyView {
    let options =
        said::DECIMALS.map(|(value, key, label)| view! { <option value=key selected=value == now>{label}</option> });
    view! {
        <div class="field">
            <label for="import-decimal">"Decimal sign"</label>
            <select class="select" id="import-decimal" data-testid="import-decimal"
                on:change=move |ev| say(said::chosen(&said::DECIMALS, &event_target_value(&ev)))>{options}</select>
        </div>
    }
    .into_any()
}

/// The first lines as they stand in the file.
pub(super) fn first_lines<P: Look>(desk: Desk<P>) -> AnyView {
    let head = Memo::new(move |_| {
        let of = |p: &P| {
            let (lines, header) = p.head();
            (lines.to_vec(), header)
        };
        desk.preview.with(|p| p.as_ref().map(of).unwrap_or_default())
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
