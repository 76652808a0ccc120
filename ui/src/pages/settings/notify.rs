//! Who is told of alerts, and how: the desktop, a mail server, and a test of each.

use super::{
    adapters::change,
    mail::{Typed, security},
};
use crate::{
    backend::call,
    live::{Act, fetch},
    parts::{field::Field, notice, toast::Toasts},
    words::{severity_key, severity_word},
};
use leptos::{ev, prelude::*};
use roadworthy_api::{
    calls::{GetSettings, ListChannels, SetMailPassword, TryChannel},
    finding::Severity,
    system::NotifySettings,
    work::ChannelRow,
};

const FROM: [Severity; 4] = [Severity::Note, Severity::Watch, Severity::ActSoon, Severity::ActNow];

/// The panel.
#[component]
pub(super) fn Notify() -> impl IntoView {
    let settings = fetch(|| Some(GetSettings {}));
    let channels = fetch(|| Some(ListChannels {}));
    let (from, desktop, typed) = (RwSignal::new(Severity::ActSoon), RwSignal::new(true), Typed::new());
    let shown = StoredValue::new(None::<NotifySettings>);
    Effect::new(move |_| {
        settings.value.with(|s| {
            let Some(now) = s.as_ref().map(|s| s.notify.clone()) else { return };
            // Shown once, and again only when it changed: what is being typed stays.
            if shown.with_value(|was| was.as_ref() != Some(&now)) {
                from.set(now.from);
                desktop.set(now.desktop);
                typed.show(now.mail.as_ref());
                shown.set_value(Some(now));
            }
        });
    });
    let picking = Act::new();
    let pick_from = move |event| {
        let picked = FROM.into_iter().find(|s| severity_key(*s) == event_target_value(&event));
        let Some(picked) = picked else { return };
        from.set(picked);
        picking.run(change(move |s| s.notify.from = picked), |()| ());
    };
    let pick_desktop = move |event| {
        let wanted = event_target_checked(&event);
        desktop.set(wanted);
        picking.run(change(move |s| s.notify.desktop = wanted), move |()| channels.again());
    };
    let option = move |severity: Severity| {
        view! { <option value=severity_key(severity) selected=move || from.get() == severity>{severity_word(severity)}</option> }
    };
    view! {
        <section class="panel stack" id="notifications">
            <h2>"Notifications"</h2>
            <div class="field">
                <label for="notify-from">"Tell from"</label>
                <select class="select" id="notify-from" data-testid="notify-from" on:change=pick_from>{FROM.map(option)}</select>
                <span class="help">"What presses less stays under Alerts without a message."</span>
            </div>
            <label class="choice">
                <input type="checkbox" data-testid="notify-desktop" prop:checked=move || desktop.get() on:change=pick_desktop />
                "Desktop notifications on this computer"
            </label>
            {notice::shown(picking.error)}
            {attempt("desktop", move || desktop.get())}
            <Mail typed=typed channels=Signal::derive(move || channels.value.get()) refresh=Callback::new(move |()| {
                settings.again();
                channels.again();
            }) />
        </section>
    }
}

/// The mail server's form.
#[component]
fn Mail(
    /// What stands in it.
    typed: Typed,
    /// How the channels are.
    channels: Signal<Option<Vec<ChannelRow>>>,
    /// Reads both again.
    refresh: Callback<()>,
) -> impl IntoView {
    let (password, tried, act, toasts) =
        (RwSignal::new(String::new()), RwSignal::new(false), Act::new(), Toasts::here());
    let row = move || channels.get().unwrap_or_default().into_iter().find(|c| c.name == "mail");
    let on = move || row().is_some_and(|row| row.on);
    let save = move |event: ev::SubmitEvent| {
        event.prevent_default();
        tried.set(true);
        let Ok(mail) = typed.read() else { return };
        let secret = password.get_untracked();
        let work = async move {
            change(move |s| s.notify.mail = Some(mail)).await?;
            // After the server: the password is kept for it alone.
            if secret.is_empty() { Ok(()) } else { call(SetMailPassword { password: secret }).await }
        };
        act.run(work, move |()| {
            let _ = password.try_set(String::new());
            let _ = tried.try_set(false);
            refresh.run(());
            toasts.say("The mail server is kept.");
        });
    };
    let off = move |_| {
        let work = async move {
            call(SetMailPassword { password: String::new() }).await?;
            change(|s| s.notify.mail = None).await
        };
        act.run(work, move |()| {
            refresh.run(());
            toasts.say("No mail is sent any more.");
        });
    };
    let wrong = move |field: &'static str| {
        Signal::derive(move || typed.read().err().filter(|w| tried.get() && w.0 == field).map(|w| w.1.to_owned()))
    };
    let help = Signal::derive(move || {
        if row().is_some_and(|row| row.password) {
            "One is kept; leave it empty to keep that."
        } else {
            "It is kept sealed, for this server and user only, and never shown."
        }
    });
    let missing = move || row().and_then(|row| row.missing).map(|missing| notice::mild(missing.message, missing.hint));
    view! {
        <form class="stack" novalidate on:submit=save>
            <h3>"Mail"</h3>
            {missing}
            <Field label="Mail server" id="mail-server" value=typed.server wrong=wrong("server") help="As in mail.example.org." />
            <div class="field">
                <label for="mail-security">"Protection"</label>
                <select class="select" id="mail-security" data-testid="mail-security" on:change=move |ev| typed.pick(&event_target_value(&ev))>
                    {security::ALL.map(|one| view! {
                        <option value=security::key(one) selected=move || typed.security.get() == one>{security::words(one)}</option>
                    })}
                </select>
            </div>
            <Field label="Port" id="mail-port" kind="decimal" value=typed.port wrong=wrong("port") help="465 with TLS, 587 with STARTTLS, 25 without." />
            <Field label="User" id="mail-user" value=typed.user help="Empty where the server wants none." />
            <Field label="Password" id="mail-password" kind="password" value=password help=help />
            <Field label="Sender's address" id="mail-from" value=typed.from wrong=wrong("from") />
            <Field label="Recipients" id="mail-to" value=typed.to wrong=wrong("to") help="Addresses with commas between them." />
            {notice::shown(act.error)}
            <div class="buttons">
                <button class="button" type="submit" data-testid="save-mail" disabled=move || act.busy.get()>"Save"</button>
                {move || on().then(|| view! {
                    <button class="button plain" type="button" data-testid="no-mail" disabled=move || act.busy.get() on:click=off>"Send no mail"</button>
                })}
            </div>
            {attempt("mail", on)}
        </form>
    }
}

/// The button that tries a channel out, with what came of it.
fn attempt(channel: &'static str, on: impl Fn() -> bool + Copy + Send + Sync + 'static) -> AnyView {
    let (act, done) = (Act::new(), RwSignal::new(false));
    let go = move |_| {
        done.set(false);
        act.run(call(TryChannel { channel: channel.to_owned() }), move |()| {
            let _ = done.try_set(true);
        });
    };
    (move || {
        on().then(|| {
            view! {
                <div class="stack">
                    <div class="buttons">
                        <button class="button" type="button" data-testid=format!("try-{channel}") disabled=move || act.busy.get() on:click=go>
                            {move || if act.busy.get() { "Sending a test…" } else { "Send a test" }}
                        </button>
                    </div>
                    {move || done.get().then(|| notice::fine("Sent. Look whether it has arrived."))}
                    {notice::shown(act.error)}
                </div>
            }
        })
    })
    .into_any()
}
