//! The local HTTP door: the interface, calls, the stream and files, for a browser on this machine.
//!
//! | route | what |
//! |---|---|
//! | `POST /call` | `{"call", "args"}` → the reply, or `{code, message, hint}` with a fitting status |
//! | `GET /stream` | server-sent events, see [`stream`] |
//! | `GET /blob/{hash}`, `PUT /blob?name=` | files, at most 64 MiB |
//! | anything else | the interface |
//!
//! It listens on loopback only. Everything but the interface's own files needs the token that stands in [`Door::url`],
//! and everything passes [`guard`].

mod blob;
mod call;
mod guard;
mod pages;
mod reply;
mod stream;
mod token;

use crate::Behind;
use axum::{
    Router,
    body::{Body, Bytes},
    http::{HeaderMap, StatusCode, header},
    middleware,
    response::Response,
    routing,
    serve::ListenerExt,
};
use roadworthy_api::{
    Code, Error, Result,
    role::{self, Actor},
};
use std::{
    future::Future,
    io,
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};
use token::Token;
use tokio::{net::TcpListener, sync::watch};

/// Longest call in bytes: a note of 1 MiB, each of whose bytes JSON may write as six.
pub const CALL_MAX: usize = 7 << 20;
/// Largest file in bytes. It is held in memory until it is stored, so that what has a name is whole.
pub const BLOB_MAX: usize = 64 << 20;
/// How long requests may take to end once the door closes.
const GRACE: Duration = Duration::from_secs(3);

/// A door that is bound and not open yet.
#[derive(Debug)]
pub struct Door {
    listener: TcpListener,
    address: SocketAddr,
    token: Token,
}

/// What every request sees.
struct Shared {
    engine: Arc<dyn Behind>,
    actor: Actor,
    token: Token,
    names: guard::Names,
    /// True once the door closes; ends the streams, which would never end by themselves.
    closing: watch::Receiver<bool>,
}

impl Door {
    /// Binds `127.0.0.1:PORT`, `[::1]:PORT` or `localhost:PORT`; port 0 takes any free one.
    ///
    /// [`Code::Invalid`] for what is not an address and for any that is not loopback, [`Code::PortBusy`] where another
    /// program listens already.
    pub async fn bind(listen: &str) -> Result<Self> {
        let address = loopback(listen)?;
        let listener = TcpListener::bind(address).await.map_err(|e| unbound(address, &e))?;
        let address = listener.local_addr().map_err(|e| unbound(address, &e))?;
        Ok(Self { listener, address, token: Token::random()? })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The address for a browser. The token stands behind the `#`, which browsers send to nobody.
    pub fn url(&self) -> String {
        format!("http://{}/#token={}", self.address, self.token.reveal())
    }

    /// Answers requests until `stop` is ready, then lets those under way come to their end for a few seconds.
    pub async fn serve(self, engine: Arc<dyn Behind>, stop: impl Future<Output = ()> + Send + 'static) -> Result<()> {
        let (close, closing) = watch::channel(false);
        let mut closed = closing.clone();
        let shared = Arc::new(Shared {
            engine,
            actor: Actor::owner(role::Door::Browser),
            token: self.token,
            names: guard::Names::of_port(self.address.port()),
            closing,
        });
        // Small answers leave at once instead of waiting for more to send.
        let listener = self.listener.tap_io(|stream| {
            let _ = stream.set_nodelay(true);
        });
        let server = axum::serve(listener, routes(shared)).with_graceful_shutdown(async move {
            stop.await;
            let _ = close.send(true);
        });
        let late = async move {
            let _ = closed.wait_for(|closing| *closing).await;
            tokio::time::sleep(GRACE).await;
        };
        tokio::select! {
            ended = server => ended.map_err(|e| Error::new(Code::Internal, format!("The local door failed: {e}."))),
            () = late => Ok(()),
        }
    }
}

fn routes(shared: Arc<Shared>) -> Router {
    Router::new()
        .route("/call", routing::post(call::call))
        .route("/stream", routing::get(stream::stream))
        .route("/blob", routing::put(blob::put))
        .route("/blob/{hash}", routing::get(blob::get))
        .method_not_allowed_fallback(async || {
            let error = Error::new(Code::BadRequest, "This address does not answer that method.")
                .hint("Calls are POST /call, the stream is GET /stream, files are GET /blob/HASH and PUT /blob.");
            reply::error_with(StatusCode::METHOD_NOT_ALLOWED, &error)
        })
        .fallback(pages::page)
        .layer(middleware::from_fn_with_state(Arc::clone(&shared), guard::guard))
        .with_state(shared)
}

fn loopback(listen: &str) -> Result<SocketAddr> {
    let address = match listen.strip_prefix("localhost:") {
        Some(port) => port.parse().map(|port| SocketAddr::from((Ipv4Addr::LOCALHOST, port))).ok(),
        None => listen.parse().ok(),
    };
    let Some(address) = address else {
        return Err(Error::new(Code::Invalid, format!("{listen:?} is not an address to listen at."))
            .hint("Write it as 127.0.0.1:PORT; port 0 takes any free one."));
    };
    if !address.ip().is_loopback() {
        return Err(Error::new(Code::Invalid, format!("{address} is not on this machine's loopback."))
            .hint("The local door opens to this machine only: use 127.0.0.1:PORT or [::1]:PORT."));
    }
    // The rest of 127.0.0.0/8 is loopback too, but the door would refuse its own name there.
    if address.is_ipv4() && address.ip() != Ipv4Addr::LOCALHOST {
        return Err(Error::new(Code::Invalid, format!("{address} is not an address this door answers to."))
            .hint("Use 127.0.0.1:PORT."));
    }
    Ok(address)
}

fn unbound(address: SocketAddr, error: &io::Error) -> Error {
    match error.kind() {
        io::ErrorKind::AddrInUse => {
            Error::new(Code::PortBusy, format!("Another program listens at {address} already."))
                .hint("Close it, or use port 0 for any free one.")
        }
        io::ErrorKind::PermissionDenied => {
            Error::new(Code::NoPermission, format!("The system refuses {address} to this user."))
                .hint("Use a port above 1023, or 0 for any free one.")
        }
        _ => Error::new(Code::Internal, format!("{address} cannot be listened at: {error}.")).hint("Try 127.0.0.1:0."),
    }
}

/// Runs what may block on a thread that may; a defect in it is an error, not the end of the door.
async fn work<T: Send + 'static>(job: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(job).await.unwrap_or_else(|_| {
        Err(Error::new(Code::Internal, "A defect of Roadworthy stopped this call.")
            .hint("Please attach the log to a report."))
    })
}

/// The whole body, or the refusal where it is longer than `most` bytes; told by its header before any of it is read.
async fn read_body(headers: &HeaderMap, body: Body, most: usize) -> Result<Bytes, Response> {
    let too_long = || {
        let error =
            Error::new(Code::Invalid, format!("The request is longer than {most} bytes.")).hint("Send less at once.");
        reply::error_with(StatusCode::PAYLOAD_TOO_LARGE, &error)
    };
    let told = headers.get(header::CONTENT_LENGTH).and_then(|v| v.to_str().ok()).and_then(|v| v.parse::<u64>().ok());
    if told.is_some_and(|told| told > most as u64) {
        return Err(too_long());
    }
    axum::body::to_bytes(body, most).await.map_err(|e| {
        let limited = std::error::Error::source(&e).is_some_and(|cause| cause.is::<http_body_util::LengthLimitError>());
        if limited {
            return too_long();
        }
        let error = Error::new(Code::BadRequest, "The request ended before its announced length.")
            .hint("Send it again, whole.");
        reply::error(&error)
    })
}

/// Whether the content type is `media`, whatever its parameters.
fn has_media(headers: &HeaderMap, media: &str) -> bool {
    let mut types = headers.get_all(header::CONTENT_TYPE).iter();
    let Some(Ok(only)) = types.next().map(|t| t.to_str()) else { return false };
    types.next().is_none() && only.split(';').next().is_some_and(|essence| essence.trim().eq_ignore_ascii_case(media))
}
