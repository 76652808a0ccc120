//! `GET /blob/{hash}` and `PUT /blob?name=…`: files in and out. What goes out is read as fast as it is taken, so that an export of
//! any size takes no more memory than a few pieces of it.

use super::{BLOB_MAX, Shared, guard, read_body, reply, work};
use axum::{
    body::{Body, Bytes},
    extract::{
        Path, Query, State,
        rejection::{PathRejection, QueryRejection},
    },
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::Response,
};
use roadworthy_api::{Code, Error, Result, system::BlobInfo, valid::Valid};
use serde::Deserialize;
use std::{
    io::{self, Read},
    sync::Arc,
};
use tokio::sync::mpsc;

const ANY: HeaderValue = HeaderValue::from_static("application/octet-stream");

/// Bytes of a piece, and pieces that wait to be taken.
const PIECE: usize = 64 << 10;
const WAITING: usize = 4;

/// The longest media type that is kept with a file.
const MEDIA_MAX: usize = 100;

pub(super) async fn get(
    State(door): State<Arc<Shared>>,
    headers: HeaderMap,
    hash: Result<Path<String>, PathRejection>,
) -> Response {
    // A hash that is no text is no hash; the token is asked for all the same.
    match fetch(&door, &headers, hash.map(|Path(hash)| hash).unwrap_or_default()).await {
        Ok((info, content, size)) => {
            let mut response = Response::new(pieces(content));
            // What ends before so many bytes was cut short, and a browser says so.
            response.headers_mut().insert(header::CONTENT_LENGTH, size.into());
            let media = HeaderValue::from_str(&info.media).unwrap_or(ANY);
            response.headers_mut().insert(header::CONTENT_TYPE, media);
            response.headers_mut().insert(header::CONTENT_DISPOSITION, disposition(&info.name));
            response
        }
        Err(error) => reply::error(&error),
    }
}

/// A body that is read while it is sent. Whoever goes away ends the reading.
fn pieces(mut content: Box<dyn Read + Send>) -> Body {
    let (send, mut taken) = mpsc::channel::<io::Result<Bytes>>(WAITING);
    tokio::task::spawn_blocking(move || {
        loop {
            let mut piece = vec![0; PIECE];
            let read = match content.read(&mut piece) {
                Ok(0) => break,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
                Ok(n) => {
                    piece.truncate(n);
                    Ok(Bytes::from(piece))
                }
                Err(e) => Err(e),
            };
            let ends = read.is_err();
            if send.blocking_send(read).is_err() || ends {
                break;
            }
        }
    });
    Body::from_stream(futures_util::stream::poll_fn(move |cx| taken.poll_recv(cx)))
}

type Fetched = (BlobInfo, Box<dyn Read + Send>, u64);

async fn fetch(door: &Arc<Shared>, headers: &HeaderMap, hash: String) -> Result<Fetched> {
    guard::authorised(door, headers, None)?;
    if hash.len() != 64 || !hash.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')) {
        return Err(Error::new(Code::Invalid, "A stored file is named by 64 lower-case hex digits.")
            .hint("Use the hash that the call returned."));
    }
    let door = Arc::clone(door);
    work(move || door.engine.open_blob(&door.actor, &hash)).await
}

#[derive(Deserialize)]
pub(super) struct Put {
    name: Option<String>,
}

pub(super) async fn put(
    State(door): State<Arc<Shared>>,
    put: Result<Query<Put>, QueryRejection>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    if let Err(error) = guard::authorised(&door, &headers, None) {
        return reply::error(&error);
    }
    let name = put.ok().and_then(|Query(put)| put.name).unwrap_or_default();
    if let Err(error) = named(&name) {
        return reply::error(&error);
    }
    let media = headers
        .get(header::CONTENT_TYPE)
        .and_then(|m| m.to_str().ok())
        .filter(|m| m.len() <= MEDIA_MAX)
        .unwrap_or("application/octet-stream")
        .to_owned();
    let bytes = match read_body(&headers, body, BLOB_MAX).await {
        Ok(bytes) => bytes,
        Err(response) => return response,
    };
    let done = work(move || {
        let info = door.engine.put_blob(&door.actor, &name, &media, &bytes)?;
        serde_json::to_string(&info)
            .map_err(|e| Error::new(Code::Internal, format!("The reply cannot be written: {e}.")))
    });
    match done.await {
        Ok(text) => reply::json(StatusCode::CREATED, text),
        Err(error) => reply::error(&error),
    }
}

fn named(name: &str) -> Result<()> {
    name.to_owned().valid("name")?;
    if name.is_empty() || name == "." || name == ".." || name.contains(['/', '\\']) {
        return Err(
            Error::new(Code::Invalid, "A stored file needs a plain file name.").hint("Add ?name=FILE to the address.")
        );
    }
    Ok(())
}

/// Offers a name: plain letters for every browser, the whole of it (RFC 6266, RFC 8187) for those that read that.
fn disposition(name: &str) -> HeaderValue {
    let plain: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() || "-_. ".contains(c) { c } else { '_' }).collect();
    let whole: String = name
        .bytes()
        .map(|b| {
            if b.is_ascii_alphanumeric() || b"-_.".contains(&b) {
                char::from(b).to_string()
            } else {
                format!("%{b:02X}")
            }
        })
        .collect();
    HeaderValue::from_str(&format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{whole}"))
        .unwrap_or(HeaderValue::from_static("attachment"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_break_out_of_its_header() {
        for (name, expect) in [
            ("check.pdf", r#"attachment; filename="check.pdf"; filename*=UTF-8''check.pdf"#),
            ("a\"b\r\nX: y.pdf", r#"attachment; filename="a_b__X_ y.pdf"; filename*=UTF-8''a%22b%0D%0AX%3A%20y.pdf"#),
            ("Prüfung.pdf", r#"attachment; filename="Pr_fung.pdf"; filename*=UTF-8''Pr%C3%BCfung.pdf"#),
        ] {
            assert_eq!(disposition(name), expect);
        }
    }
}
