//! A way out of the house.

use super::{Letter, desktop::Desktop, mail::Mail};
use crate::store::Store;
use roadworthy_api::{Error, system::Settings};
use std::{sync::Arc, time::Duration};

/// Sends letters. May block up to [`Channel::limit`]; one that takes longer is left to itself, and its letter tried again.
pub(crate) trait Channel: Send + Sync + 'static {
    /// Its name, for ever: messages are kept under it.
    fn name(&self) -> &'static str;

    /// How long one attempt may take.
    fn limit(&self) -> Duration;

    /// Whether the settings have it on.
    fn on(&self, settings: &Settings) -> bool;

    /// What is missing before it can work, as far as that is known without trying.
    fn missing(&self, _settings: &Settings) -> Option<Error> {
        None
    }

    /// Sends a letter once. What comes back is empty, or a remark about what was taken all the same, as when one of several
    /// recipients was refused.
    fn send(&self, letter: &Letter) -> Result<String, Failure>;
}

/// Why an attempt failed, without personal data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    /// What follows from it.
    pub(crate) kind: FailureKind,
    /// In a sentence, with what can be done where something can.
    pub(crate) cause: String,
}

/// What follows from a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FailureKind {
    /// No network yet: normal, does not count, and is tried again for days.
    Offline,
    /// May go by itself: tried again for a day.
    Temporary,
    /// Stays until a person changes something: given up at once.
    Permanent,
}

impl Failure {
    pub(crate) fn offline(cause: impl Into<String>) -> Self {
        Self { kind: FailureKind::Offline, cause: cause.into() }
    }

    pub(crate) fn temporary(cause: impl Into<String>) -> Self {
        Self { kind: FailureKind::Temporary, cause: cause.into() }
    }

    pub(crate) fn permanent(cause: impl Into<String>) -> Self {
        Self { kind: FailureKind::Permanent, cause: cause.into() }
    }
}

/// Every channel there is.
pub(crate) fn channels(store: &Arc<Store>) -> Vec<Arc<dyn Channel>> {
    vec![Arc::new(Desktop), Arc::new(Mail::new(store.clone()))]
}
