//! Values as Apache Parquet: typed columns, compressed with Snappy, the time as a timestamp of milliseconds in UTC.
//!
//! Long: a row per sample, with `value` (a number), `text` (a word) or `missing` (why nothing was read); one of them is set. Wide: a
//! row per moment and a column per signal, named by the signal's id; one that has words has them in a column `ID (text)`. The
//! metadata of the file names signals with their units (`roadworthy.signals`) and marks (`roadworthy.marks`), both as JSON.

use super::{place::Draft, telemetry::Sheet};
use crate::telemetry::Value;
use parquet::{
    basic::{Compression, LogicalType, Repetition, TimeUnit, Type as Physical},
    data_type::{ByteArray, ByteArrayType, DoubleType, Int64Type},
    errors::ParquetError,
    file::{
        metadata::KeyValue,
        properties::WriterProperties,
        writer::{SerializedFileWriter, SerializedRowGroupWriter},
    },
    schema::types::{Type, TypePtr},
};
use roadworthy_api::{
    Code, Error, Result, Timestamp,
    live::{CsvLayout, Mark, SignalInfo},
};
use serde_json::json;
use std::{
    fs::File,
    io::{self, BufWriter},
    sync::Arc,
};

/// Cells of a group of rows, which is in memory until it is full.
const CELLS: usize = 1 << 20;

/// What a signal has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Has {
    pub(super) numbers: bool,
    pub(super) words: bool,
}

enum Column {
    Time(Vec<i64>),
    Label(Vec<ByteArray>),
    Number(Vec<f64>, Vec<i16>),
    Text(Vec<ByteArray>, Vec<i16>),
}

/// A file that grows.
pub(super) struct Table<'a> {
    draft: &'a Draft,
    writer: SerializedFileWriter<BufWriter<File>>,
    columns: Vec<Column>,
    signals: Vec<[ByteArray; 6]>,
    /// Wide: the columns of numbers and words of each signal.
    places: Option<Vec<(Option<usize>, Option<usize>)>>,
    rows: usize,
    most: usize,
    marks: Vec<serde_json::Value>,
    written: u64,
}

fn told(draft: &Draft, error: ParquetError) -> Error {
    match error {
        ParquetError::External(e) => match e.downcast::<io::Error>() {
            Ok(e) => draft.told(&e),
            Err(e) => defect(&e.to_string()),
        },
        other => defect(&other.to_string()),
    }
}

fn defect(what: &str) -> Error {
    Error::new(Code::Internal, format!("The table cannot be written: {what}.")).hint("Send the log with a report.")
}

fn column(name: &str, kind: Physical, logical: Option<LogicalType>, required: bool) -> Result<TypePtr, ParquetError> {
    let repetition = if required { Repetition::REQUIRED } else { Repetition::OPTIONAL };
    let built =
        Type::primitive_type_builder(name, kind).with_repetition(repetition).with_logical_type(logical).build()?;
    Ok(Arc::new(built))
}

/// Names of the columns of a wide table: the id, and the unit too where a signal had several.
fn names(signals: &[SignalInfo]) -> Vec<String> {
    let several = |id: &str| signals.iter().filter(|s| s.id == id).count() > 1;
    signals.iter().map(|s| if several(&s.id) { format!("{} [{}]", s.id, s.unit) } else { s.id.clone() }).collect()
}

impl<'a> Table<'a> {
    /// `has`: of each signal, for a wide table.
    pub(super) fn new(draft: &'a Draft, signals: &[SignalInfo], layout: CsvLayout, has: &[Has]) -> Result<Self> {
        Self::begin(draft, signals, layout, has).map_err(|e| told(draft, e))
    }

    fn begin(draft: &'a Draft, signals: &[SignalInfo], layout: CsvLayout, has: &[Has]) -> Result<Self, ParquetError> {
        let stamp = LogicalType::timestamp(true, TimeUnit::MILLIS);
        let mut fields = vec![column("time", Physical::INT64, Some(stamp), true)?];
        let mut columns = vec![Column::Time(Vec::new())];
        let number = |name: &str| column(name, Physical::DOUBLE, None, false);
        let text = |name: &str, required| column(name, Physical::BYTE_ARRAY, Some(LogicalType::String), required);
        let names = names(signals);
        let places = match layout {
            CsvLayout::Long => {
                for name in ["signal", "ecu", "pid", "name", "label", "unit"] {
                    fields.push(text(name, true)?);
                    columns.push(Column::Label(Vec::new()));
                }
                fields.push(number("value")?);
                columns.push(Column::Number(Vec::new(), Vec::new()));
                for name in ["text", "missing"] {
                    fields.push(text(name, false)?);
                    columns.push(Column::Text(Vec::new(), Vec::new()));
                }
                None
            }
            CsvLayout::Wide => {
                let mut places = Vec::new();
                for (name, has) in names.iter().zip(has) {
                    let mut place = (None, None);
                    if has.numbers {
                        place.0 = Some(columns.len());
                        fields.push(number(name)?);
                        columns.push(Column::Number(Vec::new(), Vec::new()));
                    }
                    if has.words {
                        place.1 = Some(columns.len());
                        fields.push(text(&format!("{name} (text)"), false)?);
                        columns.push(Column::Text(Vec::new(), Vec::new()));
                    }
                    places.push(place);
                }
                Some(places)
            }
        };
        let schema = Arc::new(Type::group_type_builder("roadworthy").with_fields(fields).build()?);
        let about: Vec<_> = signals
            .iter()
            .zip(&names)
            .map(|(s, column)| {
                json!({ "column": column, "signal": s.id, "ecu": s.ecu, "pid": s.pid, "name": s.name, "label": s.label, "unit": s.unit })
            })
            .collect();
        let properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .set_created_by(format!("Roadworthy {}", env!("CARGO_PKG_VERSION")))
            .set_key_value_metadata(Some(vec![
                KeyValue::new("roadworthy.format".into(), Some("roadworthy-telemetry 1".to_owned())),
                KeyValue::new("roadworthy.signals".into(), Some(json!(about).to_string())),
            ]))
            .build();
        let file = draft.open().map_err(|e| ParquetError::External(Box::new(io::Error::other(e.message))))?;
        let writer = SerializedFileWriter::new(BufWriter::with_capacity(1 << 16, file), schema, Arc::new(properties))?;
        let bytes = |s: &SignalInfo| {
            [&s.id, &s.ecu, &s.pid, &s.name, &s.label, &s.unit].map(|t| ByteArray::from(t.as_bytes().to_vec()))
        };
        Ok(Self {
            draft,
            writer,
            most: (CELLS / columns.len()).max(1024),
            columns,
            signals: signals.iter().map(bytes).collect(),
            places,
            rows: 0,
            marks: Vec::new(),
            written: 0,
        })
    }

    /// A new row; all that is not set in it is null.
    fn row(&mut self, at: Timestamp) -> Result<()> {
        if self.rows == self.most {
            self.flush()?;
        }
        for column in &mut self.columns {
            match column {
                Column::Time(times) => times.push(at),
                Column::Label(_) => {}
                Column::Number(_, there) | Column::Text(_, there) => there.push(0),
            }
        }
        self.rows += 1;
        self.written += 1;
        Ok(())
    }

    fn set(&mut self, place: usize, value: Value<'_>) {
        let there = match (self.columns.get_mut(place), value) {
            (Some(Column::Number(values, there)), Value::Number(number)) => {
                values.push(number);
                there
            }
            (Some(Column::Text(values, there)), Value::Word(text) | Value::Missing(text)) => {
                values.push(ByteArray::from(text.as_bytes().to_vec()));
                there
            }
            _ => return,
        };
        if let Some(last) = there.last_mut() {
            *last = 1;
        }
    }

    fn is_set(&self, place: usize) -> bool {
        match self.columns.get(place) {
            Some(Column::Number(_, there) | Column::Text(_, there)) => there.last() == Some(&1),
            _ => false,
        }
    }

    fn flush(&mut self) -> Result<()> {
        if self.rows > 0 {
            group(&mut self.writer, &mut self.columns).map_err(|e| told(self.draft, e))?;
            self.rows = 0;
        }
        Ok(())
    }

    /// Ends the file.
    pub(super) fn done(mut self) -> Result<()> {
        self.flush()?;
        let marks = json!(self.marks).to_string();
        self.writer.append_key_value_metadata(KeyValue::new("roadworthy.marks".into(), Some(marks)));
        let buffer = self.writer.into_inner().map_err(|e| told(self.draft, e))?;
        let file = buffer.into_inner().map_err(|e| self.draft.told(e.error()))?;
        file.sync_all().map_err(|e| self.draft.told(&e))
    }
}

fn group(writer: &mut SerializedFileWriter<BufWriter<File>>, columns: &mut [Column]) -> Result<(), ParquetError> {
    let mut group: SerializedRowGroupWriter<'_, _> = writer.next_row_group()?;
    for column in columns {
        let next = group.next_column()?;
        let mut out = next.ok_or_else(|| ParquetError::General("a column is missing".into()))?;
        match column {
            Column::Time(times) => {
                out.typed::<Int64Type>().write_batch(times, None, None)?;
                times.clear();
            }
            Column::Label(labels) => {
                out.typed::<ByteArrayType>().write_batch(labels, None, None)?;
                labels.clear();
            }
            Column::Number(values, there) => {
                out.typed::<DoubleType>().write_batch(values, Some(there), None)?;
                values.clear();
                there.clear();
            }
            Column::Text(values, there) => {
                out.typed::<ByteArrayType>().write_batch(values, Some(there), None)?;
                values.clear();
                there.clear();
            }
        }
        out.close()?;
    }
    group.close()?;
    Ok(())
}

impl Sheet for Table<'_> {
    fn read(&mut self, signal: usize, at: Timestamp, value: Value<'_>) -> Result<()> {
        let Some(places) = &self.places else {
            let Some(labels) = self.signals.get(signal).cloned() else { return Ok(()) };
            self.row(at)?;
            let columns = self.columns.iter_mut().filter_map(|column| match column {
                Column::Label(all) => Some(all),
                _ => None,
            });
            for (column, label) in columns.zip(labels) {
                column.push(label);
            }
            let place = match value {
                Value::Number(_) => 7,
                Value::Word(_) => 8,
                Value::Missing(_) => 9,
            };
            self.set(place, value);
            return Ok(());
        };
        let Some((numbers, words)) = places.get(signal).copied() else { return Ok(()) };
        let place = match value {
            Value::Number(_) => numbers,
            Value::Word(_) => words,
            Value::Missing(_) => None,
        };
        let Some(place) = place else { return Ok(()) };
        let open = match self.columns.first() {
            Some(Column::Time(times)) => times.last() == Some(&at) && !self.is_set(place),
            _ => false,
        };
        // A second value of the same signal within a millisecond has a row of its own.
        if !open {
            self.row(at)?;
        }
        self.set(place, value);
        Ok(())
    }

    fn mark(&mut self, mark: &Mark) -> Result<()> {
        self.marks.push(json!({ "time": crate::live::csv_time(mark.at), "label": mark.label }));
        Ok(())
    }

    fn rows(&self) -> u64 {
        self.written
    }
}
