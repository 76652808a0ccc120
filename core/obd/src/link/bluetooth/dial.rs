//! Finding the channel: a serial port sits on channel 1 of most adapters, on another of some, and the adapter refuses the
//! ones that it does not have.

use super::BluetoothAddress;
use crate::link::BoxLink;
use std::{
    collections::HashMap,
    future::Future,
    io::{self, ErrorKind},
    pin::Pin,
    sync::{Mutex, PoisonError},
    task::{Context, Poll},
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::{Instant, sleep, sleep_until, timeout},
};

/// Channels that are tried when none is named; adapters with a serial port beyond have not been seen.
const CHANNELS: std::ops::RangeInclusive<u8> = 1..=10;
/// A radio that is in reach answers a call within five seconds; the system itself waits for twenty.
const ANSWER: Duration = Duration::from_secs(10);
/// An adapter that was just left takes about this long to take another caller.
const REST: Duration = Duration::from_secs(2);
/// Between two channels.
const BREATH: Duration = Duration::from_millis(200);

/// What calls a device.
pub(super) trait Dial {
    /// Connects to one channel. Fails with the system's own error.
    fn dial(&self, address: BluetoothAddress, channel: u8) -> impl Future<Output = io::Result<BoxLink>> + Send;
}

/// Why no channel could be opened.
#[derive(Debug)]
pub(super) struct Failed {
    /// The system's word for the last one.
    pub(super) cause: io::Error,
    /// The channel that was asked for by name.
    pub(super) named: Option<u8>,
}

/// Connects to the channel named, or to the first that is not refused.
pub(super) async fn find(dial: &impl Dial, address: BluetoothAddress, named: Option<u8>) -> Result<BoxLink, Failed> {
    if let Some(until) = resting(address) {
        sleep_until(until).await;
    }
    let channels = named.map_or(CHANNELS, |n| n..=n);
    let mut last = io::Error::from(ErrorKind::ConnectionRefused);
    for channel in channels {
        match once(dial, address, channel).await {
            Ok(link) => {
                tracing::debug!(channel, "Bluetooth serial port opened");
                return Ok(Box::new(Left { link, address }));
            }
            // Refused: not this channel. Anything else holds for every channel.
            Err(cause) if cause.kind() == ErrorKind::ConnectionRefused => last = cause,
            Err(cause) => return Err(Failed { cause, named }),
        }
        sleep(BREATH).await;
    }
    Err(Failed { cause: last, named })
}

async fn once(dial: &impl Dial, address: BluetoothAddress, channel: u8) -> io::Result<BoxLink> {
    let call = || async {
        timeout(ANSWER, dial.dial(address, channel)).await.unwrap_or_else(|_| Err(ErrorKind::TimedOut.into()))
    };
    match call().await {
        // The last connection is still being taken down, by this program or another.
        Err(cause) if matches!(cause.kind(), ErrorKind::ResourceBusy | ErrorKind::AddrInUse) => {
            sleep(REST).await;
            call().await
        }
        ended => ended,
    }
}

/// When each device was left last.
static LEFT: Mutex<Option<HashMap<BluetoothAddress, Instant>>> = Mutex::new(None);

fn resting(address: BluetoothAddress) -> Option<Instant> {
    let left = LEFT.lock().unwrap_or_else(PoisonError::into_inner);
    let at = *left.as_ref()?.get(&address)?;
    Some(at + REST).filter(|until| *until > Instant::now())
}

/// A link that notes when it was closed.
struct Left {
    link: BoxLink,
    address: BluetoothAddress,
}

impl Drop for Left {
    fn drop(&mut self) {
        let mut left = LEFT.lock().unwrap_or_else(PoisonError::into_inner);
        left.get_or_insert_default().insert(self.address, Instant::now());
    }
}

impl AsyncRead for Left {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.link).poll_read(cx, buf)
    }
}

impl AsyncWrite for Left {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.link).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.link).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.link).poll_shutdown(cx)
    }
}

/// The system's own Bluetooth sockets.
pub(super) struct Rfcomm;

impl Dial for Rfcomm {
    async fn dial(&self, address: BluetoothAddress, channel: u8) -> io::Result<BoxLink> {
        use bluer::rfcomm::{SocketAddr, Stream};
        let stream = Stream::connect(SocketAddr::new(bluer::Address(address.0), channel)).await?;
        Ok(Box::new(stream))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A device with a serial port on one channel; `busy`: calls it turns down first.
    struct Device {
        channel: u8,
        refusal: ErrorKind,
        busy: Mutex<u32>,
        called: Mutex<Vec<u8>>,
    }

    impl Device {
        fn new(channel: u8) -> Self {
            Self { channel, refusal: ErrorKind::ConnectionRefused, busy: Mutex::new(0), called: Mutex::default() }
        }

        fn called(&self) -> Vec<u8> {
            self.called.lock().unwrap().clone()
        }
    }

    impl Dial for Device {
        async fn dial(&self, _: BluetoothAddress, channel: u8) -> io::Result<BoxLink> {
            self.called.lock().unwrap().push(channel);
            let mut busy = self.busy.lock().unwrap();
            if *busy > 0 {
                *busy -= 1;
                return Err(ErrorKind::ResourceBusy.into());
            }
            if channel == self.channel { Ok(Box::new(tokio::io::duplex(8).0)) } else { Err(self.refusal.into()) }
        }
    }

    const fn address(last: u8) -> BluetoothAddress {
        BluetoothAddress([0, 0x1D, 0xA5, 0, 0, last])
    }

    #[tokio::test(start_paused = true)]
    async fn channels_are_tried_one_by_one_until_one_is_not_refused() {
        let device = Device::new(3);
        assert!(find(&device, address(1), None).await.is_ok());
        assert_eq!(device.called(), [1, 2, 3]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_channel_that_is_named_is_the_only_one_tried() {
        let device = Device::new(3);
        let failed = find(&device, address(2), Some(2)).await.err().unwrap();
        assert_eq!((failed.named, failed.cause.kind()), (Some(2), ErrorKind::ConnectionRefused));
        assert_eq!(device.called(), [2]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_device_out_of_reach_is_not_called_on_every_channel() {
        let device = Device { refusal: ErrorKind::HostUnreachable, ..Device::new(3) };
        let failed = find(&device, address(3), None).await.err().unwrap();
        assert_eq!(failed.cause.kind(), ErrorKind::HostUnreachable);
        assert_eq!(device.called(), [1]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_device_without_a_serial_port_ends_the_search() {
        let device = Device::new(99);
        assert!(find(&device, address(4), None).await.is_err());
        assert_eq!(device.called(), (1..=10).collect::<Vec<_>>());
    }

    #[tokio::test(start_paused = true)]
    async fn a_device_that_is_still_closing_is_called_once_more_after_a_rest() {
        let device = Device { busy: Mutex::new(1), ..Device::new(1) };
        let began = Instant::now();
        assert!(find(&device, address(5), None).await.is_ok());
        assert!(began.elapsed() >= REST);
        assert_eq!(device.called(), [1, 1]);
    }

    #[tokio::test(start_paused = true)]
    async fn after_closing_two_seconds_pass_before_it_is_opened_again() {
        let device = Device::new(1);
        let first = find(&device, address(6), None).await.ok().unwrap();
        sleep(Duration::from_secs(60)).await;
        drop(first);
        let began = Instant::now();
        let second = find(&device, address(6), None).await.ok().unwrap();
        assert!(began.elapsed() >= REST, "{:?}", began.elapsed());
        drop(second);
        // Another device has no reason to wait.
        let began = Instant::now();
        assert!(find(&device, address(7), None).await.is_ok());
        assert!(began.elapsed() < BREATH);
    }

    #[tokio::test(start_paused = true)]
    async fn a_device_that_never_answers_is_given_up() {
        struct Mute;
        impl Dial for Mute {
            async fn dial(&self, _: BluetoothAddress, _: u8) -> io::Result<BoxLink> {
                std::future::pending().await
            }
        }
        let failed = find(&Mute, address(8), None).await.err().unwrap();
        assert_eq!(failed.cause.kind(), ErrorKind::TimedOut);
    }
}
