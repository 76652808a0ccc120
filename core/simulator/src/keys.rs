//! Reading a table of a file key by key: every complaint names the key, and a key nobody asks for is one.

use roadworthy_api::{Code, Error};
use toml::{Table, Value};

/// Which kind of file is read, for the words of a complaint.
#[derive(Clone, Copy, Debug)]
pub(crate) enum File {
    Vehicle,
    Adapter,
}

impl File {
    /// What is wrong with the file as a whole.
    pub(crate) fn wrong(self, what: &str) -> Error {
        let (name, guide) = match self {
            File::Vehicle => ("vehicle file", "docs/simulator.md"),
            File::Adapter => ("adapter profile", "docs/adapters.md"),
        };
        Error::new(Code::Malformed, format!("The {name} is wrong: {what}"))
            .hint(format!("Correct it; {guide} lists every key with its unit."))
    }

    /// The table that a text holds.
    pub(crate) fn table(self, text: &str) -> Result<Table, Error> {
        if text.len() > LONGEST {
            return Err(self.wrong(&format!("it is longer than {} KiB.", LONGEST / 1024)));
        }
        text.parse().map_err(|e: toml::de::Error| {
            let line = e.span().and_then(|s| text.get(..s.start)).map_or(1, |before| before.matches('\n').count() + 1);
            let why = e.message().lines().next().unwrap_or("it cannot be read");
            self.wrong(&format!("line {line} is not TOML: {why}."))
        })
    }
}

/// Longest file read, in bytes.
pub(crate) const LONGEST: usize = 256 * 1024;

/// What is left of a table, and where it stands in the file.
pub(crate) struct Keys {
    file: File,
    /// As in `ecu 2, `; empty at the top.
    place: String,
    table: Table,
}

impl Keys {
    pub(crate) fn new(file: File, place: impl Into<String>, table: Table) -> Self {
        Self { file, place: place.into(), table }
    }

    pub(crate) fn wrong(&self, key: &str, what: impl std::fmt::Display) -> Error {
        self.file.wrong(&format!("{}\"{key}\" {what}", self.place))
    }

    fn missing(&self, key: &str) -> Error {
        self.wrong(key, "is missing.")
    }

    pub(crate) fn take(&mut self, key: &str) -> Option<Value> {
        self.table.remove(key)
    }

    pub(crate) fn text(&mut self, key: &str) -> Result<String, Error> {
        self.optional_text(key)?.ok_or_else(|| self.missing(key))
    }

    pub(crate) fn optional_text(&mut self, key: &str) -> Result<Option<String>, Error> {
        match self.take(key) {
            None => Ok(None),
            Some(Value::String(text)) if !text.is_empty() && text.len() <= 400 => Ok(Some(text)),
            Some(_) => Err(self.wrong(key, "must be a text.")),
        }
    }

    pub(crate) fn flag(&mut self, key: &str) -> Result<bool, Error> {
        match self.take(key) {
            None => Ok(false),
            Some(Value::Boolean(on)) => Ok(on),
            Some(_) => Err(self.wrong(key, "must be true or false.")),
        }
    }

    /// As [`Keys::flag`], and true where the key is absent.
    pub(crate) fn yes(&mut self, key: &str) -> Result<bool, Error> {
        if self.has(key) { self.flag(key) } else { Ok(true) }
    }

    pub(crate) fn has(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    /// A number from `low` to `high`, `otherwise` where the key is absent.
    pub(crate) fn number(&mut self, key: &str, low: f64, high: f64, otherwise: Option<f64>) -> Result<f64, Error> {
        let Some(value) = self.take(key) else { return otherwise.ok_or_else(|| self.missing(key)) };
        number(&value)
            .filter(|n| (low..=high).contains(n))
            .ok_or_else(|| self.wrong(key, format!("must be a number from {low} to {high}.")))
    }

    /// A whole number up to `high`.
    pub(crate) fn whole(&mut self, key: &str, low: u32, high: u32, otherwise: Option<u32>) -> Result<u32, Error> {
        let Some(value) = self.take(key) else { return otherwise.ok_or_else(|| self.missing(key)) };
        value.as_integer().and_then(|n| u32::try_from(n).ok()).filter(|n| (low..=high).contains(n)).ok_or_else(|| {
            let shown = if low > 0xFF { format!("0x{low:X} to 0x{high:X}") } else { format!("{low} to {high}") };
            self.wrong(key, format!("must be a whole number from {shown}."))
        })
    }

    /// A list of at most `most` numbers; empty where the key is absent.
    pub(crate) fn numbers(&mut self, key: &str, most: usize) -> Result<Vec<f64>, Error> {
        let list = self.list(key)?;
        list.iter()
            .map(number)
            .collect::<Option<Vec<_>>>()
            .filter(|l| l.len() <= most)
            .ok_or_else(|| self.wrong(key, format!("must be a list of at most {most} numbers.")))
    }

    /// A list of bytes; empty where the key is absent.
    pub(crate) fn bytes(&mut self, key: &str) -> Result<Vec<u8>, Error> {
        let list = self.list(key)?;
        list.iter()
            .map(byte)
            .collect::<Option<_>>()
            .ok_or_else(|| self.wrong(key, "must be a list of bytes, 0 to 0xFF."))
    }

    /// A list of texts; empty where the key is absent.
    pub(crate) fn texts(&mut self, key: &str) -> Result<Vec<String>, Error> {
        let list = self.list(key)?;
        list.iter()
            .map(|v| v.as_str().map(str::to_owned))
            .collect::<Option<_>>()
            .ok_or_else(|| self.wrong(key, "must be a list of texts."))
    }

    fn list(&mut self, key: &str) -> Result<Vec<Value>, Error> {
        match self.take(key) {
            None => Ok(Vec::new()),
            Some(Value::Array(list)) if list.len() <= 256 => Ok(list),
            Some(_) => Err(self.wrong(key, "must be a list.")),
        }
    }

    /// A table below this one; an empty one where the key is absent.
    pub(crate) fn below(&mut self, key: &str) -> Result<Keys, Error> {
        match self.take(key) {
            None => Ok(Keys::new(self.file, format!("{}{key}, ", self.place), Table::new())),
            Some(Value::Table(table)) => Ok(Keys::new(self.file, format!("{}{key}, ", self.place), table)),
            Some(_) => Err(self.wrong(key, format!("must be a table: [{key}]."))),
        }
    }

    /// A list of tables (`[[key]]`); empty where the key is absent.
    pub(crate) fn each(&mut self, key: &str) -> Result<Vec<Keys>, Error> {
        let file = self.file;
        let place = |n: usize| format!("{}{key} {}, ", self.place, n + 1);
        let list = match self.table.remove(key) {
            None => Vec::new(),
            Some(Value::Array(list)) if list.len() <= 16 => list,
            Some(_) => return Err(self.wrong(key, format!("must be at most 16 tables: [[{key}]]."))),
        };
        list.into_iter()
            .enumerate()
            .map(|(n, value)| match value {
                Value::Table(table) => Ok(Keys::new(file, place(n), table)),
                _ => Err(self.wrong(key, format!("must be tables: [[{key}]]."))),
            })
            .collect()
    }

    /// What is left, keys and values, in the order of the keys.
    pub(crate) fn rest(self) -> impl Iterator<Item = (String, Value)> {
        self.table.into_iter()
    }

    /// Complains of the first key that was not taken.
    pub(crate) fn done(self) -> Result<(), Error> {
        match self.table.keys().next() {
            None => Ok(()),
            Some(key) => Err(self.wrong(key, "is no key here.")),
        }
    }
}

/// A number, be it written whole or with a point.
pub(crate) fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Float(n) => Some(*n).filter(|n| n.is_finite()),
        Value::Integer(n) => i32::try_from(*n).ok().map(f64::from),
        _ => None,
    }
}

pub(crate) fn byte(value: &Value) -> Option<u8> {
    value.as_integer().and_then(|n| u8::try_from(n).ok())
}
