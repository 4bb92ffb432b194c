//! The response's body on its way to the client.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Buf;
use http::{HeaderMap, Method, StatusCode};
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;
use tokio::sync::mpsc;

use crate::classify;
use crate::client::Endpoint;
use crate::error::{BoxError, ErrorKind, ProxyError, Stage, Stalled};
use crate::headers::trailers;
use crate::idle::Idle;
use crate::upload::{Upload, Word};

pin_project! {
    /// The response's body: the upstream's frames as they come, with cleaned trailers.
    ///
    /// An error means that the body is incomplete: the upstream broke off, or sent nothing for
    /// [`Timeouts::body_idle`](crate::Timeouts::body_idle). A server then aborts the connection or resets the stream,
    /// so that no client takes half an answer for a whole one.
    ///
    /// The error comes one poll late. hyper's server throws away what it was given in the poll that returns an error,
    /// and that might be all of the answer so far.
    pub struct ProxyBody<B>
    where
        B: Body,
    {
        // None once nothing more comes.
        #[pin]
        inner: Option<B>,
        // Was read together with the head.
        first: Option<B::Data>,
        // Boxed, because a response is moved often and few bodies need it.
        last: Option<Box<Last>>,
        idle: Idle,
        upload: UploadGuard,
        // Counts it if the body breaks off.
        endpoint: Arc<Endpoint>,
    }
}

/// The last thing that a body returns, until the poll that returns it.
enum Last {
    /// Were read together with the head.
    Trailers(HeaderMap),
    /// Is returned when all before it has been sent.
    Error(ProxyError),
}

/// Ends the upload if it goes on after the answer. Dropping `_held` ends one that is still held back.
#[derive(Debug)]
pub(crate) struct UploadGuard {
    upload: Option<Upload>,
    _held: Option<mpsc::Sender<Word>>,
}

impl UploadGuard {
    pub(crate) fn new(upload: Option<Upload>, held: Option<mpsc::Sender<Word>>) -> Self {
        Self { upload, _held: held }
    }
}

impl Drop for UploadGuard {
    fn drop(&mut self) {
        if let Some(upload) = &self.upload {
            upload.abandon();
        }
    }
}

/// Whether a response has content, by its status and the request's method (RFC 9110 §6.4.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Content {
    Possible,
    None,
}

impl Content {
    pub(crate) fn of(status: StatusCode, asked_with: &Method) -> Self {
        let has_none = asked_with == Method::HEAD
            || status == StatusCode::NO_CONTENT
            || status == StatusCode::NOT_MODIFIED
            || status.is_informational();
        if has_none { Self::None } else { Self::Possible }
    }
}

impl<B> ProxyBody<B>
where
    B: Body + Unpin,
    B::Error: Into<BoxError>,
{
    /// Makes the body of a response whose head has not been passed on yet.
    ///
    /// # Errors
    /// The body is known to be broken before it begins. There is still time to answer with an error.
    pub(crate) fn begin(
        inner: B,
        content: Content,
        (idle, endpoint): (Idle, &Arc<Endpoint>),
        upload: UploadGuard,
        cx: &mut Context<'_>,
    ) -> Result<Self, ProxyError> {
        let inner = (content == Content::Possible && !inner.is_end_stream()).then_some(inner);
        let endpoint = Arc::clone(endpoint);
        let mut body = Self { inner, first: None, last: None, idle, upload, endpoint };
        let Some(inner) = &mut body.inner else { return Ok(body) };
        match Pin::new(inner).poll_frame(cx) {
            Poll::Ready(Some(Ok(frame))) => body.keep(trailers::cleaned(frame)),
            Poll::Ready(Some(Err(error))) => return Err(classify::broken_at_once(error.into())),
            Poll::Ready(None) => body.inner = None,
            Poll::Pending => {}
        }
        Ok(body)
    }

    fn keep(&mut self, first: Frame<B::Data>) {
        match first.into_data() {
            Ok(data) => self.first = Some(data),
            Err(other) => {
                self.last = other.into_trailers().ok().map(|trailers| Box::new(Last::Trailers(trailers)));
            }
        }
    }
}

impl<B: Body> Body for ProxyBody<B>
where
    B::Error: Into<BoxError>,
{
    type Data = B::Data;
    type Error = ProxyError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, ProxyError>>> {
        let mut this = self.project();
        if let Some(first) = this.first.take() {
            return Poll::Ready(Some(Ok(Frame::data(first))));
        }
        if let Some(last) = this.last.take() {
            let last = match *last {
                Last::Trailers(trailers) => Ok(Frame::trailers(trailers)),
                Last::Error(error) => {
                    this.inner.set(None);
                    Err(error)
                }
            };
            return Poll::Ready(Some(last));
        }
        let Some(inner) = this.inner.as_mut().as_pin_mut() else { return Poll::Ready(None) };
        let incomplete = || ProxyError::new(ErrorKind::HttpResponseIncomplete, Stage::ResponseBody);
        let error = match inner.poll_frame(cx) {
            Poll::Ready(Some(Ok(frame))) => {
                this.idle.note_progress();
                return Poll::Ready(Some(Ok(trailers::cleaned(frame))));
            }
            Poll::Ready(Some(Err(error))) => incomplete().because(error),
            Poll::Ready(None) => return Poll::Ready(None),
            Poll::Pending => {
                ready!(this.idle.poll_too_long(cx));
                incomplete().because(Stalled)
            }
        };
        this.endpoint.failures().note(error.kind(), &HeaderMap::new());
        *this.last = Some(Box::new(Last::Error(error)));
        cx.waker().wake_by_ref();
        Poll::Pending
    }

    fn is_end_stream(&self) -> bool {
        self.first.is_none() && self.last.is_none() && self.inner.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        let rest = self.inner.as_ref().map_or_else(|| SizeHint::with_exact(0), Body::size_hint);
        let Some(first) = &self.first else { return rest };
        let first = first.remaining() as u64;
        let mut all = SizeHint::new();
        all.set_lower(rest.lower().saturating_add(first));
        if let Some(upper) = rest.upper() {
            all.set_upper(upper.saturating_add(first));
        }
        all
    }
}

impl<B: Body + fmt::Debug> fmt::Debug for ProxyBody<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProxyBody").field("inner", &self.inner).finish_non_exhaustive()
    }
}
