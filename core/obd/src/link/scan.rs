//! Looking for adapters that have to be called: on Wi-Fi where they are known to be, over Bluetooth LE by listening.

use super::{ble, wifi};
use roadworthy_api::{Error, port::PortInfo};
use tokio::sync::watch;

/// What a scan says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ScanEvent {
    /// What it does now, in words.
    Doing(String),
    /// A port that was found. One that is found again with a better name comes again.
    Found(PortInfo),
    /// A way that could not be searched, and why.
    Skipped {
        /// As in `Bluetooth LE`.
        way: String,
        /// Why, with the next step.
        error: Error,
    },
}

/// Looks for adapters for up to a quarter of a minute, or until `cancel` holds `true`. What was found by then stands.
pub async fn scan(cancel: watch::Receiver<bool>, on: &mut (dyn FnMut(ScanEvent) + Send)) {
    tokio::select! {
        biased;
        () = cancelled(cancel) => {}
        () = search(on) => {}
    }
}

async fn cancelled(mut cancel: watch::Receiver<bool>) {
    if cancel.wait_for(|c| *c).await.is_err() {
        // Nobody is left who could cancel.
        std::future::pending::<()>().await;
    }
}

async fn search(on: &mut (dyn FnMut(ScanEvent) + Send)) {
    let places = wifi::places();
    if !places.is_empty() {
        on(ScanEvent::Doing("Looking for Wi-Fi adapters".into()));
    }
    for place in places {
        if let Some(found) = wifi::probe(place).await {
            on(ScanEvent::Found(found));
        }
    }
    on(ScanEvent::Doing("Listening for Bluetooth LE adapters".into()));
    if let Err(error) = ble::scan(&mut |port| on(ScanEvent::Found(port))).await {
        on(ScanEvent::Skipped { way: "Bluetooth LE".into(), error });
    }
}
