//! Lets requests in that have one of the tokens in `[admin]`, in `X-Admin-Token` or as `Authorization: Bearer`.

use admin_auth::Credential;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::AUTHORIZATION;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tower::{Layer as _, ServiceExt as _};

use super::desk::Desk;
use crate::request_id::X_ADMIN_TOKEN;

/// Lets a request through with a token, or if none is needed.
pub(super) async fn admit(State(desk): State<Desk>, request: Request, next: Next) -> Response {
    let Some(gate) = desk.handle.scene().gate.clone() else { return next.run(request).await };
    let headers = request.headers();
    let is_bearer = headers.contains_key(AUTHORIZATION) && !headers.contains_key(&X_ADMIN_TOKEN);
    let gate = if is_bearer { gate.credential(Credential::bearer()) } else { gate };
    match gate.layer(next).oneshot(request).await {
        Ok(answer) => answer.map(Body::new),
        Err(never) => match never {},
    }
    .into_response()
}
