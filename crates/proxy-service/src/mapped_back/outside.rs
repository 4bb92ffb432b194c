//! What the client asked for, as far as references in answers need it.

use bytes::BytesMut;
use http::header::{HOST, HeaderMap, HeaderName, HeaderValue};

use crate::headers::forwarded::Claims;
use crate::headers::forwarded::names::{X_FORWARDED_HOST, X_FORWARDED_PREFIX, X_FORWARDED_PROTO};
use crate::headers::forwarded::outer::without_slashes_at_end;
use crate::headers::host;
use crate::path;
use crate::received::Received;

/// The client's side of an upstream. A trusted peer may tell of the client whose proxy it is.
#[derive(Debug)]
pub(super) struct Outside {
    /// Unknown if nobody says who sent the request.
    pub(super) scheme: Option<&'static str>,
    /// Unknown if the client named none.
    pub(super) host: Option<HeaderValue>,
    /// What proxies took off the path. It is empty, or begins with `/` and has no slash at its end.
    pub(super) prefix: BytesMut,
}

impl Outside {
    pub(super) fn of(received: Received<'_>, claims: Claims, taken_off: Option<&HeaderValue>) -> Self {
        let Received { parts, peer, .. } = received;
        let told = Told { headers: &parts.headers, claims };
        let of_peer = || peer.map(|peer| if peer.scheme().as_str() == "https" { "https" } else { "http" });
        let asked = || match (parts.headers.get(HOST), parts.uri.authority()) {
            (Some(host), _) => Some(host.clone()),
            (None, Some(authority)) => HeaderValue::from_str(authority.as_str()).ok(),
            (None, None) => None,
        };
        let mut prefix = BytesMut::new();
        for part in [told.prefix(), taken_off.map(HeaderValue::as_bytes)].into_iter().flatten() {
            prefix.extend_from_slice(without_slashes_at_end(part));
        }
        Self {
            scheme: told.scheme().or_else(of_peer),
            host: told.host().or_else(asked).filter(|host| host::is_valid(host.as_bytes())),
            prefix,
        }
    }
}

/// What a trusted peer says of its client. Of any other peer nothing is believed.
struct Told<'a> {
    headers: &'a HeaderMap,
    claims: Claims,
}

impl<'a> Told<'a> {
    fn get(&self, name: &HeaderName) -> Option<&'a HeaderValue> {
        self.headers.get(name).filter(|_| self.claims == Claims::Kept)
    }

    fn scheme(&self) -> Option<&'static str> {
        let told = self.get(&X_FORWARDED_PROTO)?;
        ["http", "https"].into_iter().find(|known| known.as_bytes().eq_ignore_ascii_case(told.as_bytes()))
    }

    fn host(&self) -> Option<HeaderValue> {
        self.get(&X_FORWARDED_HOST).filter(|host| host::is_valid(host.as_bytes())).cloned()
    }

    fn prefix(&self) -> Option<&'a [u8]> {
        let told = self.get(&X_FORWARDED_PREFIX)?.to_str().ok()?;
        // A `;` would end the path of a cookie.
        let is_path =
            told.starts_with('/') && !told.starts_with("//") && !told.contains(['?', '#', ' ', ';']);
        (is_path && path::check(told).is_ok()).then_some(told.as_bytes())
    }
}
