//! Channel `mail`: an SMTP server (RFC 5321), over TLS from the start (RFC 8314), STARTTLS (RFC 3207) or neither.
//!
//! The dialogue is led step by step, since what a refusal means depends on the step: a 5xx to a recipient is an address, to
//! AUTH a password. The password is shown to no other server or user than the ones it was given for, and nothing is sent over
//! a connection that others can read. What a server says is redacted before anybody sees it: it often repeats addresses.

mod told;

use super::{Channel, Failure, Letter};
use crate::{
    keys,
    store::{Store, setting},
};
use lettre::{
    Address, Message,
    message::{
        Mailbox,
        header::{ContentType, HeaderName, HeaderValue},
    },
    transport::smtp::{
        authentication::{Credentials, Mechanism},
        client::{SmtpConnection, TlsParameters},
        commands::{Data, Mail as MailFrom, Rcpt},
        extension::ClientId,
    },
};
use roadworthy_api::{
    Code, Error, Result as Told,
    system::{MailSecurity, MailSettings, Settings},
};
use std::{
    net::{SocketAddr, ToSocketAddrs, UdpSocket},
    sync::Arc,
    time::{Duration, SystemTime},
};
use told::{Step, told};

pub(crate) const NAME: &str = "mail";
const LIMIT: Duration = Duration::from_secs(20);

pub(crate) struct Mail {
    store: Arc<Store>,
    limit: Duration,
}

impl Mail {
    pub(super) fn new(store: Arc<Store>) -> Self {
        Self { store, limit: LIMIT }
    }

    #[cfg(test)]
    pub(super) fn with_limit(store: Arc<Store>, limit: Duration) -> Self {
        Self { store, limit }
    }
}

fn no_server() -> Error {
    Error::new(Code::Conflict, "No mail server is set.").hint("Set one under Settings, Notifications.")
}

/// What a password is sealed for.
fn place(mail: &MailSettings) -> String {
    format!("mail {} {}", mail.server.trim().to_lowercase(), mail.user.trim())
}

/// Keeps the password for the server and user of the settings; an empty one takes it away.
pub(crate) fn keep_password(store: &Store, password: &str) -> Told<()> {
    if password.is_empty() {
        return store.write_local(|tx| setting::unset(tx, setting::MAIL_PASSWORD));
    }
    let master = store.master.get()?;
    store.write_local(|tx| {
        let settings: Settings = setting::get(tx, setting::SETTINGS)?.unwrap_or_default();
        let mail = settings.notify.mail.ok_or_else(no_server)?;
        setting::set(tx, setting::MAIL_PASSWORD, &keys::seal_secret(&master, &place(&mail), password)?)
    })
}

/// The password, if one is kept that belongs to this server and user.
pub(crate) fn password(store: &Store, mail: &MailSettings) -> Told<Option<String>> {
    let Some(sealed) = store.read(|conn| setting::get::<String>(conn, setting::MAIL_PASSWORD))? else {
        return Ok(None);
    };
    Ok(keys::open_secret(&store.master.get()?, &place(mail), &sealed))
}

impl Channel for Mail {
    fn name(&self) -> &'static str {
        NAME
    }

    fn limit(&self) -> Duration {
        self.limit
    }

    fn on(&self, settings: &Settings) -> bool {
        settings.notify.mail.is_some()
    }

    fn missing(&self, settings: &Settings) -> Option<Error> {
        let mail = settings.notify.mail.as_ref()?;
        match password(&self.store, mail) {
            Ok(password) => check(mail, password.is_some()).err(),
            Err(error) => Some(error),
        }
    }

    fn send(&self, letter: &Letter) -> Result<String, Failure> {
        let kept = || {
            let settings: Settings = self.store.read(|conn| setting::get(conn, setting::SETTINGS))?.unwrap_or_default();
            let mail = settings.notify.mail.ok_or_else(no_server)?;
            let password = password(&self.store, &mail)?;
            Ok::<_, Error>((mail, password))
        };
        let (mail, password) = kept().map_err(|e| Failure::temporary(e.to_string()))?;
        check(&mail, password.is_some()).map_err(|e| Failure::permanent(e.to_string()))?;
        send(&mail, password, letter, self.limit)
    }
}

/// Whether the settings can work at all.
fn check(mail: &MailSettings, password: bool) -> Told<()> {
    let bad = |what: &str, hint: &str| Err(Error::new(Code::Invalid, what).hint(hint));
    if mail.server.trim().is_empty() {
        return bad("The mail server has no name.", "Type it under Settings, Notifications, as in mail.example.org.");
    }
    if mail.port == 0 {
        return bad("The mail server has no port.", "It is 465 with TLS, 587 with STARTTLS, 25 without.");
    }
    if address(&mail.from).is_none() {
        return bad("The sender's mail address cannot be read.", "Type one as in workshop@example.org.");
    }
    if mail.to.is_empty() || mail.to.iter().any(|to| address(to).is_none()) {
        return bad(
            "A mail needs at least one recipient, and one of them cannot be read or there is none.",
            "Type addresses as in technician@example.org.",
        );
    }
    if !mail.user.trim().is_empty() && !password {
        return bad(
            "No password is kept for this mail server and user.",
            "Type it again under Settings, Notifications: it is kept for one server and user only.",
        );
    }
    Ok(())
}

fn address(text: &str) -> Option<Address> {
    text.trim().parse().ok()
}

fn send(mail: &MailSettings, password: Option<String>, letter: &Letter, limit: Duration) -> Result<String, Failure> {
    let server = mail.server.trim();
    let bytes = written(mail, letter)?;
    let addresses = look_up(server, mail.port, limit / 2)?;
    guarded(mail, &addresses)?;
    // Shorter than the whole attempt, so that what hangs is told by the step at which it does.
    let timeout = limit * 3 / 4;
    let fail = |step: Step| move |e: lettre::transport::smtp::Error| told(step, &e, mail, timeout);
    let tls = match mail.security {
        MailSecurity::None => None,
        MailSecurity::Tls | MailSecurity::StartTls => {
            Some(TlsParameters::new(server.to_owned()).map_err(|e| told(Step::Tls, &e, mail, timeout))?)
        }
    };
    let at_start = tls.as_ref().filter(|_| mail.security == MailSecurity::Tls);
    let hello = ClientId::default();
    let mut smtp =
        SmtpConnection::connect(&addresses[..], Some(timeout), &hello, at_start, None).map_err(fail(Step::Connect))?;
    if let (MailSecurity::StartTls, Some(tls)) = (mail.security, &tls) {
        if !smtp.can_starttls() {
            smtp.abort();
            return Err(Failure::permanent(
                "The mail server does not offer STARTTLS. Choose TLS from the start, usually with port 465.",
            ));
        }
        smtp.starttls(tls, &hello).map_err(fail(Step::Tls))?;
    }
    if let Some(password) = password.filter(|_| !mail.user.trim().is_empty()) {
        let credentials = Credentials::new(mail.user.trim().to_owned(), password);
        smtp.auth(&[Mechanism::Plain, Mechanism::Login], &credentials).map_err(fail(Step::Password))?;
    }
    let remark = hand_over(&mut smtp, mail, &bytes, timeout)?;
    // It is taken by now, whatever comes of saying goodbye.
    drop(smtp.quit());
    Ok(remark)
}

/// Without protection only a server on this machine is spoken to: password, plate and finding could be read on the way.
fn guarded(mail: &MailSettings, addresses: &[SocketAddr]) -> Result<(), Failure> {
    if mail.security != MailSecurity::None || addresses.iter().all(|a| a.ip().is_loopback()) {
        return Ok(());
    }
    Err(Failure::permanent(
        "Nothing was sent, since everybody on the network could read it: without protection only a mail server on this \
         computer is spoken to. Choose TLS or STARTTLS.",
    ))
}

/// The part from MAIL FROM to the end of the text.
fn hand_over(
    smtp: &mut SmtpConnection,
    mail: &MailSettings,
    bytes: &[u8],
    timeout: Duration,
) -> Result<String, Failure> {
    let step = |smtp: &mut SmtpConnection, step: Step, result: Result<_, lettre::transport::smtp::Error>| {
        result.map_err(|e| {
            smtp.abort();
            told(step, &e, mail, timeout)
        })
    };
    let sent = smtp.command(MailFrom::new(address(&mail.from), vec![]));
    step(smtp, Step::Sender, sent)?;
    let mut refused = Vec::new();
    for to in mail.to.iter().filter_map(|to| address(to)) {
        match smtp.command(Rcpt::new(to, vec![])) {
            Err(e) if e.is_permanent() => refused.push(e),
            other => {
                step(smtp, Step::Recipient, other)?;
            }
        }
    }
    if refused.len() == mail.to.len()
        && let Some(first) = refused.pop()
    {
        step(smtp, Step::Recipient, Err(first))?;
    }
    let data = smtp.command(Data);
    step(smtp, Step::Text, data)?;
    let taken = smtp.message(bytes);
    step(smtp, Step::Text, taken)?;
    Ok(match refused.len() {
        0 => String::new(),
        n => format!("{n} of {} recipients were refused by the mail server; the others have it.", mail.to.len()),
    })
}

/// The mail as it travels: 7 bit only, since not every server takes more.
fn written(mail: &MailSettings, letter: &Letter) -> Result<Vec<u8>, Failure> {
    let unreadable = || Failure::permanent("The mail could not be written: an address cannot be read.");
    let mailbox = |text: &str| address(text).map(|a| Mailbox::new(None, a)).ok_or_else(unreadable);
    let date = u64::try_from(letter.at)
        .map_or(SystemTime::UNIX_EPOCH, |ms| SystemTime::UNIX_EPOCH + Duration::from_millis(ms));
    let from = Mailbox { name: Some("Roadworthy".into()), ..mailbox(&mail.from)? };
    let mut builder = Message::builder()
        .from(from)
        .subject(letter.subject.clone())
        .date(date)
        .message_id(Some(message_id(letter)))
        .header(ContentType::TEXT_PLAIN)
        // RFC 3834: nobody's holiday answers it.
        .raw_header(HeaderValue::new(HeaderName::new_from_ascii_str("Auto-Submitted"), "auto-generated".into()));
    for to in &mail.to {
        builder = builder.to(mailbox(to)?);
    }
    let message = builder.body(letter.body.clone()).map_err(|e| {
        Failure::permanent(format!("The mail could not be written ({}).", crate::log::redact(&e.to_string())))
    })?;
    Ok(message.formatted())
}

/// The key as a Message-ID (RFC 5322, 3.6.4), the same whenever the message is sent again.
fn message_id(letter: &Letter) -> String {
    let left: String = letter
        .key
        .bytes()
        .map(|b| match b {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'/' => char::from(b).to_string(),
            other => format!("={other:02x}"),
        })
        .collect();
    format!("<{left}@{}.roadworthy.invalid>", letter.device)
}

/// The server's addresses.
fn look_up(server: &str, port: u16, wait: Duration) -> Result<Vec<SocketAddr>, Failure> {
    let (tx, rx) = std::sync::mpsc::channel();
    let name = server.to_owned();
    let asked = std::thread::Builder::new().name("outbox-lookup".into()).spawn(move || {
        // Nobody listens any more where it took too long.
        drop(tx.send((name.as_str(), port).to_socket_addrs().map(Vec::from_iter)));
    });
    match asked.map(|_| rx.recv_timeout(wait)) {
        Ok(Ok(Ok(addresses))) if !addresses.is_empty() => Ok(addresses),
        _ => Err(not_found(server, network())),
    }
}

fn not_found(server: &str, network: bool) -> Failure {
    if network {
        return Failure::offline(format!(
            "The name {server} could not be looked up. Either the network has no way out just now, or the name is mistyped."
        ));
    }
    Failure::offline("No network yet: the message goes out when there is one.")
}

/// Whether this machine has a way out. Nothing is sent: connecting a datagram socket only asks the routing table
/// (addresses of RFC 5737 and RFC 3849, which nobody has).
fn network() -> bool {
    let way = |from: &str, to: &str| UdpSocket::bind((from, 0)).and_then(|socket| socket.connect((to, 9))).is_ok();
    way("0.0.0.0", "192.0.2.1") || way("::", "2001:db8::1")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outbox::FailureKind;
    use roadworthy_api::{finding::Severity, id::DeviceId};

    fn settings() -> MailSettings {
        MailSettings {
            server: "mail.example.org".into(),
            port: 465,
            security: MailSecurity::Tls,
            user: "workshop".into(),
            from: "workshop@example.org".into(),
            to: vec!["technician@example.org".into()],
        }
    }

    fn letter(key: &str) -> Letter {
        Letter {
            key: key.into(),
            device: DeviceId(7),
            at: 1_795_215_600_000,
            severity: Severity::ActNow,
            subject: "Act now: Zündaussetzer – AB 123".into(),
            short: "short".into(),
            body: "Line one.\n.\nLäuft.\n".into(),
        }
    }

    #[test]
    fn what_cannot_work_is_told_before_anything_is_sent() {
        type Change = fn(&mut MailSettings);
        let cases: [(Change, bool, &str); 6] = [
            (|m| m.server = " ".into(), true, "no name"),
            (|m| m.port = 0, true, "no port"),
            (|m| m.from = "workshop".into(), true, "sender"),
            (|m| m.to.clear(), true, "recipient"),
            (|m| m.to.push("a b".into()), true, "recipient"),
            (|_| {}, false, "No password"),
        ];
        for (change, password, expect) in cases {
            let mut mail = settings();
            change(&mut mail);
            let error = check(&mail, password).unwrap_err();
            assert!(error.message.contains(expect) && !error.hint.is_empty(), "{error}");
        }
        assert_eq!(check(&settings(), true), Ok(()));
        assert_eq!(check(&MailSettings { user: String::new(), ..settings() }, false), Ok(()), "some servers need none");
    }

    #[test]
    fn a_mail_is_seven_bit_says_who_wrote_it_and_is_the_same_when_it_is_sent_again() {
        let bytes = written(&settings(), &letter("alert/1/created/mail")).unwrap();
        let text = String::from_utf8(bytes.clone()).unwrap();
        assert!(bytes.is_ascii());
        for part in [
            "From: Roadworthy <workshop@example.org>\r\n",
            "To: technician@example.org\r\n",
            "Message-ID: <alert/1/created/mail@00000000-0000-0000-0000-000000000007.roadworthy.invalid>\r\n",
            "Auto-Submitted: auto-generated\r\n",
        ] {
            assert!(text.contains(part), "{part} in {text}");
        }
        assert_eq!(written(&settings(), &letter("alert/1/created/mail")).unwrap(), bytes);
    }

    #[test]
    fn no_key_can_break_out_of_the_message_id() {
        for (key, expect) in
            [("a/B-1_2", "a/B-1_2"), ("a>\r\nBcc: x@y", "a=3e=0d=0aBcc=3a=20x=40y"), ("é=", "=c3=a9=3d")]
        {
            assert!(message_id(&letter(key)).starts_with(&format!("<{expect}@")), "{key}");
        }
    }

    #[test]
    fn a_password_is_for_one_server_and_user() {
        let other = MailSettings { server: "mail.example.com".into(), ..settings() };
        let case = MailSettings { server: "MAIL.example.org ".into(), ..settings() };
        assert_ne!(place(&settings()), place(&other));
        assert_eq!(place(&settings()), place(&case));
    }

    #[test]
    fn without_protection_only_a_server_on_this_machine_is_spoken_to() {
        let send = |server: &str, security, user: &str| {
            let mail = MailSettings { server: server.into(), security, user: user.into(), port: 9, ..settings() };
            super::send(&mail, None, &letter("k"), Duration::from_millis(400)).unwrap_err()
        };
        // An address of RFC 5737, which nobody has: it must not even be tried.
        for user in ["", "workshop"] {
            let failure = send("192.0.2.1", MailSecurity::None, user);
            assert_eq!(failure.kind, FailureKind::Permanent, "{failure:?}");
            assert!(failure.cause.starts_with("Nothing was sent"), "{failure:?}");
        }
        for (server, security) in [("127.0.0.1", MailSecurity::None), ("192.0.2.1", MailSecurity::Tls)] {
            assert_ne!(send(server, security, "").kind, FailureKind::Permanent, "{server}");
        }
    }

    #[test]
    fn without_a_network_it_waits_and_says_so() {
        for network in [true, false] {
            assert_eq!(not_found("mail.example.org", network).kind, FailureKind::Offline);
        }
        assert!(not_found("mail.example.org", false).cause.starts_with("No network yet"));
        let failure = look_up("no-such-host.invalid", 25, Duration::from_secs(5)).unwrap_err();
        assert_eq!(failure.kind, FailureKind::Offline);
    }
}
