//! The request's body, as it is sent to the upstream.

mod data;
mod error;
mod kept;
mod whole;

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Buf;
use http_body::{Body, Frame, SizeHint};
use tokio::sync::{mpsc, oneshot};
use tokio::time::Sleep;

use crate::client::{Endpoint, Identity};
use crate::error::BoxError;
use crate::headers::trailers;
use crate::idle::{Idle, after};
use crate::informational::Informational;
use crate::upload::{Upload, Word};

pub use data::RequestData;
pub use error::RequestBodyError;
use kept::Kept;
pub(crate) use whole::Whole;

/// How long a body is held back for the upstream's `100 Continue` before it is sent anyway.
const EXPECT_PATIENCE: Duration = Duration::from_secs(1);

/// The request's body, as the client service gets it: the original body, with a limit on its length, a limit on how
/// long it may stall, and cleaned trailers.
///
/// If the body is dropped before it was polled, it goes back to the [`ProxyFuture`](crate::ProxyFuture) that sent it.
/// So a request that was never sent can go to another upstream, whatever its method and however many layers are
/// between the proxy and the socket.
///
/// Over HTTP/2 a body that was begun goes back too, if the upstream says that it did not process the request and no
/// more than 64 KiB of the body were taken.
pub struct RequestBody<B> {
    endpoint: Arc<Endpoint>,
    identity: Identity,
    informational: Option<Informational>,
    /// None if the body is empty.
    sending: Option<Box<Sending<B>>>,
}

struct Sending<B> {
    inner: Option<Whole<B>>,
    home: Option<oneshot::Sender<Whole<B>>>,
    /// What was taken from the body, for as long as the body may still go back.
    kept: Option<Box<Kept>>,
    upload: Upload,
    idle: Idle,
    left: u64,
    held: Option<Held>,
}

/// A frame that is passed on, or the reason why it isn't.
type Passed<D> = Result<Frame<RequestData<D>>, RequestBodyError>;

struct Held {
    word: mpsc::Receiver<Word>,
    patience: Option<Pin<Box<Sleep>>>,
}

/// The limits of one upload.
pub(crate) struct Limits {
    pub(crate) idle: Duration,
    pub(crate) max_body: u64,
    pub(crate) held_for: Option<mpsc::Receiver<Word>>,
}

impl<B> RequestBody<B> {
    /// The body of a request that has none.
    pub(crate) fn none(endpoint: &Arc<Endpoint>) -> Self {
        Self {
            endpoint: Arc::clone(endpoint),
            identity: Identity::default(),
            informational: None,
            sending: None,
        }
    }

    /// The body, and the receiver on which the original body comes back if it goes back.
    pub(crate) fn new(
        inner: Whole<B>,
        upload: &Upload,
        limits: Limits,
        endpoint: &Arc<Endpoint>,
    ) -> (Self, oneshot::Receiver<Whole<B>>) {
        let (home, untouched) = oneshot::channel();
        let sending = Sending {
            inner: Some(inner),
            home: Some(home),
            kept: None,
            upload: upload.clone(),
            idle: Idle::new(limits.idle),
            left: limits.max_body,
            held: limits.held_for.map(|word| Held { word, patience: None }),
        };
        let (endpoint, identity) = (Arc::clone(endpoint), Identity::default());
        (Self { endpoint, identity, informational: None, sending: Some(Box::new(sending)) }, untouched)
    }

    /// The body of a request that belongs to this client.
    pub(crate) fn of(self, identity: Identity) -> Self {
        Self { identity, ..self }
    }

    /// The body of a request whose client is sent interim answers in this way.
    pub(crate) fn telling(self, informational: Option<Informational>) -> Self {
        Self { informational, ..self }
    }

    /// Sends interim answers to the client of the request, if its server takes any. The [`Client`](crate::Client) of
    /// this crate passes those of the upstream on through it. Another client may do the same.
    pub fn informational(&self) -> Option<&Informational> {
        self.informational.as_ref()
    }

    /// Takes out which client the request belongs to. After that it belongs to none.
    pub(crate) fn take_identity(&mut self) -> Identity {
        std::mem::take(&mut self.identity)
    }

    /// The endpoint that the request goes to.
    pub(crate) fn endpoint(&self) -> &Arc<Endpoint> {
        &self.endpoint
    }

    /// The progress of the body, if there is a body to send.
    pub(crate) fn upload(&self) -> Option<&Upload> {
        self.sending.as_ref().map(|sending| &sending.upload)
    }

    /// The upstream has said `100 Continue`, so the body is no longer held back.
    pub(crate) fn let_go(&mut self) {
        if let Some(sending) = &mut self.sending {
            sending.held = None;
        }
    }

    /// Records that all of the body was sent, even if it wasn't polled to its end.
    pub(crate) fn note_sent(&mut self) {
        if let Some(sending) = &mut self.sending {
            sending.note_end();
        }
    }

    /// Keeps what is taken from the body, up to 64 KiB, so that the body can [go back](Self::go_home) after it was
    /// begun.
    pub(crate) fn keep(&mut self) {
        if let Some(sending) = &mut self.sending {
            sending.kept = Some(Box::default());
        }
    }

    /// From now on the body can't go back.
    pub(crate) fn keep_no_more(&mut self) {
        if let Some(sending) = &mut self.sending {
            sending.kept = None;
            sending.home = None;
        }
    }

    /// Sends the body back, if all that was taken from it was kept. Only for a request that the upstream did not
    /// process.
    pub(crate) fn go_home(mut self) {
        if let Some(sending) = &mut self.sending {
            sending.go_home();
        }
    }
}

impl<B> Body for RequestBody<B>
where
    B: Body + Unpin,
    B::Error: Into<BoxError>,
{
    type Data = RequestData<B::Data>;
    type Error = RequestBodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, RequestBodyError>>> {
        let Some(sending) = &mut self.sending else { return Poll::Ready(None) };
        let polled = sending.poll_frame(cx);
        if let Poll::Ready(Some(Err(error))) = &polled {
            sending.upload.note_failure(error.kind());
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.inner().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.inner().map_or_else(|| SizeHint::with_exact(0), Body::size_hint)
    }
}

impl<B> RequestBody<B> {
    fn inner(&self) -> Option<&Whole<B>> {
        self.sending.as_ref()?.inner.as_ref()
    }
}

impl<B> Sending<B>
where
    B: Body + Unpin,
    B::Error: Into<BoxError>,
{
    fn poll_frame(&mut self, cx: &mut Context<'_>) -> Poll<Option<Passed<B::Data>>> {
        ready!(self.poll_released(cx))?;
        if self.kept.is_none() {
            self.home = None;
        }
        let Some(inner) = &mut self.inner else { return Poll::Ready(None) };
        match Pin::new(&mut *inner).poll_frame(cx) {
            Poll::Pending => {
                self.upload.note_wait();
                self.idle.poll_too_long(cx).map(|()| Some(Err(RequestBodyError::Idle)))
            }
            Poll::Ready(None) => {
                self.note_end();
                Poll::Ready(None)
            }
            Poll::Ready(Some(Err(error))) => Poll::Ready(Some(Err(RequestBodyError::Broken(error.into())))),
            Poll::Ready(Some(Ok(frame))) => {
                let is_last = frame.is_trailers() || inner.is_end_stream();
                let passed = self.pass(frame);
                if is_last {
                    self.note_end();
                }
                Poll::Ready(Some(passed))
            }
        }
    }
}

impl<B> Sending<B> {
    fn poll_released(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), RequestBodyError>> {
        if self.upload.is_abandoned() {
            return Poll::Ready(Err(RequestBodyError::Abandoned));
        }
        let Some(held) = &mut self.held else { return Poll::Ready(Ok(())) };
        let released = ready!(held.poll_word(cx));
        self.held = None;
        Poll::Ready(released)
    }

    fn note_end(&mut self) {
        self.upload.note_end();
        if let Some(kept) = &mut self.kept {
            kept.note_end();
        }
    }

    fn go_home(&mut self) {
        if let (Some(kept), Some(home), Some(inner)) = (self.kept.take(), self.home.take(), self.inner.take())
        {
            drop(home.send(inner.after(*kept)));
        }
    }

    fn pass<D: Buf>(&mut self, frame: Frame<RequestData<D>>) -> Passed<D> {
        let length = frame.data_ref().map_or(0, |data| data.remaining() as u64);
        self.upload.note_progress(length);
        self.idle.note_progress();
        self.left = self.left.checked_sub(length).ok_or(RequestBodyError::TooLarge)?;
        let frame = trailers::cleaned(frame);
        let Some(kept) = &mut self.kept else { return Ok(frame) };
        let (frame, is_kept) = kept.keep(frame);
        if !is_kept {
            self.kept = None;
            self.home = None;
        }
        Ok(frame)
    }
}

impl Held {
    fn poll_word(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), RequestBodyError>> {
        let patience = self.patience.get_or_insert_with(|| Box::pin(tokio::time::sleep(EXPECT_PATIENCE)));
        loop {
            match self.word.poll_recv(cx) {
                Poll::Ready(Some(Word::Continue)) => return Poll::Ready(Ok(())),
                Poll::Ready(Some(Word::Refused)) => patience.as_mut().reset(after(Duration::MAX)),
                Poll::Ready(None) => return Poll::Ready(Err(RequestBodyError::Abandoned)),
                Poll::Pending => break,
            }
        }
        patience.as_mut().poll(cx).map(Ok)
    }
}

impl<B> Drop for Sending<B> {
    /// Records the end as well: a client drops the body once all bytes of its declared length were sent, without
    /// polling for the end. Then the body goes back, if it still can and nothing was taken from it.
    fn drop(&mut self) {
        self.upload.note_end();
        if self.kept.as_ref().is_some_and(|kept| kept.is_begun()) {
            return;
        }
        if let (Some(home), Some(inner)) = (self.home.take(), self.inner.take()) {
            drop(home.send(inner));
        }
    }
}

impl<B> fmt::Debug for RequestBody<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestBody").field("upload", &self.upload()).finish_non_exhaustive()
    }
}
