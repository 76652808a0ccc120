//! Mutants of recordings: read, then listed request by request.

use crate::rng::Rng;
use roadworthy_obd::{
    check::{CheckOptions, check_recording},
    line,
    traffic::Traffic,
};

const RECORDING: &str = "roadworthy-traffic 1\n0 > ATZ\\r\n812 < \\r\\rELM327 v1.5\\r\\r>\n900 > ATTP0\\r\n901 < OK\\r\\r>\n\
    902 > 0100\\r\n950 < SEARCHING...\\r48 6B 10 41 00 80 00 00 00 84 \\r\\r>\n960 > ATDPN\\r\n961 < A3\\r\\r>\n\
    970 > 03\\r\n980 < 48 6B 10 43 03 01 00 00 00 00 0A \\r\\r>\n990 > \\x20\n991 > 0902\\r\n995 < 48 6B 10 49 02 01 00 \
    00 00 31 40 \\r48 6B 10 49 02 02 52 57 54 45 52 \\r48 6B 10 49 02 03 53 54 30 58 40 \\r48 6B 10 49 02 04 58 30 30 \
    30 FA \\r48 6B 10 49 02 05 30 30 30 31 D4 \\r\\r>\n";

#[test]
fn a_spoilt_recording_is_refused_or_listed_without_a_guess() {
    let (mut rng, mutants) = Rng::start("recordings");
    let (mut read, mut payloads, mut checks) = (0, 0, 0);
    for _ in 0..mutants / 4 {
        let mut text: Vec<char> = RECORDING.chars().collect();
        let alphabet: Vec<char> = "0123456789ABCDEF ><\\rnx\nATDPN?é".chars().collect();
        rng.damage(&mut text, &mut |rng, _| *rng.pick(&alphabet));
        let text: String = text.into_iter().collect();
        let Ok(traffic) = Traffic::parse(&text) else { continue };
        read += 1;
        // A whole check of it: whatever its ECUs say stands in the recording, and it always ends.
        let finished = check_recording(traffic.clone(), CheckOptions::new("replay:x"));
        assert_eq!(finished.traffic, traffic);
        if let Ok(report) = finished.report {
            checks += 1;
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
                payloads += usize::from(reply.get("payload").is_some());
            }
        }
    }
    println!("recordings: {read} read, {payloads} payloads, {checks} checks");
    assert!(checks > mutants / 400, "the mutants are not worth their name");
    assert!(read > mutants / 40 && payloads > read / 2, "the mutants are not worth their name");
}
