use axum::http::header::{HOST, REFERER, USER_AGENT};
use axum::http::{HeaderName, HeaderValue, Request};

use crate::observe::{Asked, Trace, Wants};
use crate::peer;
use crate::request_id::X_REQUEST_ID;
use crate::serve::Refused;

/// What is known of a request when it comes.
pub(super) fn asked<B>(request: &Request<B>, wants: Wants, trace: Option<Box<Trace>>) -> Asked {
    let extensions = request.extensions();
    let refused = extensions.get::<Refused>();
    let kept =
        |is_wanted: bool, name: HeaderName| is_wanted.then(|| request.headers().get(name).cloned()).flatten();
    Asked {
        id: request.headers().get(&X_REQUEST_ID).cloned(),
        method: refused.is_none_or(Refused::is_method_known).then(|| request.method().clone()),
        uri: refused.is_none_or(Refused::is_target_known).then(|| request.uri().clone()),
        version: request.version(),
        tls: peer::tls(extensions),
        host: wants.host.then(|| host(request)).flatten(),
        user_agent: kept(wants.user_agent, USER_AGENT),
        referrer: kept(wants.referrer, REFERER),
        client: peer::client_ip(extensions),
        fault: refused.map(Refused::fault),
        trace,
    }
}

/// The host that is asked for: that of the target, or else of the field `Host`.
fn host<B>(request: &Request<B>) -> Option<HeaderValue> {
    match request.uri().authority() {
        Some(authority) => HeaderValue::from_str(authority.as_str()).ok(),
        None => request.headers().get(HOST).cloned(),
    }
}
