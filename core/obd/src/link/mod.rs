//! Links: what moves bytes between this machine and an adapter.
//!
//! The usual case: parse a [`Port`] from what a person typed, hand it to [`open`], give the [`Carrier`] to a check.
//! You need more only when you list ports for a page ([`ports`] for what is known at once, [`scan`] for what has to be called
//! for) or read a recording ([`recording()`]).
//!
//! | port | what it is | where |
//! |---|---|---|
//! | `/dev/ttyUSB0`, `COM5` | serial device | everywhere |
//! | `bt:ADDRESS` | Bluetooth classic, RFCOMM | Linux; elsewhere the system's serial port of the paired adapter |
//! | `ble:ADDRESS` | Bluetooth LE | with the cargo feature `ble` |
//! | `tcp://HOST:PORT` | Wi-Fi | everywhere |
//! | `slcan:DEVICE` | CAN frames through an SLCAN adapter | everywhere |
//! | `can:can0`, `can:can0?fd=on` | CAN frames through the system's interface; with `fd` those of CAN FD too | Linux |
//! | `replay:FILE` | a recorded dialogue, or a log of `candump` | everywhere |
//!
//! A cable:
//! ```no_run
//! use roadworthy_obd::{check::{CheckOptions, run_check}, link};
//! # async fn cable() -> Result<(), roadworthy_api::Error> {
//! let port: link::Port = "/dev/ttyUSB0".parse()?;
//! let (_nobody, cancel) = tokio::sync::watch::channel(false);
//! let finished = run_check(link::open(&port, None).await?, CheckOptions::new(port.to_string()), cancel, &mut |_| {}).await;
//! for code in finished.report?.codes {
//!     println!("{} of {}", code.code, code.ecu);
//! }
//! # Ok(()) }
//! ```
//! Bluetooth, paired in the system's settings before; the channel is looked for unless `?channel=N` names it:
//! ```no_run
//! # use roadworthy_obd::link;
//! # async fn bluetooth() -> Result<(), roadworthy_api::Error> {
//! let carrier = link::open(&"bt:00:1D:A5:68:98:8B".parse()?, None).await?;
//! # Ok(()) }
//! ```
//! Bluetooth LE:
//! ```no_run
//! # use roadworthy_obd::link;
//! # async fn ble() -> Result<(), roadworthy_api::Error> {
//! let carrier = link::open(&"ble:00:1D:A5:68:98:8B".parse()?, None).await?;
//! # Ok(()) }
//! ```
//! Wi-Fi; a port that is not named is 35000:
//! ```
//! # use roadworthy_obd::link::Port;
//! let port: Port = "tcp://192.168.0.10".parse()?;
//! assert_eq!(port.to_string(), "tcp://192.168.0.10:35000");
//! # Ok::<(), roadworthy_api::Error>(())
//! ```
//! CAN frames; a bus of CAN FD is asked in its own frames only where `fd=on` says so, or `fd=fast` for data at the faster bit
//! rate, and where the bus itself bears it out ([`crate::can::CanLink::fd`]):
//! ```
//! # use roadworthy_obd::{can::DataRate, link::Port};
//! let port: Port = "can:can0?fd=on".parse()?;
//! assert_eq!(port, Port::Can { interface: "can0".into(), fd: Some(DataRate::Same) });
//! # Ok::<(), roadworthy_api::Error>(())
//! ```
//! A recorded dialogue, which needs no hardware:
//! ```
//! use roadworthy_obd::{adapter::{Adapter, Reset}, traffic::Traffic};
//! # #[tokio::main(flavor = "current_thread")] async fn main() {
//! let recorded = "roadworthy-traffic 1\n0 > ATZ\\r\n900 < \\r\\rELM327 v1.5\\r\\r>\n";
//! let mut adapter = Adapter::on(Traffic::parse(recorded).unwrap(), Reset::Cold);
//! // The recording ends after the reset: nothing was asked of a vehicle in it.
//! assert!(adapter.set_up().await.is_err());
//! assert_eq!(adapter.info().claims, "ELM327 v1.5");
//! # }
//! ```
//! What there is to open, with what stands in the way:
//! ```no_run
//! for port in roadworthy_obd::link::ports() {
//!     println!("{} {} {}", port.port, port.name, port.problem.map(|e| e.to_string()).unwrap_or_default());
//! }
//! ```
//!
//! A simulated port ([`Port::Sim`]) is opened by whoever holds the simulator, since this crate does not know it.

mod baud;
mod ble;
mod bluetooth;
mod hardware;
mod list;
mod lost;
mod port;
#[cfg(target_os = "linux")]
mod process;
mod recording;
mod scan;
mod serial;
mod tcp;
mod usb;
mod wifi;

pub use baud::reads_as_answer;
pub use bluetooth::BluetoothAddress;
pub use hardware::hardware;
pub(crate) use list::likely_by_name;
pub use list::{ports, serial_ports};
pub(crate) use lost::lost;
pub use port::Port;
pub use recording::recording;
pub use scan::{ScanEvent, scan};

use crate::{
    can::{BoxCan, DataRate, slcan::Slcan},
    traffic::Traffic,
};
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
    /// CAN frames.
    Can(BoxCan),
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
/// found by trying, which takes up to seven seconds when nothing answers.
///
/// Must run inside a tokio runtime with time and I/O.
///
/// # Errors
/// [`Code::NoAdapter`] (missing device, unreachable address, unreadable recording), [`Code::NoPermission`],
/// [`Code::PortBusy`], and [`Code::Invalid`] for a simulated port, which only the simulator can open.
pub async fn open(port: &Port, baud: Option<u32>) -> Result<Carrier, Error> {
    Ok(match port {
        Port::Serial(path) => Carrier::Chip(serial::open(path, baud).await?),
        Port::Bluetooth { address, channel } => Carrier::Chip(bluetooth::open(*address, *channel).await?),
        Port::Ble(address) => Carrier::Chip(ble::open(address).await?),
        Port::Tcp { host, port } => Carrier::Chip(tcp::open(host, *port).await?),
        Port::Replay(path) => Carrier::Recorded(recording::open(path).await?),
        Port::Slcan { at, bitrate, baud: own } => {
            let link = match at.as_ref() {
                Port::Tcp { host, port } => tcp::open(host, *port).await?,
                Port::Serial(path) => serial::open(path, Some(own.or(baud).unwrap_or(SLCAN_BAUD))).await?,
                _ => return Err(Error::new(Code::Invalid, format!("{port} is no port of an SLCAN adapter."))),
            };
            Carrier::Can(Box::new(Slcan::new(link, *bitrate)?))
        }
        Port::Can { interface, fd } => can(interface, *fd)?,
        Port::Sim(name) => {
            return Err(Error::new(
                Code::Invalid,
                format!("sim:{name} is a simulated vehicle, not a device of this machine."),
            )
            .hint("Open it through the simulator."));
        }
    })
}

/// Speed of a serial SLCAN adapter where none is named; those on USB take any.
const SLCAN_BAUD: u32 = 115_200;

#[cfg(target_os = "linux")]
fn can(interface: &str, fd: Option<DataRate>) -> Result<Carrier, Error> {
    Ok(Carrier::Can(Box::new(crate::can::socket::SocketCan::open(interface)?.with_fd(fd)?)))
}

#[cfg(not(target_os = "linux"))]
fn can(interface: &str, _: Option<DataRate>) -> Result<Carrier, Error> {
    Err(Error::new(Code::NoAdapter, format!("{interface} is a CAN interface of Linux, which this system is not."))
        .hint("Use an SLCAN adapter, as in slcan:COM4."))
}

/// CAN interfaces of this machine, each with what stands in its way. Blocks for some milliseconds.
pub fn can_interfaces() -> Vec<roadworthy_api::port::PortInfo> {
    #[cfg(target_os = "linux")]
    return crate::can::socket::interfaces();
    #[cfg(not(target_os = "linux"))]
    Vec::new()
}
