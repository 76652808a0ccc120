//! Where a VIN comes from: the first character stands for a region, the first two for a country (ISO 3780).
//!
//! Ranges count in the order A to Z without I, O and Q, then 1 to 9, then 0. They are the assignments of SAE, as the article
//! on VINs of Wikipedia and two decoders give them. A range on which old and new lists differ, because it was taken back and
//! given to another country, is left out.

/// The region. China's H and the United States' part of 7 lie outside of the region that their first character had before.
pub(super) fn region(vin: &str) -> Option<&'static str> {
    match vin.as_bytes() {
        [b'7', second, ..] => return Some(if (b'A'..=b'E').contains(second) { "Oceania" } else { "North America" }),
        [b'H', ..] => return Some("Asia"),
        _ => {}
    }
    Some(match vin.bytes().next()? {
        b'A'..=b'G' => "Africa",
        b'J'..=b'R' => "Asia",
        b'S'..=b'Z' => "Europe",
        b'1'..=b'5' => "North America",
        b'6' => "Oceania",
        b'8' | b'9' | b'0' => "South America",
        _ => return None,
    })
}

/// The country; `None` where the range is not assigned, or not certain.
pub(super) fn country(vin: &str) -> Option<&'static str> {
    let [first, second, ..] = vin.as_bytes() else { return None };
    let at = place(*second)?;
    COUNTRIES
        .iter()
        .find(|(range, _)| match range.as_bytes() {
            [letter, from, to] => {
                letter == first && place(*from).is_some_and(|from| from <= at) && place(*to).is_some_and(|to| at <= to)
            }
            _ => false,
        })
        .map(|(_, name)| *name)
}

/// Where a character stands in the order of the ranges.
fn place(character: u8) -> Option<usize> {
    b"ABCDEFGHJKLMNPRSTUVWXYZ1234567890".iter().position(|c| *c == character)
}

/// First character, then the first and last second character.
const COUNTRIES: &[(&str, &str)] = &[
    ("AAH", "South Africa"),
    ("BFG", "Kenya"),
    ("DAE", "Egypt"),
    ("HA0", "China"),
    ("JA0", "Japan"),
    ("KFH", "Israel"),
    ("KLR", "South Korea"),
    ("LA0", "China"),
    ("MAE", "India"),
    ("MFK", "Indonesia"),
    ("MLR", "Thailand"),
    ("NAE", "Iran"),
    ("NFG", "Pakistan"),
    ("NLR", "Turkey"),
    ("PAC", "Philippines"),
    ("PLR", "Malaysia"),
    ("RFG", "Taiwan"),
    ("SAM", "United Kingdom"),
    ("SNT", "Germany"),
    ("SUZ", "Poland"),
    ("S12", "Latvia"),
    ("TAH", "Switzerland"),
    ("TJP", "Czech Republic"),
    ("TRV", "Hungary"),
    ("TW2", "Portugal"),
    ("UHM", "Denmark"),
    ("UNR", "Ireland"),
    ("UUW", "Romania"),
    ("U57", "Slovakia"),
    ("VAE", "Austria"),
    ("VFR", "France"),
    ("VSW", "Spain"),
    ("V35", "Croatia"),
    ("V68", "Estonia"),
    ("WA0", "Germany"),
    ("XAC", "Bulgaria"),
    ("XFH", "Greece"),
    ("XLR", "Netherlands"),
    ("XSW", "Russia"),
    ("X30", "Russia"),
    ("YAE", "Belgium"),
    ("YFK", "Finland"),
    ("YSW", "Sweden"),
    ("YX2", "Norway"),
    ("Y35", "Belarus"),
    ("Y68", "Ukraine"),
    ("ZAR", "Italy"),
    ("ZXZ", "Slovenia"),
    ("Z35", "Lithuania"),
    ("1A0", "United States"),
    ("2A5", "Canada"),
    ("3AW", "Mexico"),
    ("4A0", "United States"),
    ("5A0", "United States"),
    ("6AW", "Australia"),
    ("7AE", "New Zealand"),
    ("7F0", "United States"),
    ("8AE", "Argentina"),
    ("8FG", "Chile"),
    ("8XZ", "Venezuela"),
    ("9AE", "Brazil"),
    ("9FG", "Colombia"),
    ("939", "Brazil"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_ranges_meet_and_each_is_in_order() {
        let order = "ABCDEFGHJKLMNPRSTUVWXYZ1234567890";
        for first in order.chars() {
            for second in order.chars() {
                let two = format!("{first}{second}");
                let hits = COUNTRIES.iter().filter(|(range, _)| {
                    let [letter, from, to] = range.as_bytes() else { panic!("{range}") };
                    let (from, to) = (place(*from).unwrap(), place(*to).unwrap());
                    assert!(from <= to, "{range}");
                    char::from(*letter) == first && (from..=to).contains(&place(second as u8).unwrap())
                });
                assert!(hits.count() <= 1, "{two} lies in two ranges");
                assert!(region(&two).is_some(), "{two}");
            }
        }
    }

    #[test]
    fn ranges_end_where_they_say() {
        for (two, region_, country_) in [
            ("WV", "Europe", Some("Germany")),
            ("W0", "Europe", Some("Germany")),
            ("SM", "Europe", Some("United Kingdom")),
            ("SN", "Europe", Some("Germany")),
            ("ST", "Europe", Some("Germany")),
            ("SU", "Europe", Some("Poland")),
            ("TM", "Europe", Some("Czech Republic")),
            ("XT", "Europe", Some("Russia")),
            ("YV", "Europe", Some("Sweden")),
            ("1R", "North America", Some("United States")),
            ("2T", "North America", Some("Canada")),
            ("3V", "North America", Some("Mexico")),
            ("7S", "North America", Some("United States")),
            ("7A", "Oceania", Some("New Zealand")),
            ("6T", "Oceania", Some("Australia")),
            ("JH", "Asia", Some("Japan")),
            ("KM", "Asia", Some("South Korea")),
            ("LS", "Asia", Some("China")),
            ("9B", "South America", Some("Brazil")),
            ("93", "South America", Some("Brazil")),
            ("KA", "Asia", None),
            ("GA", "Africa", None),
        ] {
            assert_eq!((region(two), country(two)), (Some(region_), country_), "{two}");
        }
        assert_eq!((region(""), country("W"), country("")), (None, None, None));
    }
}
