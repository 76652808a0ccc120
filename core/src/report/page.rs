//! A laid-out page: marks at places, nothing of PDF yet. What tests look at.

use super::font::{Fonts, Weight};
use roadworthy_api::vehicle::State;

/// Width of A4 in points.
pub(crate) const WIDTH: f32 = 595.28;
/// Height of A4 in points.
pub(crate) const HEIGHT: f32 = 841.89;
/// Margin in points; wide enough for printers and a hole punch.
pub(crate) const MARGIN: f32 = 42.0;

/// Red, green, blue.
pub(crate) type Colour = [u8; 3];
pub(crate) const INK: Colour = [0x1b, 0x1f, 0x24];
pub(crate) const GREY: Colour = [0x57, 0x60, 0x6a];
pub(crate) const LINE: Colour = [0xc4, 0xca, 0xd1];
pub(crate) const PALE: Colour = [0xf4, 0xf6, 0xf8];

/// One mark; places in points from the top left corner.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Mark {
    /// A run of text; `y` is its baseline.
    Text { x: f32, y: f32, size: f32, weight: Weight, colour: Colour, text: String },
    /// A thin horizontal rule.
    Rule { x: f32, y: f32, width: f32 },
    /// A pale box with a bar of the state's colour at its left.
    Band { x: f32, y: f32, width: f32, height: f32, state: State },
    /// The shape of a state around a centre.
    Shape { x: f32, y: f32, radius: f32, state: State },
}

impl Mark {
    pub(crate) fn moved(mut self, dx: f32, dy: f32) -> Self {
        let (Self::Text { x, y, .. } | Self::Rule { x, y, .. } | Self::Band { x, y, .. } | Self::Shape { x, y, .. }) =
            &mut self;
        *x += dx;
        *y += dy;
        self
    }

    /// Left, top, right, bottom. A text's box is its line from the ascender to the descender of ordinary letters.
    #[cfg(test)]
    pub(crate) fn extent(&self, fonts: &Fonts) -> [f32; 4] {
        match self {
            Self::Text { x, y, size, weight, text, .. } => {
                [*x, y - 0.76 * size, x + fonts.width(*weight, *size, text), y + 0.24 * size]
            }
            Self::Rule { x, y, width } => [*x, *y, x + width, *y],
            Self::Band { x, y, width, height, .. } => [*x, *y, x + width, y + height],
            Self::Shape { x, y, radius, .. } => [x - radius, y - radius, x + radius, y + radius],
        }
    }
}

/// One page.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Page {
    pub(crate) marks: Vec<Mark>,
}

/// The colour of a state; each is at least 4.5:1 on white, and never the only sign.
pub(crate) fn colour(state: State) -> Colour {
    match state {
        State::Good => [0x1a, 0x7f, 0x37],
        State::CannotTell => GREY,
        State::Watch => [0x09, 0x5f, 0xb8],
        State::ActSoon => [0x9a, 0x5b, 0x00],
        State::ActNow => [0xb4, 0x1d, 0x1d],
    }
}

/// The word of a state.
pub(crate) fn word(state: State) -> &'static str {
    match state {
        State::Good => "Good",
        State::CannotTell => "Cannot tell",
        State::Watch => "Watch",
        State::ActSoon => "Act soon",
        State::ActNow => "Act now",
    }
}

/// Places text; knows the fonts so that nothing is placed unmeasured.
pub(crate) struct Pen<'a> {
    pub(crate) fonts: &'a Fonts,
    pub(crate) marks: Vec<Mark>,
}

impl<'a> Pen<'a> {
    pub(crate) fn new(fonts: &'a Fonts) -> Self {
        Self { fonts, marks: Vec::new() }
    }

    /// Text that may not be wider than `width`; cut with an ellipsis where it would be.
    pub(crate) fn text(&mut self, at: (f32, f32), style: Style, width: f32, text: &str) {
        for line in self.fonts.wrap(style.weight, style.size, width, 1, text) {
            self.put(at, style, line);
        }
    }

    /// The same, ending at `x`.
    pub(crate) fn text_right(&mut self, at: (f32, f32), style: Style, width: f32, text: &str) {
        for line in self.fonts.wrap(style.weight, style.size, width, 1, text) {
            let x = at.0 - self.fonts.width(style.weight, style.size, &line);
            self.put((x, at.1), style, line);
        }
    }

    /// Wrapped text of at most `lines` lines from the first baseline down; the number of lines placed.
    pub(crate) fn paragraph(&mut self, at: (f32, f32), style: Style, width: f32, lines: usize, text: &str) -> usize {
        let wrapped = self.fonts.wrap(style.weight, style.size, width, lines, text);
        let n = wrapped.len();
        let mut y = at.1;
        for line in wrapped {
            self.put((at.0, y), style, line);
            y += style.leading();
        }
        n
    }

    fn put(&mut self, (x, y): (f32, f32), style: Style, text: String) {
        self.marks.push(Mark::Text { x, y, size: style.size, weight: style.weight, colour: style.colour, text });
    }
}

/// How a run of text looks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Style {
    pub(crate) size: f32,
    pub(crate) weight: Weight,
    pub(crate) colour: Colour,
}

impl Style {
    pub(crate) const fn regular(size: f32) -> Self {
        Self { size, weight: Weight::Regular, colour: INK }
    }
    pub(crate) const fn bold(size: f32) -> Self {
        Self { size, weight: Weight::Bold, colour: INK }
    }
    pub(crate) const fn grey(size: f32) -> Self {
        Self { size, weight: Weight::Regular, colour: GREY }
    }
    pub(crate) const fn coloured(self, colour: Colour) -> Self {
        Self { colour, ..self }
    }
    /// From baseline to baseline.
    pub(crate) fn leading(self) -> f32 {
        (self.size * 1.32 * 2.0).round() / 2.0
    }
}
