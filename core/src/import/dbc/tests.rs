//! Networks, made up here.

use super::{switch::When, *};
use proptest::prelude::*;

const NETWORK: &str = r#"VERSION ""

NS_ :

BS_:

BU_: ECM

BO_ 256 Plain: 8 ECM
 SG_ Little : 0|16@1+ (0.5,-10) [0|0] "km/h" ECM
 SG_ Big : 23|16@0+ (1,0) [0|0] "" ECM
 SG_ Signed : 32|8@1- (1,0) [0|0] "°C" ECM
 SG_ Ranged : 40|8@1+ (1,0) [0|100] "%" ECM

BO_ 257 Switched: 8 ECM
 SG_ Switch M : 0|8@1+ (1,0) [0|0] "" ECM
 SG_ One m1 : 8|8@1+ (1,0) [0|0] "" ECM
 SG_ Two m2 : 8|8@1+ (2,0) [0|0] "" ECM

BO_ 258 Floats: 8 ECM
 SG_ Float : 0|32@1- (1,0) [0|0] "V" ECM

BO_ 2364540158 EEC1: 8 ECM
 SG_ EngineSpeed : 24|16@1+ (0.125,0) [0|8031.875] "rpm" ECM

SIG_VALTYPE_ 258 Float : 1;
"#;

fn values(network: &Network, id: CanId, data: &[u8]) -> Vec<(String, Result<f64, CellReason>)> {
    let frame = CanFrame::new(id, data).unwrap();
    let Some((place, sender)) = network.find(id) else { return vec![] };
    let message = &network.messages[place];
    message
        .values(&frame)
        .map(|(wire, value)| (message.wires[wire].column(&message.name, sender).signal, value))
        .collect()
}

#[test]
fn signals_read_as_the_file_says() {
    let network = read(NETWORK.as_bytes()).unwrap();
    let id = |id| CanId::standard(id).unwrap();
    let of = |name: &str, value| (format!("::{name}"), value);
    assert_eq!(
        values(&network, id(256), &[0x64, 0, 0x12, 0x34, 0xff, 101]),
        [
            of("plain_little", Ok(40.0)),
            of("plain_big", Ok(f64::from(0x1234))),
            of("plain_signed", Ok(-1.0)),
            of("plain_ranged", Err(CellReason::OutOfRange)),
        ]
    );
    assert_eq!(values(&network, id(256), &[0x64])[0].1, Err(CellReason::ShortFrame));
    assert_eq!(values(&network, id(257), &[1, 9]), [of("switched_switch", Ok(1.0)), of("switched_one", Ok(9.0))]);
    assert_eq!(values(&network, id(257), &[2, 9]), [of("switched_switch", Ok(2.0)), of("switched_two", Ok(18.0))]);
    assert_eq!(values(&network, id(257), &[3, 9]).len(), 1);
    assert_eq!(values(&network, id(258), &12.5f32.to_le_bytes()), [of("floats_float", Ok(12.5))]);
    assert_eq!(values(&network, id(258), &f32::NAN.to_le_bytes())[0].1, Err(CellReason::NotAvailable));
    assert_eq!(values(&network, id(259), &[0]), []);
}

#[test]
fn j1939_is_found_by_its_parameter_group_and_keeps_its_sender() {
    let network = read(NETWORK.as_bytes()).unwrap();
    let data = |low, high| [0xff, 0xff, 0xff, low, high, 0xff, 0xff, 0xff];
    let id = CanId::extended(0x0CF0_0400).unwrap();
    assert_eq!(values(&network, id, &data(0x87, 0x1d)), [("00::eec1_enginespeed".to_owned(), Ok(944.875))]);
    let other = CanId::extended(0x18F0_0403).unwrap();
    assert_eq!(values(&network, other, &data(0, 0))[0].0, "03::eec1_enginespeed");
    assert_eq!(values(&network, id, &data(0xff, 0xff))[0].1, Err(CellReason::NotAvailable));
    assert_eq!(values(&network, id, &data(0, 0xfe))[0].1, Err(CellReason::NotAvailable));
    assert_eq!(values(&network, CanId::extended(0x18DA_F110).unwrap(), &data(0, 0)), []);
    assert_eq!([group(0x18DA_F110), group(0x0CF0_0400)], [0xDA00, 0xF004]);
}

#[test]
fn what_is_no_network_or_reads_two_ways_is_refused() {
    let with = |line: &str| NETWORK.replace("BO_ 258 Floats: 8 ECM\n", line);
    for (text, expect) in [
        (String::new(), "no signal"),
        ("BO_ x".to_owned(), "cannot be read"),
        (with("BO_ 65794 Floats: 8 ECM\n"), "neither of 11 nor of 29"),
        (with("BO_ 256 Floats: 8 ECM\n"), "two messages"),
        (with("BO_ 258 Floats: 8 ECM\n SG_ Wide : 0|65@1+ (1,0) [0|0] \"\" ECM\n"), "outside"),
        (with("BO_ 258 Floats: 8 ECM\n SG_ Zero : 0|8@1+ (0,0) [0|0] \"\" ECM\n"), "no factor"),
        (with("BO_ 258 Floats: 8 ECM\n SG_ Odd m1 : 0|8@1+ (1,0) [0|0] \"\" ECM\n"), "no switch"),
        (with("BO_ 258 Floats: 8 ECM\n SG_ Odd m : 0|8@1+ (1,0) [0|0] \"\" ECM\n"), "switched by no value"),
        (with("BO_ 258 Floats: 8 ECM\n SG_ FLOAT : 0|8@1+ (1,0) [0|0] \"\" ECM\n"), "told apart"),
        (
            with(
                "BO_ 258 Floats: 8 ECM\n SG_ One : 0|8@1+ (1,0) [0|0] \"\" ECM\n SG_ One : 8|8@1+ (1,0) [0|0] \"\" ECM\n",
            ),
            "there twice",
        ),
        ("\0".to_owned(), "no text"),
    ] {
        let error = read(text.as_bytes()).unwrap_err();
        assert!(error.code == Code::Malformed && error.message.contains(expect), "{expect}: {error}");
    }
}

/// A message whose switches lie in its first two bytes.
const NESTED: &str = r#"VERSION ""

BU_: ECM

BO_ 512 Nested: 8 ECM
 SG_ Page M : 0|8@1+ (1,0) [0|0] "" ECM
 SG_ Part m1M : 8|8@1+ (1,0) [0|0] "" ECM
 SG_ Shared m1 : 16|8@1+ (1,0) [0|0] "" ECM
 SG_ Inner m3 : 24|8@1+ (1,0) [0|0] "" ECM
 SG_ Other m2 : 8|8@1+ (1,0) [0|0] "" ECM

SG_MUL_VAL_ 512 Part Page 1-1;
SG_MUL_VAL_ 512 Shared Page 1-1, 5-7;
SG_MUL_VAL_ 512 Inner Part 3-4, 9-9;
SG_MUL_VAL_ 512 Other Page 2-2;
"#;

#[test]
fn a_switched_switch_switches_only_while_it_is_there() {
    let network = read(NESTED.as_bytes()).unwrap();
    for (data, expect) in [
        (&[1, 3, 10, 20][..], &["page=1", "part=3", "shared=10", "inner=20"][..]),
        (&[1, 4, 10, 20], &["page=1", "part=4", "shared=10", "inner=20"]),
        (&[1, 5, 10, 20], &["page=1", "part=5", "shared=10"]),
        (&[1, 9, 10, 20], &["page=1", "part=9", "shared=10", "inner=20"]),
        // What lies where the inner switch would is another signal's.
        (&[2, 3, 10, 20], &["page=2", "other=3"]),
        (&[6, 3, 10, 20], &["page=6", "shared=10"]),
        (&[8, 3, 10, 20], &["page=8"]),
        (&[1], &["page=1", "part short", "shared short"]),
        (&[], &["page short"]),
    ] {
        let read: Vec<String> = values(&network, CanId::standard(512).unwrap(), data)
            .into_iter()
            .map(|(name, value)| match value {
                Ok(value) => format!("{}={value}", &name["::nested_".len()..]),
                Err(CellReason::ShortFrame) => format!("{} short", &name["::nested_".len()..]),
                Err(other) => format!("{other:?}"),
            })
            .collect();
        assert_eq!(read, expect, "{data:?}");
    }
}

#[test]
fn switches_that_read_two_ways_are_refused() {
    for (was, is, expect) in [
        ("SG_MUL_VAL_ 512 Inner Part 3-4, 9-9;\n", "", "by which of several switches"),
        ("Inner Part 3-4", "Inner Part 5-6", "another value in one place"),
        ("Inner Part 3-4", "Inner Part 3-4, 8-7", "range that is empty"),
        ("Inner Part 3-4", "Inner Shared 3-4", "no switch"),
        ("Inner Part 3-4", "Inner Nobody 3-4", "no switch"),
        ("Inner m3 ", "Inner ", "in one place of the file"),
        ("Other Page 2-2;", "Other Page 2-2;\nSG_MUL_VAL_ 512 Other Page 3-3;", "switched twice"),
        ("Page M ", "Page m0M ", "switch each other"),
        ("Part m1M : 8|8@1+", "Part m1M : 8|8@1-", "not an unsigned number"),
        ("SG_MUL_VAL_ 512 Part", "SG_MUL_VAL_ 66048 Part", "neither of 11 nor of 29"),
    ] {
        let text = NESTED.replace(was, is);
        assert_ne!(text, NESTED, "{was}");
        let error = read(text.as_bytes()).map(|_| ()).unwrap_err();
        assert!(error.code == Code::Malformed && error.message.contains(expect), "{expect}: {error}");
    }
    // Without SG_MUL_VAL_ a switch that is switched can only be so by the other one.
    let text = NESTED.replace("SG_MUL_VAL_ 512 Part Page 1-1;\n", "");
    let network = read(text.as_bytes()).unwrap();
    assert_eq!(values(&network, CanId::standard(512).unwrap(), &[1, 3, 10, 20]).len(), 4);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn no_text_makes_it_panic(
        at in any::<proptest::sample::Index>(),
        cut in 0..30usize,
        with in "[-A-Z0-9_ :|@+()\\[\\]\",;m\n]{0,12}",
        id in 0..0x7ffu32,
        data in proptest::collection::vec(any::<u8>(), 0..8),
    ) {
        let mut bytes = NETWORK.as_bytes().to_vec();
        let from = at.index(bytes.len());
        let to = (from + cut).min(bytes.len());
        bytes.splice(from..to, with.bytes());
        if let Ok(network) = read(&bytes) {
            for id in [id, 256, 257, 258] {
                for (_, value) in values(&network, CanId::standard(id).unwrap(), &data) {
                    prop_assert!(value.is_err() || value.is_ok_and(f64::is_finite));
                }
            }
        }
    }

    #[test]
    fn bits_are_those_of_the_frame(start in 0..64u32, size in 1..=64u32, data in any::<u64>()) {
        let wire = |start, little| Wire {
            name: String::new(), unit: String::new(), start, size, little, form: Form::Unsigned, factor: 1.0,
            offset: 0.0, range: None, when: When::Always,
        };
        let whole = |fits: bool, expect: u64| fits.then_some(expect & (u64::MAX >> (64 - size)));
        let little = wire(start, true).raw(&data.to_le_bytes());
        prop_assert_eq!(little, whole(start + size <= 64, data >> start));
        // The same place counted from the top, as Motorola does.
        let first = start / 8 * 8 + 7 - start % 8;
        let big = wire(first, false).raw(&data.to_be_bytes());
        prop_assert_eq!(big, whole(start + size <= 64, data.checked_shr(64u32.wrapping_sub(start + size)).unwrap_or(0)));
    }
}
