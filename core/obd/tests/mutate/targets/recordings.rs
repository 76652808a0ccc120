//! Mutants of recordings: read, listed request by request, and written again.

use super::{rng::Rng, target::Target};
use roadworthy_obd::{
    check::{CheckOptions, check_recording},
    line,
    traffic::{Direction, Medium, Traffic},
};

const RECORDING: &str = "roadworthy-traffic 1\n0 > ATZ\\r\n812 < \\r\\rELM327 v1.5\\r\\r>\n900 > ATTP0\\r\n901 < OK\\r\\r>\n\
    902 > 0100\\r\n950 < SEARCHING...\\r48 6B 10 41 00 80 00 00 00 84 \\r\\r>\n960 > ATDPN\\r\n961 < A3\\r\\r>\n\
    970 > 03\\r\n980 < 48 6B 10 43 03 01 00 00 00 00 0A \\r\\r>\n990 > \\x20\n991 > 0902\\r\n995 < 48 6B 10 49 02 01 00 \
    00 00 31 40 \\r48 6B 10 49 02 02 52 57 54 45 52 \\r48 6B 10 49 02 03 53 54 30 58 40 \\r48 6B 10 49 02 04 58 30 30 \
    30 FA \\r48 6B 10 49 02 05 30 30 30 31 D4 \\r\\r>\n";

const FRAMES: &str = "roadworthy-traffic 1 can 500000\n# of frames\n0 > 7DF#0201000000000000\n9 < 7E8#06410098180001AA\n\
    12 < 7E9#R8\n15 < 7E9##1074100FFFFFFFF\n20 > 7DF#0209020000000000\n31 < 7E8#1014490201315257\n32 > 7E0#3000000000000000\n\
    40 < 7E8#2154455354305858\n41 < 7E8#2230303030303031\n50 < 20000040#0000000000000000\n";

const ALPHABET: &str = "0123456789ABCDEF ><\\rnx\nATDPN?#é";

/// Damage to lines, and to the text.
fn spoil(rng: &mut Rng, text: &str) -> String {
    if rng.below(3) > 0 {
        return rng.spoil(text, ALPHABET);
    }
    let mut lines: Vec<&str> = text.split_inclusive('\n').collect();
    let copy = lines.clone();
    rng.damage(&mut lines, &mut |rng, _| *rng.pick(&copy));
    let text: String = lines.concat();
    if rng.below(2) == 0 { text } else { rng.spoil(&text, ALPHABET) }
}

#[derive(Default)]
pub(crate) struct Listed {
    read: usize,
    payloads: usize,
    checks: usize,
}

impl Target for Listed {
    fn one(&mut self, rng: &mut Rng) {
        let sound = *rng.pick(&[RECORDING, RECORDING, FRAMES]);
        let text = spoil(rng, sound);
        let Ok(traffic) = Traffic::parse(&text) else { return };
        self.read += 1;
        // A whole check of it: whatever its ECUs say stands in the recording, and it always ends.
        let finished = check_recording(traffic.clone(), CheckOptions::new("replay:x"));
        assert_eq!(finished.traffic, traffic);
        if let Ok(report) = finished.report {
            self.checks += 1;
            assert!(report.codes.iter().all(|c| report.ecus.iter().any(|e| e.id == c.ecu)), "{text}");
            assert!(report.snapshot.is_empty(), "{:?} was never asked: {text}", report.snapshot);
        }
        for exchange in line::dialogue_lines(&traffic) {
            assert!(exchange["ms"].is_u64() && exchange["command"].is_string() != exchange["request"].is_string());
            for reply in exchange["replies"].as_array().into_iter().flatten() {
                // Without a protocol nobody can say what a frame is.
                assert!(exchange["protocol"].is_string(), "{text}");
                let kinds = ["payload", "status", "frame"].iter().filter(|key| reply.get(**key).is_some()).count();
                assert_eq!(kinds, 1, "{reply}");
                self.payloads += usize::from(reply.get("payload").is_some());
            }
        }
    }

    fn tally(&self) -> String {
        format!("{} read, {} payloads, {} checks", self.read, self.payloads, self.checks)
    }

    fn is_worth_its_name(&self, inputs: usize) -> bool {
        self.read > inputs / 10 && self.payloads > self.read / 2 && self.checks > inputs / 100
    }
}

#[derive(Default)]
pub(crate) struct ReadBack {
    read: usize,
    refused: usize,
}

/// The bytes of a chunk, read by the format's own words.
fn bytes(text: &str) -> Vec<u8> {
    let marked = text.replace("\\\\", "\\x5C").replace("\\r", "\\x0D").replace("\\n", "\\x0A");
    let mut parts = marked.split("\\x");
    let mut out = parts.next().unwrap().as_bytes().to_vec();
    for part in parts {
        out.push(u8::from_str_radix(&part[..2], 16).unwrap());
        out.extend(part[2..].bytes());
    }
    out
}

impl Target for ReadBack {
    fn one(&mut self, rng: &mut Rng) {
        let sound = *rng.pick(&[RECORDING, FRAMES]);
        let text = spoil(rng, sound);
        let Ok(traffic) = Traffic::parse(&text) else {
            self.refused += 1;
            return;
        };
        self.read += 1;
        let said: Vec<&str> = text.lines().skip(1).filter(|l| !l.is_empty() && !l.starts_with('#')).collect();
        assert_eq!(said.len(), traffic.chunks.len(), "{text}");
        for (line, chunk) in said.iter().zip(&traffic.chunks) {
            let arrow = if chunk.direction == Direction::ToAdapter { '>' } else { '<' };
            let (head, tail) = line.split_once(&format!(" {arrow} ")).unwrap_or_else(|| panic!("{line} of {text}"));
            assert_eq!((head.parse(), bytes(tail)), (Ok(chunk.ms), chunk.bytes.clone()), "{line}");
        }
        assert!(traffic.chunks.is_sorted_by_key(|chunk| chunk.ms), "{text}");
        assert_eq!(Traffic::parse(&traffic.to_text()).as_ref(), Ok(&traffic), "{text}");
        assert_eq!(traffic.to_candump("can0").is_some(), traffic.medium == Medium::Frames);
        assert!(traffic.medium != Medium::Frames || traffic.frames().count() == traffic.chunks.len());
    }

    fn tally(&self) -> String {
        format!("{} read, {} refused", self.read, self.refused)
    }

    fn is_worth_its_name(&self, inputs: usize) -> bool {
        self.read > inputs / 20 && self.refused > inputs / 20
    }
}
