//! What every request passes before anything else looks at it, and the headers every response leaves with.
//!
//! A web page of someone else can make a browser send requests to loopback. It cannot forge `Host`, `Origin` or
//! `Sec-Fetch-Site`, and it does not know the token: so each of these is checked, and each alone would be enough.

use super::{Shared, reply};
use axum::{
    extract::{Request, State},
    http::{
        HeaderMap, HeaderName, HeaderValue, Uri,
        header::{self, AsHeaderName},
    },
    middleware::Next,
    response::Response,
};
use roadworthy_api::{Code, Error, Result};
use std::sync::Arc;

const CONTENT_SECURITY_POLICY: &str = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; \
    style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; connect-src 'self'; frame-ancestors 'none'; \
    object-src 'none'; base-uri 'none'; form-action 'none'";

/// The names under which this door may be addressed, with its port.
#[derive(Clone, Debug)]
pub(super) struct Names(Vec<String>);

impl Names {
    pub(super) fn of_port(port: u16) -> Self {
        Self(["127.0.0.1", "localhost", "[::1]"].iter().map(|host| format!("{host}:{port}")).collect())
    }

    fn holds(&self, authority: &str) -> bool {
        self.0.iter().any(|name| name == authority)
    }

    fn holds_origin(&self, origin: &str) -> bool {
        origin.strip_prefix("http://").is_some_and(|authority| self.holds(authority))
    }
}

/// Middleware around all there is.
pub(super) async fn guard(State(door): State<Arc<Shared>>, request: Request, next: Next) -> Response {
    // Without the query: the stream's token stands there.
    tracing::debug!(method = %request.method(), path = request.uri().path(), "asked");
    let mut response = match check(&door.names, request.uri(), request.headers()) {
        Ok(()) => next.run(request).await,
        Err(error) => {
            tracing::warn!(reason = %error.message, "a request was refused at the local door");
            reply::error(&error)
        }
    };
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-store"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    ] {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

fn check(names: &Names, uri: &Uri, headers: &HeaderMap) -> Result<()> {
    let refuse = |what: &str| {
        Err(Error::new(Code::Forbidden, what)
            .hint("Open the address that was printed when the local door was started."))
    };
    match only(headers, header::HOST) {
        Some(Some(host)) if names.holds(host) => {}
        _ => return refuse("The request is addressed to another host."),
    }
    // A request line may name a host of its own (absolute form).
    if uri.authority().is_some_and(|authority| !names.holds(authority.as_str())) {
        return refuse("The request is addressed to another host.");
    }
    match only(headers, header::ORIGIN) {
        None => {}
        Some(Some(origin)) if names.holds_origin(origin) && Some(Some(&origin[7..])) == only(headers, header::HOST) => {
        }
        _ => return refuse("The request comes from another page."),
    }
    // `same-site` is refused too: every port of localhost is the same site.
    match only(headers, "sec-fetch-site") {
        None | Some(Some("same-origin" | "none")) => Ok(()),
        _ => refuse("The request comes from another page."),
    }
}

/// `None`: not there. `Some(None)`: there, but more than once or not plain text. `Some(Some(text))`: there once.
fn only(headers: &HeaderMap, name: impl AsHeaderName) -> Option<Option<&str>> {
    let mut all = headers.get_all(name).iter();
    let first = all.next()?;
    Some(if all.next().is_some() { None } else { first.to_str().ok() })
}

/// Whether the request carries the token as `Authorization: Bearer …`, or in what `query` holds (see the stream).
pub(super) fn authorised(door: &Shared, headers: &HeaderMap, query: Option<&str>) -> Result<()> {
    let bearer = only(headers, header::AUTHORIZATION).flatten().and_then(|value| {
        let (scheme, token) = value.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
    });
    if [bearer, query].into_iter().flatten().any(|token| door.token.is(token)) {
        return Ok(());
    }
    Err(Error::new(Code::Unauthorized, "The token of the local door is missing or wrong.")
        .hint("Open the whole address that was printed at its start, with what follows the #."))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_request(uri: &str, lines: &[(&'static str, &str)], expect: Option<&str>) {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(*name, value.parse().unwrap());
        }
        let got = check(&Names::of_port(4711), &uri.parse().unwrap(), &headers).err().map(|e| e.message);
        match expect {
            None => assert_eq!(got, None, "{uri} {lines:?}"),
            Some(part) => assert!(got.as_ref().is_some_and(|m| m.contains(part)), "{uri} {lines:?}: {got:?}"),
        }
    }

    #[test]
    fn only_the_doors_own_names_and_pages_get_through() {
        let host = ("host", "127.0.0.1:4711");
        for own in ["127.0.0.1:4711", "localhost:4711", "[::1]:4711"] {
            check_request("/", &[("host", own)], None);
            check_request("/", &[("host", own), ("origin", &format!("http://{own}"))], None);
        }
        for foreign in [
            "",
            "127.0.0.1",
            "127.0.0.1:80",
            "evil.example:4711",
            "127.0.0.1:4711.evil.example",
            "127.0.0.1:47110",
            "localhost.:4711",
        ] {
            check_request("/", &[("host", foreign)], Some("another host"));
        }
        check_request("/", &[], Some("another host"));
        check_request("/", &[host, host], Some("another host"));
        check_request("http://evil.example/", &[host], Some("another host"));
        check_request("http://user@127.0.0.1:4711/", &[host], Some("another host"));
        for foreign in [
            "null",
            "",
            "http://evil.example",
            "https://127.0.0.1:4711",
            "http://127.0.0.1",
            "http://localhost:4711",
            "HTTP://127.0.0.1:4711",
        ] {
            check_request("/", &[host, ("origin", foreign)], Some("another page"));
        }
        check_request("/", &[host, ("origin", "http://127.0.0.1:4711"), ("origin", "null")], Some("another page"));
        for own in ["same-origin", "none"] {
            check_request("/", &[host, ("sec-fetch-site", own)], None);
        }
        for foreign in ["cross-site", "same-site", "", "Same-Origin"] {
            check_request("/", &[host, ("sec-fetch-site", foreign)], Some("another page"));
        }
    }
}
