//! The bundled typeface: glyphs and their real advance widths.
//!
//! DejaVu Sans covers Latin, Greek, Cyrillic and more. Text is laid out from left to right, one glyph per character: no
//! ligatures, no right-to-left ordering. A character that the typeface lacks shows as U+FFFD, never as nothing.

use roadworthy_api::{Code, Error, Result};
use skrifa::{
    FontRef, MetadataProvider,
    charmap::Charmap,
    instance::{LocationRef, Size},
    metrics::GlyphMetrics,
};

const REGULAR: &[u8] = include_bytes!("../../fonts/DejaVuSans.ttf");
const BOLD: &[u8] = include_bytes!("../../fonts/DejaVuSans-Bold.ttf");

/// Regular or bold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Weight {
    Regular,
    Bold,
}

/// Both weights, ready to measure.
pub(crate) struct Fonts {
    regular: Typeface,
    bold: Typeface,
}

struct Typeface {
    map: Charmap<'static>,
    metrics: GlyphMetrics<'static>,
    units_per_em: f32,
}

impl Fonts {
    pub(crate) fn new() -> Result<Self> {
        Ok(Self { regular: Typeface::new(REGULAR)?, bold: Typeface::new(BOLD)? })
    }

    /// The font file.
    pub(crate) fn data(weight: Weight) -> &'static [u8] {
        match weight {
            Weight::Regular => REGULAR,
            Weight::Bold => BOLD,
        }
    }

    fn face(&self, weight: Weight) -> &Typeface {
        match weight {
            Weight::Regular => &self.regular,
            Weight::Bold => &self.bold,
        }
    }

    /// Glyph number and advance width (in em) of each character of printable text.
    pub(crate) fn glyphs(&self, weight: Weight, text: &str) -> Vec<(u32, f32)> {
        let face = self.face(weight);
        text.chars().map(|c| face.glyph(c)).collect()
    }

    /// Width of the text in points.
    pub(crate) fn width(&self, weight: Weight, size: f32, text: &str) -> f32 {
        let face = self.face(weight);
        text.chars().map(|c| face.glyph(c).1).sum::<f32>() * size
    }

    /// The text with only what can be drawn: one line, no invisible characters, U+FFFD for what the typeface lacks.
    pub(crate) fn printable(&self, text: &str) -> String {
        let drawable = |c: char| match c {
            '\u{a0}' => Some(c),
            c if c.is_whitespace() => Some(' '),
            // Invisible marks: joiners, direction marks, variation selectors, the byte-order mark.
            '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}' => None,
            c if c.is_control() => Some('\u{fffd}'),
            // Private characters mean nothing to a reader of the file.
            '\u{e000}'..='\u{f8ff}' => Some('\u{fffd}'),
            c if self.regular.has(c) && self.bold.has(c) => Some(c),
            _ => Some('\u{fffd}'),
        };
        let text: String = text.chars().filter_map(drawable).collect();
        text.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
    }

    /// At most `lines` lines of at most `width` points; what does not fit ends in an ellipsis. A word longer than a line is
    /// broken.
    pub(crate) fn wrap(&self, weight: Weight, size: f32, width: f32, lines: usize, text: &str) -> Vec<String> {
        let text = self.printable(text);
        let mut out: Vec<String> = Vec::new();
        let mut line = String::new();
        let mut rest = text.split(' ').map(str::to_owned).collect::<std::collections::VecDeque<_>>();
        while let Some(word) = rest.pop_front() {
            let joined = if line.is_empty() { word.clone() } else { format!("{line} {word}") };
            if self.width(weight, size, &joined) <= width {
                line = joined;
                continue;
            }
            if line.is_empty() {
                let (head, tail) = self.split(weight, size, width, &word);
                line = head;
                if !tail.is_empty() {
                    rest.push_front(tail);
                }
            } else {
                rest.push_front(word);
            }
            if rest.is_empty() {
                break;
            }
            out.push(std::mem::take(&mut line));
            if out.len() == lines {
                if let Some(last) = out.last_mut() {
                    *last = self.ellipsis(weight, size, width, last);
                }
                return out;
            }
        }
        if !line.is_empty() {
            out.push(line);
        }
        out
    }

    /// As much of a word as fits, at least one character, and the rest.
    fn split(&self, weight: Weight, size: f32, width: f32, word: &str) -> (String, String) {
        let mut used = 0.0;
        let mut end = 0;
        for (at, c) in word.char_indices() {
            used += self.face(weight).glyph(c).1 * size;
            if used > width && at > 0 {
                break;
            }
            end = at + c.len_utf8();
        }
        (word[..end].to_owned(), word[end..].to_owned())
    }

    fn ellipsis(&self, weight: Weight, size: f32, width: f32, line: &str) -> String {
        let mut line = line.to_owned();
        loop {
            let cut = format!("{}…", line.trim_end_matches([' ', ',', ';', '.']));
            if self.width(weight, size, &cut) <= width || line.pop().is_none() {
                return cut;
            }
        }
    }
}

impl Typeface {
    fn new(data: &'static [u8]) -> Result<Self> {
        let font = FontRef::new(data)
            .map_err(|e| Error::new(Code::Internal, format!("The report's typeface cannot be read: {e}.")))?;
        let metrics = font.glyph_metrics(Size::unscaled(), LocationRef::default());
        let units_per_em = f32::from(font.metrics(Size::unscaled(), LocationRef::default()).units_per_em);
        Ok(Self { map: font.charmap(), metrics, units_per_em })
    }

    fn has(&self, c: char) -> bool {
        self.map.map(c).is_some_and(|id| id.to_u32() != 0)
    }

    fn glyph(&self, c: char) -> (u32, f32) {
        let id = self.map.map(c).or_else(|| self.map.map('\u{fffd}')).unwrap_or_default();
        (id.to_u32(), self.metrics.advance_width(id).unwrap_or(0.0) / self.units_per_em)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn widths_are_those_of_the_typeface() {
        let fonts = Fonts::new().unwrap();
        // DejaVu Sans: 2048 units per em, digits are 1303 wide, space 651; bold digits are 1425.
        assert_eq!(fonts.width(Weight::Regular, 2048.0, "10 "), 1303.0 + 1303.0 + 651.0);
        assert_eq!(fonts.width(Weight::Bold, 2048.0, "7"), 1425.0);
    }

    #[test]
    fn only_what_can_be_drawn_is_left() {
        let fonts = Fonts::new().unwrap();
        let check = |text: &str, expect: &str| assert_eq!(fonts.printable(text), expect);
        check("Škoda Ω Лада 20 °C", "Škoda Ω Лада 20 °C");
        check(" two\n lines\t", "two lines");
        check("\u{feff}a\u{200d}b\u{fe0f}", "ab");
        check("車 \u{1f697}\u{0}\u{e000}", "\u{fffd} \u{fffd}\u{fffd}\u{fffd}");
    }

    #[test]
    fn wrapped_lines_fit_and_lose_nothing_but_by_an_ellipsis() {
        let fonts = Fonts::new().unwrap();
        let text = "A sentence of several words and Donaudampfschifffahrtsgesellschaftskapitän at its end.";
        for width in [30.0, 60.0, 120.0, 400.0] {
            let lines = fonts.wrap(Weight::Regular, 9.0, width, 99, text);
            assert!(lines.iter().all(|l| fonts.width(Weight::Regular, 9.0, l) <= width), "{width}: {lines:?}");
            let squeeze = |s: &str| s.replace(' ', "");
            assert_eq!(squeeze(&lines.concat()), squeeze(text), "{width}");
            let cut = fonts.wrap(Weight::Regular, 9.0, width, 2, text);
            assert!(cut.len() <= 2 && cut.iter().all(|l| fonts.width(Weight::Regular, 9.0, l) <= width));
            assert_eq!(cut.last().unwrap().ends_with('…'), lines.len() > 2, "{width}: {cut:?}");
        }
        assert!(fonts.wrap(Weight::Regular, 9.0, 100.0, 3, "").is_empty());
    }
}
