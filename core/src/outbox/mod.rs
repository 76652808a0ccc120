//! The outbox: messages for the world outside (desktop, mail), sent at least once and known by a key that says which is which.
//!
//! The usual case: a worker gives a [`NewMessage`] back with what it has to say, and the runtime puts it in with the same
//! commit. The elected process takes it from there, each [`Channel`] a duty with a thread of its own ([`deliver`]). A new way out
//! is a new `Channel` in [`channels`].
//!
//! What a message says is written out only when it is sent ([`Letter`]): what is stored holds no personal data, and what a
//! customer's forgetting erased by then is not sent. Its key goes out with it (in a mail as Message-ID), so that the other side
//! can tell a repeat from a new message.

mod channel;
mod deliver;
mod desktop;
mod letter;
mod mail;
mod policy;
mod trial;

#[cfg(test)]
mod tests;

pub(crate) use channel::{Channel, channels};
pub(crate) use deliver::{duties, switched_off};
pub(crate) use mail::{NAME as MAIL, keep_password, password};
pub(crate) use trial::try_out;

use channel::{Failure, FailureKind};
use letter::Letter;
use policy::Policy;

use roadworthy_api::{
    finding::Severity,
    id::{AlertId, DecisionId, VehicleId},
};
use serde::{Deserialize, Serialize};

/// A message before it is put in.
#[derive(Clone, Debug)]
pub(crate) struct NewMessage {
    /// Keeps it from being put in twice, as in `alert/ID/created/mail`.
    pub(crate) key: String,
    /// Channel, as in `desktop`, `mail`.
    pub(crate) channel: &'static str,
    /// What it says, in a few words without personal data.
    pub(crate) subject: String,
    /// What it is made of when it is sent.
    pub(crate) about: About,
}

/// What a message is made of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct About {
    /// The alert, if it is about one.
    #[serde(default)]
    pub(crate) alert: Option<AlertId>,
    /// The decision that waits, if it asks for one.
    #[serde(default)]
    pub(crate) decision: Option<DecisionId>,
    /// The vehicle, if it is about one.
    #[serde(default)]
    pub(crate) vehicle: Option<VehicleId>,
    /// How much it presses.
    pub(crate) severity: Severity,
    /// In plain words, without personal data.
    pub(crate) text: String,
}
