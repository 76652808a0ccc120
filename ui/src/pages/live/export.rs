//! The charts as a picture (PNG), as a drawing (SVG) and as the samples they show (CSV).

use super::{desk::Desk, recordings::said};
use crate::{
    backend::{Saved, save_made},
    chart::{
        Size, csv,
        sheet::{self, Sheet},
        track,
    },
    live::{Act, Live},
    locale,
    parts::{icon, notice, toast::Toasts},
};
use js_sys::Promise;
use leptos::prelude::*;
use roadworthy_api::{
    Code, Error,
    live::{Mark, SignalInfo},
};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::JsFuture;
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement, HtmlImageElement};

const WIDTH: f64 = 1000.0;
/// Pixels of the picture per pixel of the drawing.
const SHARP: f64 = 2.0;

#[derive(Clone, Copy)]
enum As {
    Png,
    Svg,
    Csv,
}

/// The buttons.
pub(super) fn buttons(desk: Desk, marks: Memo<Vec<Mark>>) -> AnyView {
    let act = Act::new();
    let button = move |(kind, label): (As, &'static str)| {
        let save = move |_| {
            let made = signals(desk);
            let view = desk.view.get_untracked();
            let name = format!("live-{}", csv::iso(view.from).chars().take(19).collect::<String>().replace(':', ""));
            let page = drawing(desk, &made, &marks.get_untracked());
            let samples = matches!(kind, As::Csv).then(|| csv::csv(&made, view));
            act.run(written(kind, name, page, samples), |saved| Toasts::here().say(said(&saved)));
        };
        view! {
            <button class="button plain" type="button" aria-label=format!("Save the charts as {label}") data-testid=format!("chart-{label}") disabled=move || act.busy.get() on:click=save>
                {icon::icon(icon::SAVE, 20)} {label}
            </button>
        }
    };
    view! { {[(As::Png, "PNG"), (As::Svg, "SVG"), (As::Csv, "CSV")].map(button)} {notice::shown(act.error)} }.into_any()
}

fn signals(desk: Desk) -> Vec<(SignalInfo, track::Track)> {
    desk.chosen
        .get_untracked()
        .into_iter()
        .map(|i| (desk.track(&i.id, Clone::clone).unwrap_or_default(), i))
        .map(|(t, i)| (i, t))
        .collect()
}

fn drawing(desk: Desk, signals: &[(SignalInfo, track::Track)], marks: &[Mark]) -> (String, Size) {
    let view = desk.view.get_untracked();
    let session = Live::here().session(desk.id);
    let port = session.as_ref().map(|s| s.port.clone()).unwrap_or_default();
    let title = format!("Live values, {}", locale::time(view.to));
    let simulated = if port.starts_with("sim:") { "Simulated: no real vehicle · " } else { "" };
    let vin = session.and_then(|s| s.vin).map(|v| format!(" · VIN {v}")).unwrap_or_default();
    let under =
        format!("{simulated}{port}{vin} · {} to {}", locale::clock(view.from, false), locale::clock(view.to, false));
    let page = Sheet { title: &title, under: &under, signals, view, marks };
    sheet::sheet(&page, WIDTH, |at| locale::clock(at, view.span() < 5_000), locale::fixed)
}

async fn written(kind: As, name: String, (svg, size): (String, Size), samples: Option<String>) -> Result<Saved, Error> {
    match (kind, samples) {
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
