//! What to check first, for the codes that workshops meet most.

use super::bytes;
use std::sync::OnceLock;

const TEXT: &str = include_str!("advice.txt");

/// What is said of a code beyond its title: plain words, no figure of one maker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Advice {
    /// What it means and what follows from it.
    pub means: &'static str,
    /// What keeps the vehicle from being driven. It holds while the fault is there, so that who knows that it is over leaves
    /// it out; `None`: nothing does.
    pub stop: Option<&'static str>,
    /// What to check, the cheap and safe things first. Never empty, and never that it must not be driven.
    pub steps: Vec<&'static str>,
}

impl Advice {
    /// For who knows only the code: what keeps it from being driven, then what to check.
    pub fn lines(&self) -> Vec<String> {
        self.stop.iter().chain(&self.steps).map(|line| (*line).to_owned()).collect()
    }
}

/// The codes an entry is for, first and last of each range, and what it says.
type Entry = (Vec<(u16, u16)>, Advice);

/// What to check first for a code, with or without failure type; `None` where nothing better is known than to look it up.
/// What only the maker defines has none.
pub fn advice(code: &str) -> Option<&'static Advice> {
    let base = code.split_once('-').map_or(code, |(base, _)| base);
    let pair = u16::from_be_bytes(bytes(base)?);
    let within = |ranges: &[(u16, u16)]| ranges.iter().any(|(first, last)| (*first..=*last).contains(&pair));
    entries().iter().find(|(ranges, _)| within(ranges)).map(|(_, advice)| advice)
}

fn entries() -> &'static [Entry] {
    static ENTRIES: OnceLock<Vec<Entry>> = OnceLock::new();
    ENTRIES.get_or_init(|| blocks().filter_map(entry).collect())
}

fn blocks() -> impl Iterator<Item = &'static str> {
    TEXT.split("\n\n").filter(|block| !block.starts_with("//"))
}

fn entry(block: &'static str) -> Option<Entry> {
    let mut lines = block.lines();
    let ranges = lines.next()?.split(' ').map(range).collect::<Option<Vec<_>>>()?;
    let means = lines.next()?.strip_prefix("= ")?;
    let (mut stop, mut steps) = (None, Vec::new());
    for line in lines {
        match line.split_at_checked(2)? {
            ("! ", text) if stop.is_none() && steps.is_empty() => stop = Some(text),
            ("- ", text) => steps.push(text),
            _ => return None,
        }
    }
    (!steps.is_empty()).then_some((ranges, Advice { means, stop, steps }))
}

fn range(text: &str) -> Option<(u16, u16)> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let (first, last) = (u16::from_be_bytes(bytes(first)?), u16::from_be_bytes(bytes(last)?));
    (first <= last && first >> 12 == last >> 12).then_some((first, last))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dtc::{code, maker_controlled};

    #[test]
    fn every_entry_can_be_read_and_is_reached() {
        let mut read = 0;
        for block in blocks() {
            let (ranges, said) = entry(block).unwrap_or_else(|| panic!("{block}"));
            read += 1;
            for (first, last) in ranges {
                let reached = (first..=last).any(|pair| advice(&code(pair.to_be_bytes())) == Some(&said));
                assert!(reached, "{block}: another entry ahead of it has {first:04X}-{last:04X}");
            }
            for line in [said.means].into_iter().chain(said.stop).chain(said.steps) {
                assert!(line.ends_with('.') && line.trim() == line && line.len() <= 220, "{line}");
            }
        }
        assert!(read > 100, "{read}");
        println!("advice: {read} entries, {} bytes", TEXT.len());
    }

    #[test]
    fn what_the_maker_defines_has_no_advice() {
        for pair in 0..=u16::MAX {
            let code = code(pair.to_be_bytes());
            assert!(!maker_controlled(&code) || advice(&code).is_none(), "{code}");
        }
        for text in ["", "P03", "p0301", "nonsense"] {
            assert_eq!(advice(text), None, "{text}");
        }
        assert_eq!(advice("P0301-11"), advice("P0301"));
    }

    /// The codes that workshops meet most, by general knowledge of the trade: 150 that must have advice.
    #[test]
    fn the_most_frequent_codes_have_advice() {
        let frequent: Vec<&str> = "
            P0010 P0011 P0012 P0013 P0014 P0016 P0017 P0018 P0020 P0021 P0030 P0031 P0036 P0037 P0050 P0068 P0087 P0088
            P0101 P0102 P0103 P0106 P0107 P0108 P0111 P0112 P0113 P0116 P0117 P0118 P0121 P0122 P0123 P0125 P0128
            P0130 P0131 P0132 P0133 P0134 P0135 P0136 P0137 P0138 P0139 P0140 P0141 P0150 P0151 P0153 P0155 P0156 P0161
            P0171 P0172 P0174 P0175 P0193 P0201 P0202 P0203 P0204 P0217 P0218 P0230 P0234 P0235 P0243 P0299
            P0300 P0301 P0302 P0303 P0304 P0305 P0306 P0307 P0308 P0316 P0325 P0327 P0332 P0335 P0336 P0340 P0341 P0345
            P0351 P0352 P0353 P0354 P0365 P0380 P0401 P0402 P0403 P0404 P0405 P0406 P0411 P0420 P0430 P0440 P0441 P0442
            P0443 P0446 P0449 P0451 P0452 P0455 P0456 P0457 P0463 P0480 P0496 P0500 P0505 P0506 P0507 P0520 P0524 P0562
            P0571 P0600 P0601 P0605 P0606 P0620 P0627 P0638 P0641 P0670 P0685 P0700 P0705 P0715 P0720 P0730 P0740 P0741
            P0750 P0755 P0A80 P2002 P2096 P2135 P2138 P2177 P2187 P2195 P2270 P2463 U0100 U0101 U0121 U0140 U0155 C0035
            C0040 B0001"
            .split_whitespace()
            .collect();
        assert!(frequent.len() >= 150, "{}", frequent.len());
        for code in frequent {
            assert!(advice(code).is_some(), "{code}");
        }
    }
}
