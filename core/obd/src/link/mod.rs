//! Links: what moves bytes between this machine and an adapter.
//!
//! The usual case: parse a [`Port`] from what a person typed, hand it to [`open`], give the [`Carrier`] to a check.
//! You need more only when you list ports for a page ([`serial_ports`]) or read a recording ([`recording()`]).
//! A simulated port ([`Port::Sim`]) is opened by whoever holds the simulator, since this crate does not know it.

mod baud;
mod list;
mod lost;
mod port;
mod recording;
mod serial;
mod tcp;

pub use baud::reads_as_answer;
pub use list::serial_ports;
pub(crate) use lost::lost;
pub use port::Port;
pub use recording::recording;

use crate::traffic::Traffic;
use roadworthy_api::{Code, Error};
use tokio::io::{AsyncRead, AsyncWrite};

/// A two-way stream of bytes to an adapter. End of file on reading means that the link is gone.
pub trait Link: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send + ?Sized> Link for T {}

/// Any link.
pub type BoxLink = Box<dyn Link>;

/// An open port, by what stands behind it.
pub enum Carrier {
    /// Characters to and from a chip that has a language of its own, such as an ELM327.
    Chip(BoxLink),
    /// Nothing but a recording, out of which everything is answered that was asked then.
    Recorded(Traffic),
}

impl From<Traffic> for Carrier {
    fn from(traffic: Traffic) -> Self {
        Self::Recorded(traffic)
    }
}

impl<T: Link + 'static> From<T> for Carrier {
    fn from(link: T) -> Self {
        Self::Chip(Box::new(link))
    }
}

/// Opens a port. `baud` (bit/s) fixes the speed of a serial port; without it the speed at which an adapter answers is
/// found by trying, which takes up to four seconds when nothing answers.
///
/// Must run inside a tokio runtime with time and I/O.
///
/// # Errors
/// [`Code::NoAdapter`] (missing device, unreachable address, unreadable recording), [`Code::NoPermission`],
/// [`Code::PortBusy`], and [`Code::Invalid`] for a simulated port, which only the simulator can open.
pub async fn open(port: &Port, baud: Option<u32>) -> Result<Carrier, Error> {
    Ok(match port {
        Port::Serial(path) => Carrier::Chip(serial::open(path, baud).await?),
        Port::Tcp { host, port } => Carrier::Chip(tcp::open(host, *port).await?),
        Port::Replay(path) => Carrier::Recorded(recording::open(path).await?),
        Port::Sim(name) => {
            return Err(Error::new(
                Code::Invalid,
                format!("sim:{name} is a simulated vehicle, not a device of this machine."),
            )
            .hint("Open it through the simulator."));
        }
    })
}
