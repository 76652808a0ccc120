//! Charts as a picture (PNG), as a drawing (SVG) and as the values they show (CSV).

use super::{icon, notice, toast::Toasts};
use crate::{
    backend::{Saved, save_made},
    chart::{Size, csv},
    live::Act,
};
use js_sys::Promise;
use leptos::prelude::*;
use roadworthy_api::{Code, Error, Timestamp};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::JsFuture;
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement, HtmlImageElement};

/// Width of the drawing in pixels.
pub(crate) const WIDTH: f64 = 1000.0;
/// Pixels of the picture per pixel of the drawing.
const SHARP: f64 = 2.0;

/// What is saved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum As {
    /// A picture.
    Png,
    /// A drawing.
    Svg,
    /// The values.
    Csv,
}

/// The charts, made to be saved.
pub(crate) struct Made {
    /// Name of the file without its ending.
    pub(crate) name: String,
    /// The drawing as SVG.
    pub(crate) page: (String, Size),
    /// The values, where they are asked for.
    pub(crate) samples: Option<String>,
}

/// The buttons; `made` makes what is saved.
pub(crate) fn buttons(made: impl Fn(As) -> Made + Copy + 'static) -> AnyView {
    let act = Act::new();
    let button = move |(kind, label): (As, &'static str)| {
        let save = move |_| act.run(written(kind, made(kind)), |saved| Toasts::here().say(said(&saved)));
        view! {
            <button class="button plain" type="button" aria-label=format!("Save the charts as {label}") data-testid=format!("chart-{label}") disabled=move || act.busy.get() on:click=save>
                {icon::icon(icon::SAVE, 20)} {label}
            </button>
        }
    };
    view! { {[(As::Png, "PNG"), (As::Svg, "SVG"), (As::Csv, "CSV")].map(button)} {notice::shown(act.error)} }.into_any()
}

/// A moment in a file's name.
pub(crate) fn stamp(at: Timestamp) -> String {
    csv::iso(at).chars().take(19).collect::<String>().replace(':', "")
}

/// Where a file went.
pub(crate) fn said(saved: &Saved) -> String {
    match saved {
        Saved::Downloaded => "Saved to your downloads.".into(),
        Saved::At(path) => format!("Saved as {path}."),
    }
}

async fn written(kind: As, made: Made) -> Result<Saved, Error> {
    let (name, (svg, size)) = (made.name, made.page);
    match (kind, made.samples) {
        (As::Csv, Some(text)) => save_made(&format!("{name}.csv"), "text/csv", text.as_bytes()).await,
        (As::Png, _) => save_made(&format!("{name}.png"), "image/png", &picture(&svg, size).await?).await,
        _ => save_made(&format!("{name}.svg"), "image/svg+xml", svg.as_bytes()).await,
    }
}

fn failed<T>(_: T) -> Error {
    Error::new(Code::Other, "The picture could not be drawn.").hint("Save it as SVG instead; it holds the same.")
}

/// The drawing as PNG.
async fn picture(svg: &str, size: Size) -> Result<Vec<u8>, Error> {
    let image = HtmlImageElement::new().map_err(failed)?;
    image.set_src(&format!("data:image/svg+xml;charset=utf-8,{}", js_sys::encode_uri_component(svg)));
    JsFuture::from(image.decode()).await.map_err(failed)?;
    let canvas: HtmlCanvasElement = document().create_element("canvas").map_err(failed)?.dyn_into().map_err(failed)?;
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "pixels of a picture")]
    let (width, height) = ((size.width * SHARP) as u32, (size.height * SHARP) as u32);
    canvas.set_width(width);
    canvas.set_height(height);
    let paper = canvas.get_context("2d").map_err(failed)?.ok_or(()).map_err(failed)?;
    let paper: CanvasRenderingContext2d = paper.dyn_into().map_err(failed)?;
    paper
        .draw_image_with_html_image_element_and_dw_and_dh(&image, 0.0, 0.0, f64::from(width), f64::from(height))
        .map_err(failed)?;
    let made = Promise::new(&mut |resolve, _| {
        let done = Closure::once_into_js(move |blob: JsValue| {
            // A promise's own resolve cannot fail.
            let _ = resolve.call1(&JsValue::NULL, &blob);
        });
        let _ = canvas.to_blob(done.unchecked_ref());
    });
    let blob: web_sys::Blob = JsFuture::from(made).await.map_err(failed)?.dyn_into().map_err(failed)?;
    let bytes = JsFuture::from(blob.array_buffer()).await.map_err(failed)?;
    Ok(js_sys::Uint8Array::new(&bytes).to_vec())
}
