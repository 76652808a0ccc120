//! A scripted adapter: fixed answers per command, each with its pauses, and a record of what was sent.

use roadworthy_api::{
    Timestamp,
    check::{CheckReport, Outcome},
};
use roadworthy_obd::{
    adapter::Reset,
    check::{CheckOptions, Finished, run_check},
    link::BoxLink,
};
use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, DuplexStream},
    sync::watch,
    time::{Instant, sleep},
};

/// Pauses in ms and the text after each.
pub(crate) type Said = Vec<(u64, &'static str)>;

/// In place of a text: the link goes away.
pub(crate) const UNPLUG: &str = "<unplug>";

/// What was sent, and when in ms. A character that came before the prompt is recorded as `EARLY`.
pub(crate) type Sent = Arc<Mutex<Vec<(u64, String)>>>;

pub(crate) struct Fake {
    answers: HashMap<&'static str, VecDeque<Said>>,
    /// It reads nothing before it has said everything: no character stops it.
    deaf: bool,
}

impl Fake {
    /// A healthy adapter whose vehicle answers nothing; answers given later replace these.
    pub(crate) fn new() -> Self {
        let mut fake = Self { answers: HashMap::new(), deaf: false };
        for command in ["ATD", "ATL0", "ATS0", "ATH1", "ATAT1", "ATAT0", "ATM0", "ATSTFF", "ATST00", "ATTP0"] {
            fake = fake.on(command, "OK\r\r>");
        }
        for n in ["ATTP1", "ATTP2", "ATTP3", "ATTP4", "ATTP5", "ATTP6", "ATTP7", "ATTP8", "ATTP9"] {
            fake = fake.on(n, "OK\r\r>");
        }
        fake.pauses("ATZ", &[&[(0, "ATZ\r"), (800, "\r\rELM327 v1.5\r\r>")]])
            .on("ATWS", "\r\rELM327 v1.5\r\r>")
            .on("ATI", "ELM327 v1.5\r\r>")
            .on("ATE0", "ATE0\rOK\r\r>")
            .on("ATDPN", "A6\r\r>")
            .on("ATRV", "14.1V\r\r>")
    }

    /// The healthy adapter with a healthy little vehicle: one ECU that supports PIDs 01, 05 and 0C.
    pub(crate) fn car() -> Self {
        Self::new()
            .each("0100", &["SEARCHING...\r7E806410088100000\r\r>", "7E806410088100000\r\r>"])
            .on("0101", "7E806410100070000\r\r>")
            .on("03", "7E8024300\r\r>")
            .on("07", "7E8024700\r\r>")
            .on("0A", "7E8037F0A11\r\r>")
            .on("020200", "7E8054202000000\r\r>")
            .on("0105", "7E80341057B\r\r>")
            .on("010C", "7E804410C1AF8\r\r>")
    }

    /// The same, which reads nothing while it answers.
    pub(crate) fn deaf(self) -> Self {
        Self { deaf: true, ..self }
    }

    /// The same answer every time.
    pub(crate) fn on(self, command: &'static str, answer: &'static str) -> Self {
        self.each(command, &[answer])
    }

    /// One answer after the other; the last stays.
    pub(crate) fn each(mut self, command: &'static str, answers: &[&'static str]) -> Self {
        self.answers.insert(command, answers.iter().map(|a| vec![(2, *a)]).collect());
        self
    }

    /// Answers with pauses, one after the other; the last stays.
    pub(crate) fn pauses(mut self, command: &'static str, answers: &[&[(u64, &'static str)]]) -> Self {
        self.answers.insert(command, answers.iter().map(|a| a.to_vec()).collect());
        self
    }

    pub(crate) fn link(self) -> (BoxLink, Sent) {
        let (ours, theirs) = tokio::io::duplex(1 << 17);
        let sent = Sent::default();
        tokio::spawn(self.serve(theirs, sent.clone()));
        (Box::new(ours), sent)
    }

    async fn serve(mut self, mut link: DuplexStream, sent: Sent) {
        let start = Instant::now();
        let mut line = String::new();
        let mut byte = [0];
        while matches!(link.read(&mut byte).await, Ok(1)) {
            if byte[0] != b'\r' {
                line.push(char::from(byte[0]));
                continue;
            }
            let ms = u64::try_from(start.elapsed().as_millis()).unwrap();
            sent.lock().unwrap().push((ms, line.clone()));
            // A bare carriage return would repeat the last request: no driver may send one.
            assert!(!line.trim().is_empty(), "a bare carriage return was sent");
            let command = std::mem::take(&mut line).replace(' ', "");
            let fallback = if command.starts_with("AT") { "?\r\r>" } else { "NO DATA\r\r>" };
            let said = match self.answers.get_mut(command.as_str()) {
                Some(answers) if answers.len() > 1 => answers.pop_front().unwrap(),
                Some(answers) => answers[0].clone(),
                None => vec![(2, fallback)],
            };
            for (pause, text) in said {
                tokio::select! {
                    biased;
                    () = sleep(Duration::from_millis(pause)) => {}
                    read = link.read(&mut byte), if !self.deaf => {
                        if read.unwrap_or(0) == 0 { return }
                        let ms = u64::try_from(start.elapsed().as_millis()).unwrap();
                        sent.lock().unwrap().push((ms, format!("EARLY {:?}", char::from(byte[0]))));
                        link.write_all(b"STOPPED\r\r>").await.unwrap();
                        break;
                    }
                }
                if text == UNPLUG {
                    return;
                }
                if link.write_all(text.as_bytes()).await.is_err() {
                    return;
                }
            }
        }
    }
}

pub(crate) fn texts(sent: &Sent) -> Vec<String> {
    sent.lock().unwrap().iter().map(|(_, text)| text.clone()).collect()
}

/// A whole check on a scripted adapter.
pub(crate) async fn check_with(fake: Fake, reset: Reset) -> (Finished, Sent) {
    check_at("test", fake, reset).await
}

/// The same on a port of this name.
pub(crate) async fn check_at(port: &str, fake: Fake, reset: Reset) -> (Finished, Sent) {
    let (link, sent) = fake.link();
    let (_keep, cancel) = watch::channel(false);
    let start = Instant::now();
    let now = move || Timestamp::try_from(start.elapsed().as_millis()).unwrap();
    let options = CheckOptions { now: Arc::new(now), reset, ..CheckOptions::new(port) };
    let finished = run_check(link, options, cancel, &mut |_| {}).await;
    (finished, sent)
}

pub(crate) async fn check(fake: Fake) -> (Finished, Sent) {
    check_with(fake, Reset::Cold).await
}

/// What became of a request with one ECU.
pub(crate) fn outcome<'a>(report: &'a CheckReport, request: &str, ecu: &str) -> Option<&'a Outcome> {
    let row = report.coverage.iter().find(|c| c.request == request && c.ecu.as_deref() == Some(ecu));
    row.map(|c| &c.outcome)
}
