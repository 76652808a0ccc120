//! Where a VIN comes from: the first character is the region's, the first two the country's (ISO 3780).

/// The region of the first character.
pub(super) fn region(vin: &str) -> Option<&'static str> {
    Some(match vin.bytes().next()? {
        b'A'..=b'H' => "Africa",
        b'J'..=b'R' => "Asia",
        b'S'..=b'Z' => "Europe",
        b'1'..=b'5' => "North America",
        b'6' | b'7' => "Oceania",
        b'8' | b'9' | b'0' => "South America",
        _ => return None,
    })
}

/// The country of the first two.
pub(super) fn country(_vin: &str) -> Option<&'static str> {
    None
}
