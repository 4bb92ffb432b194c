//! `Fetch`: asks a URL for keys.

use std::fmt;
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::http::header::{ACCEPT, HOST};
use axum::http::{HeaderValue, Request, StatusCode};
use proxy_service::ProxyError;
use tokio::time::timeout;
use tower::ServiceExt as _;

use crate::config::{InvalidKeys, KeySet, ServiceUrl};
use crate::route::entry::asking::{Asking, Trust, asking};

/// How long an answer may take as a whole.
const LIMIT: Duration = Duration::from_secs(5);
/// The largest answer that is read, in bytes.
const LARGEST: usize = 256 << 10;
const ACCEPTED: HeaderValue = HeaderValue::from_static("application/jwk-set+json, application/json");

pub(super) struct Fetch {
    url: ServiceUrl,
    asking: Asking,
}

/// Why there are no keys.
#[derive(Debug)]
pub(super) enum Failed {
    TooSlow,
    Unreachable(ProxyError),
    Status(StatusCode),
    Unreadable,
    Invalid(InvalidKeys),
}

impl Fetch {
    pub(super) fn new(url: &ServiceUrl, trust: Trust<'_>) -> Self {
        Self::by(url, asking(url, LIMIT, trust))
    }

    pub(super) fn by(url: &ServiceUrl, asking: Asking) -> Self {
        Self { url: url.clone(), asking }
    }

    pub(super) async fn keys(&self) -> Result<KeySet, Failed> {
        timeout(LIMIT, self.ask()).await.unwrap_or(Err(Failed::TooSlow))
    }

    async fn ask(&self) -> Result<KeySet, Failed> {
        let mut request = Request::new(Body::empty());
        *request.uri_mut() = self.url.uri().clone();
        request.headers_mut().insert(ACCEPT, ACCEPTED);
        let host = HeaderValue::from_str(self.url.target().authority().as_str());
        request.headers_mut().insert(HOST, host.expect("an authority is visible ASCII"));
        let answer = self.asking.clone().oneshot(request).await;
        let answer = answer.map_err(|failed| Failed::Unreachable(failed.into()))?;
        if answer.status() != StatusCode::OK {
            return Err(Failed::Status(answer.status()));
        }
        let body = to_bytes(Body::new(answer.into_body()), LARGEST).await.map_err(|_| Failed::Unreadable)?;
        let text = std::str::from_utf8(&body).map_err(|_| Failed::Unreadable)?;
        text.parse().map_err(Failed::Invalid)
    }
}

/// The URL, without its query.
impl fmt::Display for Fetch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.url.target(), self.url.uri().path())
    }
}

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooSlow => write!(f, "no answer within {LIMIT:?}"),
            Self::Unreachable(error) => error.fmt(f),
            Self::Status(status) => write!(f, "it answers {status}"),
            Self::Unreadable => {
                write!(f, "its answer breaks off, isn't UTF-8, or is larger than {LARGEST} bytes")
            }
            Self::Invalid(why) => why.fmt(f),
        }
    }
}
