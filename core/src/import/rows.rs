//! Rows to values: by a mapping, each row and cell accounted for. Pure; no line makes it panic.

mod apart;

use super::{
    account::Account,
    batch::Batch,
    clock::Clock,
    lines::{Byte, Cells, Line},
    name, number,
    sound::sound,
    text,
    unit::{self, Conversion, Unit},
};
use crate::{
    acquire::{Seen, Watch},
    csv::unguarded,
    journal::kind::{ReadingFlag, RecordedSignal},
    live::CSV_TEXT,
    telemetry::Value,
};
use apart::convert;
use roadworthy_api::{
    Code, Error, Result, Timestamp,
    import::{COLUMNS_MAX, CellReason, ColumnMapping, Decimal, ImportReport, Layout, Mapping, RowReason},
};
use std::collections::HashMap;

/// Rows that are remembered to tell one that comes again; a power of two.
const RECENT: usize = 1 << 17;

/// A signal that values go to.
#[derive(Debug)]
pub(crate) struct Signal {
    pub(crate) recorded: RecordedSignal,
    /// Its name in the file.
    column: String,
    name: String,
    ecu: String,
    /// Whether anything is known of it that its values could contradict.
    judged: bool,
    /// Where the watch remembers it.
    place: Option<usize>,
    to: Option<&'static Unit>,
    /// Time and bits of its last number.
    last: (Timestamp, u64),
    /// Whether it has a value.
    any: bool,
}

/// How a number becomes one of the signal's unit.
#[derive(Clone, Copy, Debug)]
struct Convert {
    decimal: Decimal,
    settled: bool,
    by: Conversion,
}

#[derive(Debug)]
enum Role {
    Time,
    /// It names the signal, or says more of it.
    Names,
    /// Not taken.
    Left,
    Value {
        signal: usize,
        convert: Convert,
        above: Vec<u8>,
        /// Which of the columns that are taken it is.
        turn: usize,
    },
}

/// Where each row is one value.
#[derive(Debug)]
struct Long {
    signal: usize,
    value: usize,
    unit: Option<usize>,
    /// By what a row says; `None`: not taken.
    by_name: HashMap<Vec<u8>, Option<(usize, Convert)>>,
    key: Vec<u8>,
}

/// Reads rows.
pub(crate) struct Rows {
    mapping: Mapping,
    separator: u8,
    clock: Clock,
    /// The header's line and its cell over the times.
    header: Vec<u8>,
    over_times: Vec<u8>,
    roles: Vec<Role>,
    times: (usize, Option<usize>),
    long: Option<Long>,
    /// Columns that are taken, and whose turn it is, where that goes by turn and is known.
    turns: usize,
    turn: Option<usize>,
    /// Whose turn it was in the row before, where that could not be read.
    lost: Option<usize>,
    signals: Vec<Signal>,
    columns: Vec<String>,
    cells: Cells,
    recent: Vec<u64>,
    latest: Timestamp,
    account: Account,
    watch: Watch,
    /// First and last time of what is stored.
    span: Option<(Timestamp, Timestamp)>,
    /// What has come since it was taken.
    pub(crate) batch: Batch,
}

fn invalid(message: impl Into<String>, hint: &str) -> Error {
    Error::new(Code::Invalid, message).hint(hint)
}

impl Rows {
    /// `header`: the header's line, empty where there is none; `width`: how many cells a row has.
    ///
    /// # Errors
    /// A mapping that cannot be, or does not fit the header.
    pub(crate) fn new(mapping: Mapping, header: &[u8], width: usize, hybrid: bool) -> Result<Self> {
        sound(&mapping)?;
        let mut rows = Self {
            separator: mapping.separator.byte(),
            clock: Clock::new(&mapping.time, mapping.decimal)?,
            header: header.to_vec(),
            over_times: Vec::new(),
            roles: Vec::new(),
            times: (0, None),
            long: None,
            turns: 0,
            turn: None,
            lost: None,
            signals: Vec::new(),
            columns: Vec::new(),
            cells: Cells::default(),
            recent: vec![0; RECENT],
            latest: Timestamp::MIN,
            account: Account::default(),
            watch: Watch::new(hybrid),
            span: None,
            batch: Batch::default(),
            mapping,
        };
        if width > COLUMNS_MAX {
            return Err(Error::new(Code::Malformed, format!("The file has more than {COLUMNS_MAX} columns."))
                .hint("Export fewer signals at once."));
        }
        let mut names: Vec<String> = vec![String::new(); width];
        if !header.is_empty() {
            let mut cells = Cells::default();
            cells.split(header, rows.separator);
            names = cells.iter(header).map(text::name).collect();
        }
        rows.place(names)?;
        if rows.roles.iter().all(|r| !matches!(r, Role::Value { .. })) && rows.long.is_none() {
            return Err(invalid("No column of the file is taken.", "Take one in the mapping."));
        }
        Ok(rows)
    }

    /// Finds each column of the mapping in a header by its name, wherever it stands now.
    fn place(&mut self, names: Vec<String>) -> Result<()> {
        let mapping = self.mapping.clone();
        // Where rows name their signals, the mapping names no columns.
        let wide = mapping.long.is_none();
        let named = |place: u32| mapping.columns.iter().find(|c| wide && c.place == place);
        let find = |place: u32| -> Result<usize> {
            let at = usize::try_from(place).unwrap_or(usize::MAX);
            let Some(column) = named(place).filter(|c| !c.column.is_empty() && names.get(at) != Some(&c.column)) else {
                return if at < names.len() {
                    Ok(at)
                } else {
                    Err(invalid(
                        "The mapping names a column that the file does not have.",
                        "Preview the file without a mapping.",
                    ))
                };
            };
            names.iter().position(|n| *n == column.column).ok_or_else(|| {
                invalid(
                    format!("The file has no column {:?}, which the mapping names.", column.column),
                    "Preview the file without a mapping, or use one that was made for this layout.",
                )
            })
        };
        let mut times = mapping.time.columns.iter();
        let first = times.next().ok_or_else(|| {
            invalid("No column holds times that can be read.", "Name it in a mapping: --mapping FILE.")
        })?;
        self.times = (find(*first)?, times.next().map(|second| find(*second)).transpose()?);
        self.over_times = names.get(self.times.0).map(|n| n.as_bytes().to_vec()).unwrap_or_default();
        let mut roles: Vec<Role> = names.iter().map(|_| Role::Left).collect();
        if let Some(long) = mapping.long {
            let (signal, value) = (find(long.signal)?, find(long.value)?);
            let unit = long.unit.map(find).transpose()?;
            let mut all: Vec<usize> =
                [Some(self.times.0), self.times.1, Some(signal), Some(value), unit].into_iter().flatten().collect();
            all.sort_unstable();
            if all.windows(2).any(|w| w[0] == w[1]) {
                return Err(invalid(
                    "The mapping names one column for two things, as for the time and the value.",
                    "Preview the file without a mapping, and change its columns one by one.",
                ));
            }
            let own = mapping.layout == Layout::RoadworthyLong;
            for (at, role) in roles.iter_mut().enumerate() {
                let says_more = own && (1..=4).contains(&at);
                if at == signal || Some(at) == unit || says_more {
                    *role = Role::Names;
                }
            }
            let known = self.long.take().map(|l| l.by_name).unwrap_or_default();
            self.long = Some(Long { signal, value, unit, by_name: known, key: Vec::new() });
        } else {
            let (mut used, mut turns) = (vec![false; mapping.columns.len()], 0);
            // Signals of columns further left.
            let mut there: Vec<usize> = Vec::new();
            for (at, name) in names.iter().enumerate() {
                let by_name = mapping
                    .columns
                    .iter()
                    .zip(&used)
                    .position(|(c, used)| !used && c.column == *name && !name.is_empty());
                let by_place = || mapping.columns.iter().position(|c| c.column.is_empty() && c.place as usize == at);
                let found = by_name.or_else(by_place);
                let column = match found {
                    Some(found) => {
                        if let Some(used) = used.get_mut(found) {
                            *used = true;
                        }
                        mapping.columns.get(found).cloned()
                    }
                    // A column that began in the middle of the file.
                    None if !name.is_empty() => {
                        let column = name::column(name, None, mapping.location);
                        Some(if column.take { self.own_signal(column, &there) } else { column })
                    }
                    None => None,
                };
                if let Some(mut column) = column.filter(|c| c.take) {
                    self.in_unit(&mut column)?;
                    let convert = convert(&column, &mapping)?;
                    let signal = self.signal(&column);
                    there.push(signal);
                    if let Some(role) = roles.get_mut(at) {
                        *role = Role::Value { signal, convert, above: Vec::new(), turn: turns };
                        turns += 1;
                    }
                }
            }
        }
        for at in [Some(self.times.0), self.times.1].into_iter().flatten() {
            if let Some(role) = roles.get_mut(at) {
                *role = Role::Time;
            }
        }
        self.turns = roles.iter().filter(|r| matches!(r, Role::Value { .. })).count();
        self.turn = None;
        self.roles = roles;
        self.columns = names;
        Ok(())
    }

    /// The number of a signal, known or new.
    fn signal(&mut self, c: &ColumnMapping) -> usize {
        // Our own file has a signal in each unit that it ever had.
        let own = self.mapping.layout == Layout::RoadworthyLong;
        let same = |s: &Signal| s.recorded.id == c.signal && (!own || s.recorded.unit == c.unit);
        if let Some(at) = self.signals.iter().position(same) {
            return at;
        }
        let mut parts = c.signal.splitn(3, ':');
        let (ecu, _, name) = (parts.next(), parts.next(), parts.next());
        let name = name.unwrap_or_default().to_owned();
        let judged = crate::acquire::judges(&name);
        self.signals.push(Signal {
            recorded: RecordedSignal { id: c.signal.clone(), label: c.label.clone(), unit: c.unit.clone() },
            column: c.column.clone(),
            judged,
            place: if judged { self.watch.place(&name, ecu.unwrap_or_default()) } else { None },
            name,
            ecu: ecu.unwrap_or_default().to_owned(),
            to: unit::find(&c.unit),
            last: (Timestamp::MIN, 0),
            any: false,
        });
        self.signals.len() - 1
    }

    /// Signals so far, by their number.
    pub(crate) fn signals(&self) -> Vec<RecordedSignal> {
        self.signals.iter().map(|s| s.recorded.clone()).collect()
    }

    /// Those that have values, in the order in which they first came.
    pub(crate) fn signals_with_values(&self) -> Vec<RecordedSignal> {
        self.signals.iter().filter(|s| s.any).map(|s| s.recorded.clone()).collect()
    }

    /// Takes a line in.
    pub(crate) fn line(&mut self, number: u64, line: Line<'_>) {
        self.account.totals.rows += 1;
        let (line, last) = match line {
            Line::Whole(line) => (line, false),
            Line::Last(line) => (line, true),
            Line::TooLong => return self.account.explain(RowReason::TooLong, number),
        };
        let mut cells = std::mem::take(&mut self.cells);
        match self.row(number, line, last, &mut cells) {
            Ok(()) => self.account.totals.rows_stored += 1,
            Err(reason) => {
                self.lose(reason);
                self.account.explain(reason, number);
            }
        }
        self.cells = cells;
    }

    fn row(&mut self, number: u64, line: &[u8], last: bool, cells: &mut Cells) -> Result<(), RowReason> {
        if line.trim_ascii().is_empty() {
            return Err(RowReason::Blank);
        }
        if !cells.split(line, self.separator) {
            return Err(RowReason::OpenQuote);
        }
        let count = cells.len() as u64;
        self.account.totals.cells += count;
        let whole = |rows: &mut Self, reason| {
            rows.account.totals.of_explained += count;
            Err(reason)
        };
        let over = number::trim(cells.get(line, self.times.0));
        let is_over = |cell| number::trim(cell) == self.over_times.as_slice();
        // Its columns may stand in another order, the times elsewhere.
        let odd = cells.len() != self.roles.len() || !over.first().is_some_and(u8::is_ascii_digit);
        if !self.over_times.is_empty() && (is_over(over) || odd && cells.iter(line).any(is_over)) {
            if line != self.header.as_slice() && self.long.is_none() {
                let names = cells.iter(line).map(text::name).collect();
                // Of one that cannot be read nobody knows what stands in its rows.
                if self.place(names).is_err() {
                    self.roles.clear();
                }
                self.header = line.to_vec();
            }
            return whole(self, RowReason::Header);
        }
        let width = self.roles.len();
        if cells.len() > width && (width..cells.len()).any(|at| !number::trim(cells.get(line, at)).is_empty()) {
            return whole(self, RowReason::MoreCells);
        }
        // A row that is one value ends early only behind it.
        let needed = self.long.as_ref().map_or(0, |long| long.signal.max(long.value) + 1);
        if cells.len() < needed || cells.len() < width && !self.mapping.ragged {
            let nul = memchr::memchr(0, line).is_some();
            return whole(
                self,
                if nul {
                    RowReason::NotText
                } else if last {
                    RowReason::CutOff
                } else {
                    RowReason::FewerCells
                },
            );
        }
        let second = self.times.1.map(|at| number::trim(cells.get(line, at)));
        let at = match self.clock.at(over, second) {
            Ok(at) => at,
            Err(reason) => {
                if self.clock.noted.restarted {
                    self.account.note(self.clock.noted, number);
                }
                return whole(self, reason);
            }
        };
        if self.seen(at, line) {
            return whole(self, RowReason::Repeated);
        }
        self.account.note_if_any(self.clock.noted, number);
        if self.long.is_some() { self.one(number, at, line, cells) } else { self.many(number, at, line, cells) }
    }

    /// Whether this very row came before, as far as is remembered.
    fn seen(&mut self, at: Timestamp, line: &[u8]) -> bool {
        let mut hash = 0xcbf2_9ce4_8422_2325_u64;
        let mut words = line.chunks_exact(8);
        for word in &mut words {
            let word = word.try_into().map_or(0, u64::from_le_bytes);
            hash = (hash ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29);
        }
        for byte in words.remainder() {
            hash = (hash ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3);
        }
        hash ^= (at as u64).wrapping_mul(0xd6e8_feb8_6659_fd93);
        hash = (hash ^ (hash >> 32)).wrapping_mul(0xd6e8_feb8_6659_fd93);
        hash |= 1;
        let late = at <= self.latest;
        self.latest = self.latest.max(at);
        let Some(slot) = self.recent.get_mut((hash >> 8) as usize & (RECENT - 1)) else { return false };
        std::mem::replace(slot, hash) == hash && late
    }

    fn many(&mut self, number: u64, at: Timestamp, line: &[u8], cells: &Cells) -> Result<(), RowReason> {
        let (mut stored, mut filled, mut repeated, mut rejected) = (0u64, 0u64, 0u64, 0u64);
        let (mut empty, mut left, mut times) = (0u64, 0u64, 0u64);
        let fills = self.mapping.filled_forward;
        let fresh = if fills && self.mapping.in_turn { self.whose_turn(line, cells) } else { None };
        let lost = self.lost.take().filter(|_| self.mapping.in_turn);
        let words = self.mapping.layout == Layout::RoadworthyWide;
        for place in 0..cells.len() {
            let cell = number::trim(cells.get(line, place));
            let Some(role) = self.roles.get_mut(place) else {
                empty += 1;
                continue;
            };
            match role {
                Role::Time => times += 1,
                _ if cell.is_empty() => empty += 1,
                Role::Left | Role::Names => left += 1,
                Role::Value { signal, convert, above, turn } => {
                    if fills {
                        let copied = (above.as_slice() == cell || lost == Some(*turn)) && fresh != Some(*turn);
                        above.clear();
                        above.extend_from_slice(cell);
                        if copied {
                            filled += 1;
                            continue;
                        }
                    }
                    let Some(own) = self.signals.get_mut(*signal) else { continue };
                    match value(cell, *convert, own.to, &own.recorded.unit) {
                        Ok(number) => {
                            if std::mem::replace(&mut own.last, (at, number.to_bits())) == (at, number.to_bits()) {
                                repeated += 1;
                                continue;
                            }
                            if own.judged {
                                self.watch.offer_at(own.place, own.seen(at, number));
                            }
                            own.any = true;
                            self.batch.push(*signal, at, Value::Number(number));
                            stored += 1;
                        }
                        Err(_) if words => {
                            own.any = true;
                            self.batch.push(*signal, at, Value::Word(&word(cell)));
                            stored += 1;
                        }
                        Err(reason) => {
                            self.account.reject(place, reason, number);
                            rejected += 1;
                        }
                    }
                }
            }
        }
        let totals = &mut self.account.totals;
        totals.stored += stored;
        totals.filled += filled;
        totals.repeated += repeated;
        totals.empty += empty;
        totals.left_out += left;
        totals.times += times;
        if stored > 0 {
            self.spans(at);
            return Ok(());
        }
        Err(if rejected > 0 {
            RowReason::Rejected
        } else if repeated > 0 {
            RowReason::Repeated
        } else if filled > 0 {
            RowReason::Filled
        } else {
            RowReason::Empty
        })
    }

    /// A row that cannot be read took its turn; what it changed shows in the next one, and was not read then.
    fn lose(&mut self, reason: RowReason) {
        let next = |turn: usize| (turn + 1) % self.turns.max(1);
        match reason {
            RowReason::Blank | RowReason::Header | RowReason::Filled | RowReason::Rejected | RowReason::Empty => {}
            RowReason::Repeated => self.turn = self.turn.map(next),
            _ if self.lost.is_some() => (self.turn, self.lost) = (None, None),
            _ => (self.lost, self.turn) = (self.turn, self.turn.map(next)),
        }
    }

    /// The column that was read for this row: the one that changed, else the one whose turn it is.
    fn whose_turn(&mut self, line: &[u8], cells: &Cells) -> Option<usize> {
        let mut changed = self.roles.iter().enumerate().filter_map(|(place, role)| match role {
            Role::Value { above, turn, .. } => {
                let cell = number::trim(cells.get(line, place));
                (!cell.is_empty() && cell != above.as_slice() && self.lost != Some(*turn)).then_some(*turn)
            }
            _ => None,
        });
        let first = changed.next();
        let several = changed.next().is_some();
        let fresh = if several { None } else { first.or(self.turn) };
        self.turn = fresh.map(|turn| (turn + 1) % self.turns.max(1));
        fresh
    }

    fn spans(&mut self, at: Timestamp) {
        self.span = Some(self.span.map_or((at, at), |(from, to)| (from.min(at), to.max(at))));
    }

    /// A row that is one value.
    fn one(&mut self, number: u64, at: Timestamp, line: &[u8], cells: &Cells) -> Result<(), RowReason> {
        let Some(mut long) = self.long.take() else { return Err(RowReason::NoSignal) };
        let outcome = self.one_of(number, at, line, cells, &mut long);
        self.long = Some(long);
        outcome
    }

    fn one_of(
        &mut self,
        number: u64,
        at: Timestamp,
        line: &[u8],
        cells: &Cells,
        long: &mut Long,
    ) -> Result<(), RowReason> {
        let own = self.mapping.layout == Layout::RoadworthyLong;
        let cell = |place: usize| number::trim(cells.get(line, place));
        let unit = long.unit.map(cell).unwrap_or_default();
        let given = cell(long.value);
        for place in 0..cells.len() {
            let totals = &mut self.account.totals;
            match self.roles.get(place) {
                Some(Role::Time) => totals.times += 1,
                _ if place == long.value => {}
                _ if cell(place).is_empty() => totals.empty += 1,
                Some(Role::Names) => totals.names += 1,
                _ => totals.left_out += 1,
            }
        }
        // What a row says of its signal, as one key.
        long.key.clear();
        long.key.extend_from_slice(cell(long.signal));
        if own {
            for place in [1, 2, 3] {
                long.key.push(0x1f);
                long.key.extend_from_slice(cell(place));
            }
        }
        long.key.push(0x1f);
        long.key.extend_from_slice(unit);
        // A value's own place, whatever comes of it.
        let totals = &mut self.account.totals;
        if cell(long.signal).is_empty() {
            *(if given.is_empty() { &mut totals.empty } else { &mut totals.left_out }) += 1;
            return Err(RowReason::NoSignal);
        }
        let (signal, convert) = match long.by_name.get(&long.key) {
            Some(known) => *known,
            None => {
                let known = self.named(line, cells, unit, long.signal, own);
                match known {
                    Err(reason) => {
                        let name = text::name(cells.get(line, long.signal));
                        let known = self.signals.iter().position(|s| s.column == name);
                        self.account.reject(known.map_or(long.signal, |at| COLUMNS_MAX + 1 + at), reason, number);
                        return Err(RowReason::Rejected);
                    }
                    Ok(known) => {
                        long.by_name.insert(long.key.clone(), known);
                        known
                    }
                }
            }
        }
        .map_or((usize::MAX, Convert { decimal: Decimal::Point, settled: false, by: Conversion::None }), |known| known);
        let totals = &mut self.account.totals;
        let Some(known) = self.signals.get_mut(signal) else {
            *(if given.is_empty() { &mut totals.empty } else { &mut totals.left_out }) += 1;
            return Err(RowReason::Empty);
        };
        if given.is_empty() {
            // Our own file says why there is no value, and that is kept.
            let why = match string(cell(7)) {
                Some(why) if own => why,
                _ if own => unguarded(&text::name(cell(7))).to_owned(),
                _ => String::new(),
            };
            if why.is_empty() {
                totals.empty += 1;
                return Err(RowReason::Empty);
            }
            totals.stored += 1;
            known.any = true;
            self.batch.push(signal, at, Value::Missing(&why));
            self.spans(at);
            return Ok(());
        }
        if own
            && cell(7) == CSV_TEXT.as_bytes()
            && let Some(word) = string(given)
        {
            totals.stored += 1;
            known.any = true;
            self.batch.push(signal, at, Value::Word(&word));
            self.spans(at);
            return Ok(());
        }
        match value(given, convert, known.to, &known.recorded.unit) {
            Ok(figure) => {
                if std::mem::replace(&mut known.last, (at, figure.to_bits())) == (at, figure.to_bits()) {
                    totals.repeated += 1;
                    return Err(RowReason::Repeated);
                }
                totals.stored += 1;
                known.any = true;
                if known.judged {
                    self.watch.offer_at(known.place, known.seen(at, figure));
                }
                self.batch.push(signal, at, Value::Number(figure));
            }
            Err(_) if own => {
                totals.stored += 1;
                known.any = true;
                self.batch.push(signal, at, Value::Word(&word(given)));
            }
            Err(reason) => {
                self.account.reject(COLUMNS_MAX + 1 + signal, reason, number);
                return Err(RowReason::Rejected);
            }
        }
        self.spans(at);
        Ok(())
    }

    /// The signal that a row of our own or another long file names.
    fn named(
        &mut self,
        line: &[u8],
        cells: &Cells,
        unit: &[u8],
        place: usize,
        own: bool,
    ) -> Result<Option<(usize, Convert)>, CellReason> {
        if self.signals.len() >= COLUMNS_MAX {
            return Err(CellReason::TooManySignals);
        }
        let (name, unit) = (text::name(cells.get(line, place)), text::name(unit));
        let mapped = self.mapping.columns.iter().find(|c| !own && c.column == name);
        let column = match mapped {
            Some(column) if unit.is_empty() || column.unit_found == unit => column.clone(),
            // The unit changed in the middle of the file.
            Some(column) => ColumnMapping { unit_found: unit.clone(), ..column.clone() },
            None if own => {
                let [ecu, pid, name, label] = [1, 2, 3, 4].map(|at| text::name(cells.get(line, at)));
                let unguarded = |t: &str| unguarded(t).to_owned();
                ColumnMapping {
                    column: label.clone(),
                    take: true,
                    signal: format!("{}:{}:{}", unguarded(&ecu), unguarded(&pid), unguarded(&name)),
                    label: unguarded(&label),
                    unit: unguarded(&unit),
                    ..ColumnMapping::default()
                }
            }
            None => self.fresh(&name, &unit),
        };
        if !column.take {
            return Ok(None);
        }
        let (column, convert) = match convert(&column, &self.mapping) {
            Ok(convert) => (column, convert),
            // What is known has a unit of its kind.
            Err(_) if !column.signal.starts_with("::") => return Err(CellReason::OtherUnit),
            // Of anything else, what is said in a unit of another kind is another signal.
            Err(_) => {
                let column = self.fresh(&name, &unit);
                let convert = convert(&column, &self.mapping).map_err(|_| CellReason::OtherUnit)?;
                (column, convert)
            }
        };
        let signal = self.signal(&column);
        // A second column may not bring another unit to a signal that is there.
        if self.signals.get(signal).is_some_and(|s| s.recorded.unit != column.unit) {
            return Err(CellReason::OtherUnit);
        }
        Ok(Some((signal, convert)))
    }

    /// What became of everything so far.
    pub(crate) fn report(&self) -> ImportReport {
        self.account.report(|column| {
            let signal = column.checked_sub(COLUMNS_MAX + 1).and_then(|s| self.signals.get(s)).map(|s| &s.column);
            signal
                .or_else(|| self.columns.get(column))
                .filter(|n| !n.is_empty())
                .cloned()
                .unwrap_or_else(|| format!("Column {}", column + 1))
        })
    }

    /// First and last time of what was stored.
    pub(crate) fn span(&self) -> Option<(Timestamp, Timestamp)> {
        self.span
    }

    /// Signals that cannot be right.
    pub(crate) fn flags(&mut self) -> Vec<ReadingFlag> {
        self.watch.take()
    }
}

impl Signal {
    fn seen(&self, at: Timestamp, value: f64) -> Seen<'_> {
        Seen { name: &self.name, ecu: &self.ecu, unit: Some(&self.recorded.unit), at, value }
    }
}

/// A cell as a number of the signal's unit.
#[inline]
fn value(cell: &[u8], convert: Convert, to: Option<&'static Unit>, unit: &str) -> Result<f64, CellReason> {
    if let Some(value) = number::plain(cell, convert.decimal) {
        return Ok(convert.by.apply(value));
    }
    let read = if convert.settled { number::settled } else { number::figure };
    let figure = read(cell, convert.decimal)?;
    let by = match (figure.unit, to) {
        (None, _) => convert.by,
        (Some(from), Some(to)) => Conversion::between(from, to).ok_or(CellReason::OtherUnit)?,
        (Some(from), None) if from.name == unit => Conversion::None,
        (Some(_), None) => return Err(CellReason::OtherUnit),
    };
    let value = by.apply(figure.value);
    if value.is_finite() { Ok(value) } else { Err(CellReason::Infinite) }
}

/// A word of our own file.
fn word(cell: &[u8]) -> String {
    unguarded(&text::name(cell)).to_owned()
}

/// Text of our own file that is written as a JSON string.
fn string(cell: &[u8]) -> Option<String> {
    cell.starts_with(b"\"").then(|| serde_json::from_slice(cell).ok()).flatten()
}
