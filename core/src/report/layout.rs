//! The report as a laid-out page: from a visit to marks at places. Pure.

use super::{
    font::{Fonts, Weight},
    page::{GREY, HEIGHT, MARGIN, Mark, Page, Pen, Style, WIDTH, colour, word},
    section::{GAP, Section, column},
    words,
};
use crate::verdict::{ecu_name, lamp_on, monitor_name};
use jiff::tz::TimeZone;
use roadworthy_api::{
    check::{CheckReport, CodeClass},
    vehicle::{State, VehicleDetail},
    visit::VisitDetail,
};

const INNER: f32 = WIDTH - 2.0 * MARGIN;
/// The wide column: codes, freeze frames, differences.
const LEFT: f32 = 306.0;
const GUTTER: f32 = 24.0;
const RIGHT: f32 = INNER - LEFT - GUTTER;

/// Present values a customer can relate to, by PID of service 01, in this order.
const KEY_VALUES: [&str; 8] = ["05", "0C", "42", "2F", "06", "07", "21", "31"];

/// What a freeze frame tells first: engine speed, vehicle speed, coolant temperature, load, throttle, run time.
const FRAME_VALUES: [&str; 6] = ["0C", "0D", "05", "04", "11", "1F"];

/// What the report is and is not.
const FOOT: &str = "This report states what the vehicle's control units said over the diagnostic connector at the time above. It \
    is not a technical inspection: brakes, steering, tyres, lights and body were not examined, and systems named as silent or \
    not asked are unknown. Codes point to a circuit or function, not to a part to be replaced.";

/// Lays out the page.
pub(crate) fn layout(fonts: &Fonts, vehicle: &VehicleDetail, visit: &VisitDetail, shop: &str, zone: &TimeZone) -> Page {
    let mut pen = Pen::new(fonts);
    let mut y = header(&mut pen, visit, shop, zone);
    y = vehicle_block(&mut pen, y, vehicle, &visit.check);
    y = verdict_band(&mut pen, y, visit);
    let bottom = footer(&mut pen, visit);
    let bottom = coverage(&mut pen, bottom, &visit.check);
    let mut marks = pen.marks;
    let room = bottom - GAP - y;
    marks.extend(column(left(fonts, visit), MARGIN, y, room));
    marks.extend(column(right(fonts, &visit.check), MARGIN + LEFT + GUTTER, y, room));
    Page { marks }
}

fn header(pen: &mut Pen<'_>, visit: &VisitDetail, shop: &str, zone: &TimeZone) -> f32 {
    let top = MARGIN;
    pen.text((MARGIN, top + 20.0), Style::bold(21.0), INNER * 0.5, words::title(&visit.check.port));
    pen.text_right((WIDTH - MARGIN, top + 9.0), Style::bold(10.5), INNER * 0.48, shop);
    let when = words::date_time(visit.check.ended, zone);
    pen.text_right((WIDTH - MARGIN, top + 22.0), Style::regular(9.0), INNER * 0.5, &when);
    pen.marks.push(Mark::Rule { x: MARGIN, y: top + 31.0, width: INNER });
    top + 31.0
}

fn vehicle_block(pen: &mut Pen<'_>, y: f32, vehicle: &VehicleDetail, check: &CheckReport) -> f32 {
    let row = &vehicle.row;
    let title: Vec<&str> =
        [&row.plate, &row.name].into_iter().flatten().map(|s| s.trim()).filter(|s| !s.is_empty()).collect();
    let title = if title.is_empty() { "Vehicle without plate or name".to_owned() } else { title.join(" · ") };
    let half = INNER * 0.5;
    pen.text((MARGIN, y + 20.0), Style::bold(13.0), half - 8.0, &title);
    let vin = match check.vin.as_ref().or(row.vin.as_ref()) {
        Some(vin) if check.vin.is_some() => format!("VIN {vin}"),
        Some(vin) => format!("VIN {vin} (as registered, not read from the vehicle)"),
        None => {
            let why = check.vin_problem.as_deref().unwrap_or("the vehicle gave none");
            format!("VIN unknown: {}", words::clause(why))
        }
    };
    pen.paragraph((MARGIN, y + 35.0), Style::regular(9.0), half - 8.0, 2, &vin);
    let x = WIDTH - MARGIN;
    let odometer = match &vehicle.odometer {
        Some(o) => format!("{} km", words::number(o.km, 1)),
        None => "Odometer not read".to_owned(),
    };
    pen.text_right((x, y + 20.0), Style::bold(13.0), half - 8.0, &odometer);
    if let Some(o) = &vehicle.odometer {
        pen.text_right((x, y + 35.0), Style::grey(8.5), half - 8.0, &format!("odometer, {}", o.source));
    }
    let protocol = check.protocol.as_ref().map_or("no protocol answered", |p| p.name.as_str());
    pen.text_right((x, y + 47.0), Style::grey(8.5), half - 8.0, protocol);
    y + 58.0
}

fn verdict_band(pen: &mut Pen<'_>, y: f32, visit: &VisitDetail) -> f32 {
    let state = visit.verdict.state;
    let inset = 62.0;
    let band = pen.marks.len();
    pen.text((MARGIN + inset, y + 25.0), Style::bold(17.0).coloured(colour(state)), 150.0, word(state));
    let style = Style::regular(10.0);
    let width = INNER - inset - 12.0;
    let mut at = y + 41.0;
    at += style.leading() * pen.paragraph((MARGIN + inset, at), style, width, 3, &visit.verdict.reason) as f32;
    if visit.summary != visit.verdict.reason {
        let grey = Style::grey(9.0);
        at += grey.leading() * pen.paragraph((MARGIN + inset, at + 1.0), grey, width, 3, &visit.summary) as f32;
    }
    let height = (at - y - 2.0).max(58.0);
    pen.marks.insert(band, Mark::Band { x: MARGIN, y, width: INNER, height, state });
    pen.marks.insert(band + 1, Mark::Shape { x: MARGIN + 34.0, y: y + height / 2.0, radius: 19.0, state });
    y + height + GAP + 4.0
}

/// From the bottom up; the top of what it took.
fn footer(pen: &mut Pen<'_>, visit: &VisitDetail) -> f32 {
    let style = Style::grey(7.5);
    let lines = pen.fonts.wrap(Weight::Regular, style.size, INNER, 4, FOOT).len() as f32;
    let top = HEIGHT - MARGIN - style.leading() * (lines + 2.0);
    pen.marks.push(Mark::Rule { x: MARGIN, y: top - 11.0, width: INNER });
    pen.paragraph((MARGIN, top), style, INNER, 4, FOOT);
    let mut at = top + style.leading() * lines + 2.0;
    let id = format!("Visit {} · decoder {} · adapter {}", visit.id, visit.check.decoder, adapter(&visit.check));
    pen.text((MARGIN, at), style, INNER, &id);
    at += style.leading();
    let traffic = match visit.traffic.as_str() {
        "" => "No raw traffic is stored.".to_owned(),
        hash => format!("Raw traffic (BLAKE3) {hash}"),
    };
    pen.text((MARGIN, at), style, INNER, &traffic);
    top - 11.0 - GAP
}

fn adapter(check: &CheckReport) -> &str {
    match check.adapter.claims.trim() {
        "" => "unnamed",
        claims => claims,
    }
}

fn coverage(pen: &mut Pen<'_>, bottom: f32, check: &CheckReport) -> f32 {
    let key = 66.0;
    let style = Style::regular(8.5);
    let lines = words::coverage(check);
    let heights: Vec<usize> = lines
        .iter()
        .map(|(_, text)| pen.fonts.wrap(Weight::Regular, style.size, INNER - key, 3, text).len().max(1))
        .collect();
    let total = style.leading() * heights.iter().sum::<usize>() as f32 + 18.0;
    let top = bottom - total;
    pen.text((MARGIN, top + 9.0), Style::bold(10.5), INNER, "Who was asked");
    let mut at = top + 25.0;
    for ((name, text), height) in lines.iter().zip(heights) {
        pen.text((MARGIN, at), Style::bold(8.5), key - 4.0, name);
        pen.paragraph((MARGIN + key, at), style, INNER - key, 3, text);
        at += style.leading() * height as f32;
    }
    top
}

fn left<'a>(fonts: &'a Fonts, visit: &VisitDetail) -> Vec<Section<'a>> {
    let check = &visit.check;
    let mut codes = Section::new(fonts, LEFT, "Trouble codes").weighing(2.5);
    // A long list is worth more than long names in it.
    let lines = if check.codes.len() > 10 { 1 } else { 2 };
    for class in [CodeClass::Stored, CodeClass::Pending, CodeClass::Permanent] {
        let of: Vec<_> = check.codes.iter().filter(|c| c.class == class).collect();
        if of.is_empty() {
            codes.paragraph(Style::regular(9.0), 1, &words::no_codes(check, class));
            continue;
        }
        codes.heading(words::class_heading(class));
        for code in of {
            // The ECU first: a long title is cut at the line's end.
            let label = roadworthy_obd::dtc::label(&code.code);
            let text = format!("{} · {}", ecu_name(check, &code.ecu), words::capital(&label));
            codes.keyed(&code.code, 44.0, lines, &text);
        }
    }
    let mut frames = Section::new(fonts, LEFT, "When it happened (freeze frame)");
    for frame in &check.freeze_frames {
        let mut items: Vec<_> = frame.items.iter().collect();
        items.sort_by_key(|i| FRAME_VALUES.iter().position(|pid| *pid == i.pid).unwrap_or(FRAME_VALUES.len()));
        let values: Vec<_> =
            items.iter().map(|i| format!("{} {}", words::label(i), words::value(i))).take(FRAME_VALUES.len()).collect();
        let values = if values.is_empty() { "no values".to_owned() } else { values.join(", ") };
        frames.keyed(
            &frame.cause,
            44.0,
            if check.freeze_frames.len() > 2 { 2 } else { 3 },
            &format!("{} · {values}", ecu_name(check, &frame.ecu)),
        );
    }
    let mut tests = Section::new(fonts, LEFT, "On-board tests, those nearest to a limit first");
    for test in words::tests_by_need(check) {
        tests.marked(words::test_state(test), &words::test_name(test), &words::test_value(test));
    }
    let mut changes = Section::new(fonts, LEFT, "Since the last visit");
    match (&visit.differences.with, visit.differences.lines.as_slice()) {
        (None, _) => changes.paragraph(Style::regular(9.0), 1, "This is the first visit on record."),
        (Some(_), []) => changes.paragraph(Style::regular(9.0), 1, "Nothing differs."),
        (Some(_), lines) => lines.iter().for_each(|l| changes.paragraph(Style::regular(9.0), 2, l)),
    }
    vec![codes, frames, tests, changes]
}

fn right<'a>(fonts: &'a Fonts, check: &CheckReport) -> Vec<Section<'a>> {
    let mut ready = Section::new(fonts, RIGHT, "Lamp and emission monitors").weighing(2.0);
    match lamp_on(check) {
        Some(true) => ready.marked(State::ActSoon, "Engine lamp", "on"),
        Some(false) => ready.marked(State::Good, "Engine lamp", "off"),
        None => ready.marked(State::CannotTell, "Engine lamp", "unknown"),
    }
    let several = check.readiness.len() > 1;
    for ecu in &check.readiness {
        if several {
            ready.heading(&ecu_name(check, &ecu.ecu));
        }
        for test in ecu.tests.iter().filter(|t| t.available) {
            let (state, text) =
                if test.complete { (State::Good, "complete") } else { (State::CannotTell, "unfinished") };
            ready.marked(state, &words::capital(&monitor_name(&test.name)), text);
        }
    }
    if check.readiness.is_empty() {
        ready.paragraph(Style::grey(8.5), 2, "Monitors were not read.");
    }
    let mut values = Section::new(fonts, RIGHT, "Values during the check");
    for pid in KEY_VALUES {
        let reading = check.snapshot.iter().find(|r| r.of_pid(pid));
        if let Some(reading) = reading {
            values.value(&words::label(&reading.item), &words::value(&reading.item));
        }
    }
    if let Some(volts) = check.adapter.voltage {
        values.value("Voltage at the connector", &format!("{} V", words::number(volts, 1)));
    }
    let mut ecus = Section::new(fonts, RIGHT, "Control units");
    for ecu in &check.ecus {
        let calibration = ecu.calibrations.first().map(|c| format!(" · {c}")).unwrap_or_default();
        ecus.paragraph(Style::regular(8.5).coloured(GREY), 2, &format!("{}{calibration}", ecu_name(check, &ecu.id)));
    }
    vec![ready, values, ecus]
}
