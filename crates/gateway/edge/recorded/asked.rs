use axum::http::Request;

use crate::observe::Asked;
use crate::peer;
use crate::request_id::X_REQUEST_ID;
use crate::serve::Refused;

/// What is known of a request when it comes.
pub(super) fn asked<B>(request: &Request<B>) -> Asked {
    let extensions = request.extensions();
    let refused = extensions.get::<Refused>();
    Asked {
        id: request.headers().get(&X_REQUEST_ID).cloned(),
        method: refused.is_none_or(Refused::is_method_known).then(|| request.method().clone()),
        uri: refused.is_none_or(Refused::is_target_known).then(|| request.uri().clone()),
        version: request.version(),
        client: peer::client_ip(extensions),
        fault: refused.map(Refused::fault),
    }
}
