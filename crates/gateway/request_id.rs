//! Request ids: a client's own id is kept if it is safe in a log line. Otherwise the gateway makes a UUIDv7.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use axum::http::header::{AUTHORIZATION, COOKIE};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Request, Response};
use bytes::Bytes;
use pin_project_lite::pin_project;
use tower::{Layer, Service};
use uuid::fmt::Hyphenated;
use uuid::timestamp::context::{ContextV7, ThreadLocalContext};
use uuid::{Timestamp, Uuid};

/// The header for the id, in requests and responses.
pub(crate) static X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The header in which the gate looks for its token.
pub(crate) static X_ADMIN_TOKEN: HeaderName = HeaderName::from_static("x-admin-token");

const MAX_LENGTH: usize = 128;

std::thread_local! {
    /// The counter for the ids of this thread. `Uuid::now_v7` would lock one mutex for the whole process. Ids are
    /// unique in any case, but only those of the same thread are in order.
    static CONTEXT: ContextV7 = const { ContextV7::new() };
}

/// Gives each request an id, and its response the same one. Marks what is secret in the request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RequestIdLayer;

impl<S> Layer<S> for RequestIdLayer {
    type Service = WithRequestId<S>;

    fn layer(&self, inner: S) -> WithRequestId<S> {
        WithRequestId { inner }
    }
}

#[derive(Clone, Debug)]
pub(crate) struct WithRequestId<S> {
    inner: S,
}

impl<S, A, B> Service<Request<A>> for WithRequestId<S>
where
    S: Service<Request<A>, Response = Response<B>>,
{
    type Response = Response<B>;
    type Error = S::Error;
    type Future = RequestIdFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<A>) -> Self::Future {
        let id = identify(request.headers_mut());
        RequestIdFuture { inner: self.inner.call(request), id: Some(id) }
    }
}

pin_project! {
    pub(crate) struct RequestIdFuture<F> {
        #[pin]
        inner: F,
        id: Option<HeaderValue>,
    }
}

impl<F, B, E> Future for RequestIdFuture<F>
where
    F: Future<Output = Result<Response<B>, E>>,
{
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let mut response = ready!(this.inner.poll(cx))?;
        if let Some(id) = this.id.take() {
            response.headers_mut().insert(&X_REQUEST_ID, id);
        }
        Poll::Ready(Ok(response))
    }
}

/// Returns the request's id, and marks secrets as sensitive: they are neither printed nor put into HTTP/2's tables.
/// Both is done in one walk, which costs less than a look-up for each name.
///
/// An id is replaced by a new one unless there is exactly one, of 1 to 128 visible ASCII characters.
fn identify(headers: &mut HeaderMap) -> HeaderValue {
    let (mut lines, mut usable) = (0, None);
    for (name, value) in headers.iter_mut() {
        if *name == X_REQUEST_ID {
            lines += 1;
            usable = is_usable(value).then(|| value.clone());
        } else if *name == AUTHORIZATION || *name == COOKIE || *name == X_ADMIN_TOKEN {
            value.set_sensitive(true);
        }
    }
    usable.filter(|_| lines == 1).unwrap_or_else(|| {
        let id = new();
        headers.insert(&X_REQUEST_ID, id.clone());
        id
    })
}

fn is_usable(id: &HeaderValue) -> bool {
    (1..=MAX_LENGTH).contains(&id.len()) && id.as_bytes().iter().all(u8::is_ascii_graphic)
}

/// A UUIDv7 (RFC 9562), made without a lock.
fn new() -> HeaderValue {
    let id = Uuid::new_v7(Timestamp::now(ThreadLocalContext::new(&CONTEXT)));
    let mut text = [0; Hyphenated::LENGTH];
    id.as_hyphenated().encode_lower(&mut text);
    // The value is made from shared bytes, so cloning it doesn't allocate. Each id is cloned.
    HeaderValue::from_maybe_shared(Bytes::from_owner(text)).expect("digits and hyphens make a header value")
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
            (&["a b", "a"], false),
            (&[], false),
        ] {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append(&X_REQUEST_ID, HeaderValue::from_bytes(line.as_bytes()).unwrap());
            }
            let id = identify(&mut headers);
            assert_eq!(lines.iter().any(|line| *line == id), kept, "{lines:?}");
            assert_eq!(headers.get_all(&X_REQUEST_ID).iter().collect::<Vec<_>>(), [&id], "{lines:?}");
        }
    }

    #[test]
    fn secrets_are_marked_on_each_line() {
        let mut headers = HeaderMap::new();
        for name in [&AUTHORIZATION, &COOKIE, &COOKIE, &X_ADMIN_TOKEN, &X_REQUEST_ID] {
            headers.append(name, HeaderValue::from_static("a"));
        }
        identify(&mut headers);
        for (name, value) in &headers {
            assert_eq!(value.is_sensitive(), *name != X_REQUEST_ID, "{name}");
        }
    }

    #[test]
    fn ids_are_version_7_and_ascend() {
        let ids: Vec<Uuid> = (0..1000).map(|_| new().to_str().unwrap().parse().unwrap()).collect();
        assert!(ids.iter().all(|id: &Uuid| id.get_version_num() == 7));
        assert!(ids.is_sorted_by(|one, next| one < next));
    }
}
