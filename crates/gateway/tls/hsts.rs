//! `Strict-Transport-Security`: tells browsers to use nothing but `https`.

use axum::http::header::STRICT_TRANSPORT_SECURITY;
use axum::http::{HeaderValue, Request, Response};
use tower::{Service, ServiceBuilder};

use crate::config::Hsts;
use crate::serve::RequestBody;

/// The header's value (RFC 6797 §6.1; `preload` as hstspreload.org asks for it).
pub(crate) fn value(hsts: &Hsts) -> HeaderValue {
    let mut value = format!("max-age={}", hsts.max_age.as_secs());
    if hsts.include_subdomains {
        value.push_str("; includeSubDomains");
    }
    if hsts.preload {
        value.push_str("; preload");
    }
    HeaderValue::try_from(value).expect("digits and the names of directives are visible ASCII")
}

/// Adds the header to all responses that don't have it, if there is a value.
pub(super) fn told<S, B>(
    service: S,
    value: Option<HeaderValue>,
) -> impl Service<Request<RequestBody>, Response = Response<B>, Error = S::Error, Future: Send>
+ Clone
+ Send
+ use<S, B>
where
    S: Service<Request<RequestBody>, Response = Response<B>, Future: Send> + Clone + Send,
{
    let add = move |mut response: Response<B>| {
        if let Some(value) = &value {
            response.headers_mut().entry(STRICT_TRANSPORT_SECURITY).or_insert_with(|| value.clone());
        }
        response
    };
    ServiceBuilder::new().map_response(add).service(service)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn every_directive() {
        let max_age = Duration::from_millis(63_072_000_900);
        for (include_subdomains, preload, expected) in [
            (false, false, "max-age=63072000"),
            (true, false, "max-age=63072000; includeSubDomains"),
            (true, true, "max-age=63072000; includeSubDomains; preload"),
        ] {
            assert_eq!(value(&Hsts { max_age, include_subdomains, preload }), expected);
        }
    }
}
