//! Answers: JSON with the status that fits.

use axum::{
    body::Body,
    http::{HeaderValue, StatusCode, header},
    response::Response,
};
use roadworthy_api::{Code, Error};

/// JSON that was written already.
pub(super) fn json(status: StatusCode, text: String) -> Response {
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// An error as `{code, message, hint}`.
pub(super) fn error(error: &Error) -> Response {
    error_with(status(error.code), error)
}

/// An error with a status of its own.
pub(super) fn error_with(status: StatusCode, error: &Error) -> Response {
    json(
        status,
        serde_json::to_string(error).unwrap_or_else(|_| r#"{"code":"internal","message":"","hint":""}"#.into()),
    )
}

/// HTTP's nearest word for a code. Programs read the code.
fn status(code: Code) -> StatusCode {
    match code {
        Code::BadRequest => StatusCode::BAD_REQUEST,
        Code::Invalid | Code::Malformed => StatusCode::UNPROCESSABLE_ENTITY,
        Code::NotFound => StatusCode::NOT_FOUND,
        Code::Conflict | Code::Cancelled | Code::PortBusy => StatusCode::CONFLICT,
        Code::Forbidden => StatusCode::FORBIDDEN,
        Code::Unauthorized => StatusCode::UNAUTHORIZED,
        Code::NoAdapter | Code::NotAnAdapter | Code::NoVehicle | Code::LinkLost | Code::AdapterFault => {
            StatusCode::BAD_GATEWAY
        }
        Code::Timeout => StatusCode::GATEWAY_TIMEOUT,
        Code::DiskFull => StatusCode::INSUFFICIENT_STORAGE,
        Code::NewerDatabase | Code::DatabaseUnusable => StatusCode::SERVICE_UNAVAILABLE,
        Code::NoPermission | Code::ReadOnly | Code::ChainBroken | Code::Keyring | Code::Internal | Code::Other => {
            StatusCode::INTERNAL_SERVER_ERROR
        }
    }
}
