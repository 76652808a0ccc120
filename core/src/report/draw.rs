//! From a laid-out page to PDF/A-3b, checked by krilla's own validation. The same page gives the same bytes.

use super::{
    font::{Fonts, Weight},
    page::{Colour, HEIGHT, LINE, Mark, PALE, Page, WIDTH, colour},
};
use krilla::{
    Document, SerializeSettings,
    color::rgb,
    configure::{Archival, ConfigurationBuilder},
    geom::{Path, PathBuilder, Point, Rect},
    metadata::{DateTime, Metadata},
    num::NormalizedF32,
    page::PageSettings,
    paint::{Fill, LineCap, LineJoin, Stroke, StrokeDash},
    surface::Surface,
    text::{Font, GlyphId, KrillaGlyph},
};
use roadworthy_api::{Code, Error, Result, vehicle::State};

/// What the document says of itself.
pub(crate) struct About {
    pub(crate) title: String,
    pub(crate) author: String,
    /// Names the document; two renderings of one visit share it.
    pub(crate) id: String,
    /// Creation date, milliseconds since 1970.
    pub(crate) created: roadworthy_api::Timestamp,
}

/// Draws one page.
pub(crate) fn draw(fonts: &Fonts, page: &Page, about: About) -> Result<Vec<u8>> {
    let configuration = ConfigurationBuilder::new()
        .with_archival_validator(Archival::A3_B)
        .finish()
        .map_err(|e| defect(format!("{e:?}")))?;
    let mut document = Document::new_with(SerializeSettings { configuration, ..SerializeSettings::default() });
    let face = |weight| Font::new(Fonts::data(weight).into(), 0).ok_or_else(|| defect("typeface".into()));
    let faces = [face(Weight::Regular)?, face(Weight::Bold)?];
    let settings = PageSettings::from_wh(WIDTH, HEIGHT).ok_or_else(|| defect("page size".into()))?;
    let mut sheet = document.start_page_with(settings);
    let mut surface = sheet.surface();
    for mark in &page.marks {
        match mark {
            Mark::Text { x, y, size, weight, colour, text } => {
                let font = faces[usize::from(*weight == Weight::Bold)].clone();
                surface.set_stroke(None);
                surface.set_fill(Some(fill(*colour)));
                let glyphs = glyphs(fonts, *weight, text);
                surface.draw_glyphs(Point::from_xy(*x, *y), &glyphs, font, text, *size, false);
            }
            Mark::Rule { x, y, width } => {
                let mut path = PathBuilder::new();
                path.move_to(*x, *y);
                path.line_to(x + width, *y);
                lines(&mut surface, path, LINE, 0.7, None);
            }
            Mark::Band { x, y, width, height, state } => {
                area(&mut surface, rectangle(*x, *y, *width, *height), PALE);
                area(&mut surface, rectangle(*x, *y, 5.0, *height), colour(*state));
            }
            Mark::Shape { x, y, radius, state } => shape(&mut surface, *x, *y, *radius, *state),
        }
    }
    surface.finish();
    sheet.finish();
    let metadata = Metadata::new()
        .title(about.title)
        .authors(if about.author.is_empty() { vec![] } else { vec![about.author] })
        .creator("Roadworthy".into())
        .producer("Roadworthy".into())
        .language("en".into())
        .document_id(about.id)
        .creation_date(date(about.created)?);
    document.set_metadata(metadata);
    document.finish().map_err(|e| defect(format!("{e:?}")))
}

fn defect(detail: String) -> Error {
    Error::new(Code::Internal, format!("The report could not be written as PDF/A ({detail})."))
        .hint("The print view of the check shows the same; send the log.")
}

fn date(at: roadworthy_api::Timestamp) -> Result<DateTime> {
    let time = jiff::Timestamp::from_millisecond(at)
        .map_err(|_| {
            Error::new(Code::Invalid, "The visit's end is not a date.").hint("Check the clock of this computer.")
        })?
        .to_zoned(jiff::tz::TimeZone::UTC);
    let part = |n: i8| u8::try_from(n).unwrap_or(0);
    Ok(DateTime::new(u16::try_from(time.year()).unwrap_or(0))
        .month(part(time.month()))
        .day(part(time.day()))
        .hour(part(time.hour()))
        .minute(part(time.minute()))
        .second(part(time.second()))
        .utc_offset_hour(0))
}

fn glyphs(fonts: &Fonts, weight: Weight, text: &str) -> Vec<KrillaGlyph> {
    text.char_indices()
        .zip(fonts.glyphs(weight, text))
        .map(|((at, c), (id, advance))| KrillaGlyph {
            glyph_id: GlyphId::new(id),
            text_range: at..at + c.len_utf8(),
            x_advance: advance,
            x_offset: 0.0,
            y_offset: 0.0,
            y_advance: 0.0,
            location: None,
        })
        .collect()
}

fn paint([r, g, b]: Colour) -> krilla::paint::Paint {
    rgb::Color::new(r, g, b).into()
}

fn fill(colour: Colour) -> Fill {
    Fill { paint: paint(colour), opacity: NormalizedF32::ONE, ..Fill::default() }
}

fn rectangle(x: f32, y: f32, width: f32, height: f32) -> PathBuilder {
    let mut path = PathBuilder::new();
    if let Some(rect) = Rect::from_xywh(x, y, width, height) {
        path.push_rect(rect);
    }
    path
}

fn area(surface: &mut Surface<'_>, path: PathBuilder, colour: Colour) {
    if let Some(path) = path.finish() {
        surface.set_stroke(None);
        surface.set_fill(Some(fill(colour)));
        surface.draw_path(&path);
    }
}

fn lines(surface: &mut Surface<'_>, path: PathBuilder, colour: Colour, width: f32, dash: Option<f32>) {
    let Some(path) = path.finish() else { return };
    let path: Path = path;
    surface.set_fill(None);
    surface.set_stroke(Some(Stroke {
        paint: paint(colour),
        width,
        line_cap: if dash.is_some() { LineCap::Butt } else { LineCap::Round },
        line_join: LineJoin::Round,
        dash: dash.map(|d| StrokeDash { array: vec![d, d * 0.75], offset: 0.0 }),
        ..Stroke::default()
    }));
    surface.draw_path(&path);
}

/// The five shapes of the interface: check in circle, dashed circle, eye, triangle, octagon.
fn shape(surface: &mut Surface<'_>, x: f32, y: f32, r: f32, state: State) {
    let ink = colour(state);
    let width = (r * 0.16).max(0.9);
    let outline = r - width / 2.0;
    match state {
        State::Good => {
            lines(surface, circle(x, y, outline), ink, width, None);
            let mut check = PathBuilder::new();
            check.move_to(x - 0.42 * r, y + 0.02 * r);
            check.line_to(x - 0.1 * r, y + 0.34 * r);
            check.line_to(x + 0.44 * r, y - 0.32 * r);
            lines(surface, check, ink, width, None);
        }
        State::CannotTell => {
            let around = 2.0 * std::f32::consts::PI * outline;
            // A whole number of dashes around, so that the circle has no seam.
            let dashes = if r > 8.0 { 12.0 } else { 7.0 };
            lines(surface, circle(x, y, outline), ink, width, Some(around / dashes / 1.75));
        }
        State::Watch => {
            let mut eye = PathBuilder::new();
            eye.move_to(x - outline, y);
            eye.quad_to(x, y - 1.25 * r, x + outline, y);
            eye.quad_to(x, y + 1.25 * r, x - outline, y);
            eye.close();
            lines(surface, eye, ink, width, None);
            area(surface, circle(x, y, 0.27 * r), ink);
        }
        State::ActSoon => {
            let mut triangle = PathBuilder::new();
            triangle.move_to(x, y - 0.86 * r);
            triangle.line_to(x + 0.92 * r, y + 0.74 * r);
            triangle.line_to(x - 0.92 * r, y + 0.74 * r);
            triangle.close();
            lines(surface, triangle, ink, width, None);
            exclamation(surface, x, y + 0.18 * r, r * 0.8, ink, width);
        }
        State::ActNow => {
            let mut octagon = PathBuilder::new();
            for corner in 0..8 {
                let angle = (f32::from(corner as u8) + 0.5) * std::f32::consts::FRAC_PI_4;
                let (px, py) = (x + outline * angle.cos(), y + outline * angle.sin());
                if corner == 0 { octagon.move_to(px, py) } else { octagon.line_to(px, py) }
            }
            octagon.close();
            lines(surface, octagon, ink, width, None);
            exclamation(surface, x, y, r, ink, width);
        }
    }
}

fn exclamation(surface: &mut Surface<'_>, x: f32, y: f32, r: f32, ink: Colour, width: f32) {
    let mut stem = PathBuilder::new();
    stem.move_to(x, y - 0.45 * r);
    stem.line_to(x, y + 0.1 * r);
    lines(surface, stem, ink, width, None);
    area(surface, circle(x, y + 0.42 * r, width * 0.62), ink);
}

/// A circle of four Bézier curves; 0.5523 is the usual length of their handles.
fn circle(x: f32, y: f32, r: f32) -> PathBuilder {
    let k = 0.5523 * r;
    let mut path = PathBuilder::new();
    path.move_to(x + r, y);
    path.cubic_to(x + r, y + k, x + k, y + r, x, y + r);
    path.cubic_to(x - k, y + r, x - r, y + k, x - r, y);
    path.cubic_to(x - r, y - k, x - k, y - r, x, y - r);
    path.cubic_to(x + k, y - r, x + r, y - k, x + r, y);
    path.close();
    path
}
