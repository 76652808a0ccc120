use super::*;
use crate::Engine;
use roadworthy_api::{
    Code,
    calls::*,
    check::{CodeClass, TroubleCode},
    id::{EventId, VisitId},
    reading::Value,
    visit::DecodedChange,
};
use roadworthy_obd::{
    check::{CheckOptions, check_recording},
    traffic::Traffic,
};

/// A dialogue with a made-up vehicle that has one code and two values.
const DIALOGUE: &str = "roadworthy-traffic 1\n0 > ATZ\\r\n800 < \\rELM327 v1.5\\r\\r>\n810 > ATH1\\r\n811 < OK\\r\\r>\n\
    830 > ATTP0\\r\n831 < OK\\r\\r>\n840 > 0100\\r\n900 < SEARCHING...\\r7E806410008100000\\r\\r>\n910 > ATDPN\\r\n\
    911 < A6\\r\\r>\n920 > 0100\\r\n930 < 7E806410008100000\\r\\r>\n940 > 0902\\r\n\
    950 < 7E8101449020131 5257\\r7E82154455354303058\\r7E82230303030303031\\r\\r>\n960 > 03\\r\n970 < 7E80443010301\\r\\r>\n\
    980 > 0105\\r\n990 < 7E80341057B\\r\\r>\n1000 > 010C\\r\n1010 < 7E804410C1AF8\\r\\r>\n";

/// The visit as an older decoder had it: another temperature, a code more, one value less.
fn stored(engine: &Engine) -> VisitId {
    let dialogue = DIALOGUE.replace("31 5257", "315257");
    let read = check_recording(Traffic::parse(&dialogue).unwrap(), CheckOptions::new("sim:petrol"));
    let mut report = read.report.unwrap();
    assert_eq!((report.codes.len(), report.snapshot.len()), (1, 2));
    let Value::Number { value, .. } = &mut report.snapshot[0].item.value else { panic!("a temperature") };
    *value = 180.0;
    report.snapshot.remove(1);
    report.codes.push(TroubleCode { code: "C0300".into(), class: CodeClass::Stored, ecu: "7E8".into(), status: None });
    report.decoder = 0;
    file(&engine.store, &owner(), None, report, &dialogue).unwrap().visit
}

#[test]
fn a_visit_is_read_anew_beside_what_is_stored_and_kept_only_when_told() -> Result<()> {
    let engine = own();
    let visit = stored(&engine);
    let before = ask(&engine, GetVisit { visit })?;
    let read = ask(&engine, RedecodeVisit { visit, keep: false })?;
    let differing: Vec<_> = read
        .rows
        .iter()
        .filter(|r| r.change != DecodedChange::Same)
        .map(|r| (r.label.as_str(), r.before.as_deref(), r.after.as_deref(), r.change))
        .collect();
    assert_eq!(
        differing,
        [
            ("C0300", Some("stored"), None, DecodedChange::Gone),
            ("Engine coolant temperature", Some("180 °C"), Some("83 °C"), DecodedChange::Changed),
            ("Engine speed", None, Some("1726 rpm"), DecodedChange::New),
        ]
    );
    assert!(read.rows.len() > 10 && !read.kept && read.shown == 0 && read.decoder > 0);
    assert_eq!(ask(&engine, GetVisit { visit })?, before, "because nothing was kept");
    assert_eq!(ask(&engine, ListDecodings { visit })?.len(), 1);

    assert!(ask(&engine, RedecodeVisit { visit, keep: true })?.kept);
    let after = ask(&engine, GetVisit { visit })?;
    assert_eq!((after.check.snapshot.len(), after.check.codes.len()), (2, 1));
    assert_eq!((after.check.started, after.check.ended), (before.check.started, before.check.ended));
    let faults = ask(&engine, ListFaults { vehicle: after.vehicle })?;
    assert_eq!(faults.iter().map(|f| f.code.as_str()).collect::<Vec<_>>(), ["P0301"]);
    let again = ask(&engine, RedecodeVisit { visit, keep: true })?;
    assert!(!again.kept && again.rows.iter().all(|r| r.change == DecodedChange::Same), "{again:?}");

    let all = ask(&engine, ListDecodings { visit })?;
    assert_eq!(all.iter().map(|d| (d.decoder, d.shown)).collect::<Vec<_>>(), [(0, false), (read.decoder, true)]);
    assert_eq!(ask(&engine, GetDecoding { visit, decoding: all[0].event })?, before.check, "because the old one stays");
    assert_eq!(ask(&engine, GetDecoding { visit, decoding: all[1].event })?, after.check);
    assert_eq!(ask(&engine, GetDecoding { visit, decoding: EventId(1) }).unwrap_err().code, Code::NotFound);
    assert!(engine.store.rebuild("owner/window", 1)?.identical);
    assert_eq!(ask(&engine, GetVisit { visit })?, after);
    Ok(())
}

#[test]
fn what_has_no_traffic_or_none_that_can_be_read_says_so() -> Result<()> {
    let engine = own();
    let visit = stored(&engine);
    let none = file(&engine.store, &owner(), None, crate::verdict::sample::clean(), "")?.visit;
    let torn = filed(&engine, None, crate::verdict::sample::clean()).visit;
    for (visit, code) in [(none, Code::NotFound), (VisitId(1), Code::NotFound), (torn, Code::Malformed)] {
        let error = ask(&engine, RedecodeVisit { visit, keep: true }).unwrap_err();
        assert_eq!((error.code, error.hint.is_empty()), (code, false));
    }
    let listed = ask(&engine, ListWithTraffic { offset: 0, limit: 10 })?;
    let ids: Vec<VisitId> = listed.rows.iter().map(|row| row.id).collect();
    assert_eq!((listed.total, ids.contains(&visit), ids.contains(&torn), ids.contains(&none)), (2, true, true, false));
    Ok(())
}
