//! Reads the tokens of theme.css and refuses what cannot be read on screen, in either theme.

use std::collections::BTreeMap;

type Rgb = [f64; 3];

/// Every `--name: light-dark(#rrggbb, #rrggbb);` of a style sheet, as (light, dark).
fn tokens(css: &str) -> BTreeMap<String, (Rgb, Rgb)> {
    css.lines()
        .filter_map(|line| {
            let (name, rest) = line.trim().strip_prefix("--")?.split_once(": light-dark(")?;
            let (light, dark) = rest.strip_suffix(");")?.split_once(", ")?;
            Some((name.to_owned(), (colour(light)?, colour(dark)?)))
        })
        .collect()
}

fn colour(text: &str) -> Option<Rgb> {
    let digits = text.strip_prefix('#').filter(|d| d.len() == 6)?;
    let part = |at: usize| u8::from_str_radix(digits.get(at..at + 2)?, 16).ok().map(|v| f64::from(v) / 255.0);
    Some([part(0)?, part(2)?, part(4)?])
}

/// Contrast of WCAG 2.2, from 1 to 21.
fn contrast(a: Rgb, b: Rgb) -> f64 {
    let luminance = |[r, g, b]: Rgb| {
        let linear = |c: f64| if c <= 0.040_45 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) };
        0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b)
    };
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

/// What stands on what. Text needs 4.5, edges of fields and shapes of states need 3.
fn pairs() -> Vec<(&'static str, &'static str, f64)> {
    let grounds = ["page", "surface", "hover"];
    let mut pairs = Vec::new();
    for ground in grounds {
        for text in ["text", "muted", "accent", "good", "cannot-tell", "watch", "act-soon", "act-now"] {
            pairs.push((text, ground, 4.5));
        }
    }
    for ground in ["page", "surface"] {
        pairs.push(("edge", ground, 3.0));
        pairs.push(("accent", ground, 3.0));
    }
    for series in ["series-1", "series-2", "series-3", "series-4", "series-5", "series-6"] {
        pairs.extend([(series, "surface", 4.5), (series, "sunken", 3.0)]);
    }
    for state in ["good", "cannot-tell", "watch", "act-soon", "act-now"] {
        let soft: &'static str = match state {
            "good" => "good-soft",
            "cannot-tell" => "cannot-tell-soft",
            "watch" => "watch-soft",
            "act-soon" => "act-soon-soft",
            _ => "act-now-soft",
        };
        pairs.extend([(state, soft, 4.5), ("text", soft, 4.5), ("muted", soft, 4.5)]);
    }
    pairs.extend([
        ("on-accent", "accent", 4.5),
        ("accent", "accent-soft", 4.5),
        ("text", "accent-soft", 4.5),
        ("muted", "accent-soft", 4.5),
    ]);
    pairs
}

/// Every pair that is too close, in words.
fn too_close(css: &str) -> Vec<String> {
    let tokens = tokens(css);
    let mut problems = Vec::new();
    for (text, ground, least) in pairs() {
        let (Some(a), Some(b)) = (tokens.get(text), tokens.get(ground)) else {
            problems.push(format!("{text} or {ground} is no token"));
            continue;
        };
        for (theme, ratio) in [("light", contrast(a.0, b.0)), ("dark", contrast(a.1, b.1))] {
            if ratio < least {
                problems.push(format!("{text} on {ground}, {theme}: {ratio:.2} is less than {least}"));
            }
        }
    }
    problems
}

const THEME: &str = include_str!("../theme.css");

#[test]
fn every_text_can_be_read_in_both_themes() {
    assert_eq!(too_close(THEME), Vec::<String>::new());
}

#[test]
fn a_pale_token_is_noticed() {
    let pale = THEME.replace("--muted: light-dark(#535b65", "--muted: light-dark(#8d949c");
    assert_ne!(pale, THEME);
    assert!(too_close(&pale).iter().any(|p| p.starts_with("muted on page, light")));
    let gone = THEME.replace("--watch: ", "--look: ");
    assert!(too_close(&gone).iter().any(|p| p.contains("is no token")));
}

#[test]
fn contrast_is_that_of_the_standard() {
    for (a, b, expect) in [("#000000", "#ffffff", 21.0), ("#777777", "#ffffff", 4.48), ("#0000ff", "#ffffff", 8.59)] {
        let ratio = contrast(colour(a).unwrap(), colour(b).unwrap());
        assert!((ratio - expect).abs() < 0.01, "{a} on {b}: {ratio}");
    }
}

/// Sizes, spaces and the radius are chosen in theme.css alone.
#[test]
fn no_other_style_sheet_chooses_a_colour_or_a_size_of_type() {
    for (name, css) in [
        ("parts.css", include_str!("../parts.css")),
        ("pages.css", include_str!("../pages.css")),
        ("live.css", include_str!("../live.css")),
    ] {
        for (number, line) in css.lines().enumerate() {
            let font =
                line.split("font-size: ").nth(1).map(|rest| rest.starts_with("var(") || rest.starts_with("inherit"));
            assert_ne!(font, Some(false), "{name}:{}: {line}", number + 1);
            let colour = line.contains(": #") || line.contains("rgb(") || line.contains("hsl(");
            assert!(!colour || line.contains("::backdrop"), "{name}:{}: {line}", number + 1);
        }
    }
}
