//! Where adapters are: what was found and why one cannot be opened, and addresses that cannot be found.

use crate::{
    backend::call,
    live::{Act, fetch},
    parts::{icon, notice, ports, seen, toast::Toasts},
    words,
};
use leptos::{ev, prelude::*, task::spawn_local};
use roadworthy_api::{
    Error,
    calls::{GetSettings, ListPorts, SetSettings},
    port::{PortInfo, PortKind},
    system::Settings,
};

/// Reads the settings, changes them, writes them: what another page changed meanwhile stays.
pub(super) async fn change(change: impl FnOnce(&mut Settings)) -> Result<(), Error> {
    let mut settings = call(GetSettings {}).await?;
    change(&mut settings);
    call(SetSettings { settings }).await
}

/// The panel.
#[component]
pub(super) fn Adapters() -> impl IntoView {
    let ports = fetch(|| Some(ListPorts {}));
    let settings = fetch(|| Some(GetSettings {}));
    let (typed, tried, act, toasts) = (RwSignal::new(String::new()), RwSignal::new(false), Act::new(), Toasts::here());
    let refresh = move || {
        settings.again();
        ports.again();
    };
    let add = move |event: ev::SubmitEvent| {
        event.prevent_default();
        tried.set(true);
        let Ok(port) = words::typed_port(&typed.get()) else { return };
        let adding = change(move |s| {
            if !s.ports.contains(&port) {
                s.ports.push(port);
            }
        });
        act.run(adding, move |()| {
            let _ = typed.try_set(String::new());
            let _ = tried.try_set(false);
            refresh();
        });
    };
    let remove = move |port: String| {
        let kept = port.clone();
        act.run(change(move |s| s.ports.retain(|p| *p != port)), move |()| {
            refresh();
            toasts.done(format!("{kept} removed."), move || {
                let back = kept.clone();
                spawn_local(async move {
                    match change(move |s| s.ports.push(back)).await {
                        Ok(()) => refresh(),
                        Err(error) => toasts.say(error.to_string()),
                    }
                });
            });
        });
    };
    let wrong = move || words::typed_port(&typed.get()).err().filter(|_| tried.get());
    let found = move |all: Vec<PortInfo>| {
        let own = settings.value.with(|s| s.as_ref().map(|s| s.ports.clone())).unwrap_or_default();
        let line = move |info: PortInfo| {
            let port = info.port.clone();
            let mine = own.contains(&info.port).then(|| {
                let label = format!("Remove {port}");
                view! { <button class="button plain" type="button" aria-label=label on:click=move |_| remove(port.clone())>{icon::icon(icon::CLOSE, 20)}</button> }
            });
            one(info, mine)
        };
        view! { <ul class="stack">{all.into_iter().map(line).collect_view()}</ul> }.into_any()
    };
    view! {
        <section class="panel stack" id="adapters">
            <div class="row apart">
                <h2>"Adapters"</h2>
                <button class="button" type="button" on:click=move |_| refresh()>"Look again"</button>
            </div>
            {seen::seen(ports, 3, found)}
            <form class="field" novalidate on:submit=add>
                <label for="new-port">"Address of an adapter that cannot be found by itself"</label>
                <div class="beside">
                    <input class="input" id="new-port" data-testid="new-port" placeholder="tcp://192.168.0.10:35000" autocomplete="off" spellcheck="false"
                        aria-invalid=move || wrong().is_some().to_string() prop:value=move || typed.get()
                        on:input=move |ev| typed.set(event_target_value(&ev)) />
                    <button class="button" type="submit" data-testid="add-port" disabled=move || act.busy.get()>{icon::icon(icon::PLUS, 20)} "Add"</button>
                </div>
                {move || wrong().map(|w| view! { <span class="wrong" role="alert">{w}</span> })}
            </form>
            {notice::shown(act.error)}
        </section>
    }
}

fn one(info: PortInfo, remove: Option<impl IntoView + 'static>) -> AnyView {
    let address = info.port.clone();
    let tag = match (&info.problem, info.kind) {
        (Some(_), _) => view! { <span class="tag">"Cannot be opened"</span> }.into_any(),
        (None, PortKind::Serial | PortKind::Can) => {
            view! { <span class="muted small">"can be opened"</span> }.into_any()
        }
        (None, PortKind::Tcp | PortKind::Bluetooth | PortKind::Ble) => {
            view! { <span class="muted small">"tried when a check starts"</span> }.into_any()
        }
        (None, PortKind::Simulated) => view! { <span class="tag sim">"Simulated: no real vehicle"</span> }.into_any(),
        (None, PortKind::Replay) => view! { <span class="tag">"Recorded"</span> }.into_any(),
    };
    let why = info.problem.map(|e| {
        let code = notice::code_of(&e);
        view! { <p class="small"><b>{e.message}</b> " " {e.hint} " " <code>{code}</code></p> }
    });
    view! {
        <li class="stack" data-testid="adapter" data-port=address>
            <div class="row">
                {icon::icon(ports::image(info.kind), 20)}
                <span><b>{info.name}</b> <br /> <small><code>{info.port}</code></small></span>
                {tag}
                {remove.map(|r| r.into_any())}
            </div>
            {why}
        </li>
    }
    .into_any()
}
