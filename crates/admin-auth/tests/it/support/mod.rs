//! Requests, and an inner service that holds its caller to the Tower contract.
#![allow(unreachable_pub, reason = "tests")]

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};

use axum::body::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use tower::Service;

pub const HEADER: &str = "x-admin-token";

pub fn request(tokens: &[&str]) -> Request<UnreadBody> {
    let mut request = Request::new(UnreadBody);
    for token in tokens {
        request.headers_mut().append(HEADER, token.parse().unwrap());
    }
    request
}

/// A request body that must not be polled.
#[derive(Debug)]
pub struct UnreadBody;

impl http_body::Body for UnreadBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<http_body::Frame<Bytes>, Infallible>>> {
        panic!("the request's body was polled");
    }
}

/// Answers 200 with a body, and panics when it is called before it is ready. A clone is never ready.
#[derive(Debug, Default)]
pub struct Strict {
    ready: bool,
    pub polls: Arc<AtomicUsize>,
    pub calls: Arc<AtomicUsize>,
    pub clones: Arc<AtomicUsize>,
}

impl Strict {
    pub fn counts(&self) -> [usize; 3] {
        [&self.polls, &self.calls, &self.clones].map(|count| count.load(Ordering::Relaxed))
    }

    pub fn watch(&self) -> Self {
        Self {
            ready: false,
            polls: self.polls.clone(),
            calls: self.calls.clone(),
            clones: self.clones.clone(),
        }
    }
}

impl Clone for Strict {
    fn clone(&self) -> Self {
        self.clones.fetch_add(1, Ordering::Relaxed);
        self.watch()
    }
}

impl Service<Request<UnreadBody>> for Strict {
    type Response = Response<Full<Bytes>>;
    type Error = Infallible;
    type Future = Ready<Result<Self::Response, Self::Error>>;

    /// Ready at the second poll, so that the caller has to wait.
    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        if self.polls.fetch_add(1, Ordering::Relaxed).is_multiple_of(2) {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        self.ready = true;
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Request<UnreadBody>) -> Self::Future {
        assert!(std::mem::take(&mut self.ready), "called before it was ready");
        self.calls.fetch_add(1, Ordering::Relaxed);
        ready(Ok(Response::new(Full::from("inside\n"))))
    }
}
