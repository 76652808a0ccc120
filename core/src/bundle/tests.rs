use super::{pack::Entry, *};
use proptest::prelude::*;
use roadworthy_obd::check::{CheckOptions, check_recording};
use roadworthy_obd::dtc;
use std::sync::Arc;

const VIN: &str = "1RWTEST0XX0000001";

/// A dialogue with a made-up vehicle on CAN that gives its VIN and one code.
const DIALOGUE: &str = "roadworthy-traffic 1\n# started 1795215600000\n0 > ATZ\\r\n800 < \\rELM327 v1.5\\r\\r>\n810 > ATH1\\r\n\
    811 < OK\\r\\r>\n830 > ATTP0\\r\n831 < OK\\r\\r>\n840 > 0100\\r\n900 < SEARCHING...\\r7E806410008100000\\r\\r>\n\
    910 > ATDPN\\r\n911 < A6\\r\\r>\n920 > 0100\\r\n930 < 7E806410008100000\\r\\r>\n940 > 0902\\r\n\
    950 < 7E81014490201315257\\r7E82154455354305858\\r7E82230303030303031\\r\\r>\n960 > 03\\r\n970 < 7E80443010301\\r\\r>\n\
    980 > 0105\\r\n990 < 7E80341057B\\r\\r>\n1000 > 010C\\r\n1010 < 7E804410C1AF8\\r\\r>\n";

fn visit() -> Visit {
    let options = CheckOptions { now: Arc::new(|| 1_795_215_700_000), ..CheckOptions::new("bt:00:1D:A5:68:98:8B") };
    let shown = check_recording(Traffic::parse(DIALOGUE).unwrap(), options).report.unwrap();
    assert_eq!((shown.vin.as_deref(), shown.codes.len()), (Some(VIN), 1));
    Visit {
        id: VisitId(0x1000),
        event: EventHash { id: EventId(0x2000), device: DeviceId(0x3000), seq: 7, hash: "ab".repeat(32) },
        meanings: shown.codes.iter().filter_map(|c| dtc::explain(&c.code)).collect(),
        shown,
        traffic: DIALOGUE.into(),
        vins: Vec::new(),
    }
}

fn text(entries: &[Entry], name: &str) -> String {
    let entry = entries.iter().find(|e| e.name == name).unwrap_or_else(|| panic!("{name} is missing"));
    String::from_utf8(entry.bytes.clone()).unwrap()
}

/// The bundle with one file changed, and its hashes written anew or left.
fn changed(bundle: &[u8], name: &str, with: impl Fn(String) -> String, hashes: bool) -> Vec<u8> {
    let mut entries = pack::read(bundle).unwrap();
    let text = with(text(&entries, name));
    entries.iter_mut().filter(|e| e.name == name).for_each(|e| e.bytes = text.clone().into_bytes());
    if hashes {
        entries.retain(|e| e.name != SUMS);
        let sums: String = entries.iter().map(|e| format!("{}  {}\n", sha256(&e.bytes), e.name)).collect();
        entries.push(Entry::new(SUMS, sums.into_bytes()));
    }
    pack::write(&entries).unwrap()
}

#[test]
fn the_same_visit_gives_the_same_bundle_and_it_agrees_with_itself() {
    for full in [false, true] {
        let bundle = make(&visit(), full).unwrap();
        assert_eq!(bundle, make(&visit(), full).unwrap());
        let verified = verify(&bundle).unwrap();
        assert_eq!(verified.problems, []);
        assert_eq!((verified.files, verified.differing.len(), verified.manifest.redacted), (7, 0, !full));
        assert!(verified.same > 10 && verified.sha256 == sha256(&bundle));
        let entries = pack::read(&bundle).unwrap();
        assert!(text(&entries, FRAMES).contains("can0 7E8#04410C1AF8"), "{}", text(&entries, FRAMES));
        assert!(text(&entries, README).lines().all(|line| line.chars().count() <= 112), "{}", text(&entries, README));
        assert!(text(&entries, CODES).contains("Cylinder 1"));
    }
}

#[test]
fn a_redacted_bundle_names_no_vehicle_and_no_adapter_and_reads_as_before() {
    let entries = pack::read(&make(&visit(), false).unwrap()).unwrap();
    for entry in &entries {
        let text = String::from_utf8(entry.bytes.clone()).unwrap();
        // TEST0X is what stands between the maker's part and the number.
        for secret in [VIN, "TEST0X", "5445535430", "00:1D:A5"] {
            assert!(!text.contains(secret), "{secret} is in {}", entry.name);
        }
    }
    let check: CheckReport = serde_json::from_str(&text(&entries, CHECK)).unwrap();
    // Its check digit fits as that of the real one does.
    assert_eq!((check.vin.as_deref(), check.port.as_str()), (Some("1RWREDCT200000001"), "bt:"));
    assert_eq!((check.codes.len(), check.snapshot.len()), (1, 2));
    let full = pack::read(&make(&visit(), true).unwrap()).unwrap();
    assert!(text(&full, CHECK).contains(VIN) && text(&full, TRAFFIC) == DIALOGUE);
    assert!(text(&full, MANIFEST).contains(&crate::files::hash(DIALOGUE.as_bytes())));
    assert!(!text(&entries, MANIFEST).contains("\"traffic\""), "because a VIN could be found by that hash");
}

#[test]
fn a_check_that_reads_otherwise_today_is_redacted_too() {
    let mut visit = visit();
    visit.shown.decoder = 0;
    visit.shown.codes.clear();
    let bundle = make(&visit, false).unwrap();
    let verified = verify(&bundle).unwrap();
    assert_eq!(verified.problems, []);
    assert!(verified.differing.iter().any(|row| row.label == "P0301"), "{:?}", verified.differing);
    assert!(!text(&pack::read(&bundle).unwrap(), CHECK).contains(VIN));
}

#[test]
fn whatever_was_changed_is_named() {
    let bundle = make(&visit(), false).unwrap();
    for name in [README, MANIFEST, TRAFFIC, FRAMES, CHECK, CODES, REDECODED] {
        let found = verify(&changed(&bundle, name, |text| format!("{text}\n"), false)).unwrap().problems;
        assert!(found.iter().any(|p| p.file == name && p.what.contains("changed")), "{name}: {found:?}");
    }
    // With hashes that fit, too.
    let hotter = |text: String| text.replace("7E80341057B", "7E803410500");
    let found = verify(&changed(&bundle, TRAFFIC, hotter, true)).unwrap().problems;
    assert!(found.iter().any(|p| p.file == REDECODED) && found.iter().any(|p| p.file == FRAMES), "{found:?}");
    let cleared = |text: String| text.replace("P0301", "P0420");
    let found = verify(&changed(&bundle, CHECK, cleared, true)).unwrap().problems;
    assert!(found.iter().any(|p| p.file == REDECODED), "{found:?}");
    let mut entries = pack::read(&bundle).unwrap();
    entries.push(Entry::new("more.txt", Vec::new()));
    entries.retain(|e| e.name != README);
    let found = verify(&pack::write(&entries).unwrap()).unwrap().problems;
    let files: Vec<&str> = found.iter().map(|p| p.file.as_str()).collect();
    assert_eq!(files, ["more.txt", README, README], "{found:?}");
}

#[test]
fn what_is_no_bundle_says_so() {
    let bundle = make(&visit(), false).unwrap();
    let other = changed(&bundle, MANIFEST, |text| text.replace("bundle 1", "bundle 9"), true);
    assert_eq!(verify(&other).unwrap_err().code, Code::Invalid);
    let empty = pack::write(&[]).unwrap();
    let half = &bundle[..bundle.len() / 2];
    let torn = changed(&bundle, CHECK, |text| text[..text.len() / 2].to_owned(), true);
    for bytes in [&[][..], b"PK", b"not a zip", &empty, half, &torn] {
        let error = verify(bytes).unwrap_err();
        assert_eq!((error.code, error.hint.is_empty()), (Code::Malformed, false), "{error}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]
    #[test]
    fn a_damaged_bundle_is_refused_or_named(
        at in any::<proptest::sample::Index>(), byte in any::<u8>(), cut in any::<bool>(), inside in any::<bool>(),
        name in 0usize..8,
    ) {
        let bundle = sound();
        let damaged = if inside {
            let mut entries = pack::read(bundle).unwrap();
            let bytes = &mut entries[name].bytes;
            let at = at.index(bytes.len());
            if cut { bytes.truncate(at) } else { bytes[at] = byte }
            pack::write(&entries).unwrap()
        } else {
            let at = at.index(bundle.len());
            let mut bytes = bundle.to_vec();
            if cut { bytes.truncate(at) } else { bytes[at] = byte }
            bytes
        };
        if let Ok(verified) = verify(&damaged) {
            // What is damaged and read all the same is damaged where it says nothing: between files, or in a name.
            let same = pack::read(&damaged).unwrap() == pack::read(bundle).unwrap();
            prop_assert!(same || !verified.problems.is_empty());
        }
    }
}

fn sound() -> &'static [u8] {
    static BUNDLE: std::sync::OnceLock<Vec<u8>> = std::sync::OnceLock::new();
    BUNDLE.get_or_init(|| make(&visit(), false).unwrap())
}
