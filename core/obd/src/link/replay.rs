//! A recorded dialogue as a link: plays the adapter's part and insists that this side says exactly what it said then.

use super::{BoxLink, Carrier};
use crate::{
    can::replay::Player as CanPlayer,
    traffic::{Chunk, Direction, Medium, Traffic, TrafficError},
};
use roadworthy_api::{Code, Error};
use std::{
    collections::VecDeque,
    fmt,
    io::{self, Read},
    path::Path,
    pin::Pin,
    task::{Context, Poll, Waker},
};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// The dialogue left the recording. Travels inside an [`io::Error`] of kind `InvalidData`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplayError {
    /// What the recording says is sent next, escaped as in a recording; empty where the adapter's turn or the end is next.
    pub expected: String,
    /// What was sent instead.
    pub sent: String,
}

impl fmt::Display for ReplayError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.expected.as_str() {
            "" => write!(f, "The recording expects nothing to be sent here, but \"{}\" was.", self.sent),
            expected => write!(f, "The recording expects \"{expected}\" here, but \"{}\" was sent.", self.sent),
        }
    }
}

impl std::error::Error for ReplayError {}

/// A link that plays `traffic` back without its pauses: what the adapter said becomes readable as soon as everything sent
/// before it has been sent again. Sending anything else fails with a [`ReplayError`]; after the last chunk it reads as
/// end of file.
pub fn replay(traffic: Traffic) -> BoxLink {
    Box::new(Player { rest: traffic.chunks.into(), reader: None })
}

/// What plays a recording back, whatever was recorded.
pub fn replay_carrier(traffic: Traffic) -> Carrier {
    match traffic.medium {
        Medium::Characters => Carrier::Chip(replay(traffic)),
        Medium::Frames => Carrier::Can(Box::new(CanPlayer::of(&traffic))),
    }
}

/// Reads the recording in `path`, which may be a log of `candump` too.
pub(super) async fn open(path: &Path) -> Result<Carrier, Error> {
    let path = path.to_owned();
    let read = tokio::task::spawn_blocking(move || read(&path)).await;
    let text =
        read.map_err(|_| Error::new(Code::Internal, "Reading the recording was stopped.").hint("Try it again."))??;
    match Traffic::parse(&text) {
        Ok(traffic) => Ok(replay_carrier(traffic)),
        Err(TrafficError::Header) => match CanPlayer::of_log(&text) {
            Some(log) => Ok(Carrier::Can(Box::new(log))),
            None => Err(TrafficError::Header.into()),
        },
        Err(error) => Err(error.into()),
    }
}

/// Reads a recording. Blocks.
///
/// # Errors
/// [`Code::NoAdapter`] when the file cannot be read, [`Code::Invalid`] when it is no file or too long, [`Code::Malformed`]
/// when it is no recording.
pub fn recording(path: &Path) -> Result<Traffic, Error> {
    Ok(Traffic::parse(&read(path)?)?)
}

/// The longest recording that is read, in bytes; an hour of traffic takes a few MiB.
const LONGEST: u64 = 64 << 20;

/// A regular file only, since a pipe may never end and a device gives bytes for ever.
fn read(path: &Path) -> Result<String, Error> {
    let cannot = |e: std::io::Error| {
        Error::new(Code::NoAdapter, format!("The recording {} cannot be read: {e}.", path.display()))
            .hint("Check the path.")
    };
    let invalid = |what: &str| {
        Error::new(Code::Invalid, format!("{} is {what}.", path.display()))
            .hint("Name a recorded dialogue, as in replay:visit.txt.")
    };
    let known = std::fs::metadata(path).map_err(cannot)?;
    if !known.is_file() {
        return Err(invalid("not a file"));
    }
    if known.len() > LONGEST {
        return Err(invalid("longer than a recording can be"));
    }
    let mut text = String::new();
    std::fs::File::open(path).map_err(cannot)?.take(LONGEST).read_to_string(&mut text).map_err(cannot)?;
    Ok(text)
}

struct Player {
    rest: VecDeque<Chunk>,
    reader: Option<Waker>,
}

impl AsyncRead for Player {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match self.rest.front_mut() {
            // A link that broke then breaks again.
            None => Poll::Ready(Ok(())),
            Some(chunk) if chunk.direction == Direction::Broke => Poll::Ready(Ok(())),
            Some(chunk) if chunk.direction == Direction::FromAdapter => {
                let n = chunk.bytes.len().min(buf.remaining());
                buf.put_slice(&chunk.bytes[..n]);
                chunk.bytes.drain(..n);
                if chunk.bytes.is_empty() {
                    self.rest.pop_front();
                }
                Poll::Ready(Ok(()))
            }
            Some(_) => {
                self.reader = Some(cx.waker().clone());
                Poll::Pending
            }
        }
    }
}

impl AsyncWrite for Player {
    fn poll_write(mut self: Pin<&mut Self>, _: &mut Context<'_>, sent: &[u8]) -> Poll<io::Result<usize>> {
        let next = self.rest.front_mut().filter(|c| c.direction == Direction::ToAdapter);
        let n = next.as_ref().map_or(0, |c| c.bytes.len().min(sent.len()));
        match next {
            Some(chunk) if n > 0 && chunk.bytes[..n] == sent[..n] => {
                chunk.bytes.drain(..n);
                if chunk.bytes.is_empty() {
                    self.rest.pop_front();
                    if let Some(reader) = self.reader.take() {
                        reader.wake();
                    }
                }
                Poll::Ready(Ok(n))
            }
            other => {
                let expected = other.map(|c| shown(&c.bytes)).unwrap_or_default();
                Poll::Ready(Err(io::Error::new(
                    io::ErrorKind::InvalidData,
                    ReplayError { expected, sent: shown(sent) },
                )))
            }
        }
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

fn shown(bytes: &[u8]) -> String {
    bytes.escape_ascii().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    fn recording() -> Traffic {
        Traffic::parse("roadworthy-traffic 1\n0 > ATI\\r\n5 < ELM327\n9 < \\r>\n12 > 0100\\r\n").unwrap()
    }

    #[tokio::test]
    async fn a_replay_answers_as_then_and_ends_as_then() {
        let mut link = replay(recording());
        link.write_all(b"ATI\r").await.unwrap();
        let mut got = [0; 8];
        link.read_exact(&mut got).await.unwrap();
        assert_eq!(&got, b"ELM327\r>");
        link.write_all(b"0100\r").await.unwrap();
        assert_eq!(link.read(&mut got).await.unwrap(), 0);
    }

    #[tokio::test]
    async fn a_replay_refuses_what_was_not_sent_then() {
        let mut link = replay(recording());
        let error = link.write_all(b"ATZ\r").await.unwrap_err();
        let inner = error.get_ref().and_then(|e| e.downcast_ref::<ReplayError>()).unwrap();
        assert_eq!(*inner, ReplayError { expected: "ATI\\r".into(), sent: "ATZ\\r".into() });
        let mut link = replay(recording());
        link.write_all(b"ATI\r").await.unwrap();
        // The adapter had not finished: nothing may be sent yet.
        assert!(link.write_all(b"0100\r").await.unwrap_err().to_string().contains("expects nothing"));
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn only_a_file_of_a_recordings_size_is_read() {
        for (path, code) in
            [("/dev/zero", Code::Invalid), ("/", Code::Invalid), ("/there/is/no/such/file", Code::NoAdapter)]
        {
            let error = open(Path::new(path)).await.err().map(|e| (e.code, e.hint.is_empty()));
            assert_eq!(error, Some((code, false)), "{path}");
        }
    }
}
