//! Which requests the router gets to see at all, whether they are forwarded or answered here.

use axum::BoxError;
use axum::body::Body;
use axum::http::Request;
use proxy_service::ProxyError;
use proxy_service::path::Guarded;

/// Refuses what [`proxy_service::check`] refuses, and ways around a gate.
///
/// The router matches raw bytes. A path that isn't below a gated prefix as it stands, but would be to someone who decodes
/// it, merges slashes, cuts parameters, ignores case or drops control bytes, would be forwarded by a catch-all route and misread upstream.
pub(crate) fn admit(request: Request<Body>, gated: &Guarded) -> Result<Request<Body>, BoxError> {
    proxy_service::check(&request)?;
    let path = request.uri().path();
    if !is_plain(path) && gated.has_way_around(path) {
        return Err(ProxyError::bad_request("a way around a gate").into());
    }
    Ok(request)
}

/// Nothing in it that anyone could read in another way.
fn is_plain(path: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"/-_.~".contains(&byte);
    path.bytes().all(is_plain) && !path.contains("//")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_admitted(path: &str) -> bool {
        let request = Request::get(path).header("host", "a").body(Body::empty()).unwrap();
        admit(request, &["/admin", "/api/keys"].into_iter().collect()).is_ok()
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
