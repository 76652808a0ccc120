//! What a history looks like: layout, separator, header, columns; what was taken for granted, and what must be asked.
//!
//! Pure, from the whole file. Nothing that reads two ways is decided here: dates as 03/04/2024, figures as 1,234 in all a file, an
//! odometer whose unit nothing says, a currency sign that several countries have become questions.

use super::{
    amount::{self, Shows},
    cut::{Row, Whole},
    names,
};
use crate::import::{known, order::Orders, text, time};
use roadworthy_api::{
    Code, Error, Result,
    history::{HistoryAnswers, HistoryColumn, HistoryField as F, HistoryLayout, HistoryMapping},
    import::{Confidence, Decimal, Question, Separator},
    service::FuelUnit,
};

const SEPARATORS: [Separator; 4] = [Separator::Comma, Separator::Semicolon, Separator::Tab, Separator::Bar];
/// Lines that may stand before the header.
const PREAMBLE: usize = 20;
/// Vehicles that a question names.
const NAMED: usize = 12;

/// What was found.
#[derive(Clone, Debug)]
pub(crate) struct Looked {
    pub(crate) mapping: HistoryMapping,
    pub(crate) confidence: Confidence,
    pub(crate) guesses: Vec<String>,
    pub(crate) questions: Vec<Question>,
    /// Every row of the file, the header among them.
    pub(crate) rows: Vec<Row>,
}

fn no_history(why: &str) -> Error {
    Error::new(Code::Malformed, format!("The file is no service history: {why}."))
        .hint("A history has a header line with the names of its columns, a day among them, and a row for each record.")
}

struct Header {
    separator: Separator,
    /// Line of it, counted from 1.
    line: u64,
    names: Vec<String>,
    layout: HistoryLayout,
    confidence: Confidence,
}

/// The separator and the line that make the best header.
fn header(file: &Whole, wanted: Option<Separator>) -> Option<Header> {
    let mut best: Option<(usize, Header)> = None;
    for separator in SEPARATORS.into_iter().filter(|s| wanted.is_none_or(|w| w == *s)) {
        for row in file.rows(separator, PREAMBLE) {
            let Ok(cells) = row.cells else { continue };
            let names: Vec<String> = cells.iter().map(|c| text::name(c.as_bytes())).collect();
            let fields = names.iter().filter(|n| !n.is_empty() && names::field(n) != F::More).count();
            if names.len() < 2 || fields < 2 {
                continue;
            }
            let (layout, confidence) = names::layout(&names);
            let score = fields * 4 + if confidence == Confidence::Certain { 1000 } else { 0 };
            if best.as_ref().is_none_or(|(than, _)| score > *than) {
                best = Some((score, Header { separator, line: row.line, names, layout, confidence }));
            }
        }
    }
    best.map(|(_, header)| header)
}

/// Whether a file is a history for certain enough to be read as one: no log has such a header.
pub(crate) fn is_history(file: &Whole) -> bool {
    let Some(found) = header(file, None) else { return false };
    match found.confidence {
        Confidence::Certain => true,
        Confidence::Likely => found.names.iter().filter(|n| known::find(n).is_some()).count() < 2,
        Confidence::Guess => false,
    }
}

/// Tells what a file looks like. `mapping`: how to read it, instead.
///
/// # Errors
/// [`Code::Malformed`] for what is no history at all, [`Code::Invalid`] where the mapping or an answer does not fit.
pub(crate) fn look(file: &Whole, mapping: Option<HistoryMapping>, answers: &HistoryAnswers) -> Result<Looked> {
    if file.is_empty() {
        return Err(Error::new(Code::Malformed, "The file is empty.").hint("Export the history again."));
    }
    let (mut mapping, mut confidence, mut guesses) = match mapping {
        Some(mapping) => (by_mapping(file, mapping)?, Confidence::Certain, Vec::new()),
        None => by_header(file, answers)?,
    };
    take(answers, &mut mapping)?;
    let rows = file.rows(mapping.separator, usize::MAX);
    let table = Table { rows: &rows, mapping: &mapping };
    if table.records().next().is_none() {
        return Err(no_history("it has a header and no rows"));
    }
    let mut questions = Vec::new();
    let own = mapping.history == HistoryLayout::Roadworthy;
    if !own && !mapping.columns.iter().any(|c| c.field == Some(F::Day)) {
        confidence = Confidence::Guess;
        questions.push(question(
            "mapping",
            "No column is known to say the day. Which one does?".to_owned(),
            "--mapping FILE",
            &[],
        ));
    }
    if !own {
        let orders = date_order(&table);
        orders.allow(mapping.date_order)?;
        let mut changed = mapping.clone();
        changed.date_order = mapping.date_order.or(orders.only());
        if let Some(order) = orders.question().filter(|_| changed.date_order.is_none()) {
            questions.push(order);
        }
        let (sign, open) = decimal(&table);
        if answers.decimal.is_none() {
            changed.decimal = sign.unwrap_or(mapping.decimal);
            if let Some(example) = open {
                questions.push(question(
                    "decimal",
                    format!("{example} can be a number or a thousand times that. Which sign is the decimal sign?"),
                    "--decimal comma",
                    &["point", "comma"],
                ));
            }
        }
        ask_distance(&table, &mut questions);
        ask_currency(&table, &mut questions, &mut guesses);
        if table.mapping.kind.is_none() && mapping.history == HistoryLayout::LubeloggerRecords {
            questions.push(question(
                "kind",
                "LubeLogger writes service, repair and upgrade records with the same header. Which are these?"
                    .to_owned(),
                "--kind service",
                &["service", "repair", "upgrade"],
            ));
        }
        ask_vehicle(&table, &mut questions);
        mapping = changed;
    }
    Ok(Looked { mapping, confidence, guesses, questions, rows })
}

fn by_header(file: &Whole, answers: &HistoryAnswers) -> Result<(HistoryMapping, Confidence, Vec<String>)> {
    let found = header(file, answers.separator)
        .ok_or_else(|| no_history("none of its first lines names a day, a cost or an odometer"))?;
    let mut guesses = Vec::new();
    match found.line.saturating_sub(1) {
        0 => {}
        1 => guesses.push("One line before the header is passed over.".to_owned()),
        n => guesses.push(format!("{n} lines before the header are passed over.")),
    }
    let all: Vec<Row> = file.rows(found.separator, 200);
    let mut taken: Vec<F> = Vec::new();
    let columns = found.names.iter().enumerate().map(|(place, name)| {
        let (field, guessed) = of_layout(found.layout, name, place, &all);
        // A second column of a field that a record has once.
        let once = !matches!(field, F::More | F::Share | F::Part | F::PartNumber | F::Vehicle | F::Tasks);
        let field = if once && taken.contains(&field) { F::More } else { field };
        taken.push(field);
        HistoryColumn {
            place: u32::try_from(place).unwrap_or(u32::MAX),
            column: name.clone(),
            field: (!name.is_empty()).then_some(field),
            guessed,
        }
    });
    let columns: Vec<HistoryColumn> = columns.collect();
    let unit_of = |c: &HistoryColumn| names::fuel(&c.column).filter(|_| c.field == Some(F::FuelQuantity));
    let fuel_unit: Option<FuelUnit> = columns.iter().find_map(unit_of);
    let mapping = HistoryMapping {
        history: found.layout,
        separator: found.separator,
        header: u32::try_from(found.line).unwrap_or(0),
        decimal: Decimal::Point,
        date_order: None,
        distance: columns.iter().filter(|c| c.field == Some(F::Odometer)).find_map(|c| names::distance(&c.column)),
        fuel_unit,
        currency: None,
        kind: names::kind_of(found.layout),
        only: None,
        columns,
    };
    Ok((mapping, found.confidence, guesses))
}

/// A column's field in a layout, and what was taken for granted.
fn of_layout(layout: HistoryLayout, name: &str, place: usize, rows: &[Row]) -> (F, String) {
    use HistoryLayout as L;
    let words = known::words(name);
    let field = match (layout, words.as_str()) {
        (L::Roadworthy, _) => F::More,
        (L::LubeloggerOdometer, "initialodometer") => F::More,
        (L::FleetioMeter, "value") => F::Odometer,
        (L::FleetioService, "parts" | "labor" | "discount" | "tax1" | "tax2" | "tax 1" | "tax 2") => F::Share,
        (L::FleetioService, "completed at") => F::Day,
        (L::FleetioService, "date" | "started at") => F::More,
        (L::FleetioFuel, "vendor" | "vendor name") => F::Vendor,
        // `parts` holds names with one program and an amount with another.
        (L::Table, "parts") => {
            let cells = rows.iter().skip(1).filter_map(|r| r.cells.as_ref().ok()?.get(place)).filter(|c| !c.is_empty());
            let (mut all, mut figures) = (0, 0);
            for cell in cells {
                all += 1;
                figures += usize::from(amount::money(cell, Decimal::Point, None).is_ok());
            }
            let field = if figures * 2 > all { F::Share } else { F::Part };
            let what = if field == F::Share { "a share of the cost" } else { "names of parts" };
            return (field, format!("Taken for {what} by what stands in it."));
        }
        _ => names::field(name),
    };
    (field, String::new())
}

/// A mapping that was kept; its columns are found by name.
fn by_mapping(file: &Whole, mut mapping: HistoryMapping) -> Result<HistoryMapping> {
    let rows = file.rows(mapping.separator, usize::MAX);
    let misfit = |why: String| {
        Error::new(Code::Invalid, format!("The mapping does not fit the file: {why}."))
            .hint("Preview the file without a mapping.")
    };
    let header = rows.iter().find(|r| r.line == u64::from(mapping.header)).and_then(|r| r.cells.as_ref().ok());
    let names: Vec<String> = header
        .ok_or_else(|| misfit("its header is not where the mapping says".into()))?
        .iter()
        .map(|c| text::name(c.as_bytes()))
        .collect();
    for column in &mut mapping.columns {
        let at = usize::try_from(column.place).ok().filter(|at| names.get(*at) == Some(&column.column));
        let at = at.or_else(|| names.iter().position(|n| *n == column.column));
        match at {
            Some(at) => column.place = u32::try_from(at).unwrap_or(u32::MAX),
            None if column.field.is_none() => {}
            None => return Err(misfit(format!("it has no column {:?}", column.column))),
        }
    }
    Ok(mapping)
}

/// What a person said goes over what it looks like.
fn take(answers: &HistoryAnswers, mapping: &mut HistoryMapping) -> Result<()> {
    mapping.date_order = answers.date_order.or(mapping.date_order);
    mapping.decimal = answers.decimal.unwrap_or(mapping.decimal);
    mapping.distance = answers.distance.or(mapping.distance);
    mapping.fuel_unit = answers.fuel_unit.or(mapping.fuel_unit);
    mapping.kind = answers.kind.or(mapping.kind);
    let given = |text: &Option<String>| text.as_deref().map(str::trim).filter(|t| !t.is_empty()).map(str::to_owned);
    mapping.only = given(&answers.only).or(mapping.only.take());
    if let Some(said) = given(&answers.currency) {
        let code = if said.eq_ignore_ascii_case("unknown") { "unknown".to_owned() } else { said.to_uppercase() };
        if code != "unknown" && !amount::is_code(&code) {
            return Err(Error::new(Code::Invalid, format!("{said:?} is no currency that is known."))
                .hint("Say its code, as in EUR or USD, or `unknown`."));
        }
        mapping.currency = Some(code);
    }
    Ok(())
}

fn question(what: &str, ask: String, option: &str, choices: &[&str]) -> Question {
    let choices = choices.iter().map(|c| (*c).to_owned()).collect();
    Question { what: what.to_owned(), ask, option: option.to_owned(), choices }
}

struct Table<'a> {
    rows: &'a [Row],
    mapping: &'a HistoryMapping,
}

impl Table<'_> {
    fn records(&self) -> impl Iterator<Item = &Vec<String>> {
        let header = u64::from(self.mapping.header);
        let width = self.rows.iter().find(|r| r.line == header).and_then(|r| r.cells.as_ref().ok()).map_or(0, Vec::len);
        self.rows
            .iter()
            .filter(move |r| r.line > header)
            .filter_map(|r| r.cells.as_ref().ok())
            .filter(move |cells| cells.len() == width && cells.iter().any(|c| !c.trim().is_empty()))
    }

    /// Cells of every column of some fields that are not empty.
    fn cells<'b>(&'b self, fields: &'b [F]) -> impl Iterator<Item = &'b str> {
        let places: Vec<usize> = self
            .mapping
            .columns
            .iter()
            .filter(|c| c.field.is_some_and(|f| fields.contains(&f)))
            .filter_map(|c| usize::try_from(c.place).ok())
            .collect();
        self.records()
            .flat_map(move |row| places.iter().filter_map(|at| row.get(*at)).collect::<Vec<_>>())
            .map(|c| c.trim())
            .filter(|c| !c.is_empty())
    }

    fn has(&self, field: F) -> bool {
        self.mapping.columns.iter().any(|c| c.field == Some(field))
    }
}

/// What the days say of the order of their figures.
fn date_order(table: &Table<'_>) -> Orders {
    let mut orders = Orders::default();
    for cell in table.cells(&[F::Day]) {
        let with_time = format!("{cell} 00:00:00");
        let figures = time::open_date(cell.as_bytes()).or_else(|| time::open_date(with_time.as_bytes()));
        if let Some(figures) = figures {
            orders.see(cell, figures);
        }
    }
    orders
}

const FIGURES: [F; 5] = [F::Odometer, F::Cost, F::Share, F::FuelQuantity, F::PartQuantity];

/// The decimal sign, where the cells show it, and a cell that leaves it open.
fn decimal(table: &Table<'_>) -> (Option<Decimal>, Option<String>) {
    let (mut points, mut commas, mut open) = (0u32, 0u32, None);
    for cell in table.cells(&FIGURES) {
        match amount::evidence(cell) {
            Shows::Sign(Decimal::Point) => points += 1,
            Shows::Sign(Decimal::Comma) => commas += 1,
            Shows::Open => drop(open.get_or_insert_with(|| cell.to_owned())),
            Shows::Nothing => {}
        }
    }
    // 45.100 on an odometer is hardly 45 km and a tenth, whatever costs are written with.
    let far = |sign: char| {
        let mut all = table.cells(&[F::Odometer]);
        all.find(|cell| amount::evidence(cell) == Shows::Open && cell.contains(sign)).map(str::to_owned)
    };
    match (points, commas) {
        (0, 0) => (None, open),
        (_, 0) => (Some(Decimal::Point), far('.')),
        (0, _) => (Some(Decimal::Comma), far(',')),
        // Both: most cells decide how the clear ones read; what is open is asked.
        (p, c) => (Some(if p >= c { Decimal::Point } else { Decimal::Comma }), open),
    }
}

fn ask_distance(table: &Table<'_>, questions: &mut Vec<Question>) {
    if table.mapping.distance.is_some() {
        return;
    }
    let units: Vec<&str> = table.cells(&[F::OdometerUnit]).collect();
    let bare = table.cells(&[F::Odometer]).find(|cell| {
        let said =
            [Decimal::Point, Decimal::Comma].into_iter().any(|d| matches!(amount::meter(cell, d, None), Ok(Some(_))));
        !said && cell.chars().any(|c| c.is_ascii_digit()) && *cell != "0"
    });
    if let Some(example) = bare
        && units.is_empty()
    {
        questions.push(question(
            "distance",
            format!("Nothing says whether odometer readings such as {example} are kilometres, miles or hours. Which?"),
            "--distance km",
            &["km", "mi", "h"],
        ));
    }
}

fn ask_currency(table: &Table<'_>, questions: &mut Vec<Question>, guesses: &mut Vec<String>) {
    if table.mapping.currency.is_some() || table.has(F::Currency) {
        return;
    }
    let mut shared: Vec<&(&str, &[&str])> = Vec::new();
    let mut bare = false;
    for cell in table.cells(&[F::Cost, F::Share]) {
        if let Some(sign) = amount::shared_sign(cell).filter(|sign| !shared.contains(sign)) {
            shared.push(sign);
        }
        bare |= cell.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | ',' | '-' | ' '));
    }
    match shared.as_slice() {
        [] if bare => guesses.push("No currency is stated; amounts stay without one until it is said.".into()),
        [] => {}
        [(sign, codes)] => {
            let option = format!("--currency {}", codes.first().copied().unwrap_or("unknown"));
            questions.push(question(
                "currency",
                format!("The sign {sign} is that of several currencies. Which is it? Say unknown to keep the sign."),
                &option,
                codes,
            ));
        }
        _ => guesses.push("Signs that several currencies have are kept as they are stated.".into()),
    }
}

fn ask_vehicle(table: &Table<'_>, questions: &mut Vec<Question>) {
    let place = table.mapping.columns.iter().find(|c| c.field == Some(F::Vehicle)).map(|c| c.place as usize);
    let (Some(place), None) = (place, &table.mapping.only) else { return };
    let mut named: Vec<String> = Vec::new();
    for cell in table.records().filter_map(|row| row.get(place)).map(|c| c.trim()).filter(|c| !c.is_empty()) {
        if !named.iter().any(|n| n == cell) {
            named.push(text::name(cell.as_bytes()));
        }
    }
    if named.len() > 1 {
        let shown: Vec<&str> = named.iter().map(String::as_str).take(NAMED).collect();
        let option = format!("--only {:?}", shown.first().copied().unwrap_or_default());
        questions.push(question(
            "only",
            format!("The file is about {} vehicles. Which of them is this one?", named.len()),
            &option,
            &shown,
        ));
    }
}
