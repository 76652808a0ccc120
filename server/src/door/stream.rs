//! `GET /stream`: what the engine says by itself, as server-sent events.
//!
//! Each event's data is one [`roadworthy_api::stream::Push`]. `EventSource` can set no header, so the token may stand in
//! the query here, and here only. The stream ends when the door closes or the listener was too slow; it then connects
//! anew (browsers do that by themselves) and reads again what it shows.

use super::{Shared, guard, reply};
use crate::frames::Frames;
use axum::{
    extract::State,
    http::{HeaderMap, Uri},
    response::{
        IntoResponse, Response,
        sse::{Event, KeepAlive, Sse},
    },
};
use futures_util::stream;
use std::{convert::Infallible, sync::Arc, time::Duration};

/// Pause after which a browser connects anew.
const RETRY: Duration = Duration::from_millis(1000);
/// Pause between comments that show a quiet stream to be alive.
const ALIVE: Duration = Duration::from_secs(15);

pub(super) async fn stream(State(door): State<Arc<Shared>>, headers: HeaderMap, uri: Uri) -> Response {
    let query = uri.query().and_then(|query| query.split('&').find_map(|pair| pair.strip_prefix("token=")));
    if let Err(error) = guard::authorised(&door, &headers, query) {
        return reply::error(&error);
    }
    let listener = (Frames::new(door.engine.pushes()), door.closing.clone(), true);
    let events = stream::unfold(listener, |(mut frames, mut closing, first)| async move {
        if first {
            let hello = Event::default().comment("listening").retry(RETRY);
            return Some((Ok::<_, Infallible>(hello), (frames, closing, false)));
        }
        let push = tokio::select! {
            push = frames.next() => push?,
            _ = closing.wait_for(|closing| *closing) => return None,
        };
        let event = Event::default().json_data(&push).unwrap_or_else(|_| Event::default().comment("unwritable"));
        Some((Ok(event), (frames, closing, false)))
    });
    Sse::new(events).keep_alive(KeepAlive::new().interval(ALIVE).text("alive")).into_response()
}
