//! One decoded signal, without anything owned for what is a number.

use roadworthy_api::reading::{Item, Value};

/// A signal's names. Always `'static`, so that a signal costs no allocation.
#[derive(Debug, PartialEq, Eq)]
pub struct Meaning {
    /// Machine name, as in `engine_rpm`.
    pub name: &'static str,
    /// Name for people, as in `Engine speed`.
    pub label: &'static str,
}

/// What a signal reads.
#[derive(Clone, Debug, PartialEq)]
pub enum Reading {
    /// A number, always finite, with its unit (empty where the standard gives none).
    Number(f64, &'static str),
    /// One of a list that the standard names.
    Enumerated(u32, &'static str),
    /// Yes or no.
    Flag(bool),
    /// Text, already checked to be printable ASCII.
    Text(String),
    /// Published nowhere, or in doubt: the bytes as sent.
    Raw(Vec<u8>),
}

/// One signal of a reply.
#[derive(Clone, Debug, PartialEq)]
pub struct Signal {
    /// Parameter id: a PID or infotype, or a UDS data identifier where [`Signal::wide`].
    pub id: u16,
    /// Whether `id` is a two-byte data identifier.
    pub wide: bool,
    /// Its names; `None` where nothing is published.
    pub meaning: Option<&'static Meaning>,
    /// What it reads.
    pub reading: Reading,
}

impl Signal {
    const NONE: Self = Self { id: 0, wide: false, meaning: None, reading: Reading::Flag(false) };

    /// The id in upper-case hex, two digits, or four for a data identifier.
    pub fn id_text(&self) -> String {
        if self.wide { format!("{:04X}", self.id) } else { format!("{:02X}", self.id) }
    }

    /// The number, where it is one.
    pub fn number(&self) -> Option<f64> {
        match self.reading {
            Reading::Number(value, _) => Some(value),
            _ => None,
        }
    }

    /// The machine name, empty where nothing is published.
    pub fn name(&self) -> &'static str {
        self.meaning.map_or("", |m| m.name)
    }

    /// In the contract's form.
    pub fn item(&self) -> Item {
        Item {
            pid: self.id_text(),
            name: self.meaning.map(|m| m.name.to_owned()),
            label: self.meaning.map(|m| m.label.to_owned()),
            value: match &self.reading {
                Reading::Number(value, unit) => Value::Number { value: *value, unit: (*unit).to_owned() },
                Reading::Enumerated(code, text) => Value::Enumerated { code: *code, text: (*text).to_owned() },
                Reading::Flag(bool) => Value::Flag { bool: *bool },
                Reading::Text(text) => Value::Text { text: text.clone() },
                Reading::Raw(bytes) => Value::Raw { raw: crate::line::hex(bytes) },
            },
        }
    }
}

/// Signals in the order of the reply. Up to four need no allocation.
#[derive(Clone, Debug, PartialEq)]
pub struct Signals {
    near: [Signal; Self::NEAR],
    len: usize,
    far: Vec<Signal>,
}

impl Default for Signals {
    fn default() -> Self {
        Self { near: [const { Signal::NONE }; Self::NEAR], len: 0, far: Vec::new() }
    }
}

impl FromIterator<Signal> for Signals {
    fn from_iter<I: IntoIterator<Item = Signal>>(signals: I) -> Self {
        let mut all = Self::default();
        signals.into_iter().for_each(|signal| all.push(signal));
        all
    }
}

impl Signals {
    const NEAR: usize = 4;

    /// Appends one.
    pub fn push(&mut self, signal: Signal) {
        match self.near.get_mut(self.len) {
            Some(place) => *place = signal,
            None => self.far.push(signal),
        }
        self.len += 1;
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Each, in order.
    pub fn iter(&self) -> impl Iterator<Item = &Signal> {
        self.near.iter().take(self.len).chain(&self.far)
    }
}
