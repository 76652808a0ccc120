//! Starting adapters that do not behave.

use crate::fake::{Fake, UNPLUG, check, check_with, texts};
use roadworthy_api::Code;
use roadworthy_obd::adapter::Reset;

#[tokio::test(start_paused = true)]
async fn junk_around_the_banner_does_not_hide_the_adapter() {
    for banner in [
        "+CONNECTING<<00:00:5e:00:53:01\r\n\r\nELM327 v2.1\r\n\r\n>",
        "ATZ\r?\rELM327 v2.1\r\r>",
        "\u{7}\u{1}\r\rELM327 v2.1\r\r>",
        "fc\r00 00 00 00\rELM327 v2.1\r\r>",
        "\r\rELM327 v2.1\r\r>\r>",
    ] {
        let (finished, _) = check(Fake::car().on("ATZ", banner)).await;
        let report = finished.report.unwrap_or_else(|e| panic!("{banner:?}: {e}"));
        assert_eq!(report.adapter.claims, "ELM327 v2.1", "{banner:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_command_that_met_a_busy_or_half_typed_adapter_is_given_again() {
    for first in ["STOPPED\r\r>", "?\r\r>"] {
        let (finished, sent) = check(Fake::car().each("ATZ", &[first, "\r\rELM327 v1.5\r\r>"])).await;
        assert!(finished.report.is_ok(), "{first}");
        assert_eq!(texts(&sent)[..2], ["ATZ", "ATZ"]);
    }
}

#[tokio::test(start_paused = true)]
async fn an_adapter_that_never_returns_from_a_full_reset_is_started_gently() {
    let (finished, sent) = check(Fake::car().pauses("ATZ", &[&[]])).await;
    assert!(finished.report.is_ok());
    let sent = texts(&sent);
    assert_eq!(sent.iter().filter(|s| *s == "ATZ").count(), 1);
    assert!(sent.contains(&"ATWS".to_owned()), "{sent:?}");
}

#[tokio::test(start_paused = true)]
async fn an_adapter_without_a_warm_start_says_its_name() {
    let (finished, sent) = check(Fake::car().pauses("ATZ", &[&[]]).on("ATWS", "?\r\r>")).await;
    assert_eq!(finished.report.unwrap().adapter.claims, "ELM327 v1.5");
    assert!(texts(&sent).contains(&"ATD".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn a_link_that_breaks_on_a_full_reset_can_be_started_gently() {
    let unplug: &[&[(u64, &str)]] = &[&[(300, UNPLUG)]];
    let (finished, _) = check(Fake::car().pauses("ATZ", unplug)).await;
    let error = finished.report.unwrap_err();
    assert_eq!(error.code, Code::LinkLost);
    assert!(error.hint.contains("gently"), "{error}");
    let (finished, _) = check_with(Fake::car().pauses("ATZ", unplug), Reset::Warm).await;
    assert!(finished.report.is_ok());
}

#[tokio::test(start_paused = true)]
async fn optional_settings_may_be_unknown_to_a_clone() {
    let fake = Fake::car()
        .on("ATAT1", "?\r\r>")
        .on("ATM0", "?\r\r>")
        .on("ATL0", "?\r\r>")
        .on("ATS0", "?\r\r>")
        .on("ATRV", "?\r\r>");
    let (finished, _) = check(fake).await;
    assert_eq!(finished.report.unwrap().adapter.voltage, None);
}

#[tokio::test(start_paused = true)]
async fn an_adapter_that_cannot_say_who_sent_a_line_is_refused() {
    let (finished, _) = check(Fake::car().on("ATH1", "?\r\r>")).await;
    let error = finished.report.unwrap_err();
    assert_eq!(error.code, Code::AdapterFault);
    assert!(error.message.contains("ATH1"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn an_echo_that_cannot_be_turned_off_is_no_data() {
    let fake =
        Fake::car().on("ATE0", "ATE0\r?\r\r>").on("ATH1", "ATH1\rOK\r\r>").on("010C", "010C\r7E804410C1AF8\r\r>");
    let (finished, _) = check(fake).await;
    let report = finished.report.unwrap();
    assert_eq!(report.rejected, []);
    assert!(report.snapshot.iter().any(|r| r.raw == "410C1AF8"));
}

#[tokio::test(start_paused = true)]
async fn a_prompt_that_comes_late_does_not_shift_the_answers() {
    // "OK" without its prompt, which comes a moment later; and a second prompt after the reset.
    let fake = Fake::car()
        .pauses("ATZ", &[&[(800, "\r\rELM327 v1.5\r\r>"), (30, "\r>")]])
        .pauses("ATE0", &[&[(2, "ATE0\rOK\r"), (900, "\r>")]])
        .on("ATRV", "13.4V\r\r>");
    let (finished, sent) = check(fake).await;
    let report = finished.report.unwrap();
    assert_eq!(report.adapter.voltage, Some(13.4));
    assert!(!texts(&sent).iter().any(|s| s.starts_with("EARLY")), "{:?}", texts(&sent));
}

#[tokio::test(start_paused = true)]
async fn what_does_not_speak_the_language_is_no_adapter() {
    let silent: &[&[(u64, &str)]] = &[&[]];
    let mute = ["ATZ", "ATWS", "ATD", "ATI"].into_iter().fold(Fake::new(), |f, c| f.pauses(c, silent));
    let modem = ["ATZ", "ATWS", "ATD", "ATI"].into_iter().fold(Fake::new(), |f, c| f.on(c, "\r\nERROR\r\n"));
    let shell = ["ATZ", "ATWS", "ATD", "ATI"].into_iter().fold(Fake::new(), |f, c| f.on(c, "-sh: not found\r\n$ >"));
    for (what, fake) in [("mute", mute), ("modem", modem), ("shell", shell)] {
        let (finished, _) = check(fake).await;
        let error = finished.report.unwrap_err();
        assert_eq!(error.code, Code::NotAnAdapter, "{what}: {error}");
        assert!(!error.hint.is_empty());
    }
}

#[tokio::test(start_paused = true)]
async fn a_device_that_never_stops_sending_is_no_adapter() {
    let (ours, mut theirs) = tokio::io::duplex(4096);
    tokio::spawn(async move {
        use tokio::io::AsyncWriteExt;
        while theirs.write_all(b"$GPGGA,000000.00,,,,,0,00,99.99,,,,,,*67\r\n").await.is_ok() {}
    });
    let error = roadworthy_obd::adapter::Adapter::start(Box::new(ours), Reset::Cold).await.err().unwrap();
    assert_eq!(error.code, Code::NotAnAdapter);
}

#[tokio::test(start_paused = true)]
async fn a_device_that_trickles_prompts_is_given_up_soon() {
    let (ours, mut theirs) = tokio::io::duplex(4096);
    tokio::spawn(async move {
        use tokio::io::AsyncWriteExt;
        while theirs.write_all(b">").await.is_ok() {
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
    });
    let start = tokio::time::Instant::now();
    let error = roadworthy_obd::adapter::Adapter::start(Box::new(ours), Reset::Cold).await.err().unwrap();
    assert_eq!(error.code, Code::NotAnAdapter);
    assert!(start.elapsed().as_secs() < 15, "after {} s", start.elapsed().as_secs());
}

#[tokio::test]
async fn a_flood_of_prompts_ends_at_once() {
    // In real time: no time passes in a test of paused time while something always comes.
    for first in ["", "\r\rELM327 v1.5\r\r>"] {
        let (ours, mut theirs) = tokio::io::duplex(4096);
        tokio::spawn(async move {
            use tokio::io::{AsyncReadExt, AsyncWriteExt};
            let _ = theirs.read(&mut [0; 16]).await;
            let _ = theirs.write_all(first.as_bytes()).await;
            while theirs.write_all(&[b'>'; 1024]).await.is_ok() {}
        });
        let start = roadworthy_obd::adapter::Adapter::start(Box::new(ours), Reset::Cold);
        let ended = tokio::time::timeout(std::time::Duration::from_secs(2), start).await;
        assert_eq!(ended.unwrap().err().unwrap().code, Code::NotAnAdapter, "{first:?}");
    }
}
