//! Adding photos: by button, by dropping them, by the camera of a phone. Each shows how far it is, and why if it failed.

use crate::{
    backend::{self, call},
    live::Live,
    parts::{icon, notice, toast::Toasts},
    words,
};
use leptos::{ev, html, prelude::*, task::spawn_local};
use roadworthy_api::{
    Error,
    calls::{AddPhoto, RemovePhoto},
    id::VehicleId,
};
use web_sys::{File, FileList};

#[derive(Clone, Copy)]
struct Upload {
    id: u32,
    name: StoredValue<String>,
    /// The part that is done, 0 to 1.
    done: RwSignal<f64>,
    error: RwSignal<Option<Error>>,
}

/// The place to add them.
pub(super) fn upload(vehicle: VehicleId) -> AnyView {
    let list = RwSignal::new(Vec::<Upload>::new());
    let over = RwSignal::new(false);
    let next = StoredValue::new(0u32);
    let add = move |files: Option<FileList>| {
        let Some(files) = files else { return };
        let files: Vec<File> = (0..files.length()).filter_map(|i| files.get(i)).collect();
        let queue: Vec<(Upload, File)> = files
            .into_iter()
            .map(|file| {
                next.update_value(|n| *n += 1);
                let upload = Upload {
                    id: next.get_value(),
                    name: StoredValue::new(file.name()),
                    done: RwSignal::new(0.0),
                    error: RwSignal::new(None),
                };
                (upload, file)
            })
            .collect();
        list.update(|l| l.extend(queue.iter().map(|(upload, _)| *upload)));
        // One after another: a phone's uplink gains nothing from several at once, and progress stays honest.
        spawn_local(async move {
            for (upload, file) in queue {
                send(vehicle, upload, file, list).await;
            }
        });
    };
    let dropped = move |event: ev::DragEvent| {
        event.prevent_default();
        over.set(false);
        add(event.data_transfer().and_then(|d| d.files()));
    };
    let dragged = move |event: ev::DragEvent| {
        event.prevent_default();
        over.set(true);
    };
    let button = move |label: &'static str,
                       id: &'static str,
                       image,
                       class: &'static str,
                       camera: Option<&'static str>| {
        let input = NodeRef::<html::Input>::new();
        let chosen = move |_| {
            if let Some(input) = input.get_untracked() {
                add(input.files());
                // Or choosing the same file again would be no change.
                input.set_value("");
            }
        };
        let ask = move |_| {
            if let Some(input) = input.get_untracked() {
                input.click();
            }
        };
        view! {
            <span class=class>
                <button class="button" type="button" on:click=ask>{icon::icon(image, 20)} {label}</button>
                <input node_ref=input type="file" accept="image/jpeg,image/png,image/webp" multiple=camera.is_none() capture=camera hidden
                    data-testid=id aria-label=label on:change=chosen />
            </span>
        }
    };
    view! {
        <section class="panel stack drop" class:over=move || over.get() on:dragover=dragged on:dragleave=move |_| over.set(false) on:drop=dropped>
            <div class="buttons">
                {button("Add photos", "photo-files", icon::PLUS, "", None)}
                {button("Take a photo", "photo-camera", icon::CAMERA, "touch-only", Some("environment"))}
                <span class="muted small">"Or drop them here. JPEG, PNG or WebP, at most 64 MiB each."</span>
            </div>
            <ul class="stack" aria-live="polite"><For each=move || list.get() key=|u| u.id children=move |u| line(u, list) /></ul>
        </section>
    }
    .into_any()
}

async fn send(vehicle: VehicleId, upload: Upload, file: File, list: RwSignal<Vec<Upload>>) {
    let stored = backend::store(&file, move |part| {
        let _ = upload.done.try_set(part);
    })
    .await;
    let added = match stored {
        Ok(blob) => call(AddPhoto { vehicle, visit: None, file: blob.hash, caption: String::new() }).await,
        Err(error) => Err(error),
    };
    match added {
        Ok(photo) => {
            let _ = list.try_update(|l| l.retain(|u| u.id != upload.id));
            let name = upload.name.try_get_value().unwrap_or_default();
            Toasts::here().done_but(
                format!("{name} added."),
                RemovePhoto { photo, removed: true },
                "The photo is taken back.",
            );
        }
        Err(error) => {
            Live::here().note(&error);
            let _ = upload.error.try_set(Some(error));
        }
    }
}

fn line(upload: Upload, list: RwSignal<Vec<Upload>>) -> AnyView {
    let name = upload.name.get_value();
    let drop = move |_| list.update(|l| l.retain(|u| u.id != upload.id));
    let label = format!("{name}: how much is sent");
    view! {
        <li class="stack">
            {move || match upload.error.get() {
                Some(error) => {
                    let gone = view! { <button class="button" type="button" on:click=drop>"Dismiss"</button> };
                    view! { <b>{name.clone()}</b> {notice::error_with(&error, gone)} }.into_any()
                }
                None => {
                    view! {
                        <span class="row apart">
                            <span class="one-line">{name.clone()}</span>
                            <span class="num muted">{move || words::part_done(upload.done.get())}</span>
                        </span>
                        <progress aria-label=label.clone() max="1" prop:value=move || upload.done.get()></progress>
                    }
                    .into_any()
                }
            }}
        </li>
    }
    .into_any()
}
