//! The interface itself: files that were built into this library.

use axum::{
    body::Body,
    http::{HeaderValue, Method, StatusCode, Uri, header},
    response::Response,
};
use roadworthy_api::{Code, Error};

/// Path and bytes of every file, sorted by path.
static FILES: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/interface.rs"));

/// What lies below the door's own routes is no page.
const ROUTES: [&str; 3] = ["/blob/", "/call/", "/stream/"];

const NOT_BUILT: &str = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Roadworthy</title>\
    <body style=\"font:16px/1.5 system-ui,sans-serif;max-width:36rem;margin:4rem auto;padding:0 1rem\">\
    <h1>The interface was not built</h1><p>This program holds the local door, but no pages to show at it. \
    Start Roadworthy through <code>./run</code>, which builds the interface first, or build it with \
    <code>cargo run -p xtask -- ui</code> and then build this program again.</p></body></html>";

/// Any path that is not a route: a file, or the first page, whose own router reads the rest of the path.
pub(super) async fn page(method: Method, uri: Uri) -> Response {
    if method != Method::GET && method != Method::HEAD {
        let error = Error::new(Code::BadRequest, "Pages can only be read.").hint("Calls go to POST /call.");
        let mut response = super::reply::error_with(StatusCode::METHOD_NOT_ALLOWED, &error);
        response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
        return response;
    }
    let path = uri.path();
    if let Some((name, bytes)) = find(path) {
        return file(StatusCode::OK, media(name), bytes);
    }
    // A dot, however it is written, means a file; and there is none of that name.
    if path.contains(['.', '\\'])
        || path.to_ascii_lowercase().contains("%2e")
        || ROUTES.iter().any(|r| path.starts_with(r))
    {
        let error = Error::new(Code::NotFound, "There is no such file.").hint("Start at the first page, /.");
        return super::reply::error(&error);
    }
    match find("/index.html") {
        Some((name, bytes)) => file(StatusCode::OK, media(name), bytes),
        None => file(StatusCode::SERVICE_UNAVAILABLE, media(".html"), NOT_BUILT.as_bytes()),
    }
}

fn find(path: &str) -> Option<(&'static str, &'static [u8])> {
    FILES.binary_search_by(|(name, _)| (*name).cmp(path)).ok().map(|at| FILES[at])
}

fn file(status: StatusCode, media: &'static str, bytes: &'static [u8]) -> Response {
    let mut response = Response::new(Body::from(bytes));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(media));
    response
}

/// Media type by the name's ending. `application/wasm` matters: browsers compile only that while it loads.
fn media(name: &str) -> &'static str {
    match name.rsplit_once('.').map_or("", |(_, ending)| ending) {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "wasm" => "application/wasm",
        "json" | "map" => "application/json",
        "webmanifest" => "application/manifest+json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_embedded_file_is_found_by_its_path() {
        assert!(FILES.windows(2).all(|pair| pair[0].0 < pair[1].0), "because find searches by halves");
        for (name, bytes) in FILES {
            assert_eq!(find(name).map(|f| f.1.len()), Some(bytes.len()), "{name}");
        }
        assert!(find("/").is_none() && find("").is_none());
    }

    #[test]
    fn endings_have_their_media_type() {
        for (name, expect) in [
            ("/a.wasm", "application/wasm"),
            ("/a.js", "text/javascript; charset=utf-8"),
            ("/a.b.css", "text/css; charset=utf-8"),
            ("/a", "application/octet-stream"),
        ] {
            assert_eq!(media(name), expect, "{name}");
        }
    }
}
