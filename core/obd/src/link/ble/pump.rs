//! A stream of characters over a radio that moves small packets.
//!
//! The usual case: [`open`] finds the pair of characteristics on which `ATI` is answered and gives a link. A task moves bytes
//! between the link and the radio; when the device goes away the link reads as end of file, and when the link is dropped the
//! device is left.

use super::choose::{Characteristic, Pair, pairs};
use crate::link::{BoxLink, reads_as_answer};
use std::{future::Future, io, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, DuplexStream},
    time::{Instant, timeout, timeout_at},
};

/// What every device takes in one write: the smallest packet (23 bytes) less its head.
pub(super) const LEAST: usize = 20;
/// An adapter answers its own commands within 100 ms; the radio adds up to this.
const ANSWER: Duration = Duration::from_millis(1500);
/// A write that is not taken by then will not be.
const TAKEN: Duration = Duration::from_secs(5);
/// Pairs that are tried: a device with more is no adapter.
const MOST_PAIRS: usize = 8;

/// A connected device.
pub(super) trait Radio: Send + 'static {
    /// What it has.
    fn characteristics(&self) -> Vec<Characteristic>;
    /// Bytes that one write carries, as negotiated; at least [`LEAST`].
    fn packet(&self) -> usize;
    /// Begins or ends to be told what this one says.
    fn listen(&mut self, to: Characteristic, on: bool) -> impl Future<Output = io::Result<()>> + Send;
    /// Writes one packet.
    fn write(
        &mut self,
        to: Characteristic,
        packet: &[u8],
        acknowledged: bool,
    ) -> impl Future<Output = io::Result<()>> + Send;
    /// The next thing said, by which characteristic; `None`: the device is gone. May be dropped while it waits.
    fn next(&mut self) -> impl Future<Output = Option<(u128, Vec<u8>)>> + Send;
    /// Leaves the device.
    fn leave(&mut self) -> impl Future<Output = ()> + Send;
}

/// The device as a stream. `None`: nothing on it answers as an adapter; the device is left then.
pub(super) async fn open(mut radio: impl Radio) -> Option<BoxLink> {
    for pair in pairs(&radio.characteristics()).into_iter().take(MOST_PAIRS) {
        if radio.listen(pair.hear, true).await.is_err() {
            continue;
        }
        if answers(&mut radio, pair).await {
            tracing::debug!(hear = %format!("{:032x}", pair.hear.id), "Bluetooth LE adapter answers");
            let (ours, theirs) = tokio::io::duplex(4096);
            tokio::spawn(pump(radio, pair, theirs));
            return Some(Box::new(ours));
        }
        let _ = radio.listen(pair.hear, false).await;
    }
    radio.leave().await;
    None
}

/// Asks who it is, which reaches no bus.
async fn answers(radio: &mut impl Radio, pair: Pair) -> bool {
    if say(radio, pair, b"ATI\r").await.is_err() {
        return false;
    }
    let end = Instant::now() + ANSWER;
    let mut got = Vec::new();
    while got.len() < 512 {
        match timeout_at(end, radio.next()).await {
            Ok(Some((from, said))) if from == pair.hear.id => got.extend_from_slice(&said),
            Ok(Some(_)) => {}
            Ok(None) | Err(_) => return false,
        }
        if reads_as_answer(&got) {
            return true;
        }
    }
    false
}

/// Moves bytes until either side goes away.
async fn pump(mut radio: impl Radio, pair: Pair, mut link: DuplexStream) {
    let mut chunk = [0u8; 512];
    loop {
        tokio::select! {
            said = radio.next() => match said {
                None => break,
                Some((from, said)) if from == pair.hear.id => {
                    if link.write_all(&said).await.is_err() {
                        break;
                    }
                }
                Some(_) => {}
            },
            read = link.read(&mut chunk) => match read {
                Ok(n) if n > 0 => {
                    if say(&mut radio, pair, &chunk[..n]).await.is_err() {
                        break;
                    }
                }
                _ => break,
            },
        }
    }
    radio.leave().await;
}

/// Writes in packets. Acknowledged where the device can: one that cannot keep up loses the others without a word.
async fn say(radio: &mut impl Radio, pair: Pair, bytes: &[u8]) -> io::Result<()> {
    let acknowledged = pair.speak.write;
    for packet in bytes.chunks(radio.packet().max(LEAST)) {
        let written = timeout(TAKEN, radio.write(pair.speak, packet, acknowledged)).await;
        written.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::{Arc, Mutex};
    use tokio::sync::mpsc;

    /// A device whose characteristic `speaks` takes commands and whose `hears` answers them in packets of a few bytes.
    struct Device {
        has: Vec<Characteristic>,
        speaks: u128,
        hears: u128,
        packet: usize,
        listening: Vec<u128>,
        line: Vec<u8>,
        said: mpsc::UnboundedReceiver<(u128, Vec<u8>)>,
        say: Option<mpsc::UnboundedSender<(u128, Vec<u8>)>>,
        seen: Arc<Mutex<Seen>>,
    }

    #[derive(Default)]
    struct Seen {
        packets: Vec<(u128, Vec<u8>, bool)>,
        left: bool,
    }

    fn one(service: u128, id: u128, kinds: &str) -> Characteristic {
        Characteristic {
            service,
            id,
            notify: kinds.contains('n'),
            write: kinds.contains('w'),
            write_unacknowledged: kinds.contains('u'),
        }
    }

    fn device(has: Vec<Characteristic>, hears: u128, speaks: u128, packet: usize) -> (Device, Arc<Mutex<Seen>>) {
        let (say, said) = mpsc::unbounded_channel();
        let seen = Arc::<Mutex<Seen>>::default();
        let (listening, line) = (Vec::new(), Vec::new());
        (Device { has, speaks, hears, packet, listening, line, said, say: Some(say), seen: Arc::clone(&seen) }, seen)
    }

    impl Radio for Device {
        fn characteristics(&self) -> Vec<Characteristic> {
            self.has.clone()
        }

        fn packet(&self) -> usize {
            self.packet
        }

        async fn listen(&mut self, to: Characteristic, on: bool) -> io::Result<()> {
            self.listening.retain(|id| *id != to.id);
            if on {
                self.listening.push(to.id);
            }
            Ok(())
        }

        async fn write(&mut self, to: Characteristic, packet: &[u8], acknowledged: bool) -> io::Result<()> {
            self.seen.lock().unwrap().packets.push((to.id, packet.to_vec(), acknowledged));
            if to.id != self.speaks {
                return Ok(());
            }
            self.line.extend_from_slice(packet);
            while let Some(end) = self.line.iter().position(|b| *b == b'\r') {
                let line: Vec<u8> = self.line.drain(..=end).collect();
                match line.as_slice() {
                    b"GONE\r" => self.say = None,
                    b"DEAF\r" => return Err(io::ErrorKind::BrokenPipe.into()),
                    _ if !self.listening.contains(&self.hears) => {}
                    line => {
                        let answer =
                            if line == b"ATI\r" { b"ELM327 v2.1\r\r>".to_vec() } else { [line, b">"].concat() };
                        for piece in answer.chunks(7) {
                            // What other characteristics say is none of the stream's business.
                            let _ = self.say.as_ref().map(|s| s.send((999, b"noise".to_vec())));
                            let _ = self.say.as_ref().map(|s| s.send((self.hears, piece.to_vec())));
                        }
                    }
                }
            }
            Ok(())
        }

        async fn next(&mut self) -> Option<(u128, Vec<u8>)> {
            self.said.recv().await
        }

        async fn leave(&mut self) {
            self.seen.lock().unwrap().left = true;
        }
    }

    async fn until_prompt(link: &mut BoxLink) -> String {
        let mut got = Vec::new();
        while got.last() != Some(&b'>') {
            got.push(link.read_u8().await.unwrap());
        }
        String::from_utf8(got).unwrap()
    }

    async fn left(seen: &Arc<Mutex<Seen>>) -> bool {
        for _ in 0..100 {
            if seen.lock().unwrap().left {
                return true;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        false
    }

    #[tokio::test(start_paused = true)]
    async fn the_pair_that_answers_is_found_among_others() {
        // Service 7 looks right and is mute; service 8 has two to write to, of which one is deaf.
        let has = vec![one(7, 70, "n"), one(7, 71, "w"), one(8, 80, "n"), one(8, 81, "w"), one(8, 82, "w")];
        let (device, seen) = device(has, 80, 82, 20);
        let mut link = open(device).await.unwrap();
        link.write_all(b"0100\r").await.unwrap();
        assert_eq!(until_prompt(&mut link).await, "0100\r>", "and nothing of the search is left in the stream");
        let asked: Vec<_> = seen.lock().unwrap().packets.iter().map(|(to, ..)| *to).collect();
        assert_eq!(asked, [71, 81, 82, 82]);
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_written_goes_out_in_packets_and_comes_back_whole() {
        for (packet, kinds, most, acknowledged) in [(20, "wu", 20, true), (0, "u", 20, false), (182, "u", 182, false)] {
            let (device, seen) = device(vec![one(7, 70, "n"), one(7, 71, kinds)], 70, 71, packet);
            let mut link = open(device).await.unwrap();
            let long = format!("{}\r", "ST".repeat(120));
            link.write_all(long.as_bytes()).await.unwrap();
            assert_eq!(until_prompt(&mut link).await, format!("{long}>"));
            let seen = seen.lock().unwrap();
            assert!(seen.packets.iter().all(|(_, p, a)| p.len() <= most && *a == acknowledged), "{packet}");
            let sent: Vec<u8> = seen.packets.iter().skip(1).flat_map(|(_, p, _)| p.clone()).collect();
            assert_eq!(sent, long.as_bytes());
            assert!(seen.packets.len() > long.len().div_ceil(most));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_device_that_goes_away_ends_the_stream() {
        for word in ["GONE\r", "DEAF\r"] {
            let (device, seen) = device(vec![one(7, 70, "nw")], 70, 70, 20);
            let mut link = open(device).await.unwrap();
            link.write_all(word.as_bytes()).await.unwrap();
            assert_eq!(link.read(&mut [0; 8]).await.unwrap(), 0, "{word}");
            assert!(left(&seen).await, "{word}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_link_that_is_dropped_leaves_the_device_to_others() {
        let (device, seen) = device(vec![one(7, 70, "nw")], 70, 70, 20);
        drop(open(device).await.unwrap());
        assert!(left(&seen).await);
    }

    #[tokio::test(start_paused = true)]
    async fn a_device_that_answers_nowhere_is_no_adapter_and_is_left() {
        let (device, seen) = device(vec![one(7, 70, "nw"), one(8, 80, "nw")], 0, 0, 20);
        assert!(open(device).await.is_none());
        assert!(seen.lock().unwrap().left);
    }
}
