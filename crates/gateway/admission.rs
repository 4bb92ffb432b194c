//! Refuses requests before the router sees them, whether they would be forwarded or answered by the gateway itself.

use axum::BoxError;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use proxy_service::{ErrorKind, ProxyError};

use crate::route::Matcher;
use crate::serve::Refused;

/// Refuses requests that the listener or [`proxy_service::check`] refuses, and paths that would get around a gate: see
/// [`Matcher::has_way_around`].
pub(crate) fn admit<T>(request: Request<Body>, routes: &Matcher<T>) -> Result<Request<Body>, BoxError> {
    if let Some(refused) = request.extensions().get::<Refused>() {
        return Err(explained(*refused).into());
    }
    proxy_service::check(&request)?;
    if routes.has_way_around(&request) {
        return Err(ProxyError::bad_request("a way around a gate").into());
    }
    Ok(request)
}

/// The error of a request that the listener refuses.
fn explained(refused: Refused) -> ProxyError {
    let kind = match refused.status() {
        StatusCode::URI_TOO_LONG => ErrorKind::TargetTooLong,
        StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE => ErrorKind::HeadTooLarge,
        StatusCode::EXPECTATION_FAILED => ErrorKind::ExpectationFailed,
        StatusCode::NOT_IMPLEMENTED => ErrorKind::UnknownTransferCoding,
        StatusCode::HTTP_VERSION_NOT_SUPPORTED => ErrorKind::UnknownVersion,
        _ => ErrorKind::BadRequest,
    };
    ProxyError::refused(kind, refused)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Matching, PathPattern};
    use crate::route::Rule;
    use crate::serve::Fault;

    fn is_admitted(path: &str) -> bool {
        let request = Request::get(path).header("host", "a").body(Body::empty()).unwrap();
        let open = Rule::new(Matching::path(PathPattern::root()), ());
        let gated = |prefix| Rule::new(Matching::below(prefix).unwrap(), ()).gated();
        let routes = Matcher::new(vec![open, gated("/admin"), gated("/api/keys")]);
        admit(request, &routes).is_ok()
    }

    #[test]
    fn what_the_listener_refuses_has_its_status() {
        for fault in [
            Fault::BareLineFeed,
            Fault::LengthAndCoding,
            Fault::UnknownExpectation,
            Fault::UnknownCoding,
            Fault::UnknownVersion,
            Fault::TargetTooLong,
            Fault::HeadTooLarge,
            Fault::TooManyFields,
        ] {
            let mut request = Request::get("/").header("host", "a").body(Body::empty()).unwrap();
            request.extensions_mut().insert(Refused::from(fault));
            let error = admit(request, &Matcher::<()>::default()).unwrap_err();
            assert_eq!(ProxyError::find(&*error).unwrap().status(), fault.status(), "{fault:?}");
        }
    }

    #[test]
    fn the_gate_itself_and_its_neighbours_are_admitted() {
        for path in [
            "/",
            "/admin",
            "/admin/x",
            "/admin/%61",
            "/admin//x",
            "/administrator",
            "/api",
            "/api/x;v=1",
            "/API/x",
        ] {
            assert!(is_admitted(path), "{path}");
        }
    }

    #[test]
    fn ways_around_a_gate_are_not() {
        for path in [
            "//admin",
            "/ADMIN",
            "/%61dmin/x",
            "/admin;x",
            "/;/admin",
            "/%2fadmin",
            "/Api/keys",
            "/api//keys/x",
            "/api/keys%2f",
            "/admin%0a",
            "/ad%09min",
            "/api/%0dkeys/x",
        ] {
            assert!(!is_admitted(path), "{path}");
        }
    }
}
