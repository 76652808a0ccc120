//! One adapter's passport: what it is fit for and why not, what was measured, and what it understands.

use super::Test;
use crate::{
    parts::{icon, value},
    words,
};
use leptos::prelude::*;
use roadworthy_api::{
    adapter::{AdapterRow, CommandTest, Passport, Proof},
    vehicle::State,
};

/// The panel.
pub(super) fn passport(row: AdapterRow, test: Test) -> AnyView {
    let AdapterRow { id, name, known_by, port, passport: p, .. } = row;
    let again = port.clone();
    let labelled = format!("adapter-{id}");
    let heading = labelled.clone();
    let fake = p.counterfeit.clone().map(|why| {
        view! {
            <div class="notice mild" data-testid="counterfeit">
                {icon::alert_icon()}
                <p class="cause">{why}</p>
                {(!p.cannot.is_empty()).then(|| view! { <ul>{sentences(&p.cannot)}</ul> })}
            </div>
        }
    });
    let cannot = (p.counterfeit.is_none() && !p.cannot.is_empty())
        .then(|| view! { <ul class="muted" aria-label="What it cannot do">{sentences(&p.cannot)}</ul> });
    let says = [p.claims.clone(), p.describes.clone(), p.stn.as_ref().map(|s| s.chip.clone()).unwrap_or_default()];
    let says: Vec<String> = says.into_iter().filter(|s| !s.is_empty()).collect();
    view! {
        <li class="panel stack" data-testid="passport" aria-labelledby=labelled>
            <div class="row apart">
                <div>
                    <h2 id=heading>{name}</h2>
                    <small>"Measured " {value::when(p.measured)} " on " <code>{port}</code> ", known by " {known_by} "."</small>
                </div>
                <button class="button" type="button" data-testid="measure-again" disabled=move || test.busy()
                    on:click=move |_| test.start(again.clone())>{icon::icon(icon::AGAIN, 20)} "Measure again"</button>
            </div>
            <p>{words::fit_line(&p)}</p>
            {fake}
            {cannot}
            {fitness(&p)}
            <dl class="facts">
                <dt>"It says of itself"</dt> <dd>{if says.is_empty() { "nothing".to_owned() } else { says.join(" · ") }}</dd>
                {words::figures(&p).into_iter().map(|(what, how)| view! { <dt>{what}</dt> <dd class="num wrap">{how}</dd> }).collect_view()}
            </dl>
            {folded("What it does", words::abilities(&p).into_iter().map(|(what, proof)| line(what, &proof)).collect_view().into_any())}
            {(!p.commands.is_empty()).then(|| folded("Its own commands", commands(&p.commands)))}
        </li>
    }
    .into_any()
}

fn sentences(all: &[String]) -> AnyView {
    all.iter().map(|s| view! { <li>{s.clone()}</li> }).collect_view().into_any()
}

/// A word with its shape, and the reason where it is not a yes.
fn line(what: &str, proof: &Proof) -> AnyView {
    let (state, _) = words::proof(proof);
    let word = match proof {
        Proof::Yes => "yes",
        Proof::No { .. } => "no",
        Proof::Unknown { .. } => "not known",
    };
    row(what, state, word, proof.why())
}

fn row(what: &str, key: &'static str, word: &'static str, why: &str) -> AnyView {
    let state = match key {
        "good" => State::Good,
        "act-soon" => State::ActSoon,
        _ => State::CannotTell,
    };
    let why = (!why.is_empty()).then(|| view! { <small>{why.to_owned()}</small> });
    view! {
        <li class="verdict">
            <span>{what.to_owned()}</span>
            <span class=format!("state {key} tight")>{icon::state_icon(state, 16)} {word}</span>
            {why}
        </li>
    }
    .into_any()
}

fn fitness(p: &Passport) -> AnyView {
    let one = |f: &roadworthy_api::adapter::Fitness| {
        let (key, word) = words::proof(&f.fit);
        row(f.purpose.label(), key, word, f.fit.why())
    };
    view! { <ul class="verdicts" aria-label="What it is fit for">{p.fit.iter().map(one).collect_view()}</ul> }
        .into_any()
}

fn folded(title: &'static str, rows: AnyView) -> AnyView {
    view! {
        <details class="more">
            <summary>{icon::icon(icon::MORE, 20)} {title}</summary>
            <ul class="verdicts">{rows}</ul>
        </details>
    }
    .into_any()
}

fn commands(all: &[CommandTest]) -> AnyView {
    let one = |c: &CommandTest| {
        let (key, word) = match c.understood {
            Some(true) => ("good", "understood"),
            Some(false) => ("act-soon", "refused"),
            None => ("cannot-tell", "no answer"),
        };
        row(&format!("{} {}", c.command, c.label), key, word, &format!("Since {}.", c.since))
    };
    all.iter().map(one).collect_view().into_any()
}
