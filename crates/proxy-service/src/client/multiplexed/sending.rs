//! Sending a request's body on its stream.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes};
use h2::{Reason, SendStream};
use http_body::{Body, Frame};

use super::super::sent::Payload;
use super::super::steps;
use super::received::Occupancy;
use crate::request_body::RequestBody;
use crate::upload::Upload;

/// Sends a body as fast as the upstream takes it.
pub(super) struct Sending<B> {
    body: RequestBody<B>,
    stream: SendStream<Bytes>,
    /// A piece of the body that the upstream hasn't given room for yet.
    waiting: Option<Waiting>,
    is_over: bool,
}

struct Waiting {
    data: Bytes,
    is_last: bool,
}

/// The body was not sent to its end: the stream takes no more, or the body failed. Polling the answer shows why.
struct CutOff;

impl<B: Payload> Sending<B> {
    pub(super) fn new(body: RequestBody<B>, stream: SendStream<Bytes>) -> Self {
        let is_over = body.is_end_stream();
        if is_over {
            steps::note_sent();
        }
        Self { body, stream, waiting: None, is_over }
    }

    /// Whether there is nothing left to do.
    pub(super) fn is_over(&self) -> bool {
        self.is_over
    }

    /// The body, to ask whether it waits for the upstream's 100, to let it go, or to stop keeping what was taken from
    /// it.
    pub(super) fn body(&mut self) -> &mut RequestBody<B> {
        &mut self.body
    }

    pub(super) fn into_body(self) -> RequestBody<B> {
        self.body
    }

    /// Sends what can be sent now. Ready when there is nothing left to do.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if !self.is_over {
            let sent = ready!(self.poll_to_end(cx));
            self.is_over = true;
            // If it was cut off, the answer says why.
            if sent.is_ok() {
                steps::note_sent();
            }
        }
        Poll::Ready(())
    }

    /// Sends the rest of the body while the answer is being read. If the answer is abandoned first, the stream is
    /// reset. The request's place on the connection is kept until then.
    pub(super) async fn finish(mut self, upload: Upload, _until_then: Occupancy) {
        let abandoned = tokio::select! {
            () = poll_fn(|cx| self.poll(cx)) => false,
            () = upload.abandoned() => true,
        };
        if abandoned {
            self.stream.send_reset(Reason::CANCEL);
        }
    }

    fn poll_to_end(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), CutOff>> {
        loop {
            if self.stream.poll_reset(cx).is_ready() {
                return Poll::Ready(Err(CutOff));
            }
            if ready!(self.poll_waiting(cx))? {
                return Poll::Ready(Ok(()));
            }
            let next = match ready!(Pin::new(&mut self.body).poll_frame(cx)) {
                Some(Ok(frame)) => self.put(frame),
                Some(Err(_)) => {
                    self.stream.send_reset(Reason::CANCEL);
                    return Poll::Ready(Err(CutOff));
                }
                None => self.stream.send_data(Bytes::new(), true).map(|()| Next::Nothing),
            };
            match next {
                Ok(Next::More) => {}
                Ok(Next::Nothing) => return Poll::Ready(Ok(())),
                Err(_) => return Poll::Ready(Err(CutOff)),
            }
        }
    }

    /// Sends the waiting piece as soon as there is room for some of it; says whether it was the last.
    fn poll_waiting(&mut self, cx: &mut Context<'_>) -> Poll<Result<bool, CutOff>> {
        while self.waiting.is_some() && self.stream.capacity() == 0 {
            match ready!(self.stream.poll_capacity(cx)) {
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return Poll::Ready(Err(CutOff)),
            }
        }
        let Some(Waiting { data, is_last }) = self.waiting.take() else { return Poll::Ready(Ok(false)) };
        let sent = self.stream.send_data(data, is_last);
        Poll::Ready(sent.map(|()| is_last).map_err(|_| CutOff))
    }

    fn put<D: Buf>(&mut self, frame: Frame<D>) -> Result<Next, h2::Error> {
        let frame = match frame.into_data() {
            Ok(mut data) => {
                let data = data.copy_to_bytes(data.remaining());
                // Only one byte is reserved: more would be taken from the connection's window, which other streams
                // could use.
                self.stream.reserve_capacity(data.len().min(1));
                let is_last = self.body.is_end_stream();
                if data.is_empty() {
                    return self.stream.send_data(data, is_last).map(|()| Next::after(is_last));
                }
                self.waiting = Some(Waiting { data, is_last });
                return Ok(Next::More);
            }
            Err(frame) => frame,
        };
        match frame.into_trailers() {
            Ok(trailers) => {
                self.stream.reserve_capacity(0);
                self.stream.send_trailers(trailers).map(|()| Next::Nothing)
            }
            Err(_) => Ok(Next::More),
        }
    }
}

/// Whether there is more of a body to send.
enum Next {
    More,
    Nothing,
}

impl Next {
    fn after(is_last: bool) -> Self {
        if is_last { Self::Nothing } else { Self::More }
    }
}
