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
        match line {
            Line::Meaning(meaning) if !meaning.advice.is_empty() => {
                out.heading(&format!("{}: check first", meaning.code))?;
                for step in &meaning.advice {
                    out.line(&format!("  {step}"))?;
                }
            }
            Line::Meaning(_) => {}
            Line::NoCode { error, .. } => out.complain(error),
        }
    }
    Ok(())
}

/// Code, title, system and how far the title goes; `None` for what is no code.
fn row(line: &Line<'_>) -> Option<Vec<Cell>> {
    let Line::Meaning(meaning) = line else { return None };
    let title = match &meaning.title {
        Some(title) => cell(Tone::Plain, title),
        None => cell(Tone::Faint, "no agreed title"),
    };
    let note = cell(Tone::Watch, meaning.note.as_deref().unwrap_or_default());
    Some(vec![cell(Tone::Strong, &meaning.code), title, cell(Tone::Faint, &meaning.system), note])
}

/// How far the titles reach.
pub(crate) fn counts(out: &mut Out) -> Result<Exit, Stop> {
    let counts = dtc::counts();
    if out.json {
        out.object(&counts)?;
        return Ok(Exit::Good);
    }
    let all = counts.iter().fold((0, 0, 0), |(a, t, u), c| (a + c.assigned, t + c.titled, u + c.untitled));
    let letters = counts.iter().map(|c| (c.letter.to_string(), (c.assigned, c.titled, c.untitled)));
    let rows: Vec<Vec<Cell>> = letters
        .chain([("all".to_owned(), all)])
        .map(|(letter, (assigned, titled, untitled))| {
            vec![
                cell(Tone::Strong, letter),
                cell(Tone::Plain, format!("about {assigned} generic codes")),
                cell(Tone::Plain, format!("{titled} with a title")),
                cell(Tone::Faint, format!("{untitled} without")),
            ]
        })
        .collect();
    out.table(&rows)?;
    out.line(&format!("The table of titles has {} bytes.", dtc::table_size()))?;
    Ok(Exit::Good)
}
