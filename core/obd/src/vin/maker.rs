//! Who built it: the world manufacturer identifier, the first three characters (ISO 3780).
//!
//! Only identifiers on which public lists agree stand here: those of Wikipedia and Wikibooks, and those of published decoders.
//! One that was passed on, or under which several makers sell, is left out unless those have a name in common. A 9 at the
//! third place is shared by all small makers (49 CFR 565: up to 1,000 vehicles a year), who are told apart further back.

/// The maker that the first three characters stand for.
pub(super) fn maker(vin: &str) -> Option<&'static str> {
    let wmi = vin.get(..3).filter(|wmi| !wmi.ends_with('9'))?;
    MAKERS.iter().find(|(_, list)| list.split(' ').any(|known| known == wmi)).map(|(name, _)| *name)
}

/// Whether the identifier stands for passenger cars and multipurpose vehicles of North America only, whose position 7 tells
/// the two 30-year cycles apart.
pub(super) fn only_passenger(vin: &str) -> bool {
    vin.get(..3).is_some_and(|wmi| PASSENGER.iter().any(|list| list.split(' ').any(|known| known == wmi)))
}

#[rustfmt::skip]
const MAKERS: &[(&str, &str)] = &[
    ("Acura", "19U 19V 2HH 2HN 5J8 JH4"),
    ("Alfa Romeo", "ZAR ZAS"),
    ("Aston Martin", "SCF"),
    ("Audi", "93U 99A TRU WAC WAU WUA"),
    ("BMW", "4US 5UM 5UX 5YM 98M LBV WB5 WBA WBS WBX WBY"),
    ("BYD", "LC0 LGX"),
    ("Bentley", "SCB SJA"),
    ("Buick", "1G4 2G4 3G4 3G5 5GA KL4 LRB W04"),
    ("Cadillac", "1G6 1GE 1GY 2G6 2GE 3GY"),
    ("Chery", "98R 9UJ LVV"),
    ("Chevrolet", "1G1 1GB 1GC 1GN 2G1 2G8 2GC 2GN 3G1 3GC 3GN 4G1 6G3 8AG 9BG KL1 KL8 MMM"),
    ("Chrysler", "1A4 1A8 1C8 2A4 2A8 2C8 3A4 3A8 3C8 4C3 ZC2"),
    ("Chrysler Group", "1C3 1C4 1C6 2C3 2C4 3C3 3C4 3C6 3C7"),
    ("Citroën", "935 VF7 VR7"),
    ("DAF", "XLR"),
    ("Dacia", "UU1"),
    ("Daihatsu", "JD1 JD2 JD4 JDA"),
    ("Dodge",
     "1B3 1B6 1B7 1D3 1D4 1D7 1D8 2B3 2B4 2B6 2B7 2D4 2D6 2D7 2D8 3B6 3B7 3D2 3D3 3D4 3D6 3D7 JB3"),
    ("Ferrari", "ZFF"),
    ("Fiat", "8AP 9BD LWV ZFA ZFB"),
    ("Ford",
     "1FA 1FC 1FD 1FM 1FT 1ZV 2FA 2FM 2FT 3FA 3FC 3FM 3FN 3FR 3FT 6F1 6FP 8AF 9BF AFA LVS MAJ MNB NM0 PE1 SFA VS6 \
      WF0"),
    ("Freightliner", "1FU 1FV 3AK 3AL"),
    ("GMC", "1G5 1GK 1GT 2G5 2GK 2GT 3GK 3GT"),
    ("Geely", "L6T LB3"),
    ("Genesis", "KMT"),
    ("Great Wall", "LGW"),
    ("Holden", "KL3"),
    ("Honda",
     "19X 1HG 2HG 2HJ 2HK 3CZ 3HG 4S6 5FN 5FP 5J6 5KB 93H JHL JHM LHG LUC LVH MAK MHR MRH NLA SHH SHS"),
    ("Hummer", "5GN 5GR 5GT"),
    ("Hyundai", "2HM 5NM 5NP 95P 9BH KM8 KME KMF KMH KMJ MAL NLH NLJ TMA"),
    // The one builds for the other: Accent in Mexico (3KP), Santa Fe in Georgia (5XY).
    ("Hyundai or Kia", "3KP 5XY"),
    ("Isuzu", "4NU JAA JAB JAC JAL JAM MP1 MPA"),
    ("Iveco", "8AT 93Z VNE WJM ZCF ZGA"),
    ("Jaguar", "SAJ"),
    ("Jaguar Land Rover", "99J"),
    ("Jeep", "1J4 1J7 1J8 1JC 1JT 2J4 988"),
    ("Kenworth", "1XK"),
    ("Kia", "5XX 9UW KNA KNC KND KNE LJD MS0 U5Y U6Y"),
    ("Lada", "XTA"),
    ("Lamborghini", "ZHW"),
    ("Lancia", "ZLA"),
    ("Land Rover", "SAL"),
    ("Lexus", "2T2 58A JTH JTJ"),
    ("Lincoln", "1L1 1LJ 1LN 2L1 2LJ 2LM 2LN 3LN 5L1 5LD 5LM 5LT"),
    ("Lotus", "SCC"),
    ("MAN", "WMA"),
    ("MG", "LSJ"),
    ("Mack", "1M1 1M2"),
    ("Mahindra", "MA1"),
    ("Maserati", "ZAM ZN6"),
    ("Mazda", "1YV 3MD 3MZ 4F2 4F4 JC1 JM0 JM1 JM2 JM3 JM6 JM7 JMZ LVR MM0 MM8 PE3"),
    ("McLaren", "SBM"),
    ("Mercedes-Benz", "4JG 55S 9BM W1K W1N W1T W1V W1W W1X W1Y WD3 WD4 WDA WDB WDC WDD WDF WMX"),
    ("Mercury", "1ME 1ZW 2ME 2MR 3ME 4M2"),
    ("Mini", "WMW WMZ"),
    ("Mitsubishi", "1Z3 1Z7 4A3 4A4 6MM 93X JA3 JA4 JL5 JL6 JMB ML3 MMB MMC MMT TYB XMC XNC"),
    ("Nissan", "1N4 1N6 3N1 3N8 4N2 5N1 6F4 94D JN1 JN3 JN6 JN8 JNA JNC JNE LGB MDH MNT SJK SJN VSK VWA"),
    ("Oldsmobile", "1G3 1GH 2G3"),
    ("Opel", "VSX W0L W0S W0V"),
    ("Peterbilt", "1XP"),
    ("Peugeot", "8AD 8GD 936 VF3 VR3"),
    ("Plymouth", "1P3 1P4 2P3 2P4 3P3"),
    ("Polestar", "LPS"),
    ("Pontiac", "1G2 1GM 2G2 2G7 3G2 5Y2 6G2 KL2"),
    ("Porsche", "WP0 WP1"),
    ("Proton", "PL1"),
    ("Renault", "8A1 93Y 9FB VF1 VF2 VF6 X7L"),
    ("Rolls-Royce", "SCA"),
    ("SEAT", "VSS"),
    ("Saab", "5S3 YK1 YS3 YTN"),
    ("Saturn", "3GS 5GZ"),
    ("Scania", "9BS YS2 YS4"),
    ("Škoda", "TMB TMP"),
    ("SsangYong", "KPA KPB KPT"),
    ("Subaru", "4S3 4S4 JF1 JF2 JF3"),
    ("Suzuki", "2S2 2S3 5Z6 JS2 JS3 LS5 MA3 MMS TSM"),
    ("Tata", "MAT"),
    ("Tesla", "5YJ 7SA LRW XP7"),
    ("Toyota",
     "1NX 2T1 2T3 3TM 3TY 4T1 4T3 4T4 4TA 5TB 5TD 5TE 5TF 5YF 6T1 8AJ 9BR AHT JT2 JT3 JT4 JT5 JTD JTE JTF JTG JTK \
      JTL JTM JTN LFM LVG MBJ MR0 NMT SB1 VNK YAR"),
    ("UAZ", "XTT"),
    ("Volkswagen", "1V1 1V2 1VW 2V4 2V8 3VV 3VW 8AW 9BW AAV LFV LSV MEX WV1 WV2 WVG WVW"),
    ("Volvo", "4V4 4V5 9BV LVY XLB YB3 YV1 YV2 YV3 YV4 YV5"),
    ("Western Star", "2WL 2WM"),
    ("smart", "WME"),
];

const PASSENGER: &[&str] = &[
    "19U 19V 19X 1A4 1A8 1B3 1C3 1C4 1C8 1D4 1D8 1FA 1FM 1G1 1G2 1G3 1G4 1G5 1G6 1GH 1GK 1GM 1GN 1GY 1HG 1J4",
    "1J8 1JC 1L1 1LN 1ME 1N4 1NX 1P3 1P4 1V2 1VW 2A4 2A8 2B3 2B4 2C3 2C4 2C8 2D4 2D8 2FA 2FM 2G3 2G5 2G7 2G8",
    "2GK 2GN 2HG 2HH 2HK 2HN 2LM 2LN 2ME 2MR 2P3 2P4 2S2 2S3 2T1 2T2 2T3 3A4 3A8 3C3 3C4 3C8 3CZ 3D4 3FA 3FM",
    "3G1 3G2 3G4 3G5 3GK 3GN 3GS 3GY 3HG 3KP 3LN 3MD 3ME 3MZ 3N1 3N8 3P3 3VV 3VW 4A3 4A4 4C3 4F2 4JG 4M2",
    "4S3 4S4 4S6 4T1 4T3 4T4 4US 55S 58A 5FN 5GA 5GZ 5J6 5J8 5KB 5L1 5LM 5N1 5NM 5NP 5TD 5UM 5UX 5XX 5XY 5YF",
    "5YJ 5YM 7SA",
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn each_identifier_stands_once_and_is_well_formed() {
        let mut seen = BTreeSet::new();
        for wmi in MAKERS.iter().flat_map(|(_, list)| list.split(' ')) {
            assert!(seen.insert(wmi), "{wmi} stands twice");
            assert!(super::super::well_formed(&format!("{wmi}00000000000000")).is_ok(), "{wmi}");
            assert!(!wmi.ends_with('9'), "{wmi} is shared");
            assert!(crate::vin::region::region(wmi).is_some(), "{wmi}");
        }
        for wmi in PASSENGER.iter().flat_map(|list| list.split(' ')) {
            assert!(seen.contains(wmi) && wmi.starts_with(['1', '2', '3', '4', '5', '7']), "{wmi}");
        }
        assert!(seen.len() > 300, "{}", seen.len());
    }

    #[test]
    fn well_known_identifiers_have_their_makers() {
        for (wmi, maker_) in [
            ("WVW", Some("Volkswagen")),
            ("WAU", Some("Audi")),
            ("WBA", Some("BMW")),
            ("1HG", Some("Honda")),
            ("JHM", Some("Honda")),
            ("1FA", Some("Ford")),
            ("WF0", Some("Ford")),
            ("VF1", Some("Renault")),
            ("TMB", Some("Škoda")),
            ("YV1", Some("Volvo")),
            ("KMH", Some("Hyundai")),
            ("5YJ", Some("Tesla")),
            // Built by one, sold by the other too.
            ("5XY", Some("Hyundai or Kia")),
            ("3KP", Some("Hyundai or Kia")),
            ("99J", Some("Jaguar Land Rover")),
            ("3MY", None),
            ("LDC", None),
            ("XW8", None),
            ("XWE", None),
            ("1RW", None),
            ("SA9", None),
            ("WV", None),
            ("", None),
        ] {
            assert_eq!(maker(wmi), maker_, "{wmi}");
        }
    }
}
