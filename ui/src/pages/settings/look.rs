//! Theme, and the shop's name on reports.

use super::adapters::change;
use crate::{
    live::{Act, fetch},
    parts::{field::Field, notice, toast::Toasts},
    theme,
};
use leptos::{ev, prelude::*};
use roadworthy_api::{calls::GetSettings, system::Theme};

const THEMES: [(Theme, &str); 3] = [(Theme::System, "As the system"), (Theme::Light, "Light"), (Theme::Dark, "Dark")];

/// The two panels.
#[component]
pub(super) fn Look() -> impl IntoView {
    let settings = fetch(|| Some(GetSettings {}));
    let (shop, picking, naming, toasts) = (RwSignal::new(String::new()), Act::new(), Act::new(), Toasts::here());
    let picked = RwSignal::new(Theme::System);
    Effect::new(move |_| {
        settings.value.with(|s| {
            if let Some(s) = s {
                shop.set(s.shop_name.clone());
                picked.set(s.theme);
            }
        });
    });
    let pick = move |chosen: Theme| {
        picked.set(chosen);
        theme::show(chosen);
        picking.run(change(move |s| s.theme = chosen), |()| ());
    };
    let choice = move |(value, label): (Theme, &'static str)| {
        view! {
            <label class="choice">
                <input type="radio" name="theme" data-testid=format!("theme-{}", theme::word(value)) prop:checked=move || picked.get() == value
                    on:change=move |_| pick(value) />
                {label}
            </label>
        }
    };
    let save = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let name = shop.get().trim().to_owned();
        naming.run(change(move |s| s.shop_name = name), move |()| toasts.say("The shop's name is kept."));
    };
    view! {
        <section class="panel stack" id="look">
            <h2>"Light or dark"</h2>
            <div class="row" role="radiogroup" aria-label="Theme">{THEMES.map(choice)}</div>
            {notice::shown(picking.error)}
        </section>
        <form class="panel stack" novalidate on:submit=save>
            <h2>"Shop"</h2>
            <Field label="Name of the shop" id="shop-name" value=shop help="Printed at the head of reports." />
            {notice::shown(naming.error)}
            <div class="buttons"><button class="button" type="submit" disabled=move || naming.busy.get()>"Save"</button></div>
        </form>
    }
}
