//! Network adapters: TCP without delay, one client at a time.

use super::BoxLink;
use roadworthy_api::{Code, Error};
use std::{io::ErrorKind, time::Duration};
use tokio::{net::TcpStream, time::timeout};

/// A Wi-Fi adapter in the same room answers within milliseconds; a machine on the wrong network never does.
const CONNECT: Duration = Duration::from_secs(5);

/// Connects. Errors: [`Code::NoAdapter`] and [`Code::PortBusy`], each with what to look at.
pub(super) async fn open(host: &str, port: u16) -> Result<BoxLink, Error> {
    let wifi = "Join the adapter's Wi-Fi network and check the address.";
    let failed = |cause: String| Error::new(Code::NoAdapter, cause).hint(wifi);
    let stream = match timeout(CONNECT, TcpStream::connect((host, port))).await {
        Err(_) => return Err(failed(format!("{host} did not answer within {} seconds.", CONNECT.as_secs()))),
        Ok(Err(e)) => {
            return Err(match e.kind() {
                ErrorKind::ConnectionRefused => {
                    Error::new(Code::NoAdapter, format!("{host} refuses a connection to port {port}.")).hint(
                        "Check the port, and close any other program that uses the adapter: most take one client only.",
                    )
                }
                ErrorKind::ConnectionReset => {
                    Error::new(Code::PortBusy, format!("{host} closed the connection at once."))
                        .hint("Close any other program that uses the adapter: most take one client only.")
                }
                _ => failed(format!("{host} cannot be reached: {e}.")),
            });
        }
        Ok(Ok(stream)) => stream,
    };
    // Requests are a few bytes each: waiting to fill a packet would cost up to 40 ms per question.
    stream.set_nodelay(true).map_err(|e| failed(format!("{host} cannot be used: {e}.")))?;
    Ok(Box::new(stream))
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
}
