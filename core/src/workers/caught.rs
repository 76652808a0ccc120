//! Panics as causes: what it said and where it was.

use std::{
    cell::RefCell,
    panic::{self, AssertUnwindSafe},
    sync::Once,
};

thread_local! {
    /// `Some` while this thread catches; within, what the hook was told.
    static CATCHING: RefCell<Option<Option<String>>> = const { RefCell::new(None) };
}

/// Runs `work`; a panic in it comes back as its words and place, and nothing is printed.
///
/// What `work` changed by then must be dropped by the caller.
pub(super) fn caught<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            let here = CATCHING.with_borrow_mut(|catching| {
                let Some(told) = catching else { return false };
                let place = info.location().map(|at| format!(" at {at}")).unwrap_or_default();
                *told = Some(format!("{}{place}", words(info.payload())));
                true
            });
            if !here {
                before(info);
            }
        }));
    });
    CATCHING.set(Some(None));
    let outcome = panic::catch_unwind(AssertUnwindSafe(work));
    let told = CATCHING.take().flatten();
    outcome.map_err(|payload| told.unwrap_or_else(|| words(&*payload)))
}

fn words(payload: &(dyn std::any::Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().map(|s| (*s).to_owned());
    text.or_else(|| payload.downcast_ref::<String>().cloned()).unwrap_or_else(|| "no words".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_told_with_its_place() {
        assert_eq!(caught(|| 5), Ok(5));
        let why = caught(|| panic!("wheel {} is off", 3)).map(|()| 0).unwrap_err();
        assert!(why.starts_with("wheel 3 is off at ") && why.contains("caught.rs:"), "{why}");
        let why = caught(|| std::panic::panic_any(7)).map(|()| 0).unwrap_err();
        assert!(why.starts_with("no words at "), "{why}");
    }
}
