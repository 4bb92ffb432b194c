//! What of a request decides how its failure is answered.

use http::header::CONTENT_TYPE;
use http::{HeaderMap, Method, Request, Version};

/// What of a request decides how its failure is answered.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked {
    pub(super) is_grpc: bool,
    pub(super) is_connect: bool,
    pub(super) version: Version,
}

impl Asked {
    pub(super) fn by<B>(request: &Request<B>) -> Self {
        Self {
            is_grpc: is_grpc(request.headers()),
            is_connect: request.method() == Method::CONNECT,
            version: request.version(),
        }
    }
}

fn is_grpc(headers: &HeaderMap) -> bool {
    headers.get(CONTENT_TYPE).is_some_and(|media_type| {
        let rest = media_type.as_bytes().strip_prefix(b"application/grpc");
        rest.is_some_and(|rest| matches!(rest.first(), None | Some(b'+' | b';')))
    })
}
