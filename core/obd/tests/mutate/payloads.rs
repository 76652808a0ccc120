//! Mutants of payloads against `decode`.

use crate::{
    judge::may_hold_a_value,
    ranges,
    rng::{Rng, seeds},
};
use roadworthy_obd::{
    decode::{Answer, Context, Reading, Signal, decode},
    dtc, line,
};

fn fits(signal: &Signal, payload: &[u8]) {
    let name = signal.name();
    match &signal.reading {
        Reading::Number(value, _) => {
            let (low, high) = ranges::range(name).unwrap_or_else(|| panic!("no range for {name:?}"));
            assert!(value.is_finite() && (low..=high).contains(value), "{name} = {value} from {payload:02X?}");
        }
        Reading::Enumerated(code, text) => {
            assert!(ranges::legal(name, *code) && !text.is_empty(), "{name} = {code} from {payload:02X?}")
        }
        Reading::Text(text) => printable(text, payload),
        Reading::Raw(bytes) => {
            assert!(!bytes.is_empty() && payload.ends_with(bytes), "{bytes:02X?} from {payload:02X?}")
        }
        Reading::Flag(_) => {}
    }
}

fn printable(text: &str, payload: &[u8]) {
    assert!(!text.trim().is_empty() && text.bytes().all(|b| (0x20..0x7F).contains(&b)), "{text:?} from {payload:02X?}");
}

/// A code of the reply stands in its bytes, and is never "no code".
fn held(code: &str, payload: &[u8]) {
    let bytes = dtc::bytes(&code[..5]).unwrap_or_else(|| panic!("{code} from {payload:02X?}"));
    assert!(payload.windows(2).any(|pair| pair == bytes), "{code} from {payload:02X?}");
}

#[test]
fn decode_yields_no_value_that_the_bytes_do_not_hold() {
    let (mut rng, mutants) = Rng::start("decode");
    let seeds: Vec<_> = seeds("in")
        .iter()
        .filter_map(|case| {
            let input = &case["in"];
            let payload = line::unhex(input["payload"].as_str()?)?;
            Some((
                payload,
                input["bus"] == "legacy",
                input["protocol"] == "uds",
                line::unhex(input["request"].as_str().unwrap_or(""))?,
            ))
        })
        .collect();
    let (mut read, mut refused) = (0, 0);
    for _ in 0..mutants {
        let (mut payload, mut legacy, mut uds, mut request) = rng.pick(&seeds).clone();
        let mut fresh = |rng: &mut Rng, old: Option<&u8>| match (rng.below(4), old) {
            (0 | 1, Some(old)) => old ^ 1 << rng.below(8),
            (2, _) => *rng.pick(&[0x00, 0xFF, 0xAA, 0x55, 0x41, 0x43, 0x49, 0x7F, 0x0C, 0x06]),
            _ => rng.byte(),
        };
        rng.damage(&mut payload, &mut fresh);
        if rng.below(8) == 0 {
            let (other, ..) = rng.pick(&seeds).clone();
            payload.extend(other);
        }
        legacy ^= rng.below(8) == 0;
        uds ^= rng.below(8) == 0;
        if rng.below(8) == 0 {
            rng.damage(&mut request, &mut fresh);
        }
        let context = Context { legacy, uds, request: Some(&request[..]).filter(|r| !r.is_empty()) };
        let decoded = match decode(&payload, context) {
            Err(error) => {
                assert!(error.to_string().ends_with('.') && !error.hint().is_empty());
                refused += 1;
                continue;
            }
            Ok(decoded) => decoded,
        };
        read += 1;
        assert!(
            may_hold_a_value(&payload, legacy, uds, context.request.map(|r| &r[1..])),
            "{decoded:?} from {payload:02X?} ({context:?})"
        );
        if let Some(asked) = context.request {
            assert_eq!(asked[0], decoded.service, "{payload:02X?}");
        }
        match &decoded.answer {
            Answer::Values(values) => values.signals.iter().for_each(|s| fits(s, &payload)),
            Answer::Texts(texts) => texts.iter().for_each(|t| printable(t, &payload)),
            Answer::Tests { tests, .. } => {
                // In UDS the monitor's id stands in the identifier alone.
                let (front, record) = if payload[0] == 0x62 { (3, 8) } else { (1, 9) };
                assert_eq!(tests.len(), (payload.len() - front) / record);
                for margin in tests.iter().filter_map(|t| t.margin()) {
                    assert!(margin.distance.is_none_or(f64::is_finite) && margin.percent.is_none_or(f64::is_finite));
                }
                for scaled in tests.iter().filter_map(|t| t.scaled) {
                    assert!(scaled.value.is_finite() && scaled.min.is_finite() && scaled.max.is_finite());
                }
            }
            Answer::Stored(stored) => {
                stored.records.iter().flat_map(|r| r.values.signals.iter()).for_each(|s| fits(s, &payload));
            }
            Answer::Counters(performance) => assert!(performance.counts.iter().all(|c| *c <= 0xFFFF)),
            _ => {}
        }
        decoded.codes().iter().flatten().for_each(|code| held(code, &payload));
        // What the contract's form shows is what was read.
        assert_eq!(decoded.items().len(), decoded.values().map_or(0, |v| v.signals.len()));
    }
    println!("decode: {read} read, {refused} refused");
    assert!(read > mutants / 50 && refused > mutants / 10, "the mutants are not worth their name");
}
