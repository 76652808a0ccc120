//! The speed of a serial port, found by asking.
//!
//! A bare carriage return would make an adapter repeat its last command, which may be a request to the vehicle, so the
//! question asked here is `ATI`: it reaches no bus, and whatever stands half-typed in the adapter's buffer before it only
//! makes the answer a `?`.

use super::serial;
use roadworthy_api::Error;
use std::{path::Path, time::Duration};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    time::{Instant, timeout_at},
};
use tokio_serial::SerialStream;

/// Bit/s of most adapters.
pub(super) const USUAL: u32 = 38400;
/// Bit/s, the usual ones first.
const SPEEDS: [u32; 7] = [USUAL, 115_200, 9600, 230_400, 57600, 19200, 500_000];
/// An adapter that is awake answers `ATI` within 50 ms even at 9600 bit/s.
const ANSWER: Duration = Duration::from_millis(400);

/// Opens `path` at the first speed at which an adapter answers; when none does, at the first speed, and the adapter's own
/// start-up decides (some need a full reset before they say a word).
pub(super) async fn find(path: &Path) -> Result<SerialStream, Error> {
    // Twice: the first characters may only have woken it, and it takes a second or two to come back.
    for speed in SPEEDS.into_iter().chain(SPEEDS) {
        let mut stream = serial::at(path, speed)?;
        if answers(&mut stream).await {
            tracing::debug!(speed, "adapter answers");
            return Ok(stream);
        }
    }
    serial::at(path, USUAL)
}

/// Whether a prompt comes back with an answer that reads as text at this speed.
async fn answers(stream: &mut (impl AsyncRead + AsyncWrite + Unpin)) -> bool {
    let end = Instant::now() + ANSWER;
    if stream.write_all(b"ATI\r").await.is_err() {
        return false;
    }
    let mut got = Vec::new();
    let mut chunk = [0u8; 64];
    while got.len() < 512 {
        match timeout_at(end, stream.read(&mut chunk)).await {
            Ok(Ok(n)) if n > 0 => got.extend_from_slice(&chunk[..n]),
            _ => break,
        }
        if reads_as_answer(&got) {
            return true;
        }
    }
    false
}

/// Whether bytes heard after `ATI` are an adapter's answer. At a wrong speed the bytes are noise, and a `>` among them is
/// chance: text before it is not.
pub fn reads_as_answer(got: &[u8]) -> bool {
    let Some(end) = got.iter().rposition(|&b| b == b'>') else { return false };
    let printable = |b: &u8| b.is_ascii_graphic() || matches!(b, b' ' | b'\r' | b'\n');
    let noise = got[..end].iter().filter(|b| **b != 0 && !printable(b)).count();
    let text = String::from_utf8_lossy(&got[..end]).to_ascii_uppercase();
    let lines = || text.split(['\r', '\n']).map(str::trim).filter(|l| !l.is_empty());
    noise <= 2
        && lines().any(|l| {
            l.ends_with('?') || l.contains("ELM") || l.contains("OBD") || l.contains("STOPPED") || l.contains(" V")
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn noise_at_a_wrong_speed_is_no_answer() {
        for (got, expect) in [
            (&b"ATI\rELM327 v1.5\r\r>"[..], true),
            (b"\0ELM327 v2.1\r\n\r\n>", true),
            (b"STN1110 v4.2.0\r\r>", true),
            (b"?\r\r>", true),
            (b"STOPPED\r\r>", true),
            (b"ELM327 v1.5\r\r", false),
            (b"\xfd", false),
            (b"\xff\xfd>", false),
            (b">", false),
            (b"\x80\x9c>\xf8\x00>", false),
            (b"", false),
        ] {
            assert_eq!(reads_as_answer(got), expect, "{:?}", String::from_utf8_lossy(got));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn asking_for_the_speed_never_repeats_the_adapters_last_command() {
        let (mut ours, mut theirs) = tokio::io::duplex(64);
        assert!(!answers(&mut ours).await);
        drop(ours);
        let mut sent = Vec::new();
        theirs.read_to_end(&mut sent).await.unwrap();
        assert_eq!(sent, b"ATI\r");
    }
}
