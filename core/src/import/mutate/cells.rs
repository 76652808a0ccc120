//! Lines of cells, some of them in quotes.

use super::{rng::Rng, target::Target};
use crate::import::lines::Cells;

#[derive(Default)]
pub(crate) struct Lines {
    split: usize,
    quoted: usize,
    open: usize,
}

/// The cells of a line, letter by letter; `None`: a quote is not closed.
pub(super) fn cells(line: &str, separator: char) -> Option<Vec<String>> {
    enum In {
        Front(usize),
        Bare,
        Quotes,
        Behind,
    }
    let (mut all, mut cell, mut place) = (Vec::new(), String::new(), In::Front(0));
    let mut letters = line.chars().peekable();
    while let Some(letter) = letters.next() {
        place = match (place, letter) {
            (In::Quotes, '"') if letters.peek() == Some(&'"') => {
                letters.next();
                cell.push('"');
                In::Quotes
            }
            (In::Quotes, '"') => In::Behind,
            (In::Quotes, letter) => {
                cell.push(letter);
                In::Quotes
            }
            (_, letter) if letter == separator => {
                all.push(std::mem::take(&mut cell));
                In::Front(0)
            }
            (In::Front(_), '"') => {
                cell.clear();
                In::Quotes
            }
            (In::Front(blanks), ' ') => {
                cell.push(' ');
                In::Front(blanks + 1)
            }
            (In::Behind, letter) => {
                cell.push(letter);
                In::Behind
            }
            (_, letter) => {
                cell.push(letter);
                In::Bare
            }
        };
    }
    if matches!(place, In::Quotes) {
        return None;
    }
    all.push(cell);
    Some(all)
}

impl Target for Lines {
    fn one(&mut self, rng: &mut Rng) {
        let separator = *rng.pick(&[';', ',', '\t', '|']);
        let words = ["", "12", "1,5", "-", "a b", " 7", "x\"y", ";", ",", "\"", "Öl", "|"];
        let written: Vec<String> = (0..1 + rng.below(8))
            .map(|_| {
                let word = *rng.pick(&words);
                let needs = word.contains([separator, '"']);
                if needs || rng.below(3) == 0 { format!("\"{}\"", word.replace('"', "\"\"")) } else { word.to_owned() }
            })
            .collect();
        let mut line = written.join(&separator.to_string());
        if rng.below(2) == 0 {
            line = rng.spoil(&line, "0123,;|\t\" xÖ");
        }
        let mut split = Cells::default();
        // What stood in the line before is none of this one's.
        split.split(b"old;\"cells\",x", separator as u8);
        let closed = split.split(line.as_bytes(), separator as u8);
        let Some(expect) = cells(&line, separator) else {
            assert!(!closed, "{line:?}");
            self.open += 1;
            return;
        };
        assert!(closed, "{line:?}");
        let found: Vec<String> =
            split.iter(line.as_bytes()).map(|cell| String::from_utf8_lossy(cell).into_owned()).collect();
        assert_eq!(found, expect, "{line:?}");
        assert!(split.get(line.as_bytes(), expect.len()).is_empty());
        self.split += 1;
        self.quoted += usize::from(line.contains('"'));
    }

    fn tally(&self) -> String {
        format!("{} split, {} of them with quotes, {} not closed", self.split, self.quoted, self.open)
    }

    fn is_worth_its_name(&self, inputs: usize) -> bool {
        self.split > inputs / 2 && self.quoted > inputs / 4 && self.open > inputs / 50
    }
}
