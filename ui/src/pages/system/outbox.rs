//! Messages for the world outside: where each stands, why it failed, and trying a channel out.

use crate::{
    backend::call,
    live::{Act, Live, fetch},
    locale,
    parts::{
        icon, notice,
        paged::{Paged, Stage, paged},
        seen,
        toast::Toasts,
        value,
    },
    words,
};
use leptos::{html, prelude::*};
use leptos_router::hooks::use_query_map;
use roadworthy_api::{
    calls::{DropMessage, GetSettings, ListMessages, RetryMessage, TryChannel},
    work::{MessageRow, MessageState, MessageView},
};

/// Pixels of a row; the style sheet says the same.
const HEIGHT: f64 = 144.0;

/// The tab.
pub(super) fn outbox() -> AnyView {
    let live = Live::here();
    let query = use_query_map();
    let view = Memo::new(move |_| {
        let key = query.with(|q| q.get("view"));
        words::MESSAGE_VIEWS.into_iter().find(|v| Some(v.1) == key.as_deref()).map_or(MessageView::All, |v| v.0)
    });
    let list = paged(move |offset, limit| {
        live.beat.track();
        ListMessages { view: view.get(), offset, limit }
    });
    let chip = move |(one, key, label): (MessageView, &'static str, &'static str)| {
        let current = move || (view.get() == one).then_some("page");
        view! { <a class="chip" href=format!("/system/outbox?view={key}") aria-current=current data-testid="message-view" data-view=key>{label}</a> }
    };
    let act = Act::new();
    let stage = list.stage();
    let body = move || {
        if stage.get() == Stage::Opening {
            return seen::skeleton(4);
        }
        if stage.get() == Stage::Empty {
            return empty(view.get());
        }
        rows(list, act)
    };
    view! {
        <div class="stack wide">
            <nav class="chips" aria-label="Which messages">{words::MESSAGE_VIEWS.map(chip)}</nav>
            {list.problem()}
            {notice::shown(act.error)}
            {body}
            <Channels />
        </div>
    }
    .into_any()
}

fn empty(view: MessageView) -> AnyView {
    let text = match view {
        MessageView::All => {
            "No message has been put in yet. One is written when an alert is raised that somebody is to be told of."
        }
        MessageView::Waiting => "None waits.",
        MessageView::Dead => "None was given up.",
        MessageView::Sent => "None was sent yet.",
    };
    view! { <div class="empty panel">{icon::icon(icon::INBOX, 32)} <p>{text}</p></div> }.into_any()
}

fn rows(list: Paged<MessageRow>, act: Act) -> AnyView {
    let node = NodeRef::<html::Div>::new();
    let drawn = list.drawn(node, HEIGHT, |_| 1);
    let one = move |at: usize| {
        let message = list.row(at);
        let content = move || match message.get() {
            Some(message) => row(&message, act),
            None => view! { <span class="skeleton"></span> <span class="unseen">"Reading…"</span> }.into_any(),
        };
        view! { <li aria-posinset=at + 1 aria-setsize=move || list.count()>{content}</li> }
    };
    view! {
        <div class="panel" node_ref=node data-testid="messages">
            <span class="pad" style:height=move || format!("{}px", drawn.get().above)></span>
            <ol class="messages" role="list" aria-label="Messages"><For each=move || drawn.get().rows key=|at| *at children=one /></ol>
            <span class="pad" style:height=move || format!("{}px", drawn.get().below)></span>
        </div>
    }
    .into_any()
}

fn row(message: &MessageRow, act: Act) -> AnyView {
    let (id, toasts) = (message.id, Toasts::here());
    let (tone, word, more) = words::message_state(&message.state, locale::now());
    let open =
        !matches!(message.state, MessageState::Sent { .. } | MessageState::Sending | MessageState::Dropped { .. });
    let subject = message.subject.clone();
    let retry =
        move |_| act.run(call(RetryMessage { message: id }), move |_| toasts.say("The message is tried again now."));
    let discard = move |_| {
        let subject = subject.clone();
        act.run(call(DropMessage { message: id }), move |_| {
            toasts.done_but(format!("Dropped: {subject}"), RetryMessage { message: id }, "The message is tried again.");
        });
    };
    let buttons = open.then(|| {
        let (again, away) = (format!("Try again: {}", message.subject), format!("Drop: {}", message.subject));
        view! {
            <span class="row tight">
                <button class="button plain" type="button" title="Try again" aria-label=again data-testid="retry-message" on:click=retry>{icon::icon(icon::AGAIN, 20)}</button>
                <button class="button plain" type="button" title="Drop" aria-label=away data-testid="drop-message" on:click=discard>{icon::icon(icon::REMOVE, 20)}</button>
            </span>
        }
    });
    let about = match message.alert {
        Some(alert) => view! { <a href=format!("/alerts/{alert}")>{message.subject.clone()}</a> }.into_any(),
        None => message.subject.clone().into_any(),
    };
    let more = (!more.is_empty()).then(|| format!("· {more}"));
    let facts = format!("{} · {} · ", words::sentence_case(&message.channel), words::tried(message.attempts));
    view! {
        <article class="message" data-testid="message-row" data-message=id.to_string()>
            <p class="row tight">{icon::tone_badge(tone, word)} <small class="one-line">{more}</small></p>
            <p class="one-line subject">{about}</p>
            <p class="one-line muted small">{facts} {value::when(message.created)}</p>
            <p class="clamp small" title=message.last_error.clone()>{message.last_error.clone()}</p>
            {buttons}
        </article>
    }
    .into_any()
}

/// Sends a message to try a channel out.
#[component]
fn Channels() -> impl IntoView {
    let (act, toasts) = (Act::new(), Toasts::here());
    let settings = fetch(|| Some(GetSettings {}));
    let mail = move || settings.value.with(|s| s.as_ref().is_some_and(|s| s.notify.mail.is_some()));
    let send = move |channel: &'static str, said: &'static str| {
        act.run(call(TryChannel { channel: channel.into() }), move |()| toasts.say(said));
    };
    view! {
        <section class="panel stack">
            <h2>"Try a channel"</h2>
            <p class="muted">"Sends one message now, and says how that went. Who is told of what is chosen in " <a href="/settings">"Settings"</a> "."</p>
            {notice::shown(act.error)}
            <div class="buttons">
                <button class="button" type="button" data-testid="try-desktop" disabled=move || act.busy.get()
                    on:click=move |_| send("desktop", "The desktop took the notification.")>"Desktop notification"</button>
                <button class="button" type="button" data-testid="try-mail" disabled=move || act.busy.get() || !mail()
                    on:click=move |_| send("mail", "The mail server took the message.")>"Mail"</button>
                {move || (!mail()).then(|| view! { <small>"No mail server is set."</small> })}
            </div>
        </section>
    }
}
