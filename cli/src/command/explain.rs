//! `roadworthy explain`: what codes mean, without a vehicle and without a database.

use crate::{
    exit::{Exit, Stop},
    out::{Cell, Out, Tone, cell},
};
use roadworthy_api::{Code, Error, fault::CodeMeaning};
use roadworthy_obd::dtc;
use serde::Serialize;

/// One element of the array for programs: a meaning, or why the text has none.
#[derive(Serialize)]
#[serde(untagged)]
enum Line<'a> {
    Meaning(CodeMeaning),
    NoCode { code: &'a str, error: Error },
}

/// Explains every text, in the order given. One that is no code does not keep the others from being explained.
pub(crate) fn run(out: &mut Out, codes: &[String]) -> Result<Exit, Stop> {
    let lines: Vec<Line<'_>> = codes.iter().map(|text| line(text)).collect();
    let all_codes = lines.iter().all(|line| matches!(line, Line::Meaning(_)));
    if out.json {
        out.object(&lines)?;
    } else {
        print(out, &lines)?;
    }
    Ok(if all_codes { Exit::Good } else { Exit::Usage })
}

fn line(text: &str) -> Line<'_> {
    match dtc::explain(text) {
        Some(meaning) => Line::Meaning(meaning),
        None => Line::NoCode {
            code: text,
            error: Error::new(Code::Invalid, format!("{text:?} is no trouble code."))
                .hint("A code is P, C, B or U with four digits, as in P0301, or with a failure type, as in P0301-11."),
        },
    }
}

fn print(out: &mut Out, lines: &[Line<'_>]) -> Result<(), Stop> {
    let rows: Vec<Vec<Cell>> = lines.iter().filter_map(row).collect();
    out.table(&rows)?;
    for line in lines {
        if let Line::NoCode { error, .. } = line {
            out.complain(error);
        }
    }
    Ok(())
}

/// Code, title, system and how far the title goes; `None` for what is no code.
fn row(line: &Line<'_>) -> Option<Vec<Cell>> {
    let Line::Meaning(meaning) = line else { return None };
    let title = match &meaning.title {
        Some(title) => cell(Tone::Plain, title),
        None => cell(Tone::Faint, "no title"),
    };
    let reserve =
        if meaning.known && dtc::may_differ(&meaning.code) { "generic title; the maker may differ" } else { "" };
    Some(vec![cell(Tone::Strong, &meaning.code), title, cell(Tone::Faint, &meaning.system), cell(Tone::Watch, reserve)])
}
