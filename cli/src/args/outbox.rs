//! What can be typed about messages and who is told of alerts.

use clap::{Args, Subcommand, ValueEnum};
use roadworthy_api::{finding::Severity, system::MailSecurity};

pub(super) const NOTIFY: &str = "\
Examples:
  roadworthy notify
  roadworthy notify --from act-now --desktop off
  roadworthy notify --mail-server mail.example.org --mail-user workshop --mail-from workshop@example.org \\
      --mail-to technician@example.org --mail-password < password.txt
  roadworthy outbox try mail";

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Outbox {
    /// Only dead letters: messages that were given up.
    #[arg(long, group = "which")]
    pub(crate) dead: bool,
    /// Only those that wait.
    #[arg(long, group = "which")]
    pub(crate) waiting: bool,
    /// Only those that were sent.
    #[arg(long, group = "which")]
    pub(crate) sent: bool,
    #[command(subcommand)]
    pub(crate) command: Option<OutboxCommand>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum OutboxCommand {
    /// Show a message with every attempt to send it.
    Show {
        /// Id, as `outbox` prints it.
        message: String,
    },
    /// Try a message again now, a dead letter too.
    Retry {
        /// Id, as `outbox` prints it.
        #[arg(required_unless_present = "all")]
        message: Option<String>,
        /// Every dead letter.
        #[arg(long, conflicts_with = "message")]
        all: bool,
    },
    /// Drop a message that was not sent.
    Drop {
        /// Id, as `outbox` prints it.
        message: String,
    },
    /// Send a test message now, and say how that went.
    Try {
        /// desktop or mail.
        channel: String,
    },
}

/// Without an option it says how things are.
#[derive(Debug, Args)]
pub(crate) struct Notify {
    /// Least severity that is told.
    #[arg(long, value_enum)]
    pub(crate) from: Option<From>,
    /// Desktop notifications.
    #[arg(long, value_enum)]
    pub(crate) desktop: Option<Switch>,
    /// No mail any more.
    #[arg(long, conflicts_with_all = ["mail_server", "mail_port", "mail_security", "mail_user", "mail_from", "mail_to", "mail_password"])]
    pub(crate) no_mail: bool,
    /// Mail server, as in mail.example.org.
    #[arg(long, value_name = "HOST")]
    pub(crate) mail_server: Option<String>,
    /// Its port; without it the usual one of the protection.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) mail_port: Option<u16>,
    /// How the connection is protected.
    #[arg(long, value_enum)]
    pub(crate) mail_security: Option<Security>,
    /// User name; an empty one: none is needed.
    #[arg(long, value_name = "NAME")]
    pub(crate) mail_user: Option<String>,
    /// Sender's address.
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) mail_from: Option<String>,
    /// Address that is written to; may be given several times.
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) mail_to: Vec<String>,
    /// Read the password from standard input; an empty line takes it away.
    #[arg(long)]
    pub(crate) mail_password: bool,
}

/// The contract's severities, as typed.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum From {
    /// Everything.
    Note,
    /// What to keep an eye on.
    Watch,
    /// What needs work soon.
    ActSoon,
    /// What needs work now.
    ActNow,
}

impl std::convert::From<From> for Severity {
    fn from(from: From) -> Self {
        match from {
            From::Note => Self::Note,
            From::Watch => Self::Watch,
            From::ActSoon => Self::ActSoon,
            From::ActNow => Self::ActNow,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Switch {
    On,
    Off,
}

/// The contract's kinds of protection, as typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Security {
    /// TLS from the first byte (port 465).
    Tls,
    /// STARTTLS (port 587).
    Starttls,
    /// None (port 25): for a server on this machine only.
    None,
}

impl std::convert::From<Security> for MailSecurity {
    fn from(security: Security) -> Self {
        match security {
            Security::Tls => Self::Tls,
            Security::Starttls => Self::StartTls,
            Security::None => Self::None,
        }
    }
}
