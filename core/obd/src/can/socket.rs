//! CAN interfaces of Linux (SocketCAN): `can0`, `vcan0`.
//!
//! The operating system holds the bit rate, so an administrator sets it (`ip link set can0 up type can bitrate 500000`); here it
//! is only read. Error frames are asked for, so a controller that goes off the bus is heard of. An interface that is switched
//! off is an error at once; when it is on again, [`SocketCan::start`] takes it up.

use super::{BusError, CanError, CanFrame, CanId, CanLink, DataRate, Event, Later, Mode, Received, netlink};
use roadworthy_api::{
    Error,
    port::{PortInfo, PortKind},
};
use socketcan::{
    CanAnyFrame, CanDataFrame, CanFdFrame, CanRemoteFrame, EmbeddedFrame, ExtendedId, Id, SocketOptions, StandardId,
    id::FdFlags, tokio::CanFdSocket,
};
use std::{fs, io, path::Path};
use tokio::time::Instant;

/// Where Linux lists network interfaces.
const CLASS: &str = "/sys/class/net";
/// The type of a CAN interface (`ARPHRD_CAN`).
const CAN: &str = "280";
/// The greatest frame of an interface that is set to CAN FD (`CANFD_MTU`); one of classic CAN says 16.
const FD_MTU: u32 = 72;

/// An interface.
pub struct SocketCan {
    name: String,
    socket: Option<CanFdSocket>,
    bitrate: Option<u32>,
    fd: Option<DataRate>,
}

impl SocketCan {
    /// Opens an interface. Must run inside a tokio runtime with I/O.
    ///
    /// # Errors
    /// [`CanError::NoInterface`], [`CanError::Down`], [`CanError::NoPermission`].
    pub fn open(name: &str) -> Result<Self, CanError> {
        let mut link = Self { name: name.into(), socket: None, bitrate: None, fd: None };
        link.take_up()?;
        Ok(link)
    }

    /// The same, with leave to send frames of CAN FD where the bus bears it out ([`CanLink::fd`]).
    ///
    /// # Errors
    /// [`CanError::NoFd`] where the interface is set to classic frames.
    pub fn with_fd(mut self, fd: Option<DataRate>) -> Result<Self, CanError> {
        self.fd = fd;
        self.bears_fd(Path::new(CLASS))?;
        Ok(self)
    }

    fn bears_fd(&self, class: &Path) -> Result<(), CanError> {
        if self.fd.is_some() && !is_fd(class, &self.name) { Err(CanError::NoFd(self.name.clone())) } else { Ok(()) }
    }

    /// Opens it, or makes sure that it is still what it was.
    fn take_up(&mut self) -> Result<(), CanError> {
        match state(Path::new(CLASS), &self.name) {
            State::None => {
                self.socket = None;
                return Err(CanError::NoInterface(self.name.clone()));
            }
            State::Down => return Err(CanError::Down(self.name.clone())),
            State::Up => {}
        }
        self.bitrate = netlink::ask(&self.name).and_then(|interface| interface.bitrate);
        if self.socket.is_none() {
            let failed = |e: io::Error| CanError::of_interface(&self.name, &e);
            let socket = CanFdSocket::open(&self.name).map_err(failed)?;
            socket.set_error_filter_accept_all().map_err(failed)?;
            self.socket = Some(socket);
        }
        Ok(())
    }

    /// What went wrong, and whether the socket is of any use after it.
    fn failed(&mut self, error: &io::Error) -> CanError {
        let error = match CanError::of_interface(&self.name, error) {
            // It was there when it was opened.
            CanError::NoInterface(name) => CanError::Unplugged(name),
            error => error,
        };
        if !matches!(error, CanError::Down(_) | CanError::Full) {
            self.socket = None;
        }
        error
    }

    fn socket(&self) -> Result<&CanFdSocket, CanError> {
        self.socket.as_ref().ok_or_else(|| CanError::Unplugged(self.name.clone()))
    }
}

impl CanLink for SocketCan {
    fn about(&self) -> String {
        format!("SocketCAN {}", self.name)
    }

    fn bitrates(&self) -> Vec<u32> {
        self.bitrate.into_iter().collect()
    }

    fn fd(&self) -> Option<DataRate> {
        self.fd
    }

    fn start(&mut self, bitrate: Option<u32>, mode: Mode) -> Later<'_, ()> {
        Box::pin(async move {
            self.take_up()?;
            self.bears_fd(Path::new(CLASS))?;
            if bitrate.is_some_and(|rate| self.bitrate.is_some_and(|own| own != rate)) {
                return Err(CanError::Refused("another bit rate than its own".into()));
            }
            let known = netlink::ask(&self.name).unwrap_or_default();
            if mode == Mode::Active && known.listen_only {
                return Err(CanError::ListenOnly(self.name.clone()));
            }
            match known.fault() {
                Some(fault) if fault.is_off() => Err(CanError::Off(self.name.clone())),
                _ => Ok(()),
            }
        })
    }

    fn send<'a>(&'a mut self, frame: &'a CanFrame) -> Later<'a, ()> {
        Box::pin(async move {
            let frame = to_socket(frame).ok_or(CanError::Frame)?;
            match self.socket()?.write_frame(&frame).await {
                Ok(()) => Ok(()),
                Err(error) => Err(self.failed(&error)),
            }
        })
    }

    fn receive(&mut self) -> Later<'_, Received> {
        Box::pin(async move {
            loop {
                let read = self.socket()?.read_frame().await;
                match read {
                    Ok(frame) => {
                        if let Some(event) = from_socket(&frame) {
                            return Ok(Received { at: Instant::now(), stamp: None, event });
                        }
                    }
                    Err(error) => return Err(self.failed(&error)),
                }
            }
        })
    }

    fn faults(&mut self) -> Later<'_, Option<BusError>> {
        // Error frames tell of changes only, and the last may have been before this socket was there.
        Box::pin(async { Ok(netlink::ask(&self.name).and_then(|interface| interface.fault())) })
    }
}

fn id_of(id: Id) -> Option<CanId> {
    match id {
        Id::Standard(id) => CanId::standard(id.as_raw().into()),
        Id::Extended(id) => CanId::extended(id.as_raw()),
    }
}

fn to_socket(frame: &CanFrame) -> Option<CanAnyFrame> {
    let id = match frame.id() {
        CanId::Standard(id) => Id::Standard(StandardId::new(id)?),
        CanId::Extended(id) => Id::Extended(ExtendedId::new(id)?),
    };
    Some(match (frame.asks_for(), frame.fd_flags()) {
        (Some(length), _) => CanRemoteFrame::new_remote(id, length.into())?.into(),
        (None, Some((fast, passive))) => {
            let mut flags = FdFlags::empty();
            flags.set(FdFlags::BRS, fast);
            flags.set(FdFlags::ESI, passive);
            CanFdFrame::with_flags(id, frame.data(), flags)?.into()
        }
        (None, None) => CanDataFrame::new(id, frame.data())?.into(),
    })
}

fn from_socket(frame: &CanAnyFrame) -> Option<Event> {
    let frame = match frame {
        CanAnyFrame::Normal(frame) => CanFrame::new(id_of(frame.id())?, frame.data()),
        CanAnyFrame::Remote(frame) => CanFrame::remote(id_of(frame.id())?, u8::try_from(frame.dlc()).ok()?),
        CanAnyFrame::Fd(frame) => CanFrame::fd(id_of(frame.id())?, frame.data(), frame.is_brs(), frame.is_esi()),
        CanAnyFrame::Error(error) => {
            let mut data = [0; 8];
            for (place, byte) in data.iter_mut().zip(error.data()) {
                *place = *byte;
            }
            return Some(Event::Error(BusError { class: error.error_bits(), data }));
        }
    };
    frame.ok().map(Event::Frame)
}

/// Whether an interface is there and on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    None,
    Down,
    Up,
}

/// What the system says of an interface.
fn said(class: &Path, name: &str, file: &str) -> String {
    fs::read_to_string(class.join(name).join(file)).unwrap_or_default().trim().to_owned()
}

/// Whether an interface is set to CAN FD, or to what comes after it.
fn is_fd(class: &Path, name: &str) -> bool {
    said(class, name, "mtu").parse::<u32>().is_ok_and(|mtu| mtu >= FD_MTU)
}

fn state(class: &Path, name: &str) -> State {
    if said(class, name, "type") != CAN {
        return State::None;
    }
    let flags = u32::from_str_radix(said(class, name, "flags").trim_start_matches("0x"), 16).unwrap_or(0);
    if flags & 1 == 0 { State::Down } else { State::Up }
}

/// CAN interfaces of this machine.
pub(crate) fn interfaces() -> Vec<PortInfo> {
    list(Path::new(CLASS), netlink::ask)
}

fn list(class: &Path, ask: impl Fn(&str) -> Option<netlink::Interface>) -> Vec<PortInfo> {
    let Ok(entries) = fs::read_dir(class) else { return Vec::new() };
    let mut names: Vec<String> = entries.filter_map(|e| e.ok()?.file_name().into_string().ok()).collect();
    names.sort();
    let info = |name: String| {
        let state = state(class, &name);
        if state == State::None {
            return None;
        }
        let known = ask(&name).unwrap_or_default();
        let what = if known.kind == "vcan" { "Virtual CAN interface" } else { "CAN interface" };
        let rate = known.bitrate.map_or(String::new(), |rate| format!(", {} kbit/s", rate / 1000));
        let fd = if is_fd(class, &name) { ", CAN FD" } else { "" };
        let problem: Option<Error> = match state {
            State::Down => Some(CanError::Down(name.clone()).into()),
            _ if known.state == Some(netlink::State::Off) => Some(CanError::Off(name.clone()).into()),
            _ if known.listen_only => Some(CanError::ListenOnly(name.clone()).into()),
            _ => None,
        };
        Some(PortInfo {
            problem,
            ..PortInfo::new(format!("can:{name}"), PortKind::Can, format!("{what} {name}{rate}{fd}"))
        })
    };
    names.into_iter().filter_map(info).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::can::candump;
    use roadworthy_api::Code;

    #[test]
    fn interfaces_are_listed_with_what_stands_in_their_way() {
        let root = std::env::temp_dir().join(format!("roadworthy-net-{}", std::process::id()));
        for (name, kind, flags) in [
            ("can0", "280", "0x40081"),
            ("can1", "280", "0x40080"),
            ("can2", "280", "0x40081"),
            ("can3", "280", "0x40081"),
            ("vcan0", "280", "0xc1"),
            ("vcan1", "280", "0x80"),
            ("eth0", "1", "0x1003"),
        ] {
            fs::create_dir_all(root.join(name)).unwrap();
            fs::write(root.join(name).join("type"), format!("{kind}\n")).unwrap();
            fs::write(root.join(name).join("flags"), format!("{flags}\n")).unwrap();
            fs::write(root.join(name).join("mtu"), if name.ends_with('0') { "72\n" } else { "16\n" }).unwrap();
        }
        let found = list(&root, |name| {
            let kind = if name.starts_with('v') { "vcan" } else { "can" };
            let bitrate = (name == "can0").then_some(500_000);
            let (listen_only, state) = (name == "can2", (name == "can3").then_some(netlink::State::Off));
            Some(netlink::Interface { kind: kind.into(), bitrate, listen_only, state, errors: None })
        });
        fs::remove_dir_all(&root).unwrap();
        let shown: Vec<_> = found.iter().map(|p| (p.port.as_str(), p.name.as_str(), p.problem.is_some())).collect();
        let expect = [
            ("can:can0", "CAN interface can0, 500 kbit/s, CAN FD", false),
            ("can:can1", "CAN interface can1", true),
            ("can:can2", "CAN interface can2", true),
            ("can:can3", "CAN interface can3", true),
            ("can:vcan0", "Virtual CAN interface vcan0, CAN FD", false),
            ("can:vcan1", "Virtual CAN interface vcan1", true),
        ];
        assert_eq!(shown, expect);
        for (place, says) in [
            (1, "ip link set can1 up type can bitrate"),
            (2, "type can listen-only off"),
            (3, "type can restart-ms 100"),
            (5, "ip link set vcan1 up."),
        ] {
            assert!(found[place].problem.as_ref().is_some_and(|e| e.hint.contains(says)), "{:?}", found[place]);
        }
    }

    #[test]
    fn an_interface_that_is_not_there_is_named() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let error: Error = runtime.block_on(async { SocketCan::open("no-such-can").err() }).unwrap().into();
        assert_eq!(error.code, Code::NoAdapter);
        assert!(error.message.contains("no-such-can") && !error.hint.is_empty());
    }

    #[test]
    fn frames_go_to_the_kernels_form_and_back() {
        for text in ["7E8#0641", "7E8#", "18DAF110#3000000000000000", "7E8#R4", "123##30102", "000007E8#01"] {
            let Ok(Event::Frame(frame)) = candump::parse(text) else { panic!("{text}") };
            let there = to_socket(&frame).unwrap();
            assert_eq!(from_socket(&there), Some(Event::Frame(frame)), "{text}");
        }
        let error = socketcan::CanErrorFrame::new_error(0x40, &[0, 0x30]).unwrap();
        let Some(Event::Error(error)) = from_socket(&error.into()) else { panic!() };
        assert!(error.is_off());
    }
}
