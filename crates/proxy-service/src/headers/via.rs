//! `Via` (RFC 9110 §7.6.3): each message gets one more entry. A request that has this process's entry already is
//! going in circles.

use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, LazyLock};

use http::Version;
use http::header::{HeaderMap, HeaderValue, VIA};
use http::uri::Authority;

use crate::error::{ErrorKind, ProxyError, Stage};

/// The id of this process. It tells gateways of the same name apart, so that several may stand in a row.
static INSTANCE: LazyLock<String> =
    LazyLock::new(|| format!("{:016x}", RandomState::new().hash_one("gateway")));

static GATEWAY: LazyLock<Arc<Via>> = LazyLock::new(|| Arc::new(Via::new(&Authority::from_static("gateway"))));

/// The entries that are added, rendered once.
#[derive(Debug)]
pub(crate) struct Via {
    instance: &'static str,
    request: Entries,
    response: Entries,
}

#[derive(Debug)]
struct Entries {
    http1_0: HeaderValue,
    http1_1: HeaderValue,
    http2: HeaderValue,
}

impl Via {
    /// With the default name. All services without a name of their own share it.
    pub(crate) fn gateway() -> Arc<Self> {
        Arc::clone(&GATEWAY)
    }

    /// With this name. Requests also get the process's id, as a comment.
    pub(crate) fn new(name: &Authority) -> Self {
        let entry = |version: &str, comment: &str| {
            HeaderValue::from_str(&format!("{version} {name}{comment}"))
                .expect("an authority is visible ASCII")
        };
        let entries = |comment: &str| Entries {
            http1_0: entry("1.0", comment),
            http1_1: entry("1.1", comment),
            http2: entry("2", comment),
        };
        Self { instance: &INSTANCE, request: entries(&format!(" ({})", *INSTANCE)), response: entries("") }
    }

    /// Checks that this process has not forwarded the request before.
    ///
    /// # Errors
    /// `proxy_loop_detected` (508) if it has.
    pub(crate) fn check_loop(&self, headers: &HeaderMap) -> Result<(), ProxyError> {
        let instance = self.instance.as_bytes();
        let seen = headers
            .get_all(VIA)
            .iter()
            .any(|line| line.as_bytes().windows(instance.len()).any(|window| window == instance));
        if seen { Err(ProxyError::new(ErrorKind::ProxyLoopDetected, Stage::Request)) } else { Ok(()) }
    }

    pub(crate) fn append_to_request(&self, headers: &mut HeaderMap, received: Version) {
        headers.append(VIA, self.request.of(received));
    }

    pub(crate) fn append_to_response(&self, headers: &mut HeaderMap, received: Version) {
        headers.append(VIA, self.response.of(received));
    }
}

impl Entries {
    fn of(&self, version: Version) -> HeaderValue {
        match version {
            Version::HTTP_2 => &self.http2,
            Version::HTTP_10 | Version::HTTP_09 => &self.http1_0,
            _ => &self.http1_1,
        }
        .clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn via() -> Via {
        Via::new(&Authority::from_static("gateway"))
    }

    #[test]
    fn appends_and_never_replaces() {
        let mut headers = HeaderMap::new();
        headers.insert(VIA, HeaderValue::from_static("1.0 fred"));
        via().append_to_request(&mut headers, Version::HTTP_2);
        via().append_to_response(&mut headers, Version::HTTP_11);
        let lines: Vec<_> = headers.get_all(VIA).iter().map(|line| line.to_str().unwrap()).collect();
        assert_eq!(lines, ["1.0 fred", &format!("2 gateway ({})", *INSTANCE), "1.1 gateway"]);
    }

    #[test]
    fn only_its_own_instance_is_a_loop() {
        let mut headers = HeaderMap::new();
        headers.insert(VIA, HeaderValue::from_static("1.1 gateway (0123456789abcdef), 1.1 gateway"));
        assert!(via().check_loop(&headers).is_ok());
        via().append_to_request(&mut headers, Version::HTTP_11);
        assert_eq!(via().check_loop(&headers).unwrap_err().status(), 508);
    }
}
