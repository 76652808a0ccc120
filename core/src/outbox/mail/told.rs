//! What a mail server's refusal means, told to people.

use super::Failure;
use lettre::transport::smtp::Error as Smtp;
use roadworthy_api::system::{MailSecurity, MailSettings};
use std::{
    error::Error as _,
    io::{self, ErrorKind},
    time::Duration,
};

/// Where in the dialogue it happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Connecting, the greeting, EHLO; with TLS from the start also TLS.
    Connect,
    /// STARTTLS.
    Tls,
    /// AUTH.
    Password,
    /// MAIL FROM.
    Sender,
    /// RCPT TO.
    Recipient,
    /// DATA and the text.
    Text,
}

pub(super) fn told(step: Step, e: &Smtp, mail: &MailSettings, waited: Duration) -> Failure {
    let place = format!("{}, port {}", mail.server.trim(), mail.port);
    if let Some(code) = e.status() {
        let said = said(e);
        if e.is_transient() {
            return Failure::temporary(format!("The mail server cannot take the message just now: {code}{said}."));
        }
        return Failure::permanent(match step {
            Step::Password => format!(
                "The mail server refuses the user name or the password: {code}{said}. Type both again under Settings, \
                 Notifications; some providers want a password made for programs."
            ),
            Step::Sender => {
                format!("The mail server refuses the sender's address: {code}{said}. Use one that belongs to the user.")
            }
            Step::Recipient => format!("The mail server refuses the recipient: {code}{said}. Check the address."),
            Step::Connect | Step::Tls | Step::Text => format!("The mail server refuses the message: {code}{said}."),
        });
    }
    if let Some(io) = io_error(e) {
        let connecting = e.to_string().starts_with("Connection error");
        match io.kind() {
            ErrorKind::ConnectionRefused => {
                return Failure::temporary(format!(
                    "Nothing takes mail at {place}: the connection was refused. Check server and port."
                ));
            }
            ErrorKind::NetworkUnreachable | ErrorKind::HostUnreachable | ErrorKind::NetworkDown => {
                return Failure::offline(format!("No network yet: there is no way to {place}."));
            }
            ErrorKind::TimedOut | ErrorKind::WouldBlock if connecting => {
                return Failure::offline(format!(
                    "No answer from {place}: the network has no way to it just now, or it is off."
                ));
            }
            ErrorKind::TimedOut | ErrorKind::WouldBlock => {
                let secs = waited.as_secs_f32();
                return Failure::temporary(format!(
                    "The mail server took the connection and then did not answer for {secs:.0} s."
                ));
            }
            ErrorKind::InvalidData if mail.security != MailSecurity::None => return tls(&io.to_string(), mail),
            ErrorKind::ConnectionReset
            | ErrorKind::ConnectionAborted
            | ErrorKind::BrokenPipe
            | ErrorKind::UnexpectedEof => {
                return Failure::temporary("The mail server broke the connection off.");
            }
            _ => {}
        }
    }
    if e.is_tls() {
        return tls(&e.to_string(), mail);
    }
    if e.is_response() {
        // A server that speaks TLS from the start says nothing that can be read without it.
        return Failure::temporary(format!(
            "What answers at {place} does not speak as a mail server does, or broke off. Check the port, and whether it wants TLS."
        ));
    }
    if step == Step::Password {
        return Failure::permanent(
            "The mail server offers no way to sign in that can be used. Choose TLS or STARTTLS, or leave the user name empty.",
        );
    }
    Failure::temporary(format!("The mail could not be sent ({}).", crate::log::redact(&e.to_string())))
}

fn tls(why: &str, mail: &MailSettings) -> Failure {
    let place = format!("{}, port {}", mail.server.trim(), mail.port);
    let certificate = why.contains("certificate");
    Failure::temporary(if certificate {
        format!(
            "The mail server's certificate cannot be trusted ({}). Check the server's name, and this machine's date.",
            crate::log::redact(why)
        )
    } else {
        format!("No protected connection could be made to {place}. Check the port: 465 for TLS, 587 for STARTTLS.")
    })
}

/// The operating system's error beneath.
fn io_error(e: &Smtp) -> Option<&io::Error> {
    let mut source = e.source();
    while let Some(error) = source {
        if let Some(io) = error.downcast_ref::<io::Error>() {
            return Some(io);
        }
        source = error.source();
    }
    None
}

/// The server's own words, without addresses, in one short line.
fn said(e: &Smtp) -> String {
    let Some(text) = e.source().map(ToString::to_string) else { return String::new() };
    let text = crate::log::redact(&text.split_whitespace().collect::<Vec<_>>().join(" "));
    let short: String = text.chars().filter(|c| !c.is_control()).take(200).collect();
    let short = short.trim_end_matches('.');
    if short.is_empty() { String::new() } else { format!(" “{short}”") }
}
