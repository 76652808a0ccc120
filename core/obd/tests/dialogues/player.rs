//! A link on which an adapter says what a dialogue says, byte for byte, and what any healthy one says to the rest.

use roadworthy_obd::link::BoxLink;
use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex},
};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};

/// Answers by command, upper case without spaces; of several the last stays.
#[derive(Clone, Default)]
pub(crate) struct Script(Arc<Mutex<HashMap<String, VecDeque<Vec<u8>>>>>);

/// A command as the script knows it.
pub(crate) fn bare(command: &str) -> String {
    command.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_ascii_uppercase()
}

impl Script {
    /// A healthy adapter of the name `name` on a bus of the protocol `id`, whose vehicle answers nothing but the search.
    pub(crate) fn healthy(name: &str, id: char) -> Self {
        let script = Self::default();
        let accepted = ["ATD", "ATE0", "ATL0", "ATS0", "ATH1", "ATAT1", "ATAT0", "ATM0", "ATSTFF", "ATST00", "ATTP0"];
        let tries = ('1'..='9').map(|n| format!("ATTP{n}"));
        for command in accepted.into_iter().map(str::to_owned).chain(tries) {
            script.set(&command, b"OK\r\r>");
        }
        for command in ["ATZ", "ATWS", "ATI"] {
            script.set(command, format!("{name}\r\r>").as_bytes());
        }
        script.set("ATDPN", format!("A{id}\r\r>").as_bytes());
        script.set("0100", found(id).as_bytes());
        script
    }

    /// This answer from now on.
    pub(crate) fn set(&self, command: &str, answer: &[u8]) {
        self.0.lock().unwrap().insert(bare(command), [answer.to_vec()].into());
    }

    /// These answers, one after the other.
    pub(crate) fn say(&self, command: &str, answers: VecDeque<Vec<u8>>) {
        self.0.lock().unwrap().insert(bare(command), answers);
    }

    fn answer(&self, command: &str) -> Vec<u8> {
        match self.0.lock().unwrap().get_mut(command) {
            Some(answers) if answers.len() > 1 => answers.pop_front().unwrap(),
            Some(answers) => answers[0].clone(),
            None if command.starts_with("AT") => b"?\r\r>".to_vec(),
            None => b"NO DATA\r\r>".to_vec(),
        }
    }

    pub(crate) fn link(&self) -> BoxLink {
        let (ours, theirs) = tokio::io::duplex(1 << 16);
        tokio::spawn(self.clone().serve(theirs));
        Box::new(ours)
    }

    async fn serve(self, mut link: DuplexStream) {
        let mut line = String::new();
        let mut byte = [0];
        while matches!(link.read(&mut byte).await, Ok(1)) {
            if byte[0] != b'\r' {
                line.push(char::from(byte[0]));
                continue;
            }
            assert!(!line.trim().is_empty(), "a bare carriage return was sent");
            let answer = self.answer(&bare(&std::mem::take(&mut line)));
            if link.write_all(&answer).await.is_err() {
                return;
            }
        }
    }
}

/// What the ECU at 10 says to the search: it supports nothing.
fn found(id: char) -> &'static str {
    match id {
        '1' => "416B104100000000009C\r\r>",
        '2' => "486B10410000000000F6\r\r>",
        '3' => "486B1041000000000004\r\r>",
        '4' | '5' => "86F110410000000000C8\r\r>",
        '7' | '9' => "18DAF11006410000000000\r\r>",
        _ => "7E806410000000000\r\r>",
    }
}
