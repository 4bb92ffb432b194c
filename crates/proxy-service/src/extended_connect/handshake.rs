//! The part of a WebSocket's handshake that the gateway does for an HTTP/2 client.

use std::hash::{BuildHasher, RandomState};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use http::header::{CONNECTION, HeaderMap, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, UPGRADE};
use http::{HeaderValue, StatusCode, response};
use sha1::{Digest as _, Sha1};

use crate::headers::single::only;

/// What the gateway sends as `Sec-WebSocket-Key` (RFC 6455 section 4.1): it shows that who answers has read it.
#[derive(Clone, Debug)]
pub(crate) struct Key(HeaderValue);

impl Key {
    pub(super) fn new() -> Self {
        let half = || RandomState::new().hash_one(()).to_be_bytes();
        let key = BASE64.encode([half(), half()].concat());
        Self(HeaderValue::try_from(key).expect("base64 is visible ASCII"))
    }

    pub(crate) fn add_to(&self, headers: &mut HeaderMap) {
        headers.insert(SEC_WEBSOCKET_KEY, self.0.clone());
    }

    /// Whether the upstream has answered this key (RFC 6455 section 4.2.2).
    pub(crate) fn is_accepted(&self, headers: &HeaderMap) -> bool {
        let accepted = only(headers, SEC_WEBSOCKET_ACCEPT).ok().flatten();
        accepted.is_some_and(|accept| accept.as_bytes().trim_ascii() == self.accept().as_bytes())
    }

    fn accept(&self) -> String {
        const ID: &[u8] = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
        BASE64.encode(Sha1::new().chain_update(self.0.as_bytes()).chain_update(ID).finalize())
    }
}

/// Turns an upstream's 101 into what an HTTP/2 client takes for success (RFC 8441 section 5).
pub(crate) fn agree(head: &mut response::Parts) {
    head.status = StatusCode::OK;
    for name in [CONNECTION, UPGRADE, SEC_WEBSOCKET_ACCEPT] {
        head.headers.remove(name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_accepted_key() {
        // The example of RFC 6455 section 1.3.
        let key = Key(HeaderValue::from_static("dGhlIHNhbXBsZSBub25jZQ=="));
        let mut headers = HeaderMap::new();
        assert!(!key.is_accepted(&headers));
        headers.insert(SEC_WEBSOCKET_ACCEPT, HeaderValue::from_static("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="));
        assert!(key.is_accepted(&headers) && !Key::new().is_accepted(&headers));
        headers.append(SEC_WEBSOCKET_ACCEPT, HeaderValue::from_static("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="));
        assert!(!key.is_accepted(&headers), "twice");
    }

    #[test]
    fn a_key_is_sixteen_bytes_and_new_each_time() {
        let (one, other) = (Key::new(), Key::new());
        assert_eq!(BASE64.decode(one.0.as_bytes()).unwrap().len(), 16);
        assert_ne!(one.0, other.0);
    }
}
