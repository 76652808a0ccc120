use super::{
    check_pdf,
    font::Fonts,
    layout::layout,
    page::{HEIGHT, MARGIN, Mark, Page, WIDTH},
    sample::{crowded, empty, usual, visit},
};
use crate::verdict::sample::{clean, with_code, with_unfinished};
use jiff::tz::TimeZone;
use roadworthy_api::{check::CodeClass, vehicle::*, visit::VisitDetail};

type Sample = (VehicleDetail, VisitDetail);

fn samples() -> Vec<(&'static str, Sample)> {
    let watch = visit(with_code(clean(), CodeClass::Pending, "P0171", "7E8"), None);
    let soon = visit(with_code(clean(), CodeClass::Stored, "U0100", "7E9"), None);
    vec![
        ("usual", usual()),
        ("empty", empty()),
        ("crowded", crowded()),
        ("good", visit(clean(), Some(&with_unfinished(clean(), 1)))),
        ("watch", watch),
        ("soon", soon),
    ]
}

fn page(fonts: &Fonts, (vehicle, visit): &Sample) -> Page {
    layout(fonts, vehicle, visit, "Corner Garage", &TimeZone::UTC)
}

fn texts(page: &Page) -> Vec<&str> {
    page.marks
        .iter()
        .filter_map(|m| match m {
            Mark::Text { text, .. } => Some(text.as_str()),
            _ => None,
        })
        .collect()
}

#[test]
fn one_visit_gives_identical_bytes_of_one_page() {
    for (name, (vehicle, visit)) in samples() {
        let pdf = check_pdf(&vehicle, &visit, "Corner Garage", &TimeZone::UTC).unwrap();
        assert!(pdf.starts_with(b"%PDF-1.7"), "{name}");
        assert!(pdf == check_pdf(&vehicle, &visit, "Corner Garage", &TimeZone::UTC).unwrap(), "{name}");
        let text = String::from_utf8_lossy(&pdf);
        assert_eq!(
            (text.matches("/Type/Page/").count(), text.matches("/Type/Pages/Count 1/").count()),
            (1, 1),
            "{name}"
        );
        assert!(text.contains("pdfaid:part>3<") && text.contains("pdfaid:conformance>B<"), "{name}");
        assert!(pdf.len() < 200_000, "{name} takes {} bytes", pdf.len());
    }
    let (vehicle, visit) = usual();
    let here = check_pdf(&vehicle, &visit, "Corner Garage", &TimeZone::UTC).unwrap();
    assert!(here != check_pdf(&vehicle, &visit, "Other Garage", &TimeZone::UTC).unwrap());
}

#[test]
fn nothing_leaves_the_margins_and_no_two_texts_overlap() {
    let fonts = Fonts::new().unwrap();
    for (name, sample) in samples() {
        let page = page(&fonts, &sample);
        for mark in &page.marks {
            let [left, top, right, bottom] = mark.extent(&fonts);
            let inside = left >= MARGIN - 0.1
                && top >= MARGIN - 0.1
                && right <= WIDTH - MARGIN + 0.1
                && bottom <= HEIGHT - MARGIN + 2.0;
            assert!(inside, "{name}: {mark:?}");
        }
        let boxes: Vec<_> = page.marks.iter().filter(|m| matches!(m, Mark::Text { .. } | Mark::Shape { .. })).collect();
        for (i, a) in boxes.iter().enumerate() {
            for b in &boxes[i + 1..] {
                let ([al, at, ar, ab], [bl, bt, br, bb]) = (a.extent(&fonts), b.extent(&fonts));
                let apart = ar <= bl + 0.1 || br <= al + 0.1 || ab <= bt + 0.4 || bb <= at + 0.4;
                assert!(apart, "{name}: {a:?} over {b:?}");
            }
        }
    }
}

#[test]
fn what_does_not_fit_is_counted() {
    let fonts = Fonts::new().unwrap();
    let sample = crowded();
    let page = page(&fonts, &sample);
    let texts = texts(&page);
    let shown = sample.1.check.codes.iter().filter(|c| texts.contains(&c.code.as_str())).count();
    assert!(shown >= 8, "{shown} codes shown");
    let expect = format!("and {} more, see the full check", 40 - shown);
    assert!(texts.contains(&expect.as_str()), "expected {expect:?} in {texts:#?}");
}

#[test]
fn the_usual_report_holds_every_part() {
    let fonts = Fonts::new().unwrap();
    let page = page(&fonts, &usual());
    let all = texts(&page).join("\n");
    for part in [
        "Vehicle check",
        "Corner Garage",
        "20 November 2026, 23:00:24 (UTC)",
        "RW-T 100 · Shuttle bus 3",
        "VIN 1RWTEST0XX0000001",
        "135\u{a0}879.1 km",
        "odometer, read from Engine (PID A6)",
        "Act now",
        "Engine lamp on. 1 stored, 1 pending and 1 permanent code in Engine; 2 of 2 ECUs answered.",
        "P0301",
        "Engine · Cylinder 1: misfire",
        "Permanent (only the vehicle can remove it)",
        "When it happened (freeze frame)",
        "New stored code P0301 in Engine.",
        "EVAP system",
        "Coolant temperature 88\u{a0}°C,",
        "unfinished",
        "Control module voltage",
        "14.18\u{a0}V",
        "Who was asked",
        "Transmission: Permanent codes (service not supported)",
        "ABS, Airbag, Steering, Body, Instrument cluster (not part of OBD-II)",
        "01925f3a-7c00-7abc-8def-0123456789ab",
        "5f1c0d5f1c0d",
        "not a technical inspection",
    ] {
        assert!(all.contains(part), "{part:?} is missing from\n{all}");
    }
    let shapes = page.marks.iter().filter(|m| matches!(m, Mark::Shape { state: State::ActNow, .. })).count();
    assert_eq!(shapes, 1, "the verdict is a shape and a word, not a colour alone");
}

#[test]
fn what_is_no_real_vehicle_is_titled_so() {
    let fonts = Fonts::new().unwrap();
    for (port, title) in [
        ("sim:petrol", "Simulated vehicle"),
        ("replay:/tmp/visit.txt", "Replayed recording"),
        ("/dev/ttyUSB0", "Vehicle check"),
        ("tcp://192.168.0.10:35000", "Vehicle check"),
    ] {
        let mut sample = usual();
        sample.1.check.port = port.into();
        let page = page(&fonts, &sample);
        assert_eq!(texts(&page).first(), Some(&title), "{port}");
    }
}

#[test]
fn an_empty_visit_says_what_is_unknown() {
    let fonts = Fonts::new().unwrap();
    let page = page(&fonts, &empty());
    let all = texts(&page).join("\n");
    for part in [
        "Vehicle without plate or name",
        "VIN unknown: the vehicle gave no identification",
        "Odometer not read",
        "Cannot tell",
        "Stored codes were not read.",
        "unknown",
        "Monitors were not read.",
        "No raw traffic is stored.",
        "This is the first visit on record.",
    ] {
        assert!(all.contains(part), "{part:?} is missing from\n{all}");
    }
}

/// The layout of the usual report, mark by mark. After a wanted change write it anew with `ROADWORTHY_BLESS=1`.
#[test]
fn the_layout_is_as_it_was() {
    let fonts = Fonts::new().unwrap();
    let line = |m: &Mark| match m {
        Mark::Text { x, y, size, weight, text, .. } => format!("{x:6.1} {y:6.1} {size:4.1} {weight:?} {text}\n"),
        Mark::Rule { x, y, width } => format!("{x:6.1} {y:6.1} rule {width:.1}\n"),
        Mark::Band { x, y, width, height, state } => {
            format!("{x:6.1} {y:6.1} band {width:.1} x {height:.1} {state:?}\n")
        }
        Mark::Shape { x, y, radius, state } => format!("{x:6.1} {y:6.1} shape {radius:.1} {state:?}\n"),
    };
    let found: String = page(&fonts, &usual()).marks.iter().map(line).collect();
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/report/usual.layout");
    if std::env::var_os("ROADWORTHY_BLESS").is_some() {
        std::fs::write(&path, &found).unwrap();
    }
    assert_eq!(found, std::fs::read_to_string(&path).unwrap());
}
