use super::{redact, vin_shaped};
use proptest::prelude::*;

#[test]
fn what_is_personal_goes_and_the_rest_stays() {
    let check = |text: &str, expect: &str| assert_eq!(redact(text), expect);
    // Vehicle identification numbers.
    check("vin=1RWTEST00X0000001 read", "vin=[redacted] read");
    check("1rwtest00x0000001", "[redacted]");
    check(r#"{"vin":"1RWTEST00X0000001"}"#, r#"{"vin":"[redacted]"}"#);
    check(r"a\n1RWTEST00X0000001\n", r"a\[redacted]\n");
    check(r"\1RWTEST00X0000001", r"\[redacted]");
    check("VIN1RWTEST00X0000001", "[redacted]");
    check("1RWTEST00X000000", "1RWTEST00X000000");
    check("1RWTEST00I0000001", "1RWTEST00I0000001");
    // Mail.
    check("from jo.doe+x@mail.example.org.", "from [redacted].");
    check("<é@exämple.fr>", "<[redacted]>");
    check("crate@0.8.2 and @home", "crate@0.8.2 and @home");
    // Telephone.
    check("call +49 (0)171 2345678 now", "call [redacted] now");
    check("tel: 0171/2345678, 06 12 34 56 78", "tel: [redacted], [redacted]");
    check("(555) 123-4567 or 1-555-123-4567", "([redacted] or [redacted]");
    check("5551234567", "[redacted]");
    check("tel:0171 2345678, +1 555 1234567 +1 555 1234568", "tel:[redacted], [redacted]");
    // Secrets and marked values.
    check("Authorization: Bearer abc.DEF-123", "Authorization: [redacted]");
    check("sent Bearer abc.DEF-123, ok", "sent Bearer [redacted], ok");
    check("GET /?token=s3cr3t&x=1", "GET /?token=[redacted]&x=1");
    check("plate=RW-T 100 state=good", "plate=[redacted] state=good");
    check(r#"plate=Some("RW-T 100") x"#, r#"plate=Some("[redacted]") x"#);
    check(r#"{"plate": "A\"B", "n":1}"#, r#"{"plate": "[redacted]", "n":1}"#);
    check(r#"{\"phone\":\"12\",\"n\":1}"#, r#"{\"phone\":\"[redacted]\",\"n\":1}"#);
    check("api-key: xyz done", "api-key: [redacted] done");
}

#[test]
fn what_support_needs_stays() {
    for text in [
        "2026-11-20T22:54:09.123456Z  INFO roadworthy_core::jobs: Check on tcp://192.168.0.10:35000",
        "visit 01925f3a-7c00-7abc-8def-0123456789ab stored",
        "visit 01925f3a-7c00-7abc-8def-012345678901 stored",
        "traffic 5f1c0d5f1c0d5f1c0d5f1c0d5f1c0d5f1c0d5f1c0d5f1c0d5f1c0d5f1c0dabcd",
        "7E8 06 41 00 BE 3E B8 11 00",
        "took 0.123456789 s, at 1795215624000 ms, 14.18 V, 2048 bytes, v2.12.5",
        "listening on 127.0.0.1:4711, 2026-11-20 23:00:24",
        "P0301 U0100 /dev/ttyUSB0 sim:petrol COM5 tokenizer keyring",
        "the plate was empty; no token given",
    ] {
        assert_eq!(redact(text), text);
    }
}

fn vin() -> impl Strategy<Value = String> {
    "[A-HJ-NPR-Za-hj-npr-z0-9]{17}"
}

fn holds_vin(text: &str) -> bool {
    text.as_bytes().split(|b| !b.is_ascii_alphanumeric()).any(vin_shaped)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    #[test]
    fn no_vin_shaped_token_survives(parts in prop::collection::vec((vin(), "[^A-Za-z0-9]{1,4}|\\PC{0,8}[ =\"\\\\:,]"), 0..6), lead in "\\PC{0,12}[ =\"\\\\(:@+]") {
        let text = lead + &parts.iter().map(|(vin, gap)| format!("{vin}{gap}")).collect::<String>();
        let out = redact(&text);
        prop_assert!(!holds_vin(&out), "{text:?} -> {out:?}");
    }

    #[test]
    fn any_text_survives_and_twice_is_once(text in "(\\PC|[\n\t@+=\"\\\\]|token=|plate: |Bearer |0171|1RWTEST00X0000001){0,40}") {
        let once = redact(&text);
        prop_assert!(!holds_vin(&once));
        prop_assert_eq!(redact(&once), once);
    }

    #[test]
    fn no_mail_address_survives(local in "[a-z0-9.]{1,10}", host in "[a-z]{1,10}", top in "[a-z]{2,5}", gap in "[ <(\",]") {
        let mail = format!("{local}@{host}.{top}");
        let text = format!("x{gap}{mail}{gap}y");
        prop_assert!(!redact(&text).contains(&mail));
    }

    #[test]
    fn no_international_number_survives(country in 1u32..999, rest in "[ /-]?[0-9]{3}[ /-]?[0-9]{4,6}", gap in "[ (,:]") {
        let number = format!("+{country}{rest}");
        let text = format!("call{gap}{number}{gap}now");
        prop_assert!(!redact(&text).contains(&rest), "{}", text);
    }
}
