//! Trying a channel out: one letter, sent at once and past the outbox, so that whoever asks sees how it went.

use super::{Channel, FailureKind, Letter, channels, deliver::bounded};
use crate::store::{Store, setting};
use jiff::tz::TimeZone;
use roadworthy_api::{Code, Error, Result, Timestamp, system::Settings};
use std::{sync::Arc, time::Duration};

/// Sends a test message through a channel of that name.
pub(crate) fn try_out(store: &Arc<Store>, channel: &str, now: Timestamp) -> Result<()> {
    let channels = channels(store);
    let found = channels.iter().find(|c| c.name() == channel).ok_or_else(|| {
        let names: Vec<&str> = channels.iter().map(|c| c.name()).collect();
        Error::new(Code::NotFound, format!("There is no channel {channel:?}."))
            .hint(format!("There are {}.", names.join(" and ")))
    })?;
    let settings: Settings = store.read(|conn| setting::get(conn, setting::SETTINGS))?.unwrap_or_default();
    if !found.on(&settings) {
        return Err(Error::new(Code::Conflict, format!("The channel {channel} is switched off."))
            .hint("Switch it on under Settings, Notifications, then try again."));
    }
    if let Some(missing) = found.missing(&settings) {
        return Err(missing);
    }
    let key = format!("try/{}", crate::keys::mint(now)?);
    let letter = Letter::trial(key, store.device(), now, &TimeZone::system());
    send(found, letter)
}

fn send(channel: &Arc<dyn Channel>, letter: Letter) -> Result<()> {
    match bounded(channel, letter, &|| false, Duration::ZERO).0 {
        Ok(remark) if remark.is_empty() => Ok(()),
        Ok(remark) => Err(Error::new(Code::Invalid, remark).hint("Check the addresses.")),
        Err(failure) => Err(match failure.kind {
            FailureKind::Permanent => {
                Error::new(Code::Invalid, failure.cause).hint("Change the settings, then try again.")
            }
            FailureKind::Offline => Error::new(Code::Timeout, failure.cause)
                .hint("Messages wait until there is a network; nothing is lost."),
            FailureKind::Temporary => {
                Error::new(Code::Timeout, failure.cause).hint("Messages are tried again by themselves.")
            }
        }),
    }
}
