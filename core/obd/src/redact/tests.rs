use super::*;
use crate::{
    check::{CheckOptions, check_recording},
    frame::{FrameError, Line, assemble_reply},
    line,
    protocol::Protocol,
};
use proptest::prelude::*;

/// How an answer is laid out.
#[derive(Clone, Copy, Debug)]
struct Layout {
    protocol: char,
    spaced: bool,
    headers: bool,
}

fn layouts() -> Vec<Layout> {
    let of = |protocol| {
        [(true, true), (false, true), (true, false), (false, false)].map(|(spaced, headers)| Layout {
            protocol,
            spaced,
            headers,
        })
    };
    ['1', '2', '3', '4', '5', '6', '7', '8', '9'].into_iter().flat_map(of).collect()
}

/// The frames of a reply in which `value` stands behind service, id and count.
fn lines(layout: Layout, service: &[u8], value: &[u8]) -> Vec<String> {
    let protocol = Protocol::from_id(layout.protocol).unwrap();
    let write = |id: &str, bytes: &[u8]| {
        let pairs: Vec<String> = bytes.iter().map(|b| format!("{b:02X}")).collect();
        let (between, id) = if layout.spaced { (" ", format!("{id} ")) } else { ("", id.to_owned()) };
        format!("{}{}", if id.trim().is_empty() { "" } else { &id }, pairs.join(between))
    };
    if protocol.is_can() {
        let id = if layout.protocol == '6' || layout.protocol == '8' { "7E8" } else { "18DAF110" };
        let payload = [service, value].concat();
        let (first, rest) = payload.split_at(6);
        let length = u8::try_from(payload.len()).unwrap();
        if !layout.headers {
            let numbered = |(n, part): (usize, &[u8])| {
                format!("{n:X}:{}{}", if layout.spaced { " " } else { "" }, write("", part))
            };
            let parts = std::iter::once(first).chain(rest.chunks(7)).enumerate().map(numbered);
            return std::iter::once(format!("{length:03X}")).chain(parts).collect();
        }
        let head = write(id, &[&[0x10, length], first].concat());
        let rest = rest.chunks(7).zip(1u8..).map(|(part, n)| {
            // Padded as some ECUs do, with a letter.
            let mut data = [&[0x20 | n], part].concat();
            data.resize(8, 0x55);
            write(id, &data)
        });
        return std::iter::once(head).chain(rest).collect();
    }
    let mut padded = vec![0; (4 - value.len() % 4) % 4];
    padded.extend_from_slice(value);
    let line = |(part, n): (&[u8], u8)| {
        let data = [&service[..2], &[n], part].concat();
        if !layout.headers {
            return write("", &data);
        }
        let header = match layout.protocol {
            '1' => [0x41, 0x6B, 0x10],
            '2' | '3' => [0x48, 0x6B, 0x10],
            _ => [0x80 | 7, 0xF1, 0x10],
        };
        let body = [&header[..], &data].concat();
        let sum = match layout.protocol {
            '1' | '2' => crate::frame::crc8(&body),
            _ => body.iter().fold(0u8, |sum, b| sum.wrapping_add(*b)),
        };
        write("", &[body, vec![sum]].concat())
    };
    padded.chunks(4).zip(1u8..).map(line).collect()
}

fn recording(layout: Layout, exchanges: &[(&str, Vec<String>)]) -> Traffic {
    let mut text = format!(
        "roadworthy-traffic 1\n0 > ATZ\\r\n1 < ELM327 v1.5\\r\\r>\n2 > ATTP{}\\r\n3 < OK\\r\\r>\n",
        layout.protocol
    );
    for (n, (sent, lines)) in exchanges.iter().enumerate() {
        let came = lines.iter().map(|l| format!("{l}\\r")).collect::<String>();
        // In two pieces, as they come from a serial port.
        let half = came.len() / 2;
        let half = (half..).find(|at| !came[..*at].ends_with(['\\', ' '])).unwrap();
        let (one, other) = came.split_at(half.min(came.len()));
        let other = other.strip_prefix(' ').map_or(other.to_owned(), |rest| format!("\\x20{rest}"));
        text.push_str(&format!("{0} > {sent}\\r\n{0} < {one}\n{0} < {other}\\r>\n", 10 + n));
    }
    Traffic::parse(&text).unwrap_or_else(|e| panic!("{e}: {text}"))
}

/// What the assembler makes of each request's answer.
fn read(layout: Layout, traffic: &Traffic) -> Vec<Vec<Line>> {
    let protocol = Protocol::from_id(layout.protocol).unwrap();
    crate::dialogue::exchanges(traffic)
        .iter()
        .filter(|e| !e.is_command())
        .map(|e| assemble_reply(protocol, layout.headers, &e.sent, &e.came))
        .collect()
}

fn kinds(lines: &[Vec<Line>]) -> Vec<Vec<String>> {
    let kind = |line: &Line| match line {
        Line::Message { ecu, payload } => format!("{ecu:?} {} bytes", payload.len()),
        Line::Status(status) => status.text(),
        Line::Unusable { reason: FrameError::Checksum { .. }, .. } => "checksum".into(),
        Line::Unusable { reason, .. } => reason.to_string(),
    };
    lines.iter().map(|l| l.iter().map(kind).collect()).collect()
}

fn vin() -> impl Strategy<Value = String> {
    let letter = || proptest::sample::select(b"ABCDEFGHJKLMNPRSTUVWXYZ0123456789".to_vec());
    // The last must be digits as those of most makers are.
    (proptest::collection::vec(letter(), 11), 0..1_000_000u32)
        .prop_map(|(head, number)| format!("{}{number:06}", String::from_utf8(head).unwrap()))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn no_vin_is_left_in_any_spelling_of_any_protocol(vin in vin(), serial in "[A-Z0-9]{11}", torn in 0..6usize, cut in 0..9usize) {
        for layout in layouts() {
            let whole = lines(layout, &[0x49, 0x02, 0x01], vin.as_bytes());
            let mut broken = whole.clone();
            if torn < broken.len() {
                broken.remove(torn);
            }
            let last = broken.last_mut().unwrap();
            last.truncate(last.len().saturating_sub(cut));
            let calibration = lines(layout, &[0x49, 0x04, 0x01], b"RW14-ECM-0427-A1");
            let serial = lines(layout, &[0x49, 0x0D, 0x01], serial.as_bytes());
            let traffic = recording(layout, &[("0902", whole), ("0904", calibration), ("0902", broken), ("090D", serial)]);
            let mut redactor = Redactor::default();
            let clean = redactor.traffic(&traffic);
            let mut knows = Redactor::new([vin.as_str()]);
            knows.traffic(&traffic);
            prop_assert_eq!(knows.leaks(&clean), Vec::<String>::new(), "{:?}\n{}", layout, clean.to_text());
            prop_assert_eq!(redactor.leaks(&clean), Vec::<String>::new(), "{:?}\n{}", layout, clean.to_text());
            prop_assert!(!redactor.leaks(&traffic).is_empty(), "because there it is: {}", traffic.to_text());
            // It reads as it did, but for whose it is.
            let (before, after) = (read(layout, &traffic), read(layout, &clean));
            prop_assert_eq!(kinds(&before), kinds(&after), "{:?}\n{}", layout, clean.to_text());
            prop_assert_eq!(&before[1], &after[1], "because a calibration id is no secret");
            let stand_in = redactor.stand_ins.get(&vin).unwrap();
            prop_assert!(vin::well_formed(stand_in).is_ok());
            prop_assert_eq!(vin::check_digit_fits(&vin), vin::check_digit_fits(stand_in));
            let Line::Message { payload, .. } = &after[0][0] else { panic!("{:?} {:?}", layout, after) };
            prop_assert!(payload.ends_with(stand_in.as_bytes()), "{:?} {:02X?}", layout, payload);
        }
    }
}

#[test]
fn what_an_adapter_keeps_and_what_a_text_says_goes_too() {
    let vin = "1RWTEST00X0000001";
    let text = "roadworthy-traffic 1\n0 > ATZ\\r\n1 < +CONNECTING<<00:1d:a5:68:98:8b\\rELM327 v1.5\\r>\n2 > STSN\\r\n\
        3 < STSN\\r110012345678\\r>\n4 > AT@2\\r\n5 < WORKSHOP 12\\r>\n6 > ATI\\r\n7 < ELM327 v1.5\\r>\n8 > STDI\\r\n9 < VIN 1rwtest00x0000001\\r>\n";
    let mut redactor = Redactor::new([vin]);
    let clean = redactor.traffic(&Traffic::parse(text).unwrap());
    let told = clean.to_text();
    for gone in ["1d:a5", "12345678", "WORKSHOP", "12\\r", "1rwtest"] {
        assert!(!told.contains(gone), "{gone} in {told}");
    }
    assert!(told.contains("ELM327 v1.5") && told.contains("STSN\\rXXXXXXXXXXXX"), "{told}");
    assert!(redactor.leaks(&clean).is_empty());
    let said = redactor
        .text("VIN 1RWTEST00X0000001, 31525754455354303058303030303030 31, 3152575445535430305830303030303031.");
    let stand_in = redactor.stand_ins().next().unwrap().to_owned();
    assert!(said.starts_with(&format!("VIN {stand_in}")) && said.contains(&hex(&stand_in)), "{said}");
}

#[test]
fn a_redacted_check_gives_the_same_report_of_nobodys_vehicle() {
    let layout = Layout { protocol: '6', spaced: false, headers: true };
    let supported = vec!["7E806410008100000".to_owned()];
    let mut exchanges = vec![("0100", supported.clone()), ("0100", supported)];
    exchanges.push(("0902", lines(layout, &[0x49, 0x02, 0x01], b"1RWTEST00X0000001")));
    exchanges.push(("0105", vec!["7E80341057B".into()]));
    exchanges.push(("ATH1", vec!["OK".into()]));
    let traffic = recording(layout, &exchanges);
    let report = |traffic: &Traffic| check_recording(traffic.clone(), CheckOptions::new("x")).report.unwrap();
    let mut redactor = Redactor::default();
    let (before, after) = (report(&traffic), report(&redactor.traffic(&traffic)));
    assert_eq!(before.vin.as_deref(), Some("1RWTEST00X0000001"));
    assert_eq!(after.vin.as_deref(), redactor.stand_ins().next());
    assert_eq!(after.coverage, before.coverage);
    assert_eq!(line::hex(&[0x7B]), after.snapshot[0].raw[4..6]);
}

#[test]
fn frames_are_redacted_where_they_stand_and_read_as_before() {
    let text = "roadworthy-traffic 1 can 500000\n0 > 7DF#0201000000000000\n9 < 7E8#0641008010000000\n\
        20 > 7DF#0209020000000000\n31 < 7E8#1014490201315257\n32 > 7E0#3000000000000000\n40 < 7E8#2154455354305858\n\
        41 < 7E8#2230303030303031\n60 > 7DF#02010C0000000000\n65 < 7E8#04410C1AF8000000\n";
    let traffic = Traffic::parse(text).unwrap();
    let mut redactor = Redactor::default();
    let clean = redactor.traffic(&traffic);
    assert_eq!(redactor.leaks(&clean), [""; 0]);
    assert_eq!(redactor.secrets().collect::<Vec<_>>(), ["1RWTEST0XX0000001"]);
    let out = clean.to_text();
    assert!(!out.contains("5445535430") && !out.contains("2154455354"), "{out}");
    assert!(out.contains("7E8#04410C1AF8000000") && out.contains("7E0#3000000000000000"), "{out}");
    let read = |traffic: &Traffic| check_recording(traffic.clone(), CheckOptions::new("replay:x")).report.unwrap();
    assert_eq!(read(&clean).vin.as_deref(), redactor.stand_ins().next());
    assert_eq!(read(&clean).coverage, read(&traffic).coverage);
}
