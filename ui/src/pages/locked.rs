//! The door did not let this page in.

use crate::parts::{icon, notice};
use leptos::prelude::*;
use roadworthy_api::Error;

/// Says how to get in.
pub(crate) fn page(refused: Option<Error>) -> AnyView {
    view! {
        <main class="empty locked" data-testid="locked">
            {icon::icon(icon::KEY, 48)}
            <h1>"Open the address that Roadworthy printed"</h1>
            <p>
                "This page talks to a program on this computer, and only with the token that the program printed when it started. "
                "The address looks like " <code>"http://127.0.0.1:PORT/#token=…"</code> ". Copy the whole of it, with what follows the #."
            </p>
            <p>"No such address at hand? Start the program again: " <code>"roadworthy serve"</code></p>
            {refused.map(|e| notice::error(&e))}
        </main>
    }
    .into_any()
}
