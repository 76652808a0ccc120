//! What a passport says of every adapter that misbehaves. Time is simulated.

#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "a test's way to fail and to speak")]

use roadworthy_api::{
    Code,
    adapter::{CountDigit, Passport, Proof, Purpose},
};
use roadworthy_obd::adapter::{Adapter, Reset};
use roadworthy_simulator::{Options, Profile, connect_with};
use std::{sync::Arc, time::Duration};
use tokio::time::{Instant, timeout};

/// Measures the adapter of a profile, with its vehicle where that is found.
async fn measure(name: &str) -> Result<(Passport, Duration), Code> {
    let profile = Profile::named(name).unwrap();
    let vehicle = profile.vehicle.clone();
    let options = Options { adapter: Some(Arc::new(profile)), ..Options::default() };
    let mut reset = Reset::Cold;
    loop {
        let mut adapter = Adapter::on(connect_with(&vehicle, options.clone()).unwrap(), reset);
        match adapter.set_up().await {
            Ok(()) => {}
            Err(error) if error.code == Code::LinkLost && reset == Reset::Cold => {
                reset = Reset::Warm;
                continue;
            }
            Err(error) => return Err(error.code),
        }
        drop(adapter.connect().await);
        let since = Instant::now();
        return adapter.measure(0).await.map(|passport| (passport, since.elapsed())).map_err(|e| e.code);
    }
}

fn refuted(proof: &Proof) -> bool {
    matches!(proof, Proof::No { .. })
}

fn fit(passport: &Passport, purpose: Purpose) -> &Proof {
    &passport.fit.iter().find(|f| f.purpose == purpose).unwrap().fit
}

#[tokio::test(start_paused = true)]
async fn every_adapter_that_misbehaves_gets_a_passport_or_a_cause() {
    let mut without = Vec::new();
    for name in Profile::names() {
        match timeout(Duration::from_secs(600), measure(name)).await.unwrap_or_else(|_| panic!("{name} has no end")) {
            Err(code) => without.push((*name, code)),
            Ok((passport, took)) => {
                let no: Vec<&str> = passport.unfit();
                println!("{name:<28} {:>5.1} s  not fit for: {}", took.as_secs_f64(), no.join(", "));
                assert_eq!(passport.fit.len(), Purpose::ALL.len(), "{name}");
                assert!(took < Duration::from_secs(60), "{name} took {took:?}");
            }
        }
    }
    println!("without: {without:?}");
    assert!(without.len() * 10 < Profile::names().len(), "{without:?}");
}

#[tokio::test(start_paused = true)]
async fn a_sound_adapter_takes_no_longer_than_five_seconds() {
    let mut adapter = Adapter::start(connect_with("petrol", Options::default()).unwrap(), Reset::Cold).await.unwrap();
    adapter.connect().await.unwrap();
    let since = Instant::now();
    let passport = adapter.measure(0).await.unwrap();
    assert!(since.elapsed() < Duration::from_secs(5), "{:?}", since.elapsed());
    assert_eq!(passport.count_digit, CountDigit::Honoured);
    for purpose in Purpose::ALL {
        assert!(fit(&passport, purpose).yes(), "{purpose:?} {passport:?}");
    }
    assert_eq!(passport.tried_on.unwrap().several_values, Proof::Yes);
}

#[tokio::test(start_paused = true)]
async fn what_an_adapter_cannot_do_is_named() {
    let (passport, _) = measure("count-as-data").await.unwrap();
    // The vehicle may answer what the digit made of the request just the same: the chip gains nothing by it then.
    assert!(matches!(passport.count_digit, CountDigit::TakenAsData | CountDigit::Ignored), "{passport:?}");
    let (passport, _) = measure("cuts-requests").await.unwrap();
    assert!(!passport.request_of_3.yes() && !passport.request_of_7.yes(), "{passport:?}");
    assert!(!fit(&passport, Purpose::Uds).yes(), "{passport:?}");
    let (passport, _) = measure("no-flow-control").await.unwrap();
    assert!(refuted(&passport.long_reply) && refuted(&passport.flow_control), "{passport:?}");
    assert!(refuted(fit(&passport, Purpose::IsoTp)) && refuted(fit(&passport, Purpose::Codes)), "{passport:?}");
    let (passport, _) = measure("clone").await.unwrap();
    assert!(passport.counterfeit.is_some() && !passport.cannot.is_empty(), "{passport:?}");
    let (passport, _) = measure("no-voltage").await.unwrap();
    assert_eq!(passport.voltage, None);
}
