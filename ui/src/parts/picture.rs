//! A stored image, fetched through the engine's door and shown once it is here.

use crate::backend;
use leptos::{prelude::*, task::spawn_local};
use roadworthy_api::Error;

/// The image of a stored file.
#[component]
pub(crate) fn Picture(
    /// Its BLAKE3.
    #[prop(into)]
    file: String,
    /// What it shows, for those who do not see it.
    #[prop(into)]
    alt: String,
    /// Width and height in pixels, so that the layout keeps still.
    size: (u32, u32),
) -> impl IntoView {
    let address = RwSignal::new(None::<Result<String, Error>>);
    spawn_local(async move {
        let got = backend::image(&file).await;
        if let Some(Ok(unused)) = address.try_set(Some(got)).flatten() {
            // The page was left meanwhile.
            backend::forget_image(&unused);
        }
    });
    on_cleanup(move || {
        if let Some(Some(Ok(address))) = address.try_get_untracked() {
            backend::forget_image(&address);
        }
    });
    move || {
        match address.get() {
        None => view! { <span class="skeleton picture" style:aspect-ratio=format!("{} / {}", size.0.max(1), size.1.max(1))></span> }
            .into_any(),
        Some(Ok(src)) => {
            view! { <img class="picture" src=src alt=alt.clone() width=size.0 height=size.1 decoding="async" /> }.into_any()
        }
        Some(Err(error)) => view! { <span class="muted small">{error.message}</span> }.into_any(),
    }
    }
}
