//! What a recording of an older version is on disk: lines of JSON, appended to while it ran and kept as they were when it ended.
//! Nothing is written so any more.
//!
//! | line | what |
//! |---|---|
//! | `{"recording":1,"id":…,"started":…,"port":…,"vehicle":…,"vin":…}` | the first one, with the version of this form |
//! | `{"signal":{…}}` | a [`SignalInfo`], before the first sample of it; they count from 0 |
//! | `[2,1795215600123,812.25]` | a sample: signal, time, number |
//! | `[2,1795215600123,"closed loop"]` | a sample: signal, time, word |
//! | `[2,1795215600123,null,"The ECU does not answer."]` | a signal went missing, with the reason |
//! | `{"mark":{"at":…,"label":…}}` | a mark |
//!
//! A process that is killed leaves at most one line half-written; whatever cannot be read ends the recording there.

use roadworthy_api::{
    Code, Error, Result, Timestamp,
    id::{RecordingId, VehicleId},
    live::{LiveValue, Mark, SignalInfo},
};
use serde::{Deserialize, Serialize};

/// Version of this form.
const VERSION: u32 = 1;

/// The first line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Head {
    /// Version of the form.
    pub(super) recording: u32,
    pub(super) id: RecordingId,
    pub(super) started: Timestamp,
    pub(super) port: String,
    pub(super) vehicle: Option<VehicleId>,
    /// VIN that the session had read.
    #[serde(default)]
    pub(super) vin: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Line {
    Number(usize, Timestamp, f64),
    Word(usize, Timestamp, String),
    Missing(usize, Timestamp, (), String),
    Signal { signal: SignalInfo },
    Mark { mark: Mark },
}

/// One sample of a recording.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Row {
    /// Place among the signals.
    pub(crate) signal: usize,
    pub(crate) at: Timestamp,
    pub(crate) value: LiveValue,
}

/// A recording, read.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Recorded {
    pub(super) head: Head,
    pub(super) signals: Vec<SignalInfo>,
    pub(super) rows: Vec<Row>,
    pub(super) marks: Vec<Mark>,
}

/// Reads a recording as far as it goes.
///
/// # Errors
/// [`Code::Malformed`] when not even the first line can be read, or a newer version wrote it.
pub(super) fn read(bytes: &[u8]) -> Result<Recorded> {
    let unreadable = |what: &str| {
        Error::new(Code::Malformed, format!("The recording {what}.")).hint("Keep the file and send it with a report.")
    };
    let mut lines = bytes.split_inclusive(|b| *b == b'\n').filter(|l| l.ends_with(b"\n"));
    let first = lines.next().ok_or_else(|| unreadable("is empty"))?;
    let head: Head = serde_json::from_slice(first).map_err(|_| unreadable("does not begin as one"))?;
    if head.recording != VERSION {
        return Err(unreadable("was made by a newer version of Roadworthy"));
    }
    let mut all = Recorded { head, signals: vec![], rows: vec![], marks: vec![] };
    for line in lines {
        let Ok(read) = serde_json::from_slice(line) else { break };
        let (signal, at, value) = match read {
            Line::Number(signal, at, value) => (signal, at, LiveValue::Number { value }),
            Line::Word(signal, at, text) => (signal, at, LiveValue::Word { text }),
            Line::Missing(signal, at, (), missing) => (signal, at, LiveValue::Missing { missing }),
            Line::Signal { signal } => {
                all.signals.push(signal);
                continue;
            }
            Line::Mark { mark } => {
                all.marks.push(mark);
                continue;
            }
        };
        if signal >= all.signals.len() {
            break;
        }
        all.rows.push(Row { signal, at, value });
    }
    Ok(all)
}

impl Recorded {
    /// When the last thing in it happened.
    pub(super) fn last(&self) -> Timestamp {
        let rows = self.rows.last().map(|r| r.at);
        rows.into_iter().chain(self.marks.last().map(|m| m.at)).fold(self.head.started, Timestamp::max)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use proptest::prelude::*;

    impl Head {
        pub(super) fn new(
            id: RecordingId,
            started: Timestamp,
            port: String,
            vehicle: Option<VehicleId>,
            vin: Option<String>,
        ) -> Self {
            Self { recording: VERSION, id, started, port, vehicle, vin }
        }
    }

    pub(super) fn head(head: &Head) -> Vec<u8> {
        line(head)
    }

    pub(super) fn signal(signal: &SignalInfo) -> Vec<u8> {
        line(&Line::Signal { signal: signal.clone() })
    }

    pub(super) fn mark(mark: &Mark) -> Vec<u8> {
        line(&Line::Mark { mark: mark.clone() })
    }

    pub(super) fn sample(signal: usize, at: Timestamp, value: &LiveValue) -> Vec<u8> {
        line(&match value {
            LiveValue::Number { value } => Line::Number(signal, at, *value),
            LiveValue::Word { text } => Line::Word(signal, at, text.clone()),
            LiveValue::Missing { missing } => Line::Missing(signal, at, (), missing.clone()),
        })
    }

    fn line(value: &impl Serialize) -> Vec<u8> {
        // Plain data with string keys: there is nothing that JSON could not hold.
        let mut line = serde_json::to_vec(value).unwrap_or_default();
        line.push(b'\n');
        line
    }

    pub(in crate::live) fn info(name: &str, unit: &str) -> SignalInfo {
        SignalInfo {
            id: format!("7E8:0C:{name}"),
            ecu: "7E8".into(),
            ecu_name: "Engine".into(),
            pid: "0C".into(),
            name: name.into(),
            label: format!("The {name}"),
            unit: unit.into(),
            range: None,
        }
    }

    pub(in crate::live) fn recording(rows: Vec<Row>, marks: Vec<Mark>) -> (Vec<u8>, Recorded) {
        let head = Head::new(RecordingId(7), 1_795_215_600_000, "sim:petrol".into(), Some(VehicleId(9)), None);
        let signals = vec![info("rpm", "rpm"), info("status", "")];
        let mut bytes = self::head(&head);
        signals.iter().for_each(|s| bytes.extend(signal(s)));
        rows.iter().for_each(|r| bytes.extend(sample(r.signal, r.at, &r.value)));
        marks.iter().for_each(|m| bytes.extend(mark(m)));
        (bytes, Recorded { head, signals, rows, marks })
    }

    pub(in crate::live) fn row() -> impl Strategy<Value = Row> {
        let value = prop_oneof![
            any::<f64>()
                .prop_filter("readings are finite", |v| v.is_finite())
                .prop_map(|value| LiveValue::Number { value }),
            any::<String>().prop_map(|text| LiveValue::Word { text }),
            any::<String>().prop_map(|missing| LiveValue::Missing { missing }),
        ];
        (0..2usize, 0..2_000i64, value).prop_map(|(signal, at, value)| Row {
            signal,
            at: 1_795_215_600_000 + at,
            value,
        })
    }

    proptest! {
        #[test]
        fn a_recording_reads_back_as_written_and_as_far_as_it_goes_when_torn(
            rows in proptest::collection::vec(row(), 0..20),
            label in any::<String>(),
            cut in any::<proptest::sample::Index>(),
        ) {
            let (bytes, expect) = recording(rows, vec![Mark { at: 5, label }]);
            prop_assert_eq!(&read(&bytes).unwrap(), &expect);
            let torn = &bytes[..cut.index(bytes.len())];
            if let Ok(part) = read(torn) {
                prop_assert!(expect.rows.starts_with(&part.rows));
            }
        }

        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200), at in any::<proptest::sample::Index>(), with in any::<u8>()) {
            drop(read(&bytes));
            let rows = vec![Row { signal: 0, at: 1, value: LiveValue::Number { value: 812.25 } }];
            let (mut sound, _) = recording(rows, vec![]);
            let at = at.index(sound.len());
            sound[at] = with;
            drop(read(&sound));
        }
    }

    #[test]
    fn a_recording_of_another_form_is_refused() {
        for (bytes, expect) in [
            (&b""[..], "is empty"),
            (b"{}\n", "does not begin"),
            (b"half a line", "is empty"),
            (b"{\"recording\":2,\"id\":\"00000000-0000-0000-0000-000000000007\",\"started\":1,\"port\":\"p\",\"vehicle\":null}\n", "newer"),
        ] {
            let error = read(bytes).unwrap_err();
            assert_eq!(error.code, Code::Malformed);
            assert!(error.message.contains(expect), "{error}");
        }
    }
}
