//! Every page of a filled database at three sizes in both themes: no serious finding of axe-core, everything reached by
//! keyboard with a focus that is seen, targets large enough for a glove, and a picture of each to be looked at.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a story ends where it goes wrong")]

mod fill;
mod filled;
mod look;
#[path = "../rig/mod.rs"]
mod rig;

use filled::Filled;
use rig::Rig;

async fn every_page(width: u32, height: u32) {
    let home = tempfile::tempdir().unwrap();
    fill::checks(home.path());
    let rig = Rig::browser_of(home.path(), width, height).await;
    rig.see("vehicle-card").await;
    let filled: Filled = fill::fill(&rig).await;
    let mut problems = Vec::new();
    for (name, address, shows) in filled.addresses() {
        rig.client.goto(&filled.at(&address)).await.unwrap();
        rig.see_css(shows).await;
        look::settled(&rig).await;
        problems.extend(look::axe(&rig, &format!("{name} at {width}×{height}")).await);
        problems.extend(look::targets(&rig, name).await);
        problems.extend(look::overflow(&rig, name).await);
        look::pictures(&rig, &format!("{name}-{width}x{height}")).await;
        problems.extend(look::keyboard(&rig, name).await);
    }
    rig.client.clone().close().await.unwrap();
    assert!(problems.is_empty(), "{} problems:\n{}", problems.len(), problems.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_on_a_large_screen() {
    every_page(1440, 900).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_on_a_small_screen() {
    every_page(1024, 640).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_on_a_phone() {
    every_page(390, 844).await;
}
