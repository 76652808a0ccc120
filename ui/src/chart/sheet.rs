//! A stack of charts with one time axis as a document of its own: for a picture, and later for paper. Black on white.

use super::{
    Size,
    axis::{Scale, View},
    bands::Band,
    strip::Strip,
};
use roadworthy_api::{Timestamp, live::Mark};
use std::fmt::Write as _;

/// Colours of lines on white: Okabe and Ito's, the pale ones darkened to be seen on white.
const COLOURS: [&str; 6] = ["#0a56a8", "#b34700", "#00705a", "#8a2f6b", "#6a5300", "#4d5560"];
const LEFT: f64 = 64.0;
const HEAD: f64 = 56.0;
const STRIP: f64 = 90.0;
const NAME: f64 = 22.0;
const FOOT: f64 = 40.0;

/// What stands on the sheet.
pub(crate) struct Sheet<'a> {
    /// First line.
    pub(crate) title: &'a str,
    /// Second line: vehicle, time, where the values are from.
    pub(crate) under: &'a str,
    /// The charts, top to bottom.
    pub(crate) panels: &'a [Panel],
    /// What they show.
    pub(crate) view: View,
    /// Moments of the time axis, as the reader's locale writes them.
    pub(crate) ticks: &'a [(Timestamp, String)],
    /// Moments that were marked.
    pub(crate) marks: &'a [Mark],
}

/// One chart of a sheet, drawn for the size that [`plot`] says.
pub(crate) struct Panel {
    /// What it shows, with unit.
    pub(crate) name: String,
    /// The chart.
    pub(crate) content: Content,
}

/// What a chart holds.
pub(crate) enum Content {
    /// A line, its band, and the path of its markers.
    Line(Strip, String),
    /// Words.
    Words(Vec<Band>),
}

/// Size of a chart on a sheet so many pixels wide.
pub(crate) fn plot(width: f64) -> Size {
    Size { width: width - LEFT - 16.0, height: STRIP - 8.0 }
}

/// The document; `number` writes values as the reader's locale does.
pub(crate) fn sheet(sheet: &Sheet<'_>, width: f64, number: impl Fn(f64, u8) -> String) -> (String, Size) {
    let plot = plot(width);
    let foot = (0..sheet.panels.len()).fold(HEAD, |y, _| y + NAME + STRIP);
    let size = Size { width, height: foot + FOOT };
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{w}\" height=\"{h}\" viewBox=\"0 0 {w} {h}\" \
         font-family=\"system-ui, 'DejaVu Sans', sans-serif\" font-size=\"12\" fill=\"#14181d\"><title>{t}</title>\
         <rect width=\"{w}\" height=\"{h}\" fill=\"#fff\"/><text x=\"16\" y=\"24\" font-size=\"16\" font-weight=\"600\">{t}</text>\
         <text x=\"16\" y=\"42\" fill=\"#535b65\">{u}</text>",
        w = size.width,
        h = size.height,
        t = escaped(sheet.title),
        u = escaped(sheet.under),
    );
    let mut y = HEAD;
    for (n, panel) in sheet.panels.iter().enumerate() {
        let colour = COLOURS.get(n % COLOURS.len()).copied().unwrap_or("#14181d");
        let name = escaped(&panel.name);
        let _ = write!(out, "<text x=\"{LEFT}\" y=\"{}\" font-weight=\"600\">{name}</text>", y + 15.0);
        y += NAME;
        let _ = write!(
            out,
            "<svg x=\"{LEFT}\" y=\"{y}\" width=\"{}\" height=\"{STRIP}\" overflow=\"hidden\"><rect width=\"100%\" height=\"100%\" fill=\"#f4f5f7\"/>",
            plot.width
        );
        let mut labels = String::new();
        match &panel.content {
            Content::Words(all) => words(&mut out, all),
            Content::Line(drawn, markers) => {
                let _ = write!(
                    out,
                    "<g transform=\"translate(0 4)\"><path d=\"{}\" fill=\"{colour}\" fill-opacity=\"0.25\"/>\
                     <path d=\"{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"1.5\" stroke-linecap=\"round\" stroke-linejoin=\"round\"/>\
                     <path d=\"{markers}\" fill=\"{colour}\"/></g>",
                    drawn.band, drawn.line
                );
                match drawn.scale {
                    Some(scale) => figures(&mut labels, scale, y, &number),
                    None => out.push_str("<text x=\"8\" y=\"50\" fill=\"#535b65\">No samples in this time</text>"),
                }
            }
        }
        out.push_str("</svg>");
        out.push_str(&labels);
        y += STRIP;
    }
    let bottom = y;
    for (at, label) in sheet.ticks {
        let x = LEFT + sheet.view.x(*at, plot.width);
        let _ = write!(
            out,
            "<path d=\"M{x:.1} {HEAD}V{bottom}\" stroke=\"#14181d\" stroke-opacity=\"0.12\"/>\
             <text x=\"{x:.1}\" y=\"{}\" text-anchor=\"middle\" fill=\"#535b65\">{}</text>",
            bottom + 18.0,
            escaped(label)
        );
    }
    for mark in sheet.marks.iter().filter(|m| sheet.view.holds(m.at)) {
        let x = LEFT + sheet.view.x(mark.at, plot.width);
        let _ = write!(
            out,
            "<path d=\"M{x:.1} {}V{bottom}\" stroke=\"#14181d\" stroke-dasharray=\"4 3\"/><text x=\"{:.1}\" y=\"{}\">{}</text>",
            HEAD - 4.0,
            x + 4.0,
            HEAD + 4.0,
            escaped(&mark.label)
        );
    }
    out.push_str("</svg>");
    (out, size)
}

fn words(out: &mut String, all: &[Band]) {
    for band in all {
        let fill = COLOURS.get(band.look % COLOURS.len()).copied().unwrap_or("#14181d");
        let _ = write!(
            out,
            "<rect x=\"{:.1}\" y=\"20\" width=\"{:.1}\" height=\"50\" fill=\"{fill}\" fill-opacity=\"0.18\" stroke=\"{fill}\"/>\
             <text x=\"{:.1}\" y=\"50\">{}</text>",
            band.x,
            band.width,
            band.x + 6.0,
            if band.width > 40.0 { escaped(&band.text) } else { String::new() },
        );
    }
}

fn figures(labels: &mut String, scale: Scale, top: f64, number: impl Fn(f64, u8) -> String) {
    for tick in scale.ticks() {
        let line = top + 4.0 + scale.y(tick, STRIP - 8.0);
        let _ = write!(
            labels,
            "<text x=\"{}\" y=\"{:.1}\" text-anchor=\"end\" font-size=\"11\" fill=\"#535b65\">{}</text>",
            LEFT - 6.0,
            line + 4.0,
            escaped(&number(tick, scale.digits()))
        );
    }
}

/// Text inside XML.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::{
        super::{
            strip::{Shape, strip},
            track::tests::numbers,
        },
        *,
    };

    #[test]
    fn a_sheet_holds_each_chart_its_scale_and_its_marks_and_no_foreign_markup() {
        let track = numbers(&[(0, 800.0), (500, 900.0), (1000, 2400.0)]);
        let view = View { from: 0, to: 1000 };
        let drawn = strip(&track, view, plot(800.0), Shape::Line);
        let name = "Engine speed (rpm) · Engine <b>".to_owned();
        let panels = [Panel { name, content: Content::Line(drawn, String::new()) }];
        let marks = [Mark { at: 500, label: "cold & \"wet\"".into() }, Mark { at: 9000, label: "later".into() }];
        let ticks = [(400, "t400".to_owned())];
        let page = Sheet { title: "Live", under: "", panels: &panels, view, ticks: &ticks, marks: &marks };
        let (text, size) = sheet(&page, 800.0, |v, _| format!("{v}"));
        for expect in
            ["Engine speed (rpm) · Engine &lt;b&gt;", ">t400<", ">1000<", "cold &amp; &quot;wet&quot;", "M0 ", "</svg>"]
        {
            assert!(text.contains(expect), "{expect} is not in {text}");
        }
        assert!(!text.contains("later") && !text.contains("<b>"), "{text}");
        assert_eq!(size.width, 800.0);
        assert_eq!(text.matches("<svg").count(), text.matches("</svg>").count());
    }
}
