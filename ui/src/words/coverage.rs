//! Who answered, refused, stayed silent or was not asked: as one line, and as a table of ECUs by questions.

use super::list;
use roadworthy_api::check::{CheckReport, Coverage, Ecu, Outcome};

/// The ECU's name, with its id where another has the same name.
fn called(ecu: &Ecu, all: &[Ecu]) -> String {
    if all.iter().filter(|e| e.name == ecu.name).count() > 1 {
        format!("{} ({})", ecu.name, ecu.id)
    } else {
        ecu.name.clone()
    }
}

fn name_of(id: &str, all: &[Ecu]) -> String {
    all.iter().find(|e| e.id == id).map_or_else(|| id.to_owned(), |e| called(e, all))
}

/// The coverage in one line, as in `Engine, Transmission answered · ABS silent · Airbag not asked`.
pub(crate) fn coverage_line(check: &CheckReport) -> String {
    let mut ids: Vec<&str> = check.ecus.iter().map(|e| e.id.as_str()).collect();
    for id in check.coverage.iter().filter_map(|c| c.ecu.as_deref()) {
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    let of = |id: &str, is: fn(&Outcome) -> bool| {
        check.coverage.iter().any(|c| c.ecu.as_deref() == Some(id) && is(&c.outcome))
    };
    let (mut answered, mut refused, mut silent, mut unreadable) = (vec![], vec![], vec![], vec![]);
    for id in ids {
        let name = name_of(id, &check.ecus);
        if of(id, |o| *o == Outcome::Answered) {
            answered.push(name);
        } else if of(id, |o| matches!(o, Outcome::Refused { .. })) {
            refused.push(name);
        } else if of(id, |o| matches!(o, Outcome::Unreadable { .. })) {
            unreadable.push(name);
        } else {
            silent.push(name);
        }
    }
    let systems: Vec<String> = check.not_asked.iter().map(|n| n.system.clone()).collect();
    let mut parts = Vec::new();
    for (names, what) in [
        (answered, "answered"),
        (refused, "refused"),
        (unreadable, "sent nothing readable"),
        (silent, "silent"),
        (systems, "not asked"),
    ] {
        if !names.is_empty() {
            parts.push(format!("{} {what}", names.join(", ")));
        }
    }
    let unanswered: Vec<String> = check
        .coverage
        .iter()
        .filter(|c| c.ecu.is_none() && c.outcome == Outcome::Silent)
        .map(|c| c.question.to_lowercase())
        .collect();
    if !unanswered.is_empty() && unanswered.len() <= 3 {
        parts.push(format!("nobody answered: {}", list(&unanswered)));
    } else if !unanswered.is_empty() {
        parts.push(format!("nobody answered {} questions", unanswered.len()));
    }
    if parts.is_empty() { "Nobody was asked anything.".into() } else { parts.join(" · ") }
}

/// One ECU's outcome of one question; `None`: this ECU was not part of it.
pub(crate) type Cell = Option<Outcome>;

/// Questions as rows, ECUs as columns.
#[derive(Debug, PartialEq)]
pub(crate) struct Grid {
    /// Columns: (id, name). The last is for questions that went to everyone and that nobody answered, where there are any.
    pub(crate) ecus: Vec<(String, String)>,
    /// Rows: request, question, and one cell per column.
    pub(crate) rows: Vec<(String, String, Vec<Cell>)>,
}

/// Lays the coverage out as a table, in the order asked.
pub(crate) fn grid(check: &CheckReport) -> Grid {
    let mut ecus: Vec<(String, String)> = check.ecus.iter().map(|e| (e.id.clone(), called(e, &check.ecus))).collect();
    for Coverage { ecu, .. } in &check.coverage {
        if let Some(id) = ecu
            && !ecus.iter().any(|(known, _)| known == id)
        {
            ecus.push((id.clone(), id.clone()));
        }
    }
    if check.coverage.iter().any(|c| c.ecu.is_none()) {
        ecus.push((String::new(), "Anyone".into()));
    }
    let mut rows: Vec<(String, String, Vec<Cell>)> = Vec::new();
    for c in &check.coverage {
        let at = rows
            .iter()
            .position(|(request, question, _)| *request == c.request && *question == c.question)
            .unwrap_or_else(|| {
                rows.push((c.request.clone(), c.question.clone(), vec![None; ecus.len()]));
                rows.len() - 1
            });
        let id = c.ecu.as_deref().unwrap_or_default();
        if let (Some(column), Some((_, _, cells))) = (ecus.iter().position(|(known, _)| known == id), rows.get_mut(at))
            && let Some(cell) = cells.get_mut(column)
        {
            *cell = Some(c.outcome.clone());
        }
    }
    Grid { ecus, rows }
}

/// One question's outcomes per ECU, each with how often: `Present values` stands for dozens of requests.
pub(crate) type Tally = (String, Vec<Vec<(Outcome, usize)>>);

/// The grid with requests of one question counted together, in the order asked.
pub(crate) fn tally(grid: &Grid) -> Vec<Tally> {
    let mut rows: Vec<Tally> = Vec::new();
    for (_, question, cells) in &grid.rows {
        let at = rows.iter().position(|(known, _)| known == question).unwrap_or_else(|| {
            rows.push((question.clone(), vec![Vec::new(); grid.ecus.len()]));
            rows.len() - 1
        });
        let Some((_, columns)) = rows.get_mut(at) else { continue };
        for (column, outcome) in
            columns.iter_mut().zip(cells).filter_map(|(column, cell)| Some((column, cell.as_ref()?)))
        {
            match column.iter_mut().find(|(known, _)| known == outcome) {
                Some((_, times)) => *times += 1,
                None => column.push((outcome.clone(), 1)),
            }
        }
    }
    rows
}
