//! Request ids: a client's own id is kept if it is safe in a log line. Otherwise the gateway makes a UUIDv7.

use axum::http::{HeaderMap, HeaderName, HeaderValue, Request};
use bytes::Bytes;
use tower_http::request_id::{MakeRequestId, RequestId};
use uuid::fmt::Hyphenated;
use uuid::timestamp::context::{ContextV7, ThreadLocalContext};
use uuid::{Timestamp, Uuid};

/// The header for the id, in requests and responses.
pub(crate) static X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

const MAX_LENGTH: usize = 128;

std::thread_local! {
    /// The counter for the ids of this thread. `Uuid::now_v7` would lock one mutex for the whole process. Ids are
    /// unique in any case, but only those of the same thread are in order.
    static CONTEXT: ContextV7 = const { ContextV7::new() };
}

/// Makes UUIDv7 ids (RFC 9562) without a lock.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct MakeUuidV7;

impl MakeRequestId for MakeUuidV7 {
    fn make_request_id<B>(&mut self, _: &Request<B>) -> Option<RequestId> {
        let id = Uuid::new_v7(Timestamp::now(ThreadLocalContext::new(&CONTEXT)));
        let mut text = [0; Hyphenated::LENGTH];
        id.as_hyphenated().encode_lower(&mut text);
        // The value is made from shared bytes, so cloning it doesn't allocate. Each id is cloned.
        HeaderValue::from_maybe_shared(Bytes::from_owner(text)).ok().map(RequestId::new)
    }
}

/// Removes the id of a request unless there is exactly one, of 1 to 128 visible ASCII characters. Then a new one is
/// made.
pub(crate) fn drop_unusable<B>(mut request: Request<B>) -> Request<B> {
    if !is_usable(request.headers()) {
        request.headers_mut().remove(&X_REQUEST_ID);
    }
    request
}

fn is_usable(headers: &HeaderMap) -> bool {
    let mut lines = headers.get_all(&X_REQUEST_ID).iter();
    let (Some(id), None) = (lines.next(), lines.next()) else { return false };
    (1..=MAX_LENGTH).contains(&id.len()) && id.as_bytes().iter().all(u8::is_ascii_graphic)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept() {
        let long = "x".repeat(MAX_LENGTH);
        let longer = "x".repeat(MAX_LENGTH + 1);
        for (lines, kept) in [
            (&["abc-123"][..], true),
            (&[&*long], true),
            (&[&*longer], false),
            (&[""], false),
            (&["a b"], false),
            (&["a\tb"], false),
            (&["\u{e9}"], false),
            (&["a", "a"], false),
            (&[], false),
        ] {
            let mut request = Request::new(());
            for line in lines {
                let value = HeaderValue::from_bytes(line.as_bytes()).unwrap();
                request.headers_mut().append(&X_REQUEST_ID, value);
            }
            assert_eq!(drop_unusable(request).headers().contains_key(&X_REQUEST_ID), kept, "{lines:?}");
        }
    }

    #[test]
    fn ids_are_version_7_and_ascend() {
        let ids: Vec<Uuid> = (0..1000)
            .map(|_| MakeUuidV7.make_request_id(&Request::new(())).unwrap())
            .map(|id| id.header_value().to_str().unwrap().parse().unwrap())
            .collect();
        assert!(ids.iter().all(|id: &Uuid| id.get_version_num() == 7));
        assert!(ids.is_sorted_by(|one, next| one < next));
    }
}
