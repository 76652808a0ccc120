//! `POST /call`: one call, one reply.

use super::{CALL_MAX, Shared, guard, has_media, read_body, reply, work};
use crate::wire;
use axum::{
    body::Body,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::Response,
};
use roadworthy_api::{Code, Error};
use std::sync::Arc;

pub(super) async fn call(State(door): State<Arc<Shared>>, headers: HeaderMap, body: Body) -> Response {
    if let Err(error) = guard::authorised(&door, &headers, None) {
        return reply::error(&error);
    }
    // A form or plain text is what a foreign page may send without asking first.
    if !has_media(&headers, "application/json") {
        let error =
            Error::new(Code::BadRequest, "A call is JSON.").hint("Send it with Content-Type: application/json.");
        return reply::error_with(StatusCode::UNSUPPORTED_MEDIA_TYPE, &error);
    }
    let bytes = match read_body(&headers, body, CALL_MAX).await {
        Ok(bytes) => bytes,
        Err(response) => return response,
    };
    let done = work(move || {
        let call = wire::read_call_bytes(&bytes)?;
        let reply = door.engine.call(&door.actor, call)?;
        serde_json::to_string(&reply)
            .map_err(|e| Error::new(Code::Internal, format!("The reply cannot be written: {e}.")))
    });
    match done.await {
        Ok(text) => reply::json(StatusCode::OK, text),
        Err(error) => reply::error(&error),
    }
}
