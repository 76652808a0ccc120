//! Sections of a column: rows under a title, cut where the room ends with a line that says how many are left.

use super::{
    font::Fonts,
    page::{Mark, Pen, Style},
};
use roadworthy_api::vehicle::State;

/// Height of a section's title with the space under it.
const TITLE: f32 = 17.0;
/// Space between sections.
pub(crate) const GAP: f32 = 12.0;
/// Height of "and 3 more".
const MORE: f32 = 12.0;

/// A row: marks relative to its top left corner.
pub(crate) struct Row {
    marks: Vec<Mark>,
    height: f32,
    /// A row that stands for an entry counts in "and 3 more"; a heading does not, and is never the last one shown.
    entry: bool,
}

/// A title and rows of one width.
pub(crate) struct Section<'a> {
    fonts: &'a Fonts,
    width: f32,
    title: &'static str,
    /// Shares of the room it gets where sections compete.
    weight: f32,
    rows: Vec<Row>,
}

impl<'a> Section<'a> {
    pub(crate) fn new(fonts: &'a Fonts, width: f32, title: &'static str) -> Self {
        Self { fonts, width, title, weight: 1.0, rows: Vec::new() }
    }

    /// The same, with more shares of the room.
    pub(crate) fn weighing(mut self, weight: f32) -> Self {
        self.weight = weight;
        self
    }

    /// A small heading within the section.
    pub(crate) fn heading(&mut self, text: &str) {
        let mut pen = Pen::new(self.fonts);
        let lead = if self.rows.is_empty() { 0.0 } else { 4.0 };
        pen.text((0.0, lead + 8.5), Style::grey(8.5), self.width, text);
        self.rows.push(Row { marks: pen.marks, height: lead + 13.0, entry: false });
    }

    /// Text of at most `lines` lines.
    pub(crate) fn paragraph(&mut self, style: Style, lines: usize, text: &str) {
        let mut pen = Pen::new(self.fonts);
        let n = pen.paragraph((0.0, style.size), style, self.width, lines, text);
        self.push(pen, n, style);
    }

    /// A bold key in a column of `key_width`, and text beside it of at most `lines` lines.
    pub(crate) fn keyed(&mut self, key: &str, key_width: f32, lines: usize, text: &str) {
        let style = Style::regular(9.0);
        let mut pen = Pen::new(self.fonts);
        pen.text((0.0, 9.0), Style::bold(9.0), key_width - 4.0, key);
        let n = pen.paragraph((key_width, 9.0), style, self.width - key_width, lines, text);
        self.push(pen, n.max(1), style);
    }

    /// A name at the left, a value at the right edge.
    pub(crate) fn value(&mut self, name: &str, value: &str) {
        let mut pen = Pen::new(self.fonts);
        let room = self.width * 0.5 - 4.0;
        pen.text_right((self.width, 9.0), Style::bold(9.0), room, value);
        pen.text((0.0, 9.0), Style::regular(9.0), self.width - self.used(&pen) - 6.0, name);
        self.push(pen, 1, Style::regular(9.0));
    }

    /// As [`Section::value`], led by the shape of a state.
    pub(crate) fn marked(&mut self, state: State, name: &str, value: &str) {
        let mut pen = Pen::new(self.fonts);
        pen.marks.push(Mark::Shape { x: 4.2, y: 6.0, radius: 4.0, state });
        pen.text_right((self.width, 9.0), Style::bold(9.0), self.width * 0.45, value);
        let used = self.used(&pen);
        pen.text((13.0, 9.0), Style::regular(9.0), self.width - 13.0 - used - 6.0, name);
        self.push(pen, 1, Style::regular(9.0));
    }

    fn used(&self, pen: &Pen<'_>) -> f32 {
        pen.marks
            .iter()
            .map(|m| match m {
                Mark::Text { x, .. } => self.width - x,
                _ => 0.0,
            })
            .fold(0.0, f32::max)
    }

    fn push(&mut self, pen: Pen<'_>, lines: usize, style: Style) {
        let height = style.leading() * lines as f32 + 1.5;
        self.rows.push(Row { marks: pen.marks, height, entry: true });
    }

    fn height(&self) -> f32 {
        TITLE + self.rows.iter().map(|r| r.height).sum::<f32>()
    }

    /// Rows that fit into `room` with, when some do not, the line that says so.
    fn shown(&self, room: f32) -> usize {
        if self.height() <= room {
            return self.rows.len();
        }
        let mut used = TITLE + MORE;
        let mut n = self
            .rows
            .iter()
            .take_while(|r| {
                used += r.height;
                used <= room
            })
            .count();
        while n > 0 && !self.rows[n - 1].entry {
            n -= 1;
        }
        n
    }

    fn place(self, x: f32, y: f32, room: f32, out: &mut Vec<Mark>) -> f32 {
        let mut pen = Pen::new(self.fonts);
        pen.text((x, y + 9.0), Style::bold(10.5), self.width, self.title);
        out.append(&mut pen.marks);
        let shown = self.shown(room);
        let left = self.rows[shown..].iter().filter(|r| r.entry).count();
        let mut at = y + TITLE;
        for row in self.rows.into_iter().take(shown) {
            out.extend(row.marks.into_iter().map(|m| m.moved(x, at)));
            at += row.height;
        }
        if left > 0 {
            pen.text((x, at + 8.5), Style::grey(8.5), self.width, &format!("and {left} more, see the full check"));
            out.append(&mut pen.marks);
            at += MORE;
        }
        at
    }
}

/// Places sections one below the other from `(x, y)` within `height`. Where they need more, each that needs little gets it
/// and the others share the rest by their weight.
pub(crate) fn column(sections: Vec<Section<'_>>, x: f32, y: f32, height: f32) -> Vec<Mark> {
    let sections: Vec<_> = sections.into_iter().filter(|s| !s.rows.is_empty()).collect();
    let mut rooms = vec![0.0; sections.len()];
    let mut open: Vec<usize> = (0..sections.len()).collect();
    let mut left = height - GAP * sections.len().saturating_sub(1) as f32;
    while !open.is_empty() {
        let share = left / open.iter().map(|i| sections[*i].weight).sum::<f32>();
        let fits = |i: &usize| sections[*i].height() <= share * sections[*i].weight;
        let (small, large): (Vec<usize>, Vec<usize>) = open.iter().copied().partition(fits);
        if small.is_empty() {
            large.into_iter().for_each(|i| rooms[i] = share * sections[i].weight);
            break;
        }
        for i in small {
            rooms[i] = sections[i].height();
            left -= rooms[i];
        }
        open = large;
    }
    let mut marks = Vec::new();
    let mut at = y;
    for (section, room) in sections.into_iter().zip(rooms) {
        at = section.place(x, at, room, &mut marks) + GAP;
    }
    marks
}
