//! Nothing to show: what to do next.

use crate::parts::icon;
use leptos::prelude::*;

/// No vehicle yet: the ways to the first.
pub(super) fn first_start(registering: RwSignal<bool>) -> AnyView {
    view! {
        <div class="empty panel" data-testid="fleet-empty">
            <h2>"No vehicles yet"</h2>
            <p>"A vehicle appears here with its first check, or when you register it. Nothing leaves this computer."</p>
            <div class="ways">
                <a class="way" href="/check">
                    {icon::icon(icon::PLUG, 32)} <b>"Connect an adapter"</b>
                    <small>"Plug it into the vehicle, switch the ignition on, and check."</small>
                </a>
                <a class="way" href="/check?port=sim:misfire" data-testid="try-simulated">
                    {icon::icon(icon::SIMULATED, 32)} <b>"Try a simulated vehicle"</b>
                    <small>"A petrol car that does not exist, with faults to find."</small>
                </a>
                <a class="way" href="/import" data-testid="import-first">
                    {icon::icon(icon::FILE, 32)} <b>"Import a file"</b>
                    <small>"Logs and service histories that another program wrote: Torque, Car Scanner, LubeLogger, Fleetio, any table."</small>
                </a>
                <button class="way" type="button" on:click=move |_| registering.set(true)>
                    {icon::icon(icon::PLUS, 32)} <b>"Register a vehicle"</b>
                    <small>"By plate, name or VIN; check it later."</small>
                </button>
            </div>
        </div>
    }
    .into_any()
}

/// Vehicles there are, but none that was asked for.
pub(super) fn nothing_found(change: Callback<(&'static str, String)>) -> AnyView {
    let clear = move |_| {
        change.run(("q", String::new()));
        change.run(("state", String::new()));
    };
    view! {
        <div class="empty panel">
            <h2>"No vehicle fits"</h2>
            <p>"Nothing in the fleet has that state and those words in its plate, VIN or name."</p>
            <button class="button" type="button" on:click=clear>"Show all"</button>
        </div>
    }
    .into_any()
}
