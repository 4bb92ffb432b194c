//! A layer that records what the service under it allocates: in calls, in polls of its future and in polls of its
//! response body.

use std::ops::{Add, Sub};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering::Relaxed};
use std::task::{Context, Poll};

use allocation_counter::measure;
use axum::http::Response;
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;
use tower::{Layer, Service};

/// Allocations and their bytes. They are signed, because differences of two runs may be off by what happens once in
/// many requests.
#[derive(Clone, Copy)]
pub(crate) struct Taken {
    pub(crate) allocations: i64,
    pub(crate) bytes: i64,
}

impl Taken {
    /// What this thread allocates during `work`.
    pub(crate) fn by(work: impl FnOnce()) -> Self {
        let measured = measure(work);
        Self { allocations: measured.count_total as i64, bytes: measured.bytes_total as i64 }
    }

    /// The mean, rounded.
    pub(crate) fn per(self, requests: i64) -> Self {
        let mean = |total: i64| (total + requests / 2).div_euclid(requests);
        Self { allocations: mean(self.allocations), bytes: mean(self.bytes) }
    }
}

impl Add for Taken {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self { allocations: self.allocations + other.allocations, bytes: self.bytes + other.bytes }
    }
}

impl Sub for Taken {
    type Output = Self;

    fn sub(self, inner: Self) -> Self {
        Self { allocations: self.allocations - inner.allocations, bytes: self.bytes - inner.bytes }
    }
}

/// What the probes have recorded so far.
#[derive(Clone, Default)]
pub(crate) struct Probe(Arc<[AtomicI64; 2]>);

impl Probe {
    fn watch<T>(&self, work: impl FnOnce() -> T) -> T {
        let mut output = None;
        let taken = Taken::by(|| output = Some(work()));
        let [allocations, bytes] = &*self.0;
        allocations.fetch_add(taken.allocations, Relaxed);
        bytes.fetch_add(taken.bytes, Relaxed);
        output.unwrap()
    }

    /// What was recorded since the last call.
    pub(crate) fn read(&self) -> Taken {
        let [allocations, bytes] = &*self.0;
        Taken { allocations: allocations.swap(0, Relaxed), bytes: bytes.swap(0, Relaxed) }
    }
}

impl<S> Layer<S> for Probe {
    type Service = Probed<S>;

    fn layer(&self, inner: S) -> Probed<S> {
        Probed { inner, probe: self.clone() }
    }
}

pin_project! {
    /// A service, its future or its response body, under a probe.
    #[derive(Clone, Default)]
    pub(crate) struct Probed<T> {
        #[pin]
        inner: T,
        probe: Probe,
    }
}

impl<S: Service<R, Response = Response<B>>, R, B> Service<R> for Probed<S> {
    type Response = Response<Probed<B>>;
    type Error = S::Error;
    type Future = Probed<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.probe.watch(|| self.inner.poll_ready(cx))
    }

    fn call(&mut self, request: R) -> Self::Future {
        self.probe.clone().layer(self.probe.watch(|| self.inner.call(request)))
    }
}

impl<F: Future<Output = Result<Response<B>, E>>, B, E> Future for Probed<F> {
    type Output = Result<Response<Probed<B>>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let answer = this.probe.watch(|| this.inner.poll(cx));
        answer.map_ok(|response| response.map(|body| this.probe.layer(body)))
    }
}

impl<B: Body> Body for Probed<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        let this = self.project();
        this.probe.watch(|| this.inner.poll_frame(cx))
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
