//! What the browser keeps for this page. Storage may be refused (private windows); everything works without it.

fn local() -> Option<web_sys::Storage> {
    web_sys::window()?.local_storage().ok()?
}

fn tab() -> Option<web_sys::Storage> {
    web_sys::window()?.session_storage().ok()?
}

/// A choice of this person on this device, as in how the fleet is sorted.
pub(crate) fn get(key: &str) -> Option<String> {
    local()?.get_item(key).ok()?
}

/// Remembers a choice.
pub(crate) fn set(key: &str, value: &str) {
    if let Some(storage) = local() {
        let _ = storage.set_item(key, value);
    }
}

/// What lasts as long as this tab.
pub(crate) fn get_for_tab(key: &str) -> Option<String> {
    tab()?.get_item(key).ok()?
}

/// Keeps something as long as this tab.
pub(crate) fn set_for_tab(key: &str, value: &str) {
    if let Some(storage) = tab() {
        let _ = storage.set_item(key, value);
    }
}
