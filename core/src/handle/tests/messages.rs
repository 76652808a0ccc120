use super::*;
use crate::{
    journal::{NewEvent, kind},
    outbox::{About, NewMessage},
    store::outbox,
};
use roadworthy_api::{
    Code,
    calls::{
        DropMessage, GetMessage, GetSettings, ListChannels, ListMessages, RetryMessage, SetMailPassword, SetSettings,
        TryChannel,
    },
    finding::Severity,
    id::MessageId,
    system::{MailSecurity, MailSettings, Settings},
    work::{MessageState, MessageView},
};

fn put(engine: &Engine, channel: &'static str, key: &str) -> MessageId {
    let now = crate::engine::now();
    let said = kind::Access { call: "test".into(), outcome: "done".into() };
    engine
        .store
        .write("engine/notification", now, |w| {
            let event = w.append(NewEvent::new(w.mint()?, kind::ACCESS_RECORDED, None, &said)?)?;
            let id = MessageId(w.mint()?.0);
            let about = About {
                alert: None,
                decision: None,
                vehicle: None,
                severity: Severity::ActNow,
                text: "It overheats.".into(),
            };
            let message = NewMessage { key: key.into(), channel, subject: "Coolant too hot".into(), about };
            assert!(outbox::put(w.tx(), &message, id, event, None, now)?);
            Ok(id)
        })
        .unwrap()
}

fn mail() -> MailSettings {
    MailSettings {
        server: "127.0.0.1".into(),
        port: 1,
        security: MailSecurity::None,
        user: "workshop".into(),
        from: "workshop@example.org".into(),
        to: vec!["technician@example.org".into()],
    }
}

fn set(engine: &Engine, change: impl FnOnce(&mut Settings)) {
    let mut settings = ask(engine, GetSettings {}).unwrap();
    change(&mut settings);
    ask(engine, SetSettings { settings }).unwrap();
}

#[test]
fn messages_are_listed_shown_dropped_and_tried_again() {
    let own = own();
    let (a, b) = (put(&own, "desktop", "a"), put(&own, "mail", "b"));
    let list = |view| ask(&own, ListMessages { view, offset: 0, limit: 10 }).unwrap();
    let waiting: Vec<_> = list(MessageView::Waiting).rows.iter().map(|row| row.id).collect();
    assert_eq!(waiting, [b, a], "newest first");
    let detail = ask(&own, GetMessage { message: a }).unwrap();
    assert_eq!(
        (detail.text.as_str(), detail.row.subject.as_str(), detail.attempts.len()),
        ("It overheats.", "Coolant too hot", 0)
    );

    assert!(matches!(ask(&own, DropMessage { message: a }).unwrap().state, MessageState::Dropped { .. }));
    assert_eq!(list(MessageView::Waiting).total, 1);
    assert!(matches!(ask(&own, RetryMessage { message: a }).unwrap().state, MessageState::Waiting { .. }));
    let none = ask(&own, GetMessage { message: MessageId(1) }).unwrap_err();
    assert_eq!(none.code, Code::NotFound);
}

#[test]
fn switching_a_channel_off_drops_what_waits_for_it_and_no_other() {
    let own = own();
    let (a, b) = (put(&own, "desktop", "a"), put(&own, "mail", "b"));
    set(&own, |s| s.notify.mail = Some(mail()));
    set(&own, |s| s.notify.desktop = false);
    let state = |message| ask(&own, GetMessage { message }).unwrap().row;
    assert!(matches!(state(a).state, MessageState::Dropped { .. }));
    assert_eq!(state(a).last_error, "The channel desktop was switched off in the settings.");
    assert!(matches!(state(b).state, MessageState::Waiting { .. }));
}

#[test]
fn a_channel_says_what_is_missing_and_never_its_password() {
    let own = own();
    assert_eq!(ask(&own, SetMailPassword { password: "geheim".into() }).unwrap_err().code, Code::Conflict);
    assert_eq!(ask(&own, TryChannel { channel: "mail".into() }).unwrap_err().code, Code::Conflict);
    assert_eq!(ask(&own, TryChannel { channel: "pigeon".into() }).unwrap_err().code, Code::NotFound);

    set(&own, |s| s.notify.mail = Some(mail()));
    let row = |own: &Own| ask(own, ListChannels {}).unwrap().into_iter().find(|c| c.name == "mail").unwrap();
    assert!(row(&own).on && !row(&own).password);
    assert!(row(&own).missing.unwrap().message.contains("No password"));
    ask(&own, SetMailPassword { password: "geheim-4711".into() }).unwrap();
    assert_eq!((row(&own).password, row(&own).missing), (true, None));
    let shown = format!("{:?} {:?}", ask(&own, GetSettings {}).unwrap(), row(&own));
    assert!(!shown.contains("geheim-4711"));
    let refused = ask(&own, TryChannel { channel: "mail".into() }).unwrap_err();
    assert!(refused.message.contains("connection was refused") && !refused.hint.is_empty(), "{refused}");
}
