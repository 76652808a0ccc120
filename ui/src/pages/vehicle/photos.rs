//! Photos: a grid of small ones; one opens large with its caption.

use super::upload::upload;
use crate::{
    backend::{self, call},
    live::Act,
    parts::{
        dialog::Dialog,
        field::Field,
        icon, notice,
        paged::{Paged, Stage, paged},
        picture::Picture,
        seen, toast,
        toast::Toasts,
        value,
    },
    words,
};
use leptos::{ev, html, prelude::*};
use roadworthy_api::{
    calls::{EditPhoto, ListPhotos, RemovePhoto},
    id::VehicleId,
    note::PhotoRow,
    system::BlobInfo,
};

/// Pixels of a small one with the gap below it, and the least width of one with its gap; the style sheet says the same.
const HEIGHT: f64 = 224.0 + 16.0;
const WIDTH: f64 = 176.0 + 16.0;

fn columns(width: f64) -> usize {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a handful of columns")]
    let columns = ((width + 16.0) / WIDTH) as usize;
    columns.max(1)
}

/// The tab.
pub(super) fn photos(vehicle: VehicleId) -> AnyView {
    let list = paged(move |offset, limit| ListPhotos { vehicle, offset, limit });
    let (at, open) = (RwSignal::new(0usize), RwSignal::new(false));
    view! {
        <div class="stack wide">
            {upload(vehicle)}
            {list.problem()}
            {grid(list, at, open)}
            <Dialog open=open label="Photo" class="wide">
                {move || {
                    let photo = list.row(at.get());
                    move || photo.get().map(|p| large(p, list, at, open))
                }}
            </Dialog>
        </div>
    }
    .into_any()
}

fn grid(list: Paged<PhotoRow>, at: RwSignal<usize>, open: RwSignal<bool>) -> AnyView {
    let node = NodeRef::<html::Div>::new();
    let drawn = list.drawn(node, HEIGHT, columns);
    let one = move |index: usize| {
        let photo = list.row(index);
        let show = move |_| {
            at.set(index);
            open.set(true);
        };
        let content = move || match photo.get() {
            Some(photo) => small(&photo),
            None => view! { <span class="skeleton"></span> <span class="unseen">"Reading…"</span> }.into_any(),
        };
        view! {
            <li aria-posinset=index + 1 aria-setsize=move || list.count()>
                <button class="photo" type="button" data-testid="photo" on:click=show>{content}</button>
            </li>
        }
    };
    let stage = list.stage();
    let body = move || {
        if stage.get() == Stage::Opening {
            return seen::skeleton(4);
        }
        if stage.get() == Stage::Empty {
            return notice::plain("No photos yet.");
        }
        view! {
            <div node_ref=node>
                <span class="pad" style:height=move || format!("{}px", drawn.get().above)></span>
                <ul class="photos" role="list" aria-label="Photos"><For each=move || drawn.get().rows key=|at| *at children=one /></ul>
                <span class="pad" style:height=move || format!("{}px", drawn.get().below)></span>
            </div>
        }
        .into_any()
    };
    body.into_any()
}

fn title(photo: &PhotoRow) -> String {
    if photo.caption.trim().is_empty() {
        format!("Photo of {}", crate::locale::time(photo.at))
    } else {
        photo.caption.clone()
    }
}

fn small(photo: &PhotoRow) -> AnyView {
    // The caption stands below and names the button; said twice it would only take time.
    view! {
        <Picture file=photo.thumbnail.clone() alt="" size=(photo.width, photo.height) />
        <span class="one-line">{title(photo)}</span>
    }
    .into_any()
}

fn large(photo: PhotoRow, list: Paged<PhotoRow>, at: RwSignal<usize>, open: RwSignal<bool>) -> AnyView {
    let (caption, act, toasts) = (RwSignal::new(photo.caption.clone()), Act::new(), Toasts::here());
    let (id, before) = (photo.id, photo.caption.clone());
    let save = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let back = EditPhoto { photo: id, caption: before.clone() };
        let caption = caption.get_untracked().trim().to_owned();
        act.run(call(EditPhoto { photo: id, caption }), move |()| {
            toasts.done_but("Caption kept.", back, "The caption is as before.");
        });
    };
    let remove = move |_| {
        act.run(call(RemovePhoto { photo: id, removed: true }), move |()| {
            let _ = open.try_set(false);
            toasts.done_but("Photo removed.", RemovePhoto { photo: id, removed: false }, "The photo is back.");
        });
    };
    let ending = photo.media.split('/').nth(1).unwrap_or("jpeg").to_owned();
    let blob = BlobInfo {
        hash: photo.file.clone(),
        name: format!("photo.{ending}"),
        media: photo.media.clone(),
        bytes: photo.bytes,
    };
    let download = move |_| {
        let blob = blob.clone();
        act.run(async move { Ok((backend::save(&blob).await?, blob.name)) }, |(saved, name)| {
            toast::saved(saved, &name)
        });
    };
    let about = format!("{} × {} pixels, {}", photo.width, photo.height, crate::locale::bytes(photo.bytes));
    let by = words::actor(&photo.by);
    view! {
        <form class="stack" novalidate on:submit=save>
            <h2 class="one-line">{title(&photo)}</h2>
            <div class="viewer"><Picture file=photo.file.clone() alt=title(&photo) size=(photo.width, photo.height) /></div>
            <small>{value::when(photo.at)} " · " {by} " · " {about}</small>
            <Field label="Caption" id="photo-caption" value=caption />
            {notice::shown(act.error)}
            <div class="buttons">
                <button class="button main" type="submit" data-testid="save-caption" disabled=move || act.busy.get()>"Keep the caption"</button>
                <button class="button" type="button" disabled=move || at.get() == 0 on:click=move |_| at.update(|a| *a = a.saturating_sub(1))>"Newer"</button>
                <button class="button" type="button" disabled=move || { at.get() + 1 >= list.count() } on:click=move |_| at.update(|a| *a += 1)>"Older"</button>
                <button class="button" type="button" on:click=download>{icon::icon(icon::SAVE, 20)} "Save the file"</button>
                <button class="button danger" type="button" data-testid="remove-photo" disabled=move || act.busy.get() on:click=remove>"Remove"</button>
                <button class="button" type="button" autofocus on:click=move |_| open.set(false)>"Close"</button>
            </div>
        </form>
    }
    .into_any()
}
