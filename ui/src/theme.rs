//! Light, dark, or as the system says: shown at once, remembered for the next start, kept by the engine.

use crate::storage;
use roadworthy_api::system::Theme;

/// Read by `boot.js` before the first paint.
const KEY: &str = "roadworthy.theme";

/// Shows a theme.
pub(crate) fn show(theme: Theme) {
    storage::set(KEY, word(theme));
    let Some(root) = web_sys::window().and_then(|w| w.document()).and_then(|d| d.document_element()) else { return };
    // A plain attribute of the root element is never refused.
    let _ = match theme {
        Theme::System => root.remove_attribute("data-theme"),
        Theme::Light | Theme::Dark => root.set_attribute("data-theme", word(theme)),
    };
}

/// A theme as its key.
pub(crate) fn word(theme: Theme) -> &'static str {
    match theme {
        Theme::System => "system",
        Theme::Light => "light",
        Theme::Dark => "dark",
    }
}
