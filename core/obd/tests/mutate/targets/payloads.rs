//! Mutants of payloads against `decode`.

use super::{judge::may_hold_a_value, ranges, rng::Rng, seeds::seeds, target::Target};
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
        // A number in doubt, of which every byte is FF.
        Reading::Raw(bytes) if ranges::range(name).is_some() => {
            let sent = payload.windows(bytes.len()).any(|part| part == bytes.as_slice());
            assert!(
                sent && bytes.len() > 1 && bytes.iter().all(|b| *b == 0xFF),
                "{name} {bytes:02X?} from {payload:02X?}"
            )
        }
        Reading::Raw(bytes) => {
            assert!(!bytes.is_empty() && shown(bytes, payload), "{bytes:02X?} from {payload:02X?}")
        }
        Reading::Flag(_) => {}
    }
}

/// That bytes are shown as they came: the payload's end, or the data of the numbered lines of an older bus.
fn shown(bytes: &[u8], payload: &[u8]) -> bool {
    let numbered =
        payload.len().is_multiple_of(7) && payload.chunks(7).zip(1u8..).all(|(l, n)| l[0] == 0x49 && l[2] == n);
    payload.ends_with(bytes) || numbered && payload.chunks(7).flat_map(|line| &line[3..]).eq(bytes)
}

fn printable(text: &str, payload: &[u8]) {
    assert!(!text.trim().is_empty() && text.bytes().all(|b| (0x20..0x7F).contains(&b)), "{text:?} from {payload:02X?}");
}

/// A code of the reply stands in its bytes, and is never "no code".
fn held(code: &str, payload: &[u8]) {
    let bytes = dtc::bytes(&code[..5]).unwrap_or_else(|| panic!("{code} from {payload:02X?}"));
    assert!(payload.windows(2).any(|pair| pair == bytes), "{code} from {payload:02X?}");
}

/// A payload, whether it came over a bus older than CAN, whether it is UDS, and the request.
type Seed = (Vec<u8>, bool, bool, Vec<u8>);

pub(crate) struct Payloads {
    seeds: Vec<Seed>,
    read: usize,
    refused: usize,
}

impl Payloads {
    pub(crate) fn new() -> Self {
        let seeds = seeds("in")
            .iter()
            .filter_map(|case| {
                let input = &case["in"];
                let payload = line::unhex(input["payload"].as_str()?)?;
                let request = line::unhex(input["request"].as_str().unwrap_or(""))?;
                Some((payload, input["bus"] == "legacy", input["protocol"] == "uds", request))
            })
            .collect();
        Self { seeds, read: 0, refused: 0 }
    }

    fn mutant(&self, rng: &mut Rng) -> Seed {
        let (mut payload, mut legacy, mut uds, mut request) = rng.pick(&self.seeds).clone();
        let mut fresh = |rng: &mut Rng, old: Option<&u8>| match (rng.below(4), old) {
            (0 | 1, Some(old)) => old ^ 1 << rng.below(8),
            (2, _) => *rng.pick(&[0x00, 0xFF, 0xAA, 0x55, 0x41, 0x43, 0x49, 0x7F, 0x0C, 0x06]),
            _ => rng.byte(),
        };
        match rng.below(8) {
            // The head stays, so that the damage reaches what stands behind it.
            0 if payload.len() > 2 => {
                let mut tail = payload.split_off(2);
                rng.damage(&mut tail, &mut fresh);
                payload.extend(tail);
            }
            // The length stays too: other values of the same shape.
            1 | 2 => {
                for _ in 0..=rng.below(4) {
                    let at = 1 + rng.below(payload.len().saturating_sub(1));
                    let new = fresh(rng, payload.get(at));
                    if let Some(byte) = payload.get_mut(at) {
                        *byte = new;
                    }
                }
            }
            _ => rng.damage(&mut payload, &mut fresh),
        }
        match rng.below(16) {
            0 | 1 => payload.extend(rng.pick(&self.seeds).0.clone()),
            // The front of one reply with the rest of another.
            2 => {
                let (other, ..) = rng.pick(&self.seeds);
                payload.truncate(rng.below(payload.len() + 1));
                payload.extend(&other[rng.below(other.len() + 1)..]);
            }
            _ => {}
        }
        legacy ^= rng.below(8) == 0;
        uds ^= rng.below(8) == 0;
        if rng.below(8) == 0 {
            rng.damage(&mut request, &mut fresh);
        }
        (payload, legacy, uds, request)
    }
}

impl Target for Payloads {
    fn one(&mut self, rng: &mut Rng) {
        let (payload, legacy, uds, request) = self.mutant(rng);
        let context = Context { legacy, uds, request: Some(&request[..]).filter(|r| !r.is_empty()) };
        let decoded = match decode(&payload, context) {
            Err(error) => {
                assert!(error.to_string().ends_with('.') && !error.hint().is_empty());
                self.refused += 1;
                return;
            }
            Ok(decoded) => decoded,
        };
        self.read += 1;
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
                // In UDS the whole identifier stands in place of the monitor's id.
                let record = if payload[0] == 0x62 { 10 } else { 9 };
                assert_eq!(tests.len(), (payload.len() - 1) / record);
                assert!(
                    payload[0] != 0x62
                        || payload[1..].chunks(10).all(|r| payload[1..].starts_with(&r[..r.len().min(2)]))
                );
                for margin in tests.iter().filter_map(|t| t.margin()) {
                    assert!(
                        margin.distance.is_none_or(f64::is_finite)
                            && margin.room.is_none_or(|room| (0.0..=1.0).contains(&room))
                    );
                    assert!(margin.room.is_none_or(|room| (0.0..=1.0).contains(&room)), "{margin:?} of {payload:02X?}");
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

    fn tally(&self) -> String {
        format!("{} read, {} refused", self.read, self.refused)
    }

    fn is_worth_its_name(&self, inputs: usize) -> bool {
        self.read > inputs / 50 && self.refused > inputs / 10
    }
}
