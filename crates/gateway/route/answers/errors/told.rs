//! What a client is told instead of an answer's own body.

use axum::http::header::{
    ACCEPT, ACCEPT_RANGES, CONTENT_DISPOSITION, CONTENT_ENCODING, CONTENT_LANGUAGE, CONTENT_LENGTH,
    CONTENT_LOCATION, CONTENT_TYPE, ETAG, LAST_MODIFIED, TRAILER, VARY,
};
use axum::http::{HeaderName, HeaderValue, Response};
use bytes::Bytes;

use crate::config::Content;
use crate::route::answers::digests::DIGESTS;

/// What a client is told. `None` is the answer's own body.
pub(super) enum Told {
    /// All are told this.
    All(Option<Content>),
    /// Whoever accepts something else is told something else.
    ByAccept(Option<Content>),
}

/// Fields that describe the body that is dropped, besides its digests.
static OF_THE_BODY: [HeaderName; 10] = [
    ACCEPT_RANGES,
    CONTENT_DISPOSITION,
    CONTENT_ENCODING,
    CONTENT_LANGUAGE,
    CONTENT_LENGTH,
    CONTENT_LOCATION,
    CONTENT_TYPE,
    ETAG,
    LAST_MODIFIED,
    TRAILER,
];

impl Told {
    /// The answer that tells it.
    pub(super) fn by<B: From<Bytes>>(self, mut response: Response<B>) -> Response<B> {
        let headers = response.headers_mut();
        let content = match self {
            Self::All(content) => content,
            Self::ByAccept(content) => {
                headers.append(VARY, HeaderValue::from_name(ACCEPT));
                content
            }
        };
        let Some(content) = content else { return response };
        OF_THE_BODY.iter().chain(&DIGESTS).for_each(|name| drop(headers.remove(name)));
        headers.insert(CONTENT_TYPE, content.media_type);
        *response.body_mut() = B::from(content.bytes);
        response
    }
}
