//! How far the titles reach.

use super::{code, maker_controlled, table, title};
use roadworthy_api::fault::TitleCount;

/// Ranges that the standard fills: their start, and how many codes it assigns there, counted from public lists of SAE
/// J2012-DA. That list grows with each edition, so the numbers are no more than its size.
const ASSIGNED: &[(&str, u32)] =
    &[("P0", 3704), ("P2", 3495), ("P3", 156), ("C0", 478), ("B0", 189), ("U0", 1054), ("U3", 174)];

/// How many generic codes of each letter exist, how many of them have a title here, and how many do not.
pub fn counts() -> Vec<TitleCount> {
    let mut titled = [0; 4];
    for pair in 0..=u16::MAX {
        let code = code(pair.to_be_bytes());
        if let Some(count) = titled.get_mut(usize::from(pair >> 14))
            && title(&code).is_some()
        {
            *count += 1;
        }
    }
    "PCBU"
        .chars()
        .zip(titled)
        .map(|(letter, titled)| {
            let assigned: u32 = ASSIGNED.iter().filter(|(range, _)| range.starts_with(letter)).map(|(_, n)| n).sum();
            TitleCount { letter, assigned, titled, untitled: assigned.saturating_sub(titled) }
        })
        .collect()
}

/// Every code that has a title, in order of its bytes, with it.
pub fn titled() -> impl Iterator<Item = (String, String)> {
    let codes = (0..=u16::MAX).map(|pair| code(pair.to_be_bytes()));
    codes.filter(|code| !maker_controlled(code)).filter_map(|code| title(&code).map(|title| (code, title)))
}

/// What the table of titles weighs in the program, in bytes.
pub fn table_size() -> usize {
    table::size()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_add_up() {
        let counts = counts();
        assert_eq!(counts.iter().map(|c| c.letter).collect::<String>(), "PCBU");
        for count in &counts {
            assert_eq!(count.titled + count.untitled, count.assigned, "{count:?}");
            assert!(count.titled > 0, "{count:?}");
        }
        let all: u32 = counts.iter().map(|c| c.titled).sum();
        assert_eq!(usize::try_from(all).ok(), Some(titled().count()));
        println!("{counts:?}, table {} bytes", table_size());
        assert!(table_size() < 64 * 1024, "{}", table_size());
    }
}
