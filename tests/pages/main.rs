//! Every page of a filled database at three sizes in both themes: no serious finding of axe-core, everything reached by
//! keyboard with a focus that is seen, targets large enough for a glove, nothing in the console, and a picture of each to be
//! looked at.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a story ends where it goes wrong")]
#![allow(clippy::print_stdout, reason = "what axe-core found is the result, and `cargo test` shows it")]

mod fill;
mod filled;
mod look;
#[path = "../rig/mod.rs"]
mod rig;

use rig::Rig;

/// Name and page in pixels: a workshop's screen, a cheap laptop's, a phone's.
const SIZES: [(&str, u32, u32); 3] = [("large", 1440, 900), ("small", 1024, 640), ("phone", 390, 844)];

/// All of them, or those that `ROADWORTHY_PAGES` names by a part of their name, as in `alert,system`.
fn chosen(page: &str) -> bool {
    std::env::var("ROADWORTHY_PAGES").map_or(true, |only| only.split(',').any(|part| page.contains(part)))
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_at_three_sizes_in_both_themes() {
    let home = tempfile::tempdir().unwrap();
    fill::checks(home.path());
    let (mut problems, mut filled) = (Vec::new(), None);
    for (name, width, height) in SIZES {
        let rig = Rig::browser_of(home.path(), width, height).await;
        rig.see("vehicle-card").await;
        assert_eq!(look::size(&rig).await, (width, height), "the page is as large as it says");
        if filled.is_none() {
            filled = Some(fill::fill(&rig).await);
        }
        let filled = filled.as_ref().unwrap();
        let live = fill::live(&rig).await;
        let pages = filled.addresses(&live).into_iter();
        let pages = pages.map(|(page, address, shows)| (page, address, Vec::new(), shows.to_owned()));
        let openings = filled.openings(&live).into_iter();
        let openings = openings.map(|(page, at, press, shows)| (page, at, press, format!("[data-testid='{shows}']")));
        for (page, address, press, shows) in pages.chain(openings) {
            if !chosen(page) {
                continue;
            }
            let at = format!("{page}-{name}");
            fill::visit(&rig, &address).await;
            for press in press {
                // What still comes in above it would move it away from under the hand.
                look::settled(&rig).await;
                rig.click(press).await;
            }
            rig.see_css(&shows).await;
            look::settled(&rig).await;
            problems.extend(look::axe(&rig, &at).await);
            problems.extend(look::targets(&rig, &at).await);
            problems.extend(look::overflow(&rig, &at, width).await);
            look::pictures(&rig, &at).await;
            problems.extend(look::keyboard(&rig, &at).await);
            // Asking for what is not there is the point of these, and the browser notes each such answer by itself.
            let expected = |line: &String| page.ends_with("-unknown") && line.ends_with("404 (Not Found)");
            let said = rig.console().await.into_iter().filter(|line| !expected(line));
            problems.extend(said.map(|line| format!("{at}: in the console: {line}")));
        }
        rig.client.clone().close().await.unwrap();
    }
    assert!(problems.is_empty(), "{} problems:\n{}", problems.len(), problems.join("\n"));
}
