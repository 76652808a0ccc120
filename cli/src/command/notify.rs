//! `roadworthy notify`.

use crate::{
    args::outbox::{Notify, Switch},
    exit::{Exit, Stop},
    out::{Out, Tone, cell},
    session::{Place, Session},
};
use roadworthy_api::{
    Code, Error,
    calls::{GetSettings, ListChannels, SetMailPassword, SetSettings},
    finding::Severity,
    system::{MailSecurity, MailSettings, NotifySettings},
};
use serde_json::json;
use std::io::BufRead;

pub(crate) fn run(place: &Place, out: &mut Out, wanted: &Notify) -> Result<Exit, Stop> {
    let session = Session::open_to_store(place)?;
    let mut settings = session.call(GetSettings {})?;
    let changed = change(&settings.notify, wanted);
    if changed != settings.notify {
        settings.notify = changed;
        session.call(SetSettings { settings: settings.clone() })?;
    }
    if wanted.mail_password {
        let mut line = String::new();
        std::io::stdin().lock().read_line(&mut line).map_err(|e| {
            Error::new(Code::BadRequest, format!("The password could not be read from standard input ({e})."))
        })?;
        session.call(SetMailPassword { password: line.trim_end_matches(['\r', '\n']).to_owned() })?;
    }
    let channels = session.call(ListChannels {})?;
    if out.json {
        out.object(&json!({ "notify": settings.notify, "channels": channels }))?;
        return Ok(Exit::Good);
    }
    let from = match settings.notify.from {
        Severity::Note => "everything",
        Severity::Watch => "what to watch, and worse",
        Severity::ActSoon => "what needs work soon, and worse",
        Severity::ActNow => "what needs work now",
    };
    out.line(&format!("Told: {from}."))?;
    let mut rows = Vec::new();
    for channel in &channels {
        let (tone, state) = match (&channel.missing, channel.on) {
            (Some(missing), _) => (Tone::Bad, missing.to_string()),
            (None, true) => (Tone::Good, "on".to_owned()),
            (None, false) => (Tone::Faint, "off".to_owned()),
        };
        let more = settings.notify.mail.as_ref().filter(|_| channel.name == "mail").map(|mail| {
            let password = if channel.password { ", password kept" } else { "" };
            format!("{}, port {}{password}; to {}", mail.server, mail.port, mail.to.join(", "))
        });
        rows.push(vec![
            cell(Tone::Strong, &channel.name),
            cell(tone, state),
            cell(Tone::Plain, more.unwrap_or_default()),
        ]);
    }
    out.table(&rows)?;
    Ok(Exit::Good)
}

/// The settings with what was typed.
fn change(now: &NotifySettings, wanted: &Notify) -> NotifySettings {
    let mut notify = now.clone();
    if let Some(from) = wanted.from {
        notify.from = from.into();
    }
    if let Some(desktop) = wanted.desktop {
        notify.desktop = desktop == Switch::On;
    }
    if wanted.no_mail {
        notify.mail = None;
        return notify;
    }
    let given = wanted.mail_server.is_some()
        || wanted.mail_port.is_some()
        || wanted.mail_security.is_some()
        || wanted.mail_user.is_some()
        || wanted.mail_from.is_some()
        || !wanted.mail_to.is_empty();
    if !given {
        return notify;
    }
    let mut mail = notify.mail.take().unwrap_or_else(|| MailSettings { port: 465, ..MailSettings::default() });
    if let Some(security) = wanted.mail_security {
        mail.security = security.into();
        mail.port = match mail.security {
            MailSecurity::Tls => 465,
            MailSecurity::StartTls => 587,
            MailSecurity::None => 25,
        };
    }
    mail.port = wanted.mail_port.unwrap_or(mail.port);
    for (field, typed) in [
        (&mut mail.server, &wanted.mail_server),
        (&mut mail.user, &wanted.mail_user),
        (&mut mail.from, &wanted.mail_from),
    ] {
        if let Some(typed) = typed {
            typed.trim().clone_into(field);
        }
    }
    if !wanted.mail_to.is_empty() {
        mail.to.clone_from(&wanted.mail_to);
    }
    notify.mail = Some(mail);
    notify
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::Cli;
    use clap::Parser;

    fn changed(now: &NotifySettings, typed: &str) -> NotifySettings {
        let words = ["roadworthy", "notify"].into_iter().chain(typed.split_whitespace());
        match Cli::try_parse_from(words).unwrap().command {
            crate::args::Command::Notify(wanted) => change(now, &wanted),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_is_typed_changes_and_the_rest_stays() {
        let none = NotifySettings::default();
        assert_eq!(changed(&none, ""), none);
        assert!(!changed(&none, "--desktop off").desktop);
        assert_eq!(changed(&none, "--from act-now").from, Severity::ActNow);

        let set = changed(&none, "--mail-server mail.example.org --mail-from a@example.org --mail-to b@example.org");
        let mail = set.mail.clone().unwrap();
        assert_eq!((mail.server.as_str(), mail.port, mail.security), ("mail.example.org", 465, MailSecurity::Tls));
        let starttls = changed(&set, "--mail-security starttls").mail.unwrap();
        assert_eq!((starttls.server.as_str(), starttls.port), ("mail.example.org", 587));
        assert_eq!(changed(&set, "--mail-security none --mail-port 2525").mail.unwrap().port, 2525);
        assert_eq!(changed(&set, "--no-mail").mail, None);
    }
}
