use super::*;
use crate::{
    adapter::{
        Request,
        passport::{Asked, OnBus, PROBED, Tried},
    },
    frame::assemble_reply,
    protocol::Protocol,
};
use roadworthy_api::adapter::{CountDigit, Proof, Purpose, ResetKind};

/// An adapter that claims a version and understands all but some commands.
fn chip(claims: &str, not: &[&str]) -> Evidence {
    let own = PROBED.iter().map(|own| {
        let (lines, characters, ms) = match own.text {
            text if not.contains(&text) => ("?", 4, 12.0),
            "AT@1" => ("OBDII TO RS232 INTERPRETER", 30, 18.0),
            "ATRV" => ("12.4V", 8, 14.0),
            "ATPPS" => ("00:FF F 01:FF F", 700, 192.0),
            "ATIGN" => ("ON", 5, 12.0),
            _ => ("OK", 5, 12.0),
        };
        Tried { sent: own.text.into(), lines: Some(vec![lines.into()]), characters, ms }
    });
    Evidence {
        claims: claims.into(),
        reset: Some(ResetKind::Full),
        voltage: Some(12.4),
        own: own.collect(),
        ..Evidence::default()
    }
}

fn asked(request: &str, digit: Option<u8>, answer: &str, ms: f64) -> Asked {
    let bytes: Vec<u8> =
        (0..request.len()).step_by(2).map(|n| u8::from_str_radix(&request[n..n + 2], 16).unwrap()).collect();
    let lines = assemble_reply(Protocol::CAN_11_500, true, request, answer.as_bytes());
    let frames = u32::try_from(answer.split('\r').filter(|l| !l.is_empty()).count()).unwrap();
    let characters = u32::try_from(answer.len()).unwrap();
    Asked { request: Request::new(&bytes).unwrap(), digit, lines: Some(lines), frames, characters, ms }
}

const BITMAP: &str = "7E8064100BE3EB813\r\r";
const TWO: &str = "7E8064105500C1AF8\r\r";
const SIX: &str = "7E8100E4105500C1AF8\r7E8210D00043F0F3C11\r7E82222000000000000\r\r";

/// A car on CAN with an adapter that does everything.
fn sound() -> Vec<Asked> {
    vec![
        asked("0100", None, BITMAP, 120.0),
        asked("0100", None, BITMAP, 92.0),
        asked("0100", Some(1), BITMAP, 33.0),
        asked("0100", Some(1), BITMAP, 31.0),
        asked("01050C", None, TWO, 95.0),
        asked("01050C0D040F11", None, SIX, 110.0),
    ]
}

fn with(chip: Evidence, asked: Vec<Asked>) -> Evidence {
    Evidence { bus: Some(OnBus { protocol: Protocol::CAN_11_500, asked }), ..chip }
}

/// The sound car with what one request brings replaced.
fn but(request: &str, digit: bool, answer: &str) -> Evidence {
    let mut all = sound();
    for one in all.iter_mut().filter(|a| a.request.hex() == request && a.digit.is_some() == digit) {
        *one = asked(request, one.digit, answer, one.ms);
    }
    with(chip("ELM327 v1.4b", &[]), all)
}

fn no(proof: &Proof) -> bool {
    matches!(proof, Proof::No { .. })
}

fn fit(passport: &Passport, purpose: Purpose) -> Proof {
    passport.fit.iter().find(|f| f.purpose == purpose).unwrap().fit.clone()
}

#[test]
fn a_sound_adapter_is_fit_for_everything_and_its_figures_are_those_measured() {
    let passport = judge(&with(chip("ELM327 v1.4b", &[]), sound()), 5);
    assert!(passport.fit.iter().all(|f| f.fit.yes()), "{:?}", passport.fit);
    assert_eq!((passport.counterfeit.as_deref(), passport.cannot.as_slice()), (None, &[][..]));
    assert_eq!(passport.count_digit, CountDigit::Honoured);
    assert_eq!((passport.measured, passport.latency_ms, passport.longest), (5, Some(12.0), Some(700)));
    assert_eq!(passport.throughput.map(f64::round), Some((700.0 * 1000.0 / 180.0_f64).round()));
    let tried = passport.tried_on.unwrap();
    assert_eq!((tried.ecus, tried.several_values, tried.round_trip_ms), (1, Proof::Yes, Some(31.0)));
}

#[test]
fn without_a_vehicle_nothing_is_said_of_requests() {
    let passport = judge(&chip("ELM327 v1.4b", &[]), 0);
    for purpose in Purpose::ALL {
        assert!(matches!(fit(&passport, purpose), Proof::Unknown { .. }), "{purpose:?}");
    }
    assert!(passport.tried_on.is_none() && matches!(passport.count_digit, CountDigit::Unknown { .. }));
}

#[test]
fn a_copy_is_known_by_what_it_does_not_understand_and_not_by_its_word() {
    let young = ["ATCRA", "ATCEA", "ATIGN", "ATRD", "ATCSM1", "ATJHF1", "ATAMC"];
    for (claims, not, expect) in [
        ("ELM327 v2.1", &young[..], Some("7 commands")),
        ("ELM327 v1.5", &["ATAMC"][..], Some("never made")),
        ("ELM327 v2.2", &["ATAMC"], Some("ATAMC")),
        ("ELM327 v1.4b", &["ATAMC"], None),
        ("ELM327 v1.3a", &young, None),
        ("ELM327 V1.2", &["ATPPS", "ATAMC"], Some("ATPPS")),
        ("OBDII to RS232", &young, None),
        ("", &[], None),
    ] {
        let passport = judge(&chip(claims, not), 0);
        match expect {
            None => assert_eq!(passport.counterfeit, None, "{claims}"),
            Some(part) => {
                assert!(passport.counterfeit.as_ref().is_some_and(|c| c.contains(part)), "{claims}: {passport:?}");
                assert!(super::super::name(&passport).ends_with("(clone)"));
            }
        }
    }
    let passport = judge(&chip("ELM327 v2.1", &young), 0);
    assert!(passport.cannot.iter().any(|c| c.contains("ATCEA")), "{:?}", passport.cannot);
}

#[test]
fn pain_18_a_count_is_used_only_where_it_was_seen_to_be_honoured() {
    let digit = |evidence: Evidence| judge(&evidence, 0).count_digit;
    assert_eq!(digit(with(chip("", &[]), sound())), CountDigit::Honoured);
    // The digit reaches the vehicle, which sees a request for PIDs 00 and 10, or nothing it knows.
    for answer in ["NO DATA\r\r", "?\r\r", "7E8034110FF\r\r", "7E8037F0112\r\r"] {
        assert_eq!(digit(but("0100", true, answer)), CountDigit::TakenAsData, "{answer}");
    }
    let mut slow = sound();
    slow.iter_mut().filter(|a| a.digit.is_some()).for_each(|a| a.ms = 90.0);
    assert_eq!(digit(with(chip("", &[]), slow)), CountDigit::Ignored);
    let mut once = sound();
    once[2] = asked("0100", Some(1), "NO DATA\r\r", 30.0);
    assert!(matches!(digit(with(chip("", &[]), once)), CountDigit::Unknown { .. }));
}

#[test]
fn requests_that_are_cut_short_are_told_from_vehicles_that_do_not_join() {
    let sevens = |evidence: &Evidence| {
        let p = judge(evidence, 0);
        (p.request_of_3.clone(), p.request_of_7.clone(), fit(&p, Purpose::Uds), p.tried_on.unwrap().several_values)
    };
    // Only the first three of six values come back: cut after four bytes.
    let (three, seven, uds, several) =
        sevens(&but("01050C0D040F11", false, "7E81008410550 0C1AF8\r7E8210D000000000000\r\r"));
    assert!(three.yes() && no(&seven) && no(&uds) && no(&several), "{three:?} {seven:?} {several:?}");
    // It refuses the long one.
    assert!(no(&sevens(&but("01050C0D040F11", false, "?\r\r")).1));
    // The vehicle answers only the first of two: nobody knows who is to blame, until a UDS request tells.
    let mut one = sound();
    one[4] = asked("01050C", None, "7E803410550\r\r", 90.0);
    one[5] = asked("01050C0D040F11", None, "7E803410550\r\r", 90.0);
    let (three, seven, _, several) = sevens(&with(chip("", &[]), one.clone()));
    assert!(matches!(three, Proof::Unknown { .. }) && matches!(seven, Proof::Unknown { .. }) && no(&several));
    for (answer, expect) in
        [("7E8037F2231\r\r", Some(true)), ("7E8037F2213\r\r", Some(false)), ("7E8037F2211\r\r", None)]
    {
        let mut more = one.clone();
        more.push(asked("22F190", None, answer, 90.0));
        let three = sevens(&with(chip("", &[]), more)).0;
        assert_eq!((three.yes(), no(&three)), (expect == Some(true), expect == Some(false)), "{answer}: {three:?}");
    }
}

#[test]
fn a_reply_that_stops_after_its_first_frame_is_for_want_of_flow_control() {
    let broken = |answer: &str| judge(&but("01050C0D040F11", false, answer), 0);
    let passport = broken("7E8100E4105500C1AF8\r\r");
    assert!(no(&passport.flow_control) && no(&passport.long_reply), "{passport:?}");
    for purpose in [Purpose::Codes, Purpose::Service06, Purpose::IsoTp, Purpose::Uds] {
        assert!(no(&fit(&passport, purpose)), "{purpose:?}");
    }
    assert!(fit(&passport, Purpose::LiveData).yes(), "because single values come in one frame");
    // A frame in the middle is lost: it does tell the ECU to go on.
    let passport = broken("7E8100E4105500C1AF8\r7E82222000000000000\r\r");
    assert!(no(&passport.long_reply) && !no(&passport.flow_control), "{passport:?}");
    let passport = broken("7E8100E4105500C1AF8\rBUFFER FULL\r\r");
    assert!(no(&passport.buffer) && no(&fit(&passport, Purpose::Service06)), "{passport:?}");
}

#[test]
fn an_stn_says_who_it_is_and_an_adapter_that_accepts_everything_is_none() {
    let said = |own: &[(&str, &str)]| {
        let mut evidence = chip("ELM327 v1.4b", &[]);
        evidence.own.extend(own.iter().map(|(sent, line)| Tried {
            sent: (*sent).into(),
            lines: Some(vec![(*line).into()]),
            characters: 20,
            ms: 12.0,
        }));
        judge(&evidence, 0)
    };
    let passport =
        said(&[("STI", "STN1130 V5.6.5"), ("STDI", "OBDLINK SX R4.2"), ("STMFR", "?"), ("STSN", "113010012345")]);
    let stn = passport.stn.clone().unwrap();
    assert_eq!((stn.chip.as_str(), stn.maker, stn.serial.as_deref()), ("STN1130 V5.6.5", None, Some("113010012345")));
    assert_eq!(super::super::name(&passport), "OBDLINK SX R4.2");
    for line in ["?", "OK", "ELM327"] {
        assert_eq!(said(&[("STI", line)]).stn, None, "{line}");
    }
}

#[test]
fn a_slow_adapter_is_not_fit_for_live_data() {
    let mut evidence = with(chip("ELM327 v1.4b", &[]), sound());
    evidence.own.iter_mut().for_each(|t| t.ms += 600.0);
    let passport = judge(&evidence, 0);
    assert!(no(&fit(&passport, Purpose::LiveData)) && fit(&passport, Purpose::Codes).yes());
}
