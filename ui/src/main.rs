//! The pages of Roadworthy: one interface for the desktop window and the browser.
//!
//! Start at [`app`] for what is where. A page (`pages/`) asks the engine with [`live::fetch`] and changes things with
//! [`live::Act`]; what it says beyond the engine's sentences comes from [`words`] and [`locale`], which are pure; what it is made
//! of stands in `parts/` and the style sheets beside this folder.

#![allow(unreachable_pub, reason = "the component macro writes `pub` beside what is restricted here")]

mod app;
mod backend;
mod chart;
mod frame;
mod live;
mod locale;
mod pages;
mod palette;
mod parts;
mod storage;
mod theme;
mod words;

fn main() {
    backend::take_token();
    leptos::mount::mount_to_body(app::App);
}
