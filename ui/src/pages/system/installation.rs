//! The installation: version, database, keys, device; what the behaviour monitor noticed.

use crate::{
    live::fetch,
    locale,
    parts::{seen, value},
    words,
};
use leptos::prelude::*;
use roadworthy_api::{
    calls::{GetStatus, ListFlags},
    system::{Flag, KeyStore, Status},
};

/// The tab.
pub(super) fn installation() -> AnyView {
    let status = fetch(|| Some(GetStatus {}));
    let flags = fetch(|| Some(ListFlags {}));
    view! {
        <div class="columns">
            <section class="panel stack">
                <h2>"This installation"</h2>
                {seen::seen(status, 6, facts)}
            </section>
            <section class="panel stack">
                <h2>"Noticed by the behaviour monitor"</h2>
                <small>"It observes and flags, and blocks nothing."</small>
                {seen::seen(flags, 2, noticed)}
            </section>
        </div>
    }
    .into_any()
}

fn facts(status: Status) -> AnyView {
    let keys = match status.key_store {
        KeyStore::Keyring => "in the system's keyring",
        KeyStore::File => "in a file that only this user may read, since no keyring runs here",
    };
    view! {
        <dl class="facts" data-testid="status">
            <dt>"Version"</dt> <dd>{status.version}</dd>
            <dt>"Database"</dt> <dd><code>{status.database}</code> <br /> <small>{locale::bytes(status.database_bytes)} {format!(", tables of version {}", status.schema)}</small></dd>
            <dt>"Journal"</dt> <dd>{words::count(status.events, "event")}</dd>
            <dt>"Personal data's key"</dt> <dd>{keys}</dd>
            <dt>"This device"</dt> <dd><code>{status.device}</code></dd>
            <dt>"Log"</dt> <dd><code>{status.log}</code></dd>
        </dl>
    }
    .into_any()
}

fn noticed(flags: Vec<Flag>) -> AnyView {
    if flags.is_empty() {
        return view! { <p class="muted">"Nothing unusual."</p> }.into_any();
    }
    let line = |f: &Flag| {
        view! { <li>{f.reason.clone()} <br /> <small>{words::actor(&f.actor)} ", risk " {value::number(f.risk, "")} ", " {value::when(f.at)}</small></li> }
    };
    view! { <ul class="bullets">{flags.iter().map(line).collect_view()}</ul> }.into_any()
}
