//! Which characteristics carry the characters. There is no standard profile: each maker has its own service, some put both
//! directions on one characteristic.

/// A characteristic, as far as the choice needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Characteristic {
    pub(super) service: u128,
    pub(super) id: u128,
    /// It can tell by itself (notify or indicate).
    pub(super) notify: bool,
    /// It takes writes that are acknowledged.
    pub(super) write: bool,
    /// It takes writes that are not.
    pub(super) write_unacknowledged: bool,
}

/// Where the adapter is heard, and where it is spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Pair {
    pub(super) hear: Characteristic,
    pub(super) speak: Characteristic,
}

/// A 16-bit id of the Bluetooth SIG in its long form.
const fn short(id: u16) -> u128 {
    0x0000_0000_0000_1000_8000_0080_5F9B_34FB | (id as u128) << 96
}

/// Services seen in adapters: service, heard on, spoken to on.
const KNOWN: [(u128, u128, u128); 4] = [
    (short(0xFFF0), short(0xFFF1), short(0xFFF2)),
    (short(0xFFE0), short(0xFFE1), short(0xFFE1)),
    (short(0x18F0), short(0x2AF0), short(0x2AF1)),
    (
        0xE781_0A71_73AE_499D_8C15_FAA9_AEF0_C3F2,
        0xBEF8_D6C9_9C21_4C9E_B632_BD58_C100_9F9F,
        0xBEF8_D6C9_9C21_4C9E_B632_BD58_C100_9F9F,
    ),
];
/// Services of every device that carry no characters: access, attributes, device information, battery.
const PLAIN: [u128; 4] = [short(0x1800), short(0x1801), short(0x180A), short(0x180F)];

/// Whether a device that advertises these services may be an adapter.
pub(super) fn advertises_adapter(services: impl IntoIterator<Item = u128>) -> bool {
    services.into_iter().any(|s| KNOWN.iter().any(|(known, ..)| *known == s))
}

/// Pairs to try, the known ones first, then services with exactly one of each, then the rest.
pub(super) fn pairs(all: &[Characteristic]) -> Vec<Pair> {
    let speaks = |c: &&Characteristic| c.write || c.write_unacknowledged;
    let mut found: Vec<(u8, Pair)> = Vec::new();
    for hear in all.iter().filter(|c| c.notify && !PLAIN.contains(&c.service)) {
        let same = || all.iter().filter(|c| c.service == hear.service);
        let alone = same().filter(|c| c.notify).count() == 1 && same().filter(speaks).count() == 1;
        for speak in same().filter(speaks) {
            let known = KNOWN.contains(&(hear.service, hear.id, speak.id));
            let rank = if known {
                0
            } else if alone {
                1
            } else {
                2
            };
            found.push((rank, Pair { hear: *hear, speak: *speak }));
        }
    }
    // Stable: among equals the device's own order stands.
    found.sort_by_key(|(rank, _)| *rank);
    found.into_iter().map(|(_, pair)| pair).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(service: u16, id: u16, kinds: &str) -> Characteristic {
        Characteristic {
            service: short(service),
            id: short(id),
            notify: kinds.contains('n'),
            write: kinds.contains('w'),
            write_unacknowledged: kinds.contains('u'),
        }
    }

    #[test]
    fn a_short_id_is_the_sigs_long_one() {
        assert_eq!(format!("{:032x}", short(0xFFF0)), "0000fff000001000800000805f9b34fb");
    }

    #[test]
    fn known_pairs_come_first_and_every_other_one_is_tried() {
        type Case<'a> = (&'a [(u16, u16, &'a str)], &'a [(u16, u16)]);
        let cases: [Case<'_>; 7] = [
            (&[(0xFFF0, 0xFFF1, "n"), (0xFFF0, 0xFFF2, "u")], &[(0xFFF1, 0xFFF2)]),
            (&[(0xFFE0, 0xFFE1, "nu")], &[(0xFFE1, 0xFFE1)]),
            // The known one, though it is not the first in the list.
            (
                &[(0xAAA0, 0xAAA1, "n"), (0xAAA0, 0xAAA2, "w"), (0x18F0, 0x2AF0, "n"), (0x18F0, 0x2AF1, "u")],
                &[(0x2AF0, 0x2AF1), (0xAAA1, 0xAAA2)],
            ),
            // One of each, before one with a choice.
            (
                &[(0xBBB0, 1, "n"), (0xBBB0, 2, "w"), (0xBBB0, 3, "w"), (0xAAA0, 4, "n"), (0xAAA0, 5, "w")],
                &[(4, 5), (1, 2), (1, 3)],
            ),
            (&[(0x180F, 0x2A19, "nw"), (0x1801, 0x2A05, "nw")], &[]),
            (&[(0xFFF0, 0xFFF1, "n"), (0xFFE0, 0xFFF2, "w")], &[]),
            (&[], &[]),
        ];
        for (all, expect) in cases {
            let all: Vec<_> = all.iter().map(|(s, c, k)| one(*s, *c, k)).collect();
            let expect: Vec<_> = expect.iter().map(|(h, s)| (short(*h), short(*s))).collect();
            let seen: Vec<_> = pairs(&all).iter().map(|p| (p.hear.id, p.speak.id)).collect();
            assert_eq!(seen, expect, "{all:?}");
        }
        assert!(advertises_adapter([short(0x180A), short(0xFFF0)]));
        assert!(!advertises_adapter([short(0x180A)]));
    }
}
