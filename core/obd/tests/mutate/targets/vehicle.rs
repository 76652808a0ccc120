//! The whole driver, against a chip and against a bus that may say anything: what it takes for an answer was said, by that
//! ECU, since it asked; it says nothing out of turn; and it comes to an end.

use super::{
    isotp::{cut, damage, ends_message},
    lines::{crc, held, hex_lines, mutate},
    rng::Rng,
    target::Target,
};
use roadworthy_obd::{
    adapter::{Adapter, Request, Reset},
    bus::{self, Replies},
    can::{BusError, CanFrame, CanId, CanLink, Event, memory},
    line,
    link::Carrier,
    protocol::{Family, Protocol},
};
use std::{
    cell::RefCell,
    io,
    pin::Pin,
    sync::{Arc, Mutex},
    task::{Context, Poll},
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, DuplexStream, ReadBuf},
    runtime::Runtime,
    time::{Instant, sleep, timeout},
};

const ASKED: [&[u8]; 12] = [
    &[0x01, 0x00],
    &[0x01, 0x0C],
    &[0x01, 0x05, 0x0C, 0x0D],
    &[0x02, 0x0C, 0x00],
    &[0x03],
    &[0x07],
    &[0x06, 0x01],
    &[0x09, 0x02],
    &[0x09, 0x04],
    &[0x0A],
    &[0x19, 0x02, 0xFF],
    &[0x22, 0xF4, 0x0C],
];

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap()
}

/// What a vehicle's ECU says to a request.
fn payload(rng: &mut Rng, request: &[u8]) -> Vec<u8> {
    let mut out: Vec<u8> = match rng.below(10) {
        0 => return vec![0x7F, request[0], *rng.pick(&[0x11, 0x12, 0x21, 0x22, 0x78])],
        1 => vec![request[0] | 0x40],
        2 => vec![rng.byte()],
        _ => {
            let echoed = if matches!(request[0], 0x03 | 0x07 | 0x0A) { 1 } else { request.len().min(2) };
            std::iter::once(request[0] | 0x40).chain(request[1..echoed].iter().copied()).collect()
        }
    };
    let n = *rng.pick(&[0, 1, 2, 4, 4, 5, 18, 40]);
    out.extend(rng.bytes(n));
    out
}

/// That each ECU's words are a reply to the request, by its service and by what was asked.
fn answers(request: &[u8], replies: &Replies) {
    for (ecu, payload) in &replies.answers {
        let named = if matches!(request[0], 0x03 | 0x07 | 0x0A) { None } else { request.get(1) };
        let repeats = named
            .is_none_or(|first| payload.get(1) == Some(first) || request[0] == 1 && request[1..].contains(&payload[1]));
        assert!(payload[0] == request[0] | 0x40 && repeats, "{ecu} {payload:02X?} for {request:02X?}");
    }
}

/// What the driver sent, and how much it had heard by then.
struct Command {
    text: String,
    heard: usize,
}

/// What has passed between the driver and its chip.
#[derive(Default)]
struct Dialogue {
    heard: Vec<u8>,
    line: String,
    sent: Vec<Command>,
    /// When the last command went out.
    since: Option<Instant>,
}

/// The driver's end of the link. Keeps the dialogue, and holds the driver to its manners.
struct Tap {
    link: DuplexStream,
    dialogue: Arc<Mutex<Dialogue>>,
}

impl Dialogue {
    fn takes(&mut self, byte: u8) {
        let asked = self.sent.last().map_or(0, |command| command.heard);
        if let Some(since) = self.since
            && !self.heard[asked..].contains(&b'>')
        {
            let waited = since.elapsed();
            assert!(
                waited >= Duration::from_millis(1400),
                "{byte:?} sent {waited:?} after a command and before its prompt"
            );
        }
        if byte != b'\r' {
            self.line.push(char::from(byte));
            return;
        }
        let text = std::mem::take(&mut self.line).trim().to_owned();
        assert!(!text.is_empty(), "a bare carriage return repeats the last request");
        assert!(!text.starts_with("ATSP") && !text.starts_with("ATPP"), "{text} writes to the adapter's memory");
        self.sent.push(Command { text, heard: self.heard.len() });
        self.since = Some(Instant::now());
    }
}

impl AsyncRead for Tap {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let done = Pin::new(&mut self.link).poll_read(cx, buf);
        self.dialogue.lock().unwrap().heard.extend(&buf.filled()[before..]);
        done
    }
}

impl AsyncWrite for Tap {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let done = Pin::new(&mut self.link).poll_write(cx, bytes);
        if let Poll::Ready(Ok(n)) = done {
            let mut dialogue = self.dialogue.lock().unwrap();
            bytes[..n].iter().for_each(|byte| dialogue.takes(*byte));
        }
        done
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.link).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.link).poll_shutdown(cx)
    }
}

struct Chip<'a> {
    rng: &'a mut Rng,
    link: DuplexStream,
    protocol: Protocol,
    /// One in so many answers is spoilt.
    sound: usize,
    last: Vec<u8>,
}

impl Chip<'_> {
    async fn say(&mut self, bytes: &[u8]) -> bool {
        self.link.write_all(bytes).await.is_ok()
    }

    /// Lines of a bus of its kind.
    fn lines(&mut self, request: &[u8]) -> Vec<u8> {
        let ecus = 1 + self.rng.below(3);
        let mut lines = Vec::new();
        for ecu in 0..ecus as u8 {
            let payload = payload(self.rng, request);
            let heads = |head: Vec<u8>, payload: &[u8], crc_8: bool| {
                let frame = [&head[..], &payload[..payload.len().min(7)]].concat();
                let check = if crc_8 { crc(&frame) } else { frame.iter().fold(0u8, |sum, b| sum.wrapping_add(*b)) };
                line::hex(&[&frame[..], &[check]].concat())
            };
            match self.protocol.family() {
                Family::Can11 | Family::Can29 => {
                    let id = if self.protocol.family() == Family::Can11 {
                        format!("7E{:X}", 8 + ecu)
                    } else {
                        format!("18DAF1{:02X}", 0x10 + ecu)
                    };
                    let mut frames = cut(&payload, 8, 8);
                    if self.rng.below(self.sound) == 0 {
                        damage(self.rng, &mut frames);
                    }
                    lines.extend(frames.iter().map(|f| format!("{id}{}", line::hex(f))));
                }
                Family::Pwm => lines.push(heads(vec![0x41, 0x6B, 0x10 + ecu], &payload, true)),
                Family::Vpw => lines.push(heads(vec![0x48, 0x6B, 0x10 + ecu], &payload, true)),
                Family::Iso9141 => lines.push(heads(vec![0x48, 0x6B, 0x10 + ecu], &payload, false)),
                Family::Kwp => {
                    let n = payload.len().min(7) as u8;
                    lines.push(heads(vec![0x80 | n, 0xF1, 0x10 + ecu], &payload, false));
                }
            }
        }
        if self.rng.below(4) == 0 && !lines.is_empty() {
            let at = self.rng.below(lines.len());
            let other = self.rng.below(lines.len());
            lines.swap(at, other);
        }
        if lines.is_empty() { b"NO DATA\r\r".to_vec() } else { format!("{}\r\r", lines.join("\r")).into_bytes() }
    }

    fn answer(&mut self, command: &str) -> Vec<u8> {
        let id = self.protocol.id();
        match command {
            "ATZ" | "ATWS" => b"\r\rELM327 v1.5\r\r".to_vec(),
            "ATI" => b"ELM327 v1.5\r\r".to_vec(),
            "ATDPN" => format!("A{id}\r\r").into_bytes(),
            "ATRV" => b"12.6V\r\r".to_vec(),
            _ if command.starts_with("AT") => b"OK\r\r".to_vec(),
            _ => match line::unhex(&command[..command.len() & !1]) {
                Some(request) if !request.is_empty() => self.lines(&request),
                _ => b"?\r\r".to_vec(),
            },
        }
    }

    /// Says an answer in one of the ways in which adapters do.
    async fn give(&mut self, mut answer: Vec<u8>) -> bool {
        let wild = self.rng.below(self.sound) == 0;
        if wild && self.rng.below(2) == 0 {
            answer = mutate(self.rng, &answer.iter().map(|b| char::from(*b)).collect::<String>());
        }
        let earlier = std::mem::replace(&mut self.last, answer.clone());
        match if wild { self.rng.below(10) } else { 10 } {
            0 => {}
            1 => answer.extend(b">\r>"),
            2 => answer = [&b">"[..], &answer, b">"].concat(),
            3 => answer = [&earlier[..], b"\r>", &answer, b">"].concat(),
            4 => answer = [&answer[..], b">", &earlier, b">"].concat(),
            5 => {
                return self.rng.below(4) > 0;
            }
            6 => answer.extend(vec![*self.rng.pick(b">\r7A\0"); 70_000]),
            7 => answer.clear(),
            _ => answer.push(b'>'),
        }
        let pieces = if wild { 1 + self.rng.below(4) } else { 1 };
        let size = answer.len().div_ceil(pieces).max(1);
        for piece in answer.chunks(size) {
            let pause = if wild { *self.rng.pick(&[0u64, 1, 20, 119, 500, 2100, 9000]) } else { 3 };
            sleep(Duration::from_millis(pause)).await;
            if !self.say(piece).await {
                return false;
            }
        }
        true
    }

    async fn serve(mut self) {
        let (mut line, mut byte) = (String::new(), [0u8]);
        while let Ok(1) = self.link.read(&mut byte).await {
            if byte[0] != b'\r' {
                line.push(char::from(byte[0]));
                continue;
            }
            let command = std::mem::take(&mut line).trim().to_owned();
            let answer = self.answer(&command);
            if !self.give(answer).await {
                return;
            }
        }
    }
}

pub(crate) struct ByChip {
    runtime: Runtime,
    answers: usize,
    unusable: usize,
    failed: usize,
}

impl ByChip {
    pub(crate) fn new() -> Self {
        Self { runtime: runtime(), answers: 0, unusable: 0, failed: 0 }
    }
}

impl Target for ByChip {
    fn one(&mut self, rng: &mut Rng) {
        let protocol = Protocol::from_id(*rng.pick(&['1', '2', '3', '4', '5', '6', '6', '7', '8', '9'])).unwrap();
        let (reset, sound) = (*rng.pick(&[Reset::Cold, Reset::Warm]), *rng.pick(&[3, 10, 40, 200]));
        let requests: Vec<&[u8]> = (0..=rng.below(4)).map(|_| *rng.pick(&ASKED)).collect();
        let dialogue = Arc::new(Mutex::new(Dialogue::default()));
        let (mut got, mut unusable, mut failed) = (self.answers, self.unusable, self.failed);
        let session = async |link: Tap| {
            let mut adapter = match Adapter::start(Carrier::Chip(Box::new(link)), reset).await {
                Ok(adapter) => adapter,
                Err(error) => {
                    assert!(!error.message.is_empty());
                    failed += 1;
                    return;
                }
            };
            let Ok(protocol) = adapter.connect().await else {
                failed += 1;
                return;
            };
            for bytes in requests {
                let request = Request::new(bytes).unwrap();
                let before = dialogue.lock().unwrap().sent.len();
                let Ok(replies) = bus::ask(&mut adapter, &request).await else {
                    failed += 1;
                    return;
                };
                answers(bytes, &replies);
                let dialogue = dialogue.lock().unwrap();
                let asked = dialogue.sent[before..].iter().find(|sent| sent.text.starts_with(request.hex()));
                let said = &dialogue.heard[asked.map_or(dialogue.heard.len(), |sent| sent.heard)..];
                let refusals = replies.refusals.iter().map(|(ecu, nrc)| (ecu, vec![0x7F, bytes[0], *nrc]));
                for (ecu, payload) in replies.answers.iter().map(|(ecu, p)| (ecu, p.clone())).chain(refusals) {
                    let held = said
                        .split_inclusive(|b| *b == b'>')
                        .any(|part| held(&hex_lines(part), protocol, true, Some(ecu), &payload));
                    assert!(
                        held,
                        "{ecu} {payload:02X?} is not in {:?} for {}",
                        String::from_utf8_lossy(said),
                        request.hex()
                    );
                    got += 1;
                }
                unusable += replies.unusable.len();
            }
        };
        self.runtime.block_on(async {
            let (ours, theirs) = tokio::io::duplex(1 << 17);
            let ours = Tap { link: ours, dialogue: dialogue.clone() };
            let chip = Chip { rng, link: theirs, protocol, sound, last: Vec::new() };
            let both = async {
                let session = session(ours);
                let chip = async {
                    chip.serve().await;
                    std::future::pending::<()>().await
                };
                tokio::select! {
                    () = session => {}
                    () = chip => {}
                }
            };
            assert!(timeout(Duration::from_secs(3600), both).await.is_ok(), "no end after an hour");
        });
        (self.answers, self.unusable, self.failed) = (got, unusable, failed);
    }

    fn tally(&self) -> String {
        format!("{} answers, {} unusable, {} given up", self.answers, self.unusable, self.failed)
    }

    fn is_worth_its_name(&self, inputs: usize) -> bool {
        self.answers > inputs / 4 && self.failed > inputs / 20
    }
}

/// What has passed on the bus.
#[derive(Default)]
struct Air {
    /// Frames of others than the tester, and the number of requests that had been seen by then.
    heard: Vec<(CanId, Vec<u8>)>,
    /// Those of the tester.
    sent: Vec<(CanId, Vec<u8>)>,
}

pub(crate) struct ByFrames {
    runtime: Runtime,
    answers: usize,
    unusable: usize,
    failed: usize,
}

impl ByFrames {
    pub(crate) fn new() -> Self {
        Self { runtime: runtime(), answers: 0, unusable: 0, failed: 0 }
    }
}

/// The vehicle: answers what it hears, as soundly as one in `sound` says.
async fn vehicle(
    rng: &mut Rng,
    mut node: memory::Node,
    fault: memory::Fault,
    long: bool,
    sound: usize,
    air: &RefCell<Air>,
) {
    let id = |ecu: u32| if long { CanId::extended(0x18DA_F110 + ecu) } else { CanId::standard(0x7E8 + ecu) };
    while let Ok(received) = node.receive().await {
        let Event::Frame(frame) = received.event else { continue };
        air.borrow_mut().sent.push((frame.id(), frame.data().to_vec()));
        let [n, request @ ..] = frame.data() else { continue };
        let all = matches!(frame.id().number(), 0x7DF | 0x18DB_33F1);
        let ours = matches!(frame.id(), CanId::Extended(_)) == long;
        if !all || !ours || *n > 7 {
            continue;
        }
        let request = request[..usize::from(*n)].to_vec();
        let mut frames: Vec<(CanId, Vec<u8>)> = Vec::new();
        for ecu in 0..=rng.below(4) as u32 {
            let mut own = cut(&payload(rng, &request), *rng.pick(&[8, 8, 8, 64]), 8);
            if rng.below(sound) == 0 {
                damage(rng, &mut own);
            }
            own.retain(|f| f.len() <= 8 || matches!(f.len(), 12 | 16 | 20 | 24 | 32 | 48 | 64));
            let from = if rng.below(8 * sound) == 0 { CanId::standard(rng.byte() as u32 * 8) } else { id(ecu) };
            let at = rng.below(frames.len() + 1);
            frames.splice(at..at, own.into_iter().map(|data| (from.unwrap(), data)));
        }
        for (from, data) in frames {
            if rng.below(sound) == 0 {
                sleep(Duration::from_millis(*rng.pick(&[1u64, 30, 90, 300, 1100]))).await;
            }
            if rng.below(20 * sound) == 0 {
                fault.report(*rng.pick(&[
                    BusError::OFF,
                    BusError::BACK,
                    BusError::PASSIVE,
                    BusError::GARBLED,
                    BusError::UNHEARD,
                ]));
            }
            let frame =
                if data.len() > 8 { CanFrame::fd(from, &data, true, false) } else { CanFrame::new(from, &data) };
            air.borrow_mut().heard.push((from, data));
            if node.send(&frame.unwrap()).await.is_err() {
                return;
            }
        }
    }
}

impl Target for ByFrames {
    fn one(&mut self, rng: &mut Rng) {
        let (long, sound) = (rng.below(3) == 0, *rng.pick(&[2usize, 5, 20, 1000]));
        let requests: Vec<&[u8]> = (0..=rng.below(4)).map(|_| *rng.pick(&ASKED)).collect();
        let air = RefCell::new(Air::default());
        let (mut got, mut unusable, mut failed) = (self.answers, self.unusable, self.failed);
        self.runtime.block_on(async {
            let bus = memory::Bus::new(500_000);
            let (ours, theirs) = (bus.node(&[500_000]), bus.node(&[500_000]));
            let fault = ours.fault();
            let session = async {
                let mut adapter = Adapter::start(Carrier::Can(Box::new(ours)), Reset::Cold).await.unwrap();
                if adapter.connect().await.is_err() {
                    failed += 1;
                    return;
                }
                for bytes in requests {
                    let request = Request::new(bytes).unwrap();
                    let before = air.borrow().heard.len();
                    let Ok(replies) = bus::ask(&mut adapter, &request).await else {
                        failed += 1;
                        return;
                    };
                    answers(bytes, &replies);
                    let air = air.borrow();
                    let refusals = replies.refusals.iter().map(|(ecu, nrc)| (ecu, vec![0x7F, bytes[0], *nrc]));
                    for (ecu, payload) in replies.answers.iter().map(|(ecu, p)| (ecu, p.clone())).chain(refusals) {
                        let id = CanId::parse(ecu).unwrap();
                        let own = air.heard[before..].iter().filter(|(from, _)| *from == id);
                        let own: Vec<Vec<u8>> = own.map(|(_, data)| data.clone()).collect();
                        let held = (1..=own.len()).any(|end| ends_message(&own[..end], 8, &|_, _| true, &payload));
                        assert!(held, "{ecu} {payload:02X?} is not in {own:02X?}");
                        got += 1;
                    }
                    unusable += replies.unusable.len();
                }
            };
            let both = async {
                tokio::select! {
                    () = session => {}
                    () = async {
                        vehicle(rng, theirs, fault, long, sound, &air).await;
                        std::future::pending::<()>().await
                    } => {}
                }
            };
            assert!(timeout(Duration::from_secs(3600), both).await.is_ok(), "no end after an hour");
        });
        // Requests go to everyone; flow control goes to an ECU that has begun a long message, and nothing else goes anywhere.
        let air = air.into_inner();
        for (to, data) in &air.sent {
            let begun = |(from, data): &(CanId, Vec<u8>)| {
                let asked_at = match from {
                    CanId::Standard(id) => CanId::standard(u32::from(*id).wrapping_sub(8)),
                    CanId::Extended(id) => CanId::extended(0x18DA_00F1 | (id & 0xFF) << 8),
                };
                asked_at == Some(*to) && data.first().is_some_and(|head| head >> 4 == 1 || head >> 4 == 2)
            };
            let all = matches!(to.number(), 0x7DF | 0x18DB_33F1);
            let right = if all { data[0] < 8 } else { data[0] >> 4 == 3 && air.heard.iter().any(begun) };
            assert!(right, "{to} {data:02X?}");
        }
        (self.answers, self.unusable, self.failed) = (got, unusable, failed);
    }

    fn tally(&self) -> String {
        format!("{} answers, {} unusable, {} given up", self.answers, self.unusable, self.failed)
    }

    fn is_worth_its_name(&self, inputs: usize) -> bool {
        self.answers > inputs / 4 && self.unusable > inputs / 20
    }
}
