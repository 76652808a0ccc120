//! Restoring a backup: says exactly what will happen, and asks once.

use crate::{
    backend::call,
    live::{Act, Live},
    locale,
    parts::{icon, notice, value},
    words,
};
use leptos::prelude::*;
use roadworthy_api::{
    backup::{BackupRow, Restored},
    calls::RestoreBackup,
};

/// What the dialog holds.
pub(super) fn restore(row: BackupRow, open: RwSignal<bool>) -> AnyView {
    let (act, done) = (Act::new(), RwSignal::new(None::<Restored>));
    let name = StoredValue::new(row.name.clone());
    let go = move |name: String| {
        act.run(call(RestoreBackup { name }), move |restored| {
            let _ = done.try_set(Some(restored));
            // Everything that pages show is of another time now.
            let live = Live::here();
            live.version.update(|v| *v += 1);
            live.beat.update(|b| *b += 1);
        });
    };
    let go = Callback::new(go);
    let body = move || {
        if let Some(restored) = done.get() {
            let undo = StoredValue::new(restored.undo.clone());
            return view! {
                <div data-testid="restored">{notice::fine(words::restored(&restored))}</div>
                {notice::shown(act.error)}
                <div class="buttons">
                    <button class="button main" type="button" data-testid="restore-close" on:click=move |_| open.set(false)>"Close"</button>
                    <button class="button" type="button" data-testid="restore-undo" disabled=move || act.busy.get() on:click=move |_| go.run(undo.get_value())>
                        {icon::icon(icon::AGAIN, 20)} {move || if act.busy.get() { "Undoing…" } else { "Undo this" }}
                    </button>
                </div>
            }
            .into_any();
        }
        view! {
            <ul class="bullets">
                <li>"The backup is verified first, from its first byte to its last. One that is damaged is not restored."</li>
                <li>"A backup of what is here now is made before anything is replaced, so that this can be undone."</li>
                <li>
                    "Everything then is as it was at " {locale::time(row.at)} " (" {value::ago(row.at)} "): "
                    {words::count(row.events, "event")} ". What happened since is not here any more, except in that backup."
                </li>
                <li>"Customers who were forgotten since then are forgotten again."</li>
            </ul>
            {notice::shown(act.error)}
            <div class="buttons">
                <button class="button danger" type="button" data-testid="restore-confirm" disabled=move || act.busy.get() on:click=move |_| go.run(name.get_value())>
                    {icon::icon(icon::AGAIN, 20)} {move || if act.busy.get() { "Verifying and restoring…" } else { "Restore it" }}
                </button>
                <button class="button" type="button" disabled=move || act.busy.get() on:click=move |_| open.set(false)>"Leave everything as it is"</button>
            </div>
        }
        .into_any()
    };
    let heading = move || match done.with(Option::is_some) {
        true => "A backup was restored".to_owned(),
        false => format!("Restore {}?", name.get_value()),
    };
    view! { <div class="stack"><h2>{heading}</h2> {body}</div> }.into_any()
}
