//! The channel `mail` against servers at real sockets.

use super::{
    server::{Manner, Server, closed},
    *,
};
use crate::outbox::{FailureKind, deliver::bounded, mail};
use roadworthy_api::{id::DeviceId, system::MailSecurity};

const PASSWORD: &str = "Zaubertrank-4711-ganz-geheim";

fn settings(port: u16) -> MailSettings {
    MailSettings {
        server: "127.0.0.1".into(),
        port,
        security: MailSecurity::None,
        user: "workshop".into(),
        from: "workshop@example.org".into(),
        to: vec!["technician@example.org".into()],
    }
}

fn with(mail: MailSettings) -> Own {
    let own = own();
    own.set_mail(mail);
    mail::keep_password(&own.store, PASSWORD).unwrap();
    own
}

fn letter() -> Letter {
    Letter {
        key: "alert/1/created/mail".into(),
        device: DeviceId(7),
        at: NOW,
        severity: Severity::ActNow,
        subject: "Act now: Cylinder 1 misfires".into(),
        short: "It does not burn.".into(),
        body: "It does not burn.\n.\nThat was a line with a dot.\n".into(),
    }
}

fn send(own: &Own, limit: Duration) -> Result<String, Failure> {
    let channel: Arc<dyn Channel> = Arc::new(mail::Mail::with_limit(own.store.clone(), limit));
    bounded(&channel, letter(), &|| false, Duration::ZERO).0
}

#[track_caller]
fn check(mail: MailSettings, kind: FailureKind, cause: &str) {
    let failure = send(&with(mail), Duration::from_millis(1200)).unwrap_err();
    assert_eq!(failure.kind, kind, "{failure:?}");
    assert!(failure.cause.contains(cause), "{failure:?}");
    assert!(!failure.cause.contains('@'), "addresses stay out of what is stored: {failure:?}");
}

#[test]
fn every_way_to_fail_has_its_words() {
    use FailureKind::{Permanent, Temporary};
    let at = |manner| settings(Server::start(manner).port);
    check(settings(closed()), Temporary, "connection was refused");
    check(at(Manner::Hangs), Temporary, "took the connection and then did not answer");
    check(at(Manner::Drips), Temporary, "No end of the attempt within 1 s");
    check(at(Manner::Busy), Temporary, "cannot take the message just now: 421");
    check(at(Manner::WrongPassword), Permanent, "refuses the user name or the password: 535");
    check(at(Manner::Nonsense), Temporary, "does not speak as a mail server does");
    check(at(Manner::BreaksOff), Temporary, "broke off");
    check(
        MailSettings { to: vec!["gone@example.org".into()], ..at(Manner::NoSuchUser) },
        Permanent,
        "refuses the recipient: 550",
    );
    check(MailSettings { security: MailSecurity::Tls, ..at(Manner::Takes) }, Temporary, "No protected connection");
    check(MailSettings { security: MailSecurity::StartTls, ..at(Manner::Takes) }, Permanent, "does not offer STARTTLS");
}

#[test]
fn a_mail_is_taken_with_its_key_and_its_text_whole() {
    let server = Server::start(Manner::Takes);
    let own = with(settings(server.port));
    assert_eq!(send(&own, Duration::from_secs(5)), Ok(String::new()));
    let heard = server.heard();
    for part in [
        "MAIL FROM:<workshop@example.org>",
        "RCPT TO:<technician@example.org>",
        "Message-ID: <alert/1/created/mail@",
        "Subject: Act now: Cylinder 1 misfires",
        "\n..\nThat was a line with a dot.",
    ] {
        assert!(heard.contains(part), "{part} in {heard}");
    }
}

#[test]
fn one_recipient_who_is_refused_does_not_keep_it_from_the_others() {
    let server = Server::start(Manner::NoSuchUser);
    let to = vec!["gone@example.org".into(), "technician@example.org".into()];
    let remark = send(&with(MailSettings { to, ..settings(server.port) }), Duration::from_secs(5)).unwrap();
    assert_eq!(remark, "1 of 2 recipients were refused by the mail server; the others have it.");
}

#[test]
fn a_password_goes_to_the_server_it_was_given_for_and_is_nowhere_in_the_clear() {
    let server = Server::start(Manner::Takes);
    let own = with(settings(server.port));
    assert_eq!(send(&own, Duration::from_secs(5)), Ok(String::new()));
    assert!(server.heard().contains("AUTH PLAIN"));

    own.store.write_local(|tx| outbox::prune(tx, NOW).map(drop)).unwrap();
    for entry in std::fs::read_dir(own.folder.path()).unwrap().map(|e| e.unwrap().path()).filter(|p| p.is_file()) {
        let bytes = std::fs::read(&entry).unwrap();
        let there = bytes.windows(PASSWORD.len()).any(|w| w == PASSWORD.as_bytes());
        assert!(!there, "the password is in {}", entry.display());
    }

    let other = Server::start(Manner::Takes);
    own.set_mail(MailSettings { server: "localhost".into(), ..settings(other.port) });
    let failure = send(&own, Duration::from_secs(5)).unwrap_err();
    assert_eq!(failure.kind, FailureKind::Permanent);
    assert!(failure.cause.contains("No password is kept for this mail server"), "{failure:?}");
    assert_eq!(other.heard(), "", "because another server is not even asked");
    mail::keep_password(&own.store, "").unwrap();
    own.set_mail(settings(server.port));
    assert!(send(&own, Duration::from_secs(5)).is_err(), "because it was taken away");
}

#[test]
fn a_dead_mail_server_leaves_the_desktop_working_and_is_visible() {
    for (manner, cause) in [(Manner::Hangs, "did not answer"), (Manner::Busy, "421")] {
        let own = with(settings(Server::start(manner).port));
        let now = crate::engine::now();
        let (mail, desktop) = (own.put("mail", "m", now), own.put("desktop", "d", now));
        let channels: Vec<Arc<dyn Channel>> = vec![
            Arc::new(mail::Mail::with_limit(own.store.clone(), Duration::from_millis(400))),
            Fake::takes("desktop"),
        ];
        let running = run(&own, channels);
        own.until_sent(desktop);
        let row = own.until(mail, "told", |row| !row.last_error.is_empty());
        assert!(row.last_error.contains(cause), "{row:?}");
        running.stop();
    }
}

#[test]
fn a_server_that_comes_back_gets_what_waited() {
    let port = closed();
    let own = with(settings(port));
    let id = own.put("mail", "m", crate::engine::now());
    let channel: Arc<dyn Channel> = Arc::new(mail::Mail::with_limit(own.store.clone(), Duration::from_secs(5)));
    let running = run(&own, vec![channel]);
    own.until(id, "refused", |row| row.last_error.contains("refused"));
    let server = Server::start(Manner::Takes);
    own.set_mail(settings(server.port));
    own.until_sent(id);
    running.stop();
    assert_eq!(server.heard().matches("Message-ID: <m@").count(), 1);
}
