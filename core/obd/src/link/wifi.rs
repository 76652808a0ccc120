//! Wi-Fi adapters: looked for where they are known to be, and only in a network that this machine is in.

use super::{baud::reads_as_answer, tcp};
use roadworthy_api::port::{PortInfo, PortKind};
use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket},
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::TcpStream,
    time::{Instant, timeout, timeout_at},
};

/// Where adapters are as they are sold.
const PLACES: [(Ipv4Addr, u16); 4] = [
    (Ipv4Addr::new(192, 168, 0, 10), 35000),
    (Ipv4Addr::new(192, 168, 4, 1), 35000),
    (Ipv4Addr::new(192, 168, 4, 1), 23),
    (Ipv4Addr::new(192, 168, 0, 10), 23),
];
/// One in the same room answers within milliseconds.
const CONNECT: Duration = Duration::from_millis(800);
/// An adapter answers its own commands within 100 ms; over Wi-Fi with a weak signal within this.
const ANSWER: Duration = Duration::from_millis(1200);

/// Addresses to try: those in a network in which this machine has an address.
pub(super) fn places() -> Vec<SocketAddr> {
    near(&PLACES, own_address)
}

fn near(places: &[(Ipv4Addr, u16)], own: impl Fn(Ipv4Addr) -> Option<Ipv4Addr>) -> Vec<SocketAddr> {
    // These networks have 24 bits; a router on the way would put this machine's address into another.
    let same = |a: Ipv4Addr, b: Ipv4Addr| a.octets()[..3] == b.octets()[..3] && a != b;
    let near = places.iter().filter(|(place, _)| own(*place).is_some_and(|own| same(own, *place)));
    near.map(|(place, port)| SocketAddr::new(IpAddr::V4(*place), *port)).collect()
}

/// The address from which this machine would speak to `place`. Nothing is sent: a datagram socket only looks the way up.
fn own_address(place: Ipv4Addr) -> Option<Ipv4Addr> {
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).ok()?;
    socket.connect((place, 9)).ok()?;
    match socket.local_addr().ok()?.ip() {
        IpAddr::V4(own) => Some(own),
        IpAddr::V6(_) => None,
    }
}

/// Asks what is at `place` who it is. `None`: nothing, or nothing that speaks an adapter's language.
pub(super) async fn probe(place: SocketAddr) -> Option<PortInfo> {
    let port = format!("tcp://{place}");
    match timeout(CONNECT, TcpStream::connect(place)).await {
        Ok(Ok(mut stream)) => {
            stream.set_nodelay(true).ok()?;
            let name = name(&mut stream).await?;
            let mut info = PortInfo::new(port, PortKind::Tcp, "Wi-Fi adapter");
            info.likely = Some(format!("It answers: {name}."));
            Some(info)
        }
        Ok(Err(error)) if error.kind() == std::io::ErrorKind::ConnectionReset => {
            let mut info = PortInfo::new(port, PortKind::Tcp, "Wi-Fi adapter");
            info.problem = Some(tcp::explain(&place.ip().to_string(), place.port(), &error));
            Some(info)
        }
        _ => None,
    }
}

/// What answers `ATI`, which reaches no bus.
async fn name(stream: &mut (impl AsyncRead + AsyncWrite + Unpin)) -> Option<String> {
    stream.write_all(b"ATI\r").await.ok()?;
    let end = Instant::now() + ANSWER;
    let (mut got, mut chunk) = (Vec::new(), [0u8; 64]);
    while got.len() < 512 && !reads_as_answer(&got) {
        match timeout_at(end, stream.read(&mut chunk)).await {
            Ok(Ok(n)) if n > 0 => got.extend_from_slice(&chunk[..n]),
            _ => break,
        }
    }
    if !reads_as_answer(&got) {
        return None;
    }
    let text = String::from_utf8_lossy(&got);
    let plain = |line: &str| line.chars().filter(|c| c.is_ascii_graphic() || *c == ' ').take(40).collect::<String>();
    let mut lines = text.split(['\r', '\n', '>']).map(|line| plain(line.trim()));
    lines.rfind(|line| !line.is_empty() && !line.eq_ignore_ascii_case("ATI"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::net::TcpListener;

    #[test]
    fn only_networks_that_this_machine_is_in_are_called() {
        let (home, adapter) = (Ipv4Addr::new(192, 168, 0, 7), Ipv4Addr::new(192, 168, 4, 2));
        for (own, expect) in [
            (vec![], vec![]),
            (vec![home], vec!["192.168.0.10:35000", "192.168.0.10:23"]),
            (vec![adapter], vec!["192.168.4.1:35000", "192.168.4.1:23"]),
            (vec![Ipv4Addr::new(10, 0, 0, 2)], vec![]),
            // This machine itself is no adapter.
            (vec![Ipv4Addr::new(192, 168, 0, 10)], vec![]),
        ] {
            // As a routing table: the own address in the same network, else the first there is.
            let way =
                |place: Ipv4Addr| own.iter().find(|o| o.octets()[..3] == place.octets()[..3]).or(own.first()).copied();
            let near: Vec<_> = near(&PLACES, way).iter().map(ToString::to_string).collect();
            assert_eq!(near, expect, "{own:?}");
        }
    }

    async fn at(answer: Option<&'static [u8]>) -> Option<PortInfo> {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let place = listener.local_addr().unwrap();
        let serve = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut asked = [0; 4];
            stream.read_exact(&mut asked).await.unwrap();
            assert_eq!(&asked, b"ATI\r");
            if let Some(answer) = answer {
                stream.write_all(answer).await.unwrap();
            }
            // Until the other side leaves.
            let _ = stream.read(&mut asked).await;
        });
        let found = probe(place).await;
        serve.await.unwrap();
        found
    }

    #[tokio::test]
    async fn what_answers_as_an_adapter_is_listed_by_its_name() {
        let found = at(Some(b"ATI\rELM327 v1.5\r\r>")).await.unwrap();
        assert!(found.port.starts_with("tcp://127.0.0.1:"));
        assert_eq!(found.likely.as_deref(), Some("It answers: ELM327 v1.5."));
        assert_eq!(at(Some(b"login: ")).await, None);
        assert_eq!(at(None).await, None);
    }

    #[tokio::test]
    async fn where_nothing_listens_nothing_is_found() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let place = listener.local_addr().unwrap();
        drop(listener);
        assert_eq!(probe(place).await, None);
    }
}
