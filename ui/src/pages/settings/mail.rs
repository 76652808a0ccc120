//! A mail server's settings as they are typed.

use leptos::prelude::*;
use roadworthy_api::system::{MailSecurity, MailSettings};

/// Kinds of protection.
pub(super) mod security {
    use roadworthy_api::system::MailSecurity;

    pub(in super::super) const ALL: [MailSecurity; 3] = [MailSecurity::Tls, MailSecurity::StartTls, MailSecurity::None];

    /// As a value of the choice.
    pub(in super::super) fn key(security: MailSecurity) -> &'static str {
        match security {
            MailSecurity::Tls => "tls",
            MailSecurity::StartTls => "start-tls",
            MailSecurity::None => "none",
        }
    }

    /// In words.
    pub(in super::super) fn words(security: MailSecurity) -> &'static str {
        match security {
            MailSecurity::Tls => "TLS from the start",
            MailSecurity::StartTls => "STARTTLS",
            MailSecurity::None => "None: only for a server on this computer",
        }
    }

    /// The usual port.
    pub(in super::super) fn port(security: MailSecurity) -> u16 {
        match security {
            MailSecurity::Tls => 465,
            MailSecurity::StartTls => 587,
            MailSecurity::None => 25,
        }
    }
}

/// What is typed.
#[derive(Clone, Copy)]
pub(super) struct Typed {
    pub(super) server: RwSignal<String>,
    pub(super) port: RwSignal<String>,
    pub(super) security: RwSignal<MailSecurity>,
    pub(super) user: RwSignal<String>,
    pub(super) from: RwSignal<String>,
    pub(super) to: RwSignal<String>,
}

impl Typed {
    pub(super) fn new() -> Self {
        let text = || RwSignal::new(String::new());
        Self {
            server: text(),
            port: RwSignal::new("465".into()),
            security: RwSignal::new(MailSecurity::Tls),
            user: text(),
            from: text(),
            to: text(),
        }
    }

    /// Shows what is kept; nothing kept leaves what is typed.
    pub(super) fn show(self, mail: Option<&MailSettings>) {
        let Some(mail) = mail else { return };
        self.server.set(mail.server.clone());
        self.port.set(mail.port.to_string());
        self.security.set(mail.security);
        self.user.set(mail.user.clone());
        self.from.set(mail.from.clone());
        self.to.set(mail.to.join(", "));
    }

    /// Another protection, with its usual port unless another one was typed.
    pub(super) fn pick(self, key: &str) {
        let Some(picked) = security::ALL.into_iter().find(|s| security::key(*s) == key) else { return };
        let usual = security::port(self.security.get_untracked()).to_string();
        self.security.set(picked);
        if self.port.with_untracked(|port| port.trim() == usual || port.trim().is_empty()) {
            self.port.set(security::port(picked).to_string());
        }
    }

    /// The settings, or the field that is wrong and why.
    pub(super) fn read(self) -> Result<MailSettings, (&'static str, &'static str)> {
        read(
            &self.server.get(),
            &self.port.get(),
            self.security.get(),
            &self.user.get(),
            &self.from.get(),
            &self.to.get(),
        )
    }
}

fn read(
    server: &str,
    port: &str,
    security: MailSecurity,
    user: &str,
    from: &str,
    to: &str,
) -> Result<MailSettings, (&'static str, &'static str)> {
    // Only what is certainly none is refused here; the engine reads addresses as mail servers do.
    let address = |text: &str| text.contains('@') && !text.contains(char::is_whitespace);
    if server.trim().is_empty() {
        return Err(("server", "Type the server's name."));
    }
    let port = port.trim().parse().ok().filter(|port| *port > 0).ok_or(("port", "Type a number from 1 to 65535."))?;
    if !address(from.trim()) {
        return Err(("from", "Type an address, as in workshop@example.org."));
    }
    let to: Vec<String> = to.split([',', ';']).map(|t| t.trim().to_owned()).filter(|t| !t.is_empty()).collect();
    if to.is_empty() || !to.iter().all(|to| address(to)) {
        return Err(("to", "Type at least one address, as in technician@example.org."));
    }
    Ok(MailSettings {
        server: server.trim().into(),
        port,
        security,
        user: user.trim().into(),
        from: from.trim().into(),
        to,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_becomes_settings_or_says_what_is_wrong() {
        let read = |server, port, from, to| read(server, port, MailSecurity::Tls, " user ", from, to);
        let mail = read(" mail.example.org ", "465", "a@example.org", "b@example.org, c@example.org;").unwrap();
        assert_eq!((mail.server.as_str(), mail.port, mail.user.as_str()), ("mail.example.org", 465, "user"));
        assert_eq!(mail.to, ["b@example.org", "c@example.org"]);
        for (server, port, from, to, field) in [
            ("", "465", "a@b", "a@b", "server"),
            ("m", "0", "a@b", "a@b", "port"),
            ("m", "x", "a@b", "a@b", "port"),
            ("m", "465", "a", "a@b", "from"),
            ("m", "465", "a@b", " ,", "to"),
            ("m", "465", "a@b", "a@b c", "to"),
        ] {
            assert_eq!(read(server, port, from, to).unwrap_err().0, field);
        }
    }
}
