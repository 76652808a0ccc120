//! A serial line with a speed: at another one, characters are noise.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll, ready},
};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_serial::{SerialPort, SerialStream};

/// What a character becomes at a wrong speed.
const NOISE: u8 = 0xFD;

/// The adapter's end of a pseudo-terminal.
pub(super) struct Line {
    stream: SerialStream,
    /// Bit/s; `None`: any.
    baud: Option<u32>,
}

impl Line {
    pub(super) fn new(stream: SerialStream, baud: Option<u32>) -> Self {
        Self { stream, baud }
    }

    /// Whether the other end is set to another speed. Both ends of a pseudo-terminal share their settings.
    fn wrong(&self) -> bool {
        self.baud.is_some_and(|baud| self.stream.baud_rate().is_ok_and(|set| set != baud))
    }
}

impl AsyncRead for Line {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(cx, buf))?;
        if self.wrong() {
            buf.filled_mut().iter_mut().skip(before).for_each(|byte| *byte = NOISE);
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Line {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        if self.wrong() {
            let noise = vec![NOISE; bytes.len()];
            return Pin::new(&mut self.stream).poll_write(cx, &noise);
        }
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
