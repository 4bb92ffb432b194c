//! Fields with the digest of a body.

use axum::http::HeaderName;

/// Fields with the digest of a body as it is (RFC 9530, RFC 3230, RFC 1864 §2), which is wrong for any other form of it.
pub(super) static DIGESTS: [HeaderName; 4] = [
    HeaderName::from_static("content-digest"),
    HeaderName::from_static("repr-digest"),
    HeaderName::from_static("digest"),
    HeaderName::from_static("content-md5"),
];
