//! What a vehicle says, decoded.

use crate::Timestamp;
use serde::{Deserialize, Serialize};

/// A decoded value. On the wire its fields stand beside those of the [`Item`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Value {
    /// A number with its unit; the unit is empty where the standard gives none.
    Number {
        /// The value.
        value: f64,
        /// Its unit, as in `rpm`, `°C`, `%`.
        unit: String,
    },
    /// One of a list that the standard names.
    Enumerated {
        /// The number as sent.
        code: u32,
        /// Its meaning.
        text: String,
    },
    /// Yes or no.
    Flag {
        /// The state.
        bool: bool,
    },
    /// Text.
    Text {
        /// The text.
        text: String,
    },
    /// Published nowhere: the bytes in hex, never a guess.
    Raw {
        /// Upper-case hex.
        raw: String,
    },
}

/// One signal of a reply.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Item {
    /// Parameter id in upper-case hex, two digits (four for UDS data identifiers).
    pub pid: String,
    /// Machine name, as in `engine_rpm`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Name for people, as in `Engine speed`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// The value.
    #[serde(flatten)]
    pub value: Value,
}

/// One item with everything needed to argue about it later.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reading {
    /// Who said it: response id as three (11 bit) or eight (29 bit) hex digits, or the source byte as two.
    pub ecu: String,
    /// What was asked, in hex, as in `010C`.
    pub request: String,
    /// The whole reply payload in hex, service byte first. `reply` on the wire, since [`Value::Raw`] stands beside it as `raw`.
    #[serde(rename = "reply")]
    pub raw: String,
    /// When the reply was complete.
    pub at: Timestamp,
    /// The decoded signal.
    #[serde(flatten)]
    pub item: Item,
}

impl Reading {
    /// Whether it is a present value of this PID: asked with service 01, or with service 22 as `F4` and the PID.
    pub fn of_pid(&self, pid: &str) -> bool {
        let id = self.item.pid.as_str();
        self.is_present() && (id == pid || id.strip_prefix("F4") == Some(pid))
    }

    /// Whether it is a present value (service 01, or `22 F4xx`).
    pub fn is_present(&self) -> bool {
        self.request.starts_with("01") || self.request.starts_with("22F4")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_reading_comes_back_as_it_was_sent() {
        let values = [
            Value::Number { value: 812.25, unit: "rpm".into() },
            Value::Enumerated { code: 6, text: "EOBD".into() },
            Value::Flag { bool: true },
            Value::Text { text: "x".into() },
            Value::Raw { raw: "00112233".into() },
        ];
        for value in values {
            let item = Item { pid: "B3".into(), name: None, label: None, value };
            let reading =
                Reading { ecu: "7E8".into(), request: "01B3".into(), raw: "41B300112233".into(), at: 1, item };
            let text = serde_json::to_string(&reading).unwrap();
            assert_eq!(serde_json::from_str::<Reading>(&text).unwrap(), reading, "{text}");
        }
    }
}
