//! Channel `desktop`: the notifications of the desktop that this user is signed in to.

use super::{Channel, Failure, Letter};
use notify_rust::Notification;
use roadworthy_api::system::Settings;
use std::time::Duration;

pub(crate) const NAME: &str = "desktop";
const LIMIT: Duration = Duration::from_secs(10);

pub(super) struct Desktop;

impl Channel for Desktop {
    fn name(&self) -> &'static str {
        NAME
    }

    fn limit(&self) -> Duration {
        LIMIT
    }

    fn on(&self, settings: &Settings) -> bool {
        settings.notify.desktop
    }

    fn send(&self, letter: &Letter) -> Result<String, Failure> {
        let mut notification = Notification::new();
        notification.appname("Roadworthy").summary(&letter.subject).body(&escape(&letter.short));
        #[cfg(all(unix, not(target_os = "macos")))]
        {
            use notify_rust::{Hint, Urgency};
            use roadworthy_api::finding::Severity;
            let urgency = match letter.severity {
                Severity::ActNow => Urgency::Critical,
                Severity::ActSoon => Urgency::Normal,
                Severity::Note | Severity::Watch => Urgency::Low,
            };
            notification.icon("roadworthy").urgency(urgency).hint(Hint::DesktopEntry("roadworthy".into()));
        }
        match notification.show() {
            Ok(_) => Ok(String::new()),
            // What the bus says may name a path; the log redacts it, the outbox does without.
            Err(error) => {
                tracing::debug!(%error, "no desktop notification");
                Err(Failure::temporary(
                    "No desktop answers that could show a notification. On a machine without one, switch desktop \
                     notifications off under Settings, Notifications.",
                ))
            }
        }
    }
}

/// Bodies are markup where a desktop knows it (Desktop Notifications Specification 1.2).
fn escape(text: &str) -> String {
    if cfg!(all(unix, not(target_os = "macos"))) {
        return text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    }
    text.to_owned()
}

#[cfg(test)]
mod tests {
    #[cfg(all(unix, not(target_os = "macos")))]
    #[test]
    fn what_a_vehicle_is_called_is_no_markup() {
        assert_eq!(super::escape("<b>A&B</b>"), "&lt;b&gt;A&amp;B&lt;/b&gt;");
    }
}
