//! What a code means.

use super::{advice, bytes, failure_type, maker_controlled, system, table};
use roadworthy_api::fault::CodeMeaning;

/// What a title of a chassis or body code says of itself.
pub const GENERIC: &str = "generic title; the maker may differ";

/// What a code means, as far as that is certain without knowing the maker. Takes what people type: lower case, blanks, and
/// a failure type at the end as in `P0301-11`. `None` where the text is no code.
///
/// A failure type adds its words to a title in brackets. Titles of chassis and body codes are the standard's; makers differ
/// from them more often than from the others, so whoever shows one says so.
pub fn explain(text: &str) -> Option<CodeMeaning> {
    let code = normal(text)?;
    let title = title(&code);
    Some(CodeMeaning {
        system: system(plain(&code)).to_owned(),
        maker_controlled: maker_controlled(plain(&code)),
        known: title.is_some(),
        note: (title.is_some() && may_differ(&code)).then(|| GENERIC.to_owned()),
        failure_type: failure(&code).map(str::to_owned),
        advice: advice(&code).map(super::Advice::lines).unwrap_or_default(),
        title,
        code,
    })
}

/// What the failure type at a code's end says.
fn failure(code: &str) -> Option<&'static str> {
    code.get(6..).and_then(|hex| u8::from_str_radix(hex, 16).ok()).and_then(failure_type)
}

/// The title of a code in its [`normal`] form; `None` where it is not certain, or the maker's.
pub fn title(code: &str) -> Option<String> {
    let base = plain(code);
    if maker_controlled(base) || normal(code)? != code {
        return None;
    }
    let title = table::title(u16::from_be_bytes(bytes(base)?))?;
    Some(match failure(code) {
        Some(failure) => format!("{title} ({failure})"),
        None => title.to_owned(),
    })
}

/// What a list shows beside a code: its title, else the system of its range; with a reserve where makers often differ from
/// the standard.
pub fn label(code: &str) -> String {
    match title(code) {
        Some(title) if may_differ(code) => format!("{title} ({GENERIC})"),
        Some(title) => title,
        None => system(plain(code)).to_owned(),
    }
}

/// Whether a title of this code is the generic one of chassis or body, where makers often mean something else.
pub fn may_differ(code: &str) -> bool {
    code.starts_with(['B', 'C'])
}

/// A code as this program writes it, `P0301` or `P0301-11`, from what people type; `None` where the text is no code.
pub fn normal(text: &str) -> Option<String> {
    let packed: String = text.chars().filter(|c| !c.is_whitespace()).map(|c| c.to_ascii_uppercase()).collect();
    let (code, failure) = match packed.split_once('-') {
        Some((code, failure)) => (code, Some(failure)),
        None => (packed.as_str(), None),
    };
    bytes(code)?;
    match failure {
        Some(hex) if hex.len() != 2 || !hex.bytes().all(|b| b.is_ascii_hexdigit()) => None,
        _ => Some(packed),
    }
}

/// Without its failure type.
fn plain(code: &str) -> &str {
    code.split_once('-').map_or(code, |(code, _)| code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_type_is_explained() {
        for (typed, code, title, system, maker) in [
            ("P0301", "P0301", Some("Cylinder 1: misfire"), "ignition or misfire", false),
            (" p 0301 ", "P0301", Some("Cylinder 1: misfire"), "ignition or misfire", false),
            ("p0301-11", "P0301-11", Some("Cylinder 1: misfire (short to ground)"), "ignition or misfire", false),
            ("P0301-00", "P0301-00", Some("Cylinder 1: misfire"), "ignition or misfire", false),
            (
                "P0420",
                "P0420",
                Some("Catalyst system bank 1: efficiency below threshold"),
                "auxiliary emission controls",
                false,
            ),
            (
                "P0140",
                "P0140",
                Some("Oxygen sensor bank 1 sensor 2: no activity detected"),
                "fuel and air metering",
                false,
            ),
            ("P2336", "P2336", Some("Cylinder 1: above knock threshold"), "ignition or misfire", false),
            ("P2325", "P2325", Some("Ignition coil I: primary control circuit high"), "ignition or misfire", false),
            (
                "P0296",
                "P0296",
                Some("Cylinder 12: contribution or balance"),
                "fuel and air metering: injector circuit",
                false,
            ),
            (
                "U0100",
                "U0100",
                Some("Lost communication with engine or powertrain control module (ECM, PCM) A"),
                "network communication",
                false,
            ),
            (
                "P0ABC",
                "P0ABC",
                Some("Hybrid battery pack voltage sense: circuit low"),
                "hybrid or electric propulsion",
                false,
            ),
            ("P1301", "P1301", None, "defined by the maker", true),
            ("P1301-11", "P1301-11", None, "defined by the maker", true),
            ("P0FFF", "P0FFF", None, "hybrid or electric propulsion", false),
        ] {
            let meaning = explain(typed).unwrap();
            assert_eq!((meaning.code.as_str(), meaning.title.as_deref()), (code, title), "{typed}");
            assert_eq!((meaning.system.as_str(), meaning.maker_controlled), (system, maker), "{typed}");
            assert_eq!(meaning.known, title.is_some(), "{typed}");
        }
    }

    #[test]
    fn what_is_no_code_is_not_explained() {
        for typed in [
            "",
            "P",
            "P030",
            "P03011",
            "X0301",
            "P4301",
            "P0301-",
            "P0301-1",
            "P0301-111",
            "P0301-GG",
            "P0301-+1",
            "P0301-é",
            "ﬀ0301",
        ] {
            assert_eq!(explain(typed), None, "{typed}");
        }
    }

    #[test]
    fn no_code_that_the_maker_controls_has_a_title() {
        for pair in 0..=u16::MAX {
            let code = super::super::code(pair.to_be_bytes());
            assert!(!maker_controlled(&code) || title(&code).is_none(), "{code}");
        }
    }

    #[test]
    fn a_list_shows_a_title_or_a_system() {
        for (code, label_) in [
            ("P0301", "Cylinder 1: misfire"),
            ("C0031", "Left front wheel speed sensor: malfunction (generic title; the maker may differ)"),
            ("C1031", "defined by the maker"),
            ("P0FFF", "hybrid or electric propulsion"),
            ("nonsense", "unknown"),
            ("P0301301", "unknown"),
        ] {
            assert_eq!(label(code), label_, "{code}");
        }
    }

    /// The codes that workshops meet most (oxygen sensors, catalyst, misfire, fuel, evaporation, air, ignition, speed,
    /// transmission, network).
    #[test]
    fn the_usual_codes_have_titles() {
        let usual = "
            P0010 P0011 P0012 P0013 P0014 P0016 P0017 P0018 P0019 P0020 P0021 P0022 P0030 P0031 P0032 P0036 P0037 P0038
            P0050 P0051 P0052 P0056 P0057 P0058 P0068 P0087 P0088 P0089 P0100 P0101 P0102 P0103 P0104 P0105 P0106 P0107
            P0108 P0110 P0111 P0112 P0113 P0115 P0116 P0117 P0118 P0120 P0121 P0122 P0123 P0125 P0128 P0130 P0131 P0132
            P0133 P0134 P0135 P0136 P0137 P0138 P0139 P0140 P0141 P0150 P0151 P0152 P0153 P0154 P0155 P0156 P0157 P0158
            P0159 P0160 P0161 P0170 P0171 P0172 P0173 P0174 P0175 P0190 P0191 P0192 P0193 P0200 P0201 P0202 P0203 P0204
            P0205 P0206 P0207 P0208 P0217 P0220 P0221 P0222 P0223 P0230 P0234 P0243 P0261 P0299 P0300 P0301 P0302 P0303
            P0304 P0305 P0306 P0307 P0308 P0316 P0320 P0325 P0327 P0328 P0330 P0332 P0335 P0336 P0340 P0341 P0344 P0345
            P0350 P0351 P0352 P0353 P0354 P0355 P0356 P0365 P0380 P0400 P0401 P0402 P0403 P0404 P0405 P0410 P0411 P0420
            P0421 P0430 P0440 P0441 P0442 P0443 P0446 P0449 P0452 P0453 P0455 P0456 P0457 P0460 P0463 P0470 P0480 P0496
            P0500 P0501 P0503 P0505 P0506 P0507 P0510 P0520 P0521 P0522 P0532 P0533 P0560 P0562 P0563 P0571 P0600 P0601
            P0602 P0603 P0605 P0606 P0620 P0622 P0627 P0638 P0641 P0651 P0671 P0685 P0700 P0705 P0706 P0710 P0715 P0717
            P0720 P0722 P0725 P0730 P0731 P0740 P0741 P0743 P0750 P0755 P0776 P0841 P0868 P0A0F P0A1B P0A7F P0A80 P0AA6
            P2002 P2096 P2097 P2101 P2106 P2111 P2122 P2127 P2135 P2138 P2177 P2187 P2195 P2196 P2197 P2237 P2270 P2271
            P2452 P2453 P2463 P2563 P2610 P2A00 U0001 U0073 U0100 U0101 U0121 U0140 U0155 U0401 C0035 C0040 B0001";
        for code in usual.split_whitespace() {
            assert!(title(code).is_some(), "{code}");
        }
    }
}
