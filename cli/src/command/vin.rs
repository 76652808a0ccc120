//! `roadworthy vin`: what a number says by itself, without a vehicle and without a database.

use crate::{
    exit::{Exit, Stop},
    out::{Cell, Out, Tone, cell},
};
use jiff::Zoned;
use roadworthy_api::{
    Code, Error,
    vin::{CheckDigit, VinFacts},
};
use roadworthy_obd::vin;
use serde::Serialize;

#[derive(Serialize)]
struct Said<'a> {
    vin: &'a str,
    #[serde(flatten)]
    facts: &'a VinFacts,
}

pub(crate) fn run(out: &mut Out, typed: &str) -> Result<Exit, Stop> {
    let vin: String = typed.chars().filter(|c| !c.is_whitespace()).map(|c| c.to_ascii_uppercase()).collect();
    let present = u16::try_from(Zoned::now().year()).unwrap_or(0);
    let facts = vin::facts(&vin, present).map_err(|problem| {
        Error::new(Code::Invalid, problem.to_string()).hint("Read it again from the vehicle or its papers.")
    })?;
    if out.json {
        out.object(&Said { vin: &vin, facts: &facts })?;
    } else {
        out.line(&out.paint(Tone::Strong, &vin))?;
        out.table(&rows(&facts))?;
    }
    Ok(Exit::Good)
}

fn rows(facts: &VinFacts) -> Vec<Vec<Cell>> {
    let said = |text: &Option<String>| match text {
        Some(text) => cell(Tone::Plain, text),
        None => cell(Tone::Faint, "not certain"),
    };
    let years: Vec<String> = facts.model_years.iter().map(u16::to_string).collect();
    let year = (!years.is_empty()).then(|| years.join(" or "));
    let digit = match facts.check_digit {
        CheckDigit::Fits => cell(Tone::Good, "fits"),
        CheckDigit::Wrong => cell(Tone::Watch, "wrong: probably mistyped or altered"),
        CheckDigit::NotUsed => cell(Tone::Faint, "not used in this market"),
    };
    [
        ("region", said(&facts.region)),
        ("country", said(&facts.country)),
        ("maker", said(&facts.maker)),
        ("model year", said(&year)),
        ("check digit", digit),
    ]
    .into_iter()
    .map(|(name, value)| vec![cell(Tone::Faint, name), value])
    .collect()
}
