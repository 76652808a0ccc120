use super::{coverage::Grid, *};
use roadworthy_api::check::{AdapterInfo, CheckReport, Coverage, Ecu, NotAsked};

fn ecu(id: &str, name: &str) -> Ecu {
    Ecu { id: id.into(), name: name.into(), named_itself: true, supported: vec![], calibrations: vec![], cvns: vec![] }
}

fn asked(ecu: Option<&str>, request: &str, question: &str, outcome: Outcome) -> Coverage {
    Coverage { ecu: ecu.map(Into::into), request: request.into(), question: question.into(), outcome }
}

fn check_of(ecus: Vec<Ecu>, coverage: Vec<Coverage>, not_asked: &[&str]) -> CheckReport {
    CheckReport {
        started: 0,
        ended: 1,
        port: "sim:petrol".into(),
        adapter: AdapterInfo::default(),
        protocol: None,
        vin: None,
        vin_problem: None,
        ecus,
        coverage,
        not_asked: not_asked.iter().map(|s| NotAsked { system: (*s).into(), reason: "not reached".into() }).collect(),
        codes: vec![],
        freeze_frames: vec![],
        readiness: vec![],
        snapshot: vec![],
        monitors: vec![],
        performance: vec![],
        raw_information: vec![],
        rejected: vec![],
        partial: None,
        decoder: 1,
    }
}

#[test]
fn the_fleet_is_told_in_one_sentence() {
    let counts =
        |good, cannot_tell, watch, act_soon, act_now| VehicleCounts { good, cannot_tell, watch, act_soon, act_now };
    for (counts, expect) in [
        (counts(0, 0, 0, 0, 0), "No vehicles yet."),
        (counts(1, 0, 0, 0, 0), "The one vehicle is good."),
        (counts(14, 0, 0, 0, 0), "All 14 vehicles are good."),
        (counts(10, 0, 1, 2, 1), "3 of 14 need work: 1 now, 2 soon; 1 to watch."),
        (counts(3, 1, 1, 0, 0), "None of 5 needs work; 1 to watch and 1 that cannot be told."),
        (counts(0, 0, 0, 0, 1), "The one vehicle needs work now."),
        (counts(0, 1, 0, 0, 0), "The one vehicle cannot be told yet."),
        (counts(1, 0, 0, 2, 0), "2 of 3 need work soon."),
    ] {
        assert_eq!(fleet_line(&counts), expect);
    }
}

#[test]
fn coverage_says_who_answered_refused_stayed_silent_and_was_not_asked() {
    let refused = Outcome::Refused { nrc: "11".into(), meaning: "serviceNotSupported".into() };
    let check = check_of(
        vec![ecu("7E8", "Engine"), ecu("7E9", "Transmission"), ecu("7EA", "Hybrid")],
        vec![
            asked(Some("7E8"), "03", "Stored codes", Outcome::Answered),
            asked(Some("7E9"), "03", "Stored codes", Outcome::Answered),
            asked(Some("7EA"), "03", "Stored codes", refused),
            asked(Some("7EB"), "03", "Stored codes", Outcome::Silent),
            asked(None, "0A", "Permanent codes", Outcome::Silent),
        ],
        &["Airbag", "ABS"],
    );
    assert_eq!(
        coverage_line(&check),
        "Engine, Transmission answered · Hybrid refused · 7EB silent · Airbag, ABS not asked · nobody answered: permanent codes"
    );
    assert_eq!(coverage_line(&check_of(vec![], vec![], &[])), "Nobody was asked anything.");
}

#[test]
fn two_ecus_of_one_name_are_told_apart() {
    let check = check_of(
        vec![ecu("7E8", "Engine"), ecu("7E9", "Engine")],
        vec![asked(Some("7E8"), "03", "q", Outcome::Answered), asked(Some("7E9"), "03", "q", Outcome::Silent)],
        &[],
    );
    assert_eq!(coverage_line(&check), "Engine (7E8) answered · Engine (7E9) silent");
}

#[test]
fn the_grid_leaves_a_cell_empty_where_an_ecu_was_no_part_of_a_question() {
    let check = check_of(
        vec![ecu("7E8", "Engine")],
        vec![
            asked(Some("7E8"), "03", "Stored codes", Outcome::Answered),
            asked(None, "0A", "Permanent codes", Outcome::Silent),
        ],
        &[],
    );
    assert_eq!(
        grid(&check),
        Grid {
            ecus: vec![("7E8".into(), "Engine".into()), (String::new(), "Anyone".into())],
            rows: vec![
                ("03".into(), "Stored codes".into(), vec![Some(Outcome::Answered), None]),
                ("0A".into(), "Permanent codes".into(), vec![None, Some(Outcome::Silent)]),
            ],
        }
    );
}

#[test]
fn questions_of_one_kind_are_counted_together() {
    let check = check_of(
        vec![ecu("7E8", "Engine"), ecu("7E9", "Transmission")],
        vec![
            asked(Some("7E8"), "0104", "Present values", Outcome::Answered),
            asked(Some("7E8"), "0105", "Present values", Outcome::Silent),
            asked(Some("7E8"), "010C", "Present values", Outcome::Answered),
            asked(Some("7E9"), "03", "Stored codes", Outcome::Answered),
        ],
        &[],
    );
    let rows = vec![
        ("Present values".to_owned(), vec![vec![(Outcome::Answered, 2), (Outcome::Silent, 1)], vec![]]),
        ("Stored codes".to_owned(), vec![vec![], vec![(Outcome::Answered, 1)]]),
    ];
    assert_eq!(tally(&grid(&check)), rows);
}

#[test]
fn a_typed_vin_is_checked_as_it_is_typed() {
    for (text, expect) in [
        ("", Ok(None)),
        ("1rwtest00x0000001", Ok(Some("1RWTEST00X0000001".to_owned()))),
        ("1RWTEST00X000000", Err("A VIN has 17 characters.")),
        ("IRWTEST00X0000001", Err("A VIN never holds the letters I, O or Q: read 1 or 0 instead.")),
        ("1RWTEST-0X0000001", Err("A VIN has only letters and digits.")),
    ] {
        assert_eq!(typed_vin(text), expect, "{text}");
    }
}

#[test]
fn monitors_have_words_and_unknown_ones_keep_theirs() {
    assert_eq!(monitor_word("oxygen_sensor", Ignition::Spark), "Oxygen sensor");
    assert_eq!(monitor_word("brand_new", Ignition::Spark), "Brand new");
    assert_eq!(sentence_case(""), "");
    let test = |available, complete| MonitorTest { name: "catalyst".into(), available, complete };
    assert_eq!(
        readiness_line(&[test(true, true), test(true, false), test(false, false)]),
        "1 of 2 fitted monitors have run to their end."
    );
    assert_eq!(readiness_line(&[test(true, true)]), "The one fitted monitor has run to its end.");
    assert_eq!(readiness_line(&[]), "No monitor is fitted.");
}

#[test]
fn lists_read_as_spoken() {
    for (items, expect) in [(&[][..], ""), (&["a"], "a"), (&["a", "b"], "a and b"), (&["a", "b", "c"], "a, b and c")] {
        assert_eq!(list(items), expect);
    }
}

fn test_of(name: &str, available: bool, complete: bool) -> MonitorTest {
    MonitorTest { name: name.into(), available, complete }
}

fn readiness_of(ecu: &str, tests: Vec<MonitorTest>) -> roadworthy_api::check::Readiness {
    let (mil, dtc_count, ignition) = (false, 0, Ignition::Spark);
    roadworthy_api::check::Readiness { ecu: ecu.into(), mil, dtc_count, ignition, tests }
}

#[test]
fn monitors_are_told_over_visits_per_ecu() {
    let mut first = check_of(vec![ecu("7E8", "Engine"), ecu("7E9", "Transmission")], vec![], &[]);
    first.readiness =
        vec![readiness_of("7E8", vec![test_of("catalyst", true, true), test_of("egr_vvt", false, false)])];
    let mut second = first.clone();
    second.readiness = vec![
        readiness_of("7E8", vec![test_of("catalyst", true, false), test_of("misfire", true, true)]),
        readiness_of("7E9", vec![test_of("misfire", true, true)]),
    ];
    assert_eq!(
        trends(&[&first, &second]),
        [
            ("Catalyst · Engine".to_owned(), vec![Trend::Done, Trend::Open]),
            ("Misfire · Engine".to_owned(), vec![Trend::Unknown, Trend::Done]),
            ("Misfire · Transmission".to_owned(), vec![Trend::Unknown, Trend::Done]),
        ]
    );
    assert_eq!(trends(&[&first]), [("Catalyst".to_owned(), vec![Trend::Done])]);
}

#[test]
fn what_was_read_before_a_check_was_cut_short_is_told() {
    let mut check = check_of(vec![], vec![asked(Some("7E8"), "03", "Stored codes", Outcome::Answered)], &[]);
    check.coverage.push(asked(Some("7E8"), "07", "Pending codes", Outcome::Silent));
    assert!(read_by_then(&check).starts_with("Read by then, and kept: stored codes. "));
    check.coverage.clear();
    assert_eq!(read_by_then(&check), "Nothing else had been read by then.");
}

#[test]
fn a_code_is_called_by_its_title_where_one_is_certain() {
    let known = |code: &str, title: Option<&str>| CodeMeaning {
        code: code.into(),
        title: title.map(Into::into),
        system: "ignition or misfire".into(),
        maker_controlled: false,
        known: title.is_some(),
        note: None,
        failure_type: None,
        advice: vec![],
    };
    let all = [known("P0301", Some("Cylinder 1: misfire")), known("P1399", None)];
    for (code, expect) in [
        ("P0301", Some(("Cylinder 1: misfire".to_owned(), Some("Ignition or misfire".to_owned())))),
        ("P1399", Some(("Ignition or misfire".to_owned(), None))),
        ("P0420", None),
    ] {
        assert_eq!(meaning(&all, code), expect, "{code}");
    }
}

#[test]
fn compared_rows_stand_in_their_sections() {
    use roadworthy_api::visit::{ComparedRow, ComparedSection};
    let row = |section, label: &str, differs| ComparedRow {
        section,
        ecu: String::new(),
        label: label.into(),
        before: None,
        after: Some("x".into()),
        differs,
    };
    let rows = [
        row(ComparedSection::Values, "Engine speed", false),
        row(ComparedSection::Codes, "P0301", true),
        row(ComparedSection::Values, "Distance since cleared", true),
    ];
    let told = |all| -> Vec<(ComparedSection, Vec<String>)> {
        sections(&rows, all).into_iter().map(|(s, rows)| (s, rows.into_iter().map(|r| r.label).collect())).collect()
    };
    assert_eq!(
        told(false),
        [
            (ComparedSection::Codes, vec!["P0301".to_owned()]),
            (ComparedSection::Values, vec!["Distance since cleared".to_owned()])
        ]
    );
    assert_eq!(told(true).iter().map(|(_, rows)| rows.len()).collect::<Vec<_>>(), [1, 2]);
}

#[test]
fn who_did_it_is_told_in_words() {
    for (by, expect) in [
        ("owner/window", "owner, in the window"),
        ("owner/command-line", "owner, on the command line"),
        ("Engine (PID A6)", "Engine (PID A6)"),
    ] {
        assert_eq!(actor(by), expect);
    }
}
