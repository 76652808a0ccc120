//! Where a simulated adapter, of either kind, can be reached: in this process, over TCP, as a pseudo-terminal.

#[cfg(unix)]
mod line;

use crate::{
    Options,
    adapter::Adapter,
    can::CanCar,
    names, parse_spec,
    slcan::Slcan,
    vehicle::{
        Vehicle,
        file::{self, Description},
    },
};
use roadworthy_api::{Code, Error};
use std::{io, net::SocketAddr, path::PathBuf};
use tokio::{
    io::{AsyncRead, AsyncWrite, DuplexStream},
    net::TcpListener,
};

/// Bytes in flight each way; an adapter's own buffer is smaller than this.
const BUFFER: usize = 4096;

/// Which vehicle.
#[derive(Clone, Copy, Debug)]
pub enum Source<'a> {
    /// One of [`names`].
    Name(&'a str),
    /// The text of a vehicle file.
    File(&'a str),
}

/// The client's end of an adapter inside this process, as fast as a real one. Needs a running tokio runtime; the adapter
/// goes away when the stream is dropped.
///
/// # Errors
/// [`Code::Invalid`] for a name that is not in [`names`]; the hint lists those.
pub fn connect(name: &str, seed: u64) -> Result<DuplexStream, Error> {
    connect_with(name, Options { seed, ..Options::default() })
}

/// As [`connect`], with everything chosen.
///
/// # Errors
/// As [`connect`].
pub fn connect_with(name: &str, options: Options) -> Result<DuplexStream, Error> {
    Ok(wire(device(Source::Name(name), options)?))
}

/// As [`connect`], with the options that people write behind the name (`misfire?unplug=20`); `seed` holds where they name
/// none.
///
/// # Errors
/// As [`connect`], also for a wrong option.
pub fn connect_spec(spec: &str, seed: u64) -> Result<DuplexStream, Error> {
    let (name, options) = parse_spec(spec, Options { seed, ..Options::default() })?;
    connect_with(name, options)
}

/// As [`connect_with`], with the text of a vehicle file in place of a name.
///
/// # Errors
/// [`Code::Malformed`] for a file that is not one, naming the key.
pub fn connect_file(text: &str, options: Options) -> Result<DuplexStream, Error> {
    Ok(wire(device(Source::File(text), options)?))
}

fn wire(mut device: Device) -> DuplexStream {
    let (ours, mut theirs) = tokio::io::duplex(BUFFER);
    tokio::spawn(async move {
        // The client hanging up is the usual end.
        let _ = device.serve(&mut theirs).await;
    });
    ours
}

/// The client's end of an SLCAN adapter inside this process. `junk` is what it prints before anything else.
pub fn connect_slcan(car: CanCar, junk: &str) -> DuplexStream {
    wire(Device::Slcan(Box::new(Slcan::new(car, junk))))
}

/// Our end of a pseudo-terminal, the other end, and its path.
#[cfg(unix)]
fn terminal() -> Result<(tokio_serial::SerialStream, tokio_serial::SerialStream, PathBuf), Error> {
    use tokio_serial::{SerialPort, SerialStream};
    let none = |cause: String| Error::new(Code::NoAdapter, format!("No pseudo-terminal could be made: {cause}."));
    let (ours, theirs) = SerialStream::pair().map_err(|e| none(e.to_string()))?;
    let path = theirs.name().ok_or_else(|| none("it has no name".into()))?;
    Ok((ours, theirs, path.into()))
}

/// Listens on `address` (port 0: any free one) and returns where, with the future that serves. As real Wi-Fi adapters do,
/// it talks to one client at a time and hangs up on a second one.
///
/// # Errors
/// As [`connect`] and [`connect_file`], and [`Code::PortBusy`] when the address cannot be listened on.
pub async fn serve_tcp(
    vehicle: Source<'_>,
    address: SocketAddr,
    options: Options,
) -> Result<(SocketAddr, impl Future<Output = ()> + Send + use<>), Error> {
    let mut device = device(vehicle, options)?;
    let refused = |e: std::io::Error| {
        Error::new(Code::PortBusy, format!("{address} cannot be listened on: {e}."))
            .hint("Choose another port; 0 takes a free one.")
    };
    let listener = TcpListener::bind(address).await.map_err(refused)?;
    let bound = listener.local_addr().map_err(refused)?;
    let serve = async move {
        loop {
            let Ok((mut client, _)) = listener.accept().await else { continue };
            let _ = client.set_nodelay(true);
            let refuse_others = async {
                loop {
                    // Dropped at once: the second client sees its connection close.
                    drop(listener.accept().await);
                }
            };
            tokio::select! {
                // The end of the first comes before the arrival of its successor.
                biased;
                _ = device.serve(&mut client) => {}
                () = refuse_others => {}
            }
        }
    };
    Ok((bound, serve))
}

/// Makes a pseudo-terminal that another program can open like a serial port, and returns its path with the future that
/// serves it. Clients may come and go; the adapter keeps its settings, as one in a socket does. The strict adapter takes any
/// speed; one of a profile hears and says noise while the other end is set to another speed than its own.
///
/// # Errors
/// As [`connect`] and [`connect_file`], and [`Code::NoAdapter`] when the system has no pseudo-terminal to give.
#[cfg(unix)]
pub fn serve_pty(
    vehicle: Source<'_>,
    options: Options,
) -> Result<(PathBuf, impl Future<Output = ()> + Send + use<>), Error> {
    let baud = options.adapter.as_ref().filter(|_| !options.slcan).map(|profile| profile.baud());
    let mut device = device(vehicle, options)?;
    let (ours, theirs, path) = terminal()?;
    let mut ours = line::Line::new(ours, baud);
    let serve = async move {
        // Held open: without any open end the terminal would hang up between two clients.
        let _held = theirs;
        while device.serve(&mut ours).await.is_ok() {}
    };
    Ok((path, serve))
}

/// There are no pseudo-terminals on this system.
///
/// # Errors
/// Always [`Code::NoAdapter`].
#[cfg(not(unix))]
pub fn serve_pty(vehicle: Source<'_>, options: Options) -> Result<(PathBuf, std::future::Ready<()>), Error> {
    device(vehicle, options)?;
    Err(Error::new(Code::NoAdapter, "This system has no pseudo-terminals.").hint("Use tcp://."))
}

/// What a client meets.
enum Device {
    Elm(Box<Adapter>),
    Slcan(Box<Slcan>),
}

impl Device {
    async fn serve(&mut self, link: &mut (impl AsyncRead + AsyncWrite + Unpin)) -> io::Result<()> {
        match self {
            Self::Elm(adapter) => adapter.serve(link).await,
            Self::Slcan(adapter) => adapter.serve(link).await,
        }
    }
}

fn device(vehicle: Source<'_>, options: Options) -> Result<Device, Error> {
    let speed = if options.speed.is_finite() && options.speed > 0.0 { options.speed } else { 1.0 };
    let unplug = options.unplug.filter(|s| s.is_finite() && (0.0..1e9).contains(s));
    let options = Options { speed, unplug, ..options };
    Ok(if options.slcan {
        Device::Slcan(Box::new(Slcan::new(CanCar::new(vehicle, options)?, "")))
    } else {
        Device::Elm(Box::new(Adapter::new(Vehicle::new(describe(vehicle)?, &options), options)))
    })
}

pub(crate) fn describe(vehicle: Source<'_>) -> Result<Description, Error> {
    match vehicle {
        Source::File(text) => file::parse(text),
        Source::Name(name) => file::named(name).ok_or_else(|| {
            Error::new(Code::Invalid, format!("There is no simulated vehicle \"{name}\"."))
                .hint(format!("There is: {}.", names().join(", ")))
        })?,
    }
}
