//! Network adapters: TCP without delay, one client at a time.

use super::BoxLink;
use roadworthy_api::{Code, Error};
use std::{
    io::{self, ErrorKind},
    net::SocketAddr,
    time::Duration,
};
use tokio::{
    net::{TcpStream, lookup_host},
    time::timeout,
};

/// A Wi-Fi adapter in the same room answers within milliseconds; a machine on the wrong network never does.
const CONNECT: Duration = Duration::from_secs(5);

/// Connects. Errors: [`Code::NoAdapter`] and [`Code::PortBusy`], each with what to look at.
pub(super) async fn open(host: &str, port: u16) -> Result<BoxLink, Error> {
    let connect = async {
        let found: Vec<SocketAddr> = match lookup_host((host, port)).await {
            Ok(found) => found.collect(),
            Err(_) => return Err(unknown(host)),
        };
        TcpStream::connect(found.as_slice()).await.map_err(|e| explain(host, port, &e))
    };
    let stream = match timeout(CONNECT, connect).await {
        Err(_) => return Err(explain(host, port, &ErrorKind::TimedOut.into())),
        Ok(connected) => connected?,
    };
    // Requests are a few bytes each: waiting to fill a packet would cost up to 40 ms per question.
    stream.set_nodelay(true).map_err(|e| explain(host, port, &e))?;
    Ok(Box::new(stream))
}

fn unknown(host: &str) -> Error {
    Error::new(Code::NoAdapter, format!("No machine named {host} is known in this network."))
        .hint("Check the spelling, or give the adapter's address as numbers, as in tcp://192.168.0.10:35000.")
}

/// Puts the operating system's refusal into words.
pub(super) fn explain(host: &str, port: u16, error: &io::Error) -> Error {
    let wifi = "Join the adapter's Wi-Fi network and check the address.";
    let one = "most take one client only.";
    let (code, message, hint) = match error.kind() {
        ErrorKind::ConnectionRefused => (
            Code::NoAdapter,
            format!("{host} refuses a connection to port {port}."),
            format!("Check the port, and close any other program that uses the adapter: {one}"),
        ),
        ErrorKind::ConnectionReset => (
            Code::PortBusy,
            format!("{host} closed the connection at once."),
            format!("Close any other program that uses the adapter: {one}"),
        ),
        ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable | ErrorKind::NetworkDown => {
            (Code::NoAdapter, format!("There is no way to {host} from this machine's networks."), wifi.to_owned())
        }
        ErrorKind::TimedOut => (
            Code::NoAdapter,
            format!("{host} did not answer within {} seconds.", CONNECT.as_secs()),
            format!("Check that the adapter has power. {wifi}"),
        ),
        ErrorKind::PermissionDenied => (
            Code::NoPermission,
            format!("This machine does not allow a connection to {host}."),
            "Allow it in the firewall.".to_owned(),
        ),
        _ => (Code::NoAdapter, format!("{host} cannot be reached: {error}."), wifi.to_owned()),
    };
    Error::new(code, message).hint(hint)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_port_that_nothing_listens_on_says_so() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        assert!(open("127.0.0.1", port).await.is_ok());
        drop(listener);
        let error = open("127.0.0.1", port).await.err().unwrap();
        assert_eq!(error.code, Code::NoAdapter);
        assert!(error.message.contains("refuses"), "{error}");
    }

    #[tokio::test]
    async fn a_name_that_nobody_knows_says_so() {
        let error = open("no-adapter.invalid", 35000).await.err().unwrap();
        assert_eq!(error.code, Code::NoAdapter);
        assert!(error.message.contains("no-adapter.invalid"), "{error}");
    }

    #[test]
    fn each_way_not_to_connect_has_its_own_words() {
        let mut seen = std::collections::BTreeSet::new();
        for (kind, code, words, hint) in [
            (ErrorKind::ConnectionRefused, Code::NoAdapter, "refuses", "port"),
            (ErrorKind::ConnectionReset, Code::PortBusy, "at once", "other program"),
            (ErrorKind::HostUnreachable, Code::NoAdapter, "no way to", "Wi-Fi"),
            (ErrorKind::NetworkUnreachable, Code::NoAdapter, "no way to", "Wi-Fi"),
            (ErrorKind::TimedOut, Code::NoAdapter, "within 5 seconds", "power"),
            (ErrorKind::PermissionDenied, Code::NoPermission, "does not allow", "firewall"),
            (ErrorKind::Other, Code::NoAdapter, "cannot be reached", "Wi-Fi"),
        ] {
            let error = explain("192.0.2.1", 35000, &kind.into());
            assert_eq!(error.code, code, "{kind}");
            assert!(error.message.contains(words) && error.hint.contains(hint), "{kind}: {error}");
            seen.insert(error.message);
        }
        assert_eq!(seen.len(), 6);
        assert!(unknown("obd").message.contains("named obd"));
    }
}
