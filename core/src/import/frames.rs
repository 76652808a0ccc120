//! A CAN log of candump to values, by a DBC file: each frame and each signal in it accounted for. Pure.

use super::{account::Account, batch::Batch, clock::Clock, dbc::Network, detect::Detected, lines::Line, text};
use crate::{journal::kind::RecordedSignal, telemetry::Value};
use roadworthy_api::{
    Code, Error, Result, Timestamp,
    import::{
        COLUMNS_MAX, CellReason, ColumnMapping, Confidence, ImportReport, Layout, Mapping, RowReason, TimeFormat,
        TimeMapping,
    },
};
use roadworthy_obd::can::{Event, candump};
use std::{collections::HashMap, sync::Arc};

/// Lines that tell a log.
const LOOK: usize = 50;
/// Microseconds since 1970 in 1980: what is less counts from some start.
const EPOCH: u64 = 315_532_800_000_000;

/// How the times of a log of candump read; `None`: it is none.
pub(crate) fn is_log(lines: &[&[u8]]) -> Option<TimeFormat> {
    let some: Vec<&[u8]> = lines.iter().copied().filter(|l| !l.trim_ascii().is_empty()).take(LOOK).collect();
    let read: Vec<_> = some.iter().filter_map(|l| candump::read(&text::read(l)).ok()).collect();
    if read.is_empty() || read.len() * 10 < some.len() * 7 {
        return None;
    }
    Some(match read.iter().find_map(|l| l.micros) {
        None => TimeFormat::Unknown,
        Some(micros) if micros >= EPOCH => TimeFormat::EpochMicroseconds,
        Some(_) => TimeFormat::ElapsedMilliseconds,
    })
}

/// What a log looks like with its network.
pub(crate) fn detect(format: TimeFormat, network: &Network) -> Detected {
    let columns = network.messages.iter().flat_map(|m| m.wires.iter().map(|w| w.column(&m.name, None)));
    let columns: Vec<ColumnMapping> = columns.take(COLUMNS_MAX).collect();
    let time = TimeMapping { format, ..TimeMapping::default() };
    let mapping = Mapping { layout: Layout::Candump, time, columns, ..Mapping::default() };
    Detected { mapping, confidence: Confidence::Certain, guesses: vec![], questions: vec![], header: vec![], width: 0 }
}

/// A signal that values go to.
struct Signal {
    recorded: RecordedSignal,
    column: String,
    last: (Timestamp, u64),
    any: bool,
}

/// Reads frames.
pub(crate) struct Frames {
    network: Arc<Network>,
    clock: Clock,
    format: TimeFormat,
    /// Columns that are not taken.
    left: Vec<String>,
    /// By message, signal and sender; `None`: not taken.
    places: HashMap<(usize, usize, Option<u8>), Option<usize>>,
    signals: Vec<Signal>,
    account: Account,
    span: Option<(Timestamp, Timestamp)>,
    /// What has come since it was taken.
    pub(crate) batch: Batch,
}

impl Frames {
    /// # Errors
    /// A mapping whose times cannot be.
    pub(crate) fn new(mapping: &Mapping, network: Arc<Network>) -> Result<Self> {
        let format = mapping.time.format;
        if !matches!(format, TimeFormat::EpochMicroseconds | TimeFormat::ElapsedMilliseconds) {
            return Err(
                Error::new(Code::Invalid, "The log says no times.").hint("Record it with `candump -l`, which does.")
            );
        }
        Ok(Self {
            network,
            clock: Clock::new(&mapping.time, mapping.decimal)?,
            format,
            left: mapping.columns.iter().filter(|c| !c.take).map(|c| c.column.clone()).collect(),
            places: HashMap::new(),
            signals: Vec::new(),
            account: Account::default(),
            span: None,
            batch: Batch::default(),
        })
    }

    /// Signals so far, by their number.
    pub(crate) fn signals(&self) -> Vec<RecordedSignal> {
        self.signals.iter().map(|s| s.recorded.clone()).collect()
    }

    /// Those that have values.
    pub(crate) fn signals_with_values(&self) -> Vec<RecordedSignal> {
        self.signals.iter().filter(|s| s.any).map(|s| s.recorded.clone()).collect()
    }

    /// Takes a line in.
    pub(crate) fn line(&mut self, number: u64, line: Line<'_>) {
        self.account.totals.rows += 1;
        let outcome = match line {
            Line::Whole(line) | Line::Last(line) => self.frame(number, line),
            Line::TooLong => Err(RowReason::TooLong),
        };
        match outcome {
            Ok(()) => self.account.totals.rows_stored += 1,
            Err(reason) => self.account.explain(reason, number),
        }
    }

    fn frame(&mut self, number: u64, line: &[u8]) -> Result<(), RowReason> {
        let line = line.trim_ascii();
        if line.is_empty() {
            return Err(RowReason::Blank);
        }
        let logged = candump::read(&text::read(line)).map_err(|_| RowReason::NotAFrame)?;
        let Event::Frame(frame) = &logged.event else { return Err(RowReason::NoData) };
        if frame.asks_for().is_some() {
            return Err(RowReason::NoData);
        }
        let network = Arc::clone(&self.network);
        let (message, sender) = network.find(frame.id()).ok_or(RowReason::UnknownFrame)?;
        let micros = logged.micros.ok_or(RowReason::NoTime)?;
        let at = self.clock.counted(i64::try_from(micros / 1000).map_err(|_| RowReason::ImpossibleTime)?, self.format);
        if at.is_ok() || self.clock.noted.restarted {
            self.account.note_if_any(self.clock.noted, number);
        }
        let at = at?;
        let Some(told) = network.messages.get(message) else { return Err(RowReason::UnknownFrame) };
        let (mut stored, mut repeated, mut rejected) = (0, 0, 0);
        for (wire, value) in told.values(frame) {
            self.account.totals.cells += 1;
            let Some(place) = self.place(message, wire, sender) else {
                self.account.totals.left_out += 1;
                continue;
            };
            let Some(signal) = self.signals.get_mut(place) else {
                self.account.reject(COLUMNS_MAX, CellReason::TooManySignals, number);
                rejected += 1;
                continue;
            };
            match value {
                Ok(value) if std::mem::replace(&mut signal.last, (at, value.to_bits())) == (at, value.to_bits()) => {
                    repeated += 1;
                }
                Ok(value) => {
                    signal.any = true;
                    self.batch.push(place, at, Value::Number(value));
                    stored += 1;
                }
                Err(reason) => {
                    self.account.reject(place, reason, number);
                    rejected += 1;
                }
            }
        }
        self.account.totals.stored += stored;
        self.account.totals.repeated += repeated;
        if stored > 0 {
            self.span = Some(self.span.map_or((at, at), |(from, to)| (from.min(at), to.max(at))));
            return Ok(());
        }
        Err(match (rejected, repeated) {
            (0, 0) => RowReason::Empty,
            (0, _) => RowReason::Repeated,
            _ => RowReason::Rejected,
        })
    }

    /// The number of a signal; one past the end: there are too many.
    fn place(&mut self, message: usize, wire: usize, sender: Option<u8>) -> Option<usize> {
        if let Some(known) = self.places.get(&(message, wire, sender)) {
            return *known;
        }
        let told = self.network.messages.get(message)?;
        let column = told.wires.get(wire)?.column(&told.name, sender);
        let place = if self.left.contains(&column.column) {
            None
        } else if self.signals.len() >= COLUMNS_MAX {
            Some(usize::MAX)
        } else {
            self.signals.push(Signal {
                recorded: RecordedSignal { id: column.signal, label: column.label, unit: column.unit },
                column: column.column,
                last: (Timestamp::MIN, 0),
                any: false,
            });
            Some(self.signals.len() - 1)
        };
        self.places.insert((message, wire, sender), place);
        place
    }

    /// What became of everything so far.
    pub(crate) fn report(&self) -> ImportReport {
        self.account
            .report(|place| self.signals.get(place).map_or_else(|| "More signals".to_owned(), |s| s.column.clone()))
    }

    /// First and last time of what was stored.
    pub(crate) fn span(&self) -> Option<(Timestamp, Timestamp)> {
        self.span
    }
}
