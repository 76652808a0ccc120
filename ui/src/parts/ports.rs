//! Which adapter: the ports there are, and an address typed in. The last one used stands first; a simulated vehicle is always
//! there, and says what it is.

use super::{icon, notice, scan, seen};
use crate::{
    backend::call,
    live::{Fetched, fetch},
    words,
};
use leptos::prelude::*;
use roadworthy_api::{
    Error,
    calls::{GetSettings, ListPorts, SetSettings},
    port::{PortInfo, PortKind},
};

/// What a person chooses of.
#[derive(Clone, Copy)]
pub(crate) struct Ports {
    ports: Fetched<Vec<PortInfo>>,
    chosen: Memo<Option<String>>,
    last: Memo<Option<String>>,
    picked: RwSignal<Option<String>>,
    typed: RwSignal<String>,
    keep: RwSignal<bool>,
    tried: RwSignal<bool>,
}

impl Ports {
    /// Reads the ports; `asked` is the one that the address asks for.
    pub(crate) fn new(asked: Memo<Option<String>>) -> Self {
        let ports = fetch(|| Some(ListPorts {}));
        let settings = fetch(|| Some(GetSettings {}));
        let picked = RwSignal::new(None::<String>);
        let last = Memo::new(move |_| settings.value.with(|s| s.as_ref().and_then(|s| s.last_port.clone())));
        // What a person picked, else what the address asks for, else the last one, if it is there and can be opened.
        let chosen = Memo::new(move |_| {
            let usable = |wanted: &String| {
                ports
                    .value
                    .with(|p| p.as_ref().is_some_and(|p| p.iter().any(|x| x.port == *wanted && x.problem.is_none())))
            };
            picked.get().or_else(|| asked.get().filter(usable)).or_else(|| last.get().filter(usable))
        });
        let (typed, keep, tried) = (RwSignal::new(String::new()), RwSignal::new(false), RwSignal::new(false));
        // An address that was typed in is in no list: it stands in its line again, once.
        let offered = RwSignal::new(false);
        Effect::new(move |_| {
            let wanted = asked.get().or_else(|| last.get());
            let listed = |w: &String| ports.value.with(|p| p.as_ref().map(|p| p.iter().any(|x| x.port == *w)));
            if !offered.get_untracked()
                && let Some(wanted) = wanted
                && let Some(listed) = listed(&wanted)
            {
                offered.set(true);
                if !listed && picked.get_untracked().is_none() && typed.with_untracked(String::is_empty) {
                    typed.set(wanted);
                }
            }
        });
        Self { ports, chosen, last, picked, typed, keep, tried }
    }

    /// The port to open; `None`: nothing is chosen yet, which the view then says.
    pub(crate) fn take(self) -> Option<Taken> {
        self.tried.set(true);
        let text = self.typed.get_untracked().trim().to_owned();
        let port = if text.is_empty() { self.chosen.get_untracked() } else { words::typed_port(&text).ok() }?;
        Some(Taken { port, keep: self.keep.get_untracked() && !text.is_empty() })
    }

    /// Ports as a list of choices, and a line for an address.
    pub(crate) fn view(self) -> AnyView {
        let Self { ports, chosen, last, picked, typed, keep, tried } = self;
        let wrong = move || {
            let text = typed.get();
            if text.trim().is_empty() {
                return (tried.get() && chosen.with(Option::is_none))
                    .then_some("Choose an adapter above, or write an address.");
            }
            words::typed_port(&text).err().filter(|_| tried.get())
        };
        let list = move |ports: Vec<PortInfo>| {
            let none = (!words::any_real(&ports)).then(|| {
                view! {
                    <p class="muted" data-testid="no-adapter">
                        "No adapter is plugged in or paired. Plug it into the vehicle's connector and, if it has a cable, into this computer; "
                        "pair a Bluetooth one in the system's settings; join the network of a Wi-Fi one. Then look again, or search."
                    </p>
                }
            });
            let group = |(heading, ports): (&'static str, Vec<PortInfo>)| {
                let (open, hindered): (Vec<_>, Vec<_>) = ports.into_iter().partition(|p| !p.port.is_empty());
                let choices = (!open.is_empty()).then(|| {
                    let options = open.into_iter().map(|p| option(p, chosen, picked, typed)).collect_view();
                    view! { <div class="ports" role="radiogroup" aria-label=heading>{options}</div> }
                });
                view! { <h3>{heading}</h3> {choices} {hindered.into_iter().map(hindrance).collect_view()} }
            };
            let groups = words::port_groups(ports, last.get().as_deref());
            view! { {none} <div class="port-groups">{groups.into_iter().map(group).collect_view()}</div> }.into_any()
        };
        let (search, searched) = scan::scan(ports);
        view! {
            <section class="panel stack">
                <div class="row apart">
                    <h2>"Where is the adapter?"</h2>
                    <div class="buttons">
                        <button class="button" type="button" on:click=move |_| ports.again()>{icon::icon(icon::AGAIN, 20)} "Look again"</button>
                        {search}
                    </div>
                </div>
                {searched}
                {seen::seen(ports, 3, list)}
                <div class="field">
                    <label for="port-address">"Or an address, as of a Wi-Fi adapter"</label>
                    <input class="input" id="port-address" data-testid="port-address" placeholder="tcp://192.168.0.10:35000" autocomplete="off"
                        spellcheck="false" aria-invalid=move || wrong().is_some().to_string() aria-describedby="port-address-help"
                        prop:value=move || typed.get() on:input=move |ev| typed.set(event_target_value(&ev)) />
                    <span id="port-address-help" class=move || if wrong().is_some() { "wrong" } else { "help" }>
                        {move || wrong().unwrap_or("Host and port, where the computer must be in the adapter's own network; or bt: or ble: and a Bluetooth address.")}
                    </span>
                </div>
                {move || (!typed.with(|t| t.trim().is_empty())).then(|| view! {
                    <label class="choice">
                        <input type="checkbox" prop:checked=move || keep.get() on:change=move |ev| keep.set(event_target_checked(&ev)) />
                        "Remember this address"
                    </label>
                })}
            </section>
        }
        .into_any()
    }
}

/// A port that was chosen.
#[derive(Clone)]
pub(crate) struct Taken {
    /// As given to a check or a live session.
    pub(crate) port: String,
    keep: bool,
}

impl Taken {
    /// Remembers it as the one used last. That a setting could not be written must not stop what was begun, so nothing
    /// comes of it.
    pub(crate) async fn remember(self) {
        let Ok(mut settings) = call(GetSettings {}).await else { return };
        let port = self.port;
        let known = settings.ports.contains(&port);
        if self.keep && !known {
            settings.ports.push(port.clone());
        }
        if settings.last_port.as_deref() != Some(&port) || (self.keep && !known) {
            settings.last_port = Some(port);
            let _ = call(SetSettings { settings }).await;
        }
    }
}

fn option(
    info: PortInfo,
    chosen: Memo<Option<String>>,
    picked: RwSignal<Option<String>>,
    typed: RwSignal<String>,
) -> AnyView {
    let tag = match info.kind {
        PortKind::Simulated => Some(view! { <span class="tag sim">"Simulated: no real vehicle"</span> }.into_any()),
        PortKind::Replay => Some(view! { <span class="tag">"Recorded"</span> }.into_any()),
        _ => None,
    };
    let why = info.problem.clone().map(why);
    // What hinders is more urgent than what it is.
    let likely = info.likely.filter(|_| info.problem.is_none());
    let more = [Some(info.detail).filter(|d| !d.is_empty()), likely]
        .into_iter()
        .flatten()
        .map(|text| view! { <small>{text}</small> });
    let port = info.port.clone();
    let (pressed, address) = (info.port.clone(), info.port.clone());
    let mine = Memo::new(move |_| typed.with(|t| t.trim().is_empty()) && chosen.with(|c| c.as_ref() == Some(&port)));
    let pick = move |_| {
        picked.set(Some(pressed.clone()));
        typed.set(String::new());
    };
    view! {
        <button class="port" type="button" role="radio" data-testid="port-option" data-port=address
            aria-checked=move || mine.get().to_string() on:click=pick>
            {icon::icon(image(info.kind), 24)}
            <span class="what"><b>{info.name}</b> <small><code>{info.port}</code></small> {more.collect_view()}</span>
            {tag}
            {why}
        </button>
    }
    .into_any()
}

/// What a port is, as a picture.
pub(crate) fn image(kind: PortKind) -> icondata_core::Icon {
    match kind {
        PortKind::Serial => icon::PLUG,
        PortKind::Bluetooth | PortKind::Ble => icon::BLUETOOTH,
        PortKind::Tcp => icon::WIFI,
        PortKind::Can => icon::CABLE,
        PortKind::Simulated => icon::SIMULATED,
        PortKind::Replay => icon::VISITS,
    }
}

fn why(error: Error) -> AnyView {
    let code = notice::code_of(&error);
    view! { <span class="why"><b>{error.message}</b> " " <span>{error.hint}</span> " " <code>{code}</code></span> }
        .into_any()
}

/// Something that keeps an adapter from having a port at all.
fn hindrance(info: PortInfo) -> AnyView {
    let detail = (!info.detail.is_empty()).then(|| view! { <small>{info.detail}</small> });
    view! {
        <div class="port hindered" data-testid="hindrance">
            {icon::icon(image(info.kind), 24)}
            <span class="what"><b>{info.name}</b> {detail}</span>
            {info.problem.map(why)}
        </div>
    }
    .into_any()
}
