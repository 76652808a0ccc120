//! The status cluster: the one place that always says how everything that can fail by itself is. Quiet while all is well; opens to
//! every sign with its cause and a way to its page.

use crate::{
    live::{Fetched, Link, Live, fetch, sessions},
    locale,
    pages::live::running as live_running,
    parts::{dialog::Dialog, icon},
    words::{self, Sign, Tone},
};
use leptos::prelude::*;
use roadworthy_api::{
    calls::GetStatus,
    job::{Job, JobKind},
    live::LiveState,
    system::{KeyStore, Status},
    work::Pulse,
};

/// The cluster.
pub(super) fn cluster(pulse: Fetched<Pulse>) -> AnyView {
    let live = Live::here();
    let status = fetch(|| Some(GetStatus {}));
    let open = RwSignal::new(false);
    let signs = Memo::new(move |_| all(live, pulse, status));
    let worst = Memo::new(move |_| signs.with(|signs| words::pressing(signs).cloned()));
    let job = move || {
        reading(live).map(|job| {
            let percent = (u64::from(job.done) * 100)
                .checked_div(u64::from(job.total))
                .map_or(String::new(), |p| format!(" {p} %"));
            view! {
                <a class="busy" href=format!("/check?job={}", job.id) title=job.title data-testid="running">
                    {icon::icon(icon::CABLE, 20)} <span class="words">{format!("Checking{percent}")}</span>
                </a>
            }
        })
    };
    let button = move || {
        let (tone, short, long) = match worst.get() {
            Some(sign) => (sign.tone, sign.short, sign.long),
            None if live.link.get() == Link::Opening => {
                (Tone::Quiet, "Connecting…".into(), "The page connects to the engine.".into())
            }
            None => (Tone::Fine, "All well".into(), "Nothing needs a person just now.".into()),
        };
        view! {
            <button class=format!("tone {}", words::tone_key(tone)) type="button" title=long.clone() data-testid="cluster" data-tone=words::tone_key(tone)
                aria-haspopup="dialog" on:click=move |_| open.set(true)>
                {icon::tone_icon(tone, 20)} <span class="words">{short}</span> <span class="unseen">{format!(": {long} Show every sign.")}</span>
            </button>
        }
    };
    let details = move || {
        view! {
            <h2>"How everything is"</h2>
            <ul class="signs">{move || signs.get().into_iter().map(|s| line(s, open)).collect_view()}</ul>
            <div class="buttons"><button class="button" type="button" on:click=move |_| open.set(false)>"Close"</button></div>
        }
        .into_any()
    };
    view! {
        <div class="cluster" role="status" aria-label="Status">{live_running()} {job} {button}</div>
        <Dialog open=open label="How everything is">{details}</Dialog>
    }
    .into_any()
}

/// Every sign, in the order they are shown.
fn all(live: Live, pulse: Fetched<Pulse>, status: Fetched<Status>) -> Vec<Sign> {
    let mut signs = vec![engine(live.link.get()), adapter(live)];
    match (pulse.value.get(), pulse.error.get()) {
        (Some(pulse), None) => signs.extend(words::signs(&pulse, locale::now())),
        // What is not known is not well.
        (_, Some(error)) if live.link.get() == Link::Up => signs.push(Sign {
            key: "pulse",
            tone: Tone::Heed,
            name: "The rest",
            short: "State not known".into(),
            long: error.to_string(),
            href: "/system",
        }),
        _ => {}
    }
    if status.value.with(|s| s.as_ref().map(|s| s.key_store)) == Some(KeyStore::File) {
        signs.push(Sign {
            key: "keys",
            tone: Tone::Quiet,
            name: "Key of personal data",
            short: "In a file".into(),
            long: "No keyring runs here: the key for personal data is in a file that only this user may read.".into(),
            href: "/system",
        });
    }
    signs
}

fn engine(link: Link) -> Sign {
    let (tone, short, long) = match link {
        Link::Up => (Tone::Fine, "Ready", "The engine is connected and ready."),
        Link::Opening => (Tone::Quiet, "Connecting…", "The page connects to the engine."),
        Link::Lost => {
            (Tone::Bad, "Engine lost, trying again…", "The engine does not answer. The page tries again every second.")
        }
    };
    Sign { key: "engine", tone, name: "Engine", short: short.into(), long: long.into(), href: "/system" }
}

/// A check that runs, or a clearing with its checks.
fn reading(live: Live) -> Option<Job> {
    live.running(JobKind::Check).or_else(|| live.running(JobKind::Clearing))
}

fn adapter(live: Live) -> Sign {
    let session =
        live.sessions.with(|all| all.iter().find(|s| sessions::open(s)).map(|s| (s.port.clone(), s.state.clone())));
    let job = reading(live);
    let (tone, short, long) = match (session, job) {
        (Some((port, LiveState::Reconnecting { .. })), _) => (
            Tone::Heed,
            "Link lost, trying again…",
            format!("The link to the vehicle broke ({port}); it is being connected again."),
        ),
        (Some((port, _)), _) => (Tone::Busy, "Reading", format!("Live values are read through {port}.")),
        (None, Some(job)) => (Tone::Busy, "Reading", format!("{} is running.", job.title)),
        (None, None) => (Tone::Quiet, "Not in use", "No vehicle is being read.".into()),
    };
    Sign { key: "adapter", tone, name: "Adapter", short: short.into(), long, href: "/live" }
}

fn line(sign: Sign, open: RwSignal<bool>) -> AnyView {
    let key = words::tone_key(sign.tone);
    view! {
        <li>
            <a href=sign.href data-testid="sign" data-sign=sign.key data-tone=key on:click=move |_| open.set(false)>
                <span class=format!("tone {key}")>{icon::tone_icon(sign.tone, 24)}</span>
                <span><b>{sign.name} ": " {sign.short}</b> <br /> <small>{sign.long}</small></span>
            </a>
        </li>
    }
    .into_any()
}
