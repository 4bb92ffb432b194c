//! Sending a response.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, ready};

use bytes::Buf;
use http::{Response, StatusCode};
use http_body::{Body, Frame};
use http1::{BodySize, Framed, ResponseHead, Unsendable};
use tracing::error;

use super::super::stream::OverSocket;
use super::line::{Gone, Line};
use super::upload::Feed;
use super::wire::{Place, Wire};

/// How sending a response ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sent {
    /// All of it was written.
    Whole,
    /// Its body failed. What came before the failure was written.
    Broken,
    Gone,
}

impl<T: OverSocket> Line<T> {
    /// Sends a response, whose body may still depend on the request's body.
    pub(super) async fn answer<B: Body>(&mut self, response: Response<B>, upload: &mut Feed) -> Sent {
        self.settle(upload);
        let (head, body) = response.into_parts();
        let size = match body.size_hint().exact() {
            _ if body.is_end_stream() => BodySize::None,
            Some(0) => BodySize::None,
            Some(length) => BodySize::Exactly(length),
            None => BodySize::Unknown,
        };
        if let Err(unsendable) = self.wire.send_head((&head).into(), size) {
            return self.answer_instead(unsendable).await;
        }
        drop(head);
        let mut sending = Sending { body: pin!(body), piece: None, failed: false };
        poll_fn(|cx| self.poll_sent(&mut sending, upload, cx)).await
    }

    /// Decides whether the connection can go on after the response whose head is going to be sent. It can't if the app
    /// has dropped a request's body that hasn't been received whole.
    fn settle(&mut self, upload: &mut Feed) {
        upload.note_dropped();
        if upload.is_over() {
            self.wire.drop_received();
            if !self.wire.codec().is_received() {
                self.wire.close_after();
            }
        }
    }

    /// Answers instead of an app whose response can't be sent.
    async fn answer_instead(&mut self, unsendable: Unsendable) -> Sent {
        error!(error = %unsendable, "a response can't be sent");
        let instead = StatusCode::INTERNAL_SERVER_ERROR;
        let response = Response::builder().status(instead).body(()).unwrap_or_default();
        if self.wire.send_head(ResponseHead::from(&response), BodySize::None).is_err() {
            return Sent::Gone;
        }
        match poll_fn(|cx| self.poll_write_head(cx)).await {
            Ok(()) => Sent::Whole,
            Err(Gone) => Sent::Gone,
        }
    }

    fn poll_sent<B: Body>(
        &mut self,
        sending: &mut Sending<'_, B>,
        upload: &mut Feed,
        cx: &mut Context<'_>,
    ) -> Poll<Sent> {
        loop {
            let taken = sending.poll_take(&mut self.wire, cx);
            match self.poll_write(&mut sending.piece, cx) {
                Poll::Ready(Ok(())) if sending.failed => return Poll::Ready(Sent::Broken),
                Poll::Ready(Ok(())) if self.wire.codec().is_sent() => return Poll::Ready(Sent::Whole),
                Poll::Ready(Ok(())) if taken.is_ready() => continue,
                Poll::Ready(Ok(())) | Poll::Pending => {}
                Poll::Ready(Err(Gone)) => return Poll::Ready(Sent::Gone),
            }
            if upload.poll_pass_on(&mut self.wire, cx).is_pending() {
                ready!(self.poll_gone(cx));
                return Poll::Ready(Sent::Gone);
            }
        }
    }

    /// Writes what is pending while there is no piece of a body.
    pub(super) fn poll_write_head(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Gone>> {
        self.poll_write(&mut None::<Framed<&[u8]>>, cx)
    }
}

/// The body of a response, as far as it isn't written.
struct Sending<'a, B: Body> {
    body: Pin<&'a mut B>,
    piece: Option<Framed<B::Data>>,
    failed: bool,
}

impl<B: Body> Sending<'_, B> {
    /// Takes the next piece from the body, if the last one has been written and there is more. Ready when there is
    /// something to write.
    fn poll_take<T: OverSocket>(&mut self, wire: &mut Wire<T>, cx: &mut Context<'_>) -> Poll<()> {
        while self.piece.is_none() && !self.failed && !wire.codec().is_sent() {
            let frame = ready!(self.body.as_mut().poll_frame(cx));
            match self.frame(frame, wire) {
                Ok(Taken::Nothing) => {}
                Ok(Taken::Something) => break,
                Err(_) => self.failed = true,
            }
        }
        Poll::Ready(())
    }

    fn frame<T: OverSocket>(
        &mut self,
        frame: Option<Result<Frame<B::Data>, B::Error>>,
        wire: &mut Wire<T>,
    ) -> Result<Taken, Failed> {
        let Some(frame) = frame else {
            wire.send_end()?;
            return Ok(Taken::Something);
        };
        match frame.map_err(|_| Failed)?.into_data() {
            Ok(data) if !data.has_remaining() => return Ok(Taken::Nothing),
            Ok(data) => {
                let place = if self.body.is_end_stream() { Place::Last } else { Place::Within };
                self.piece = wire.frame(data, place)?;
            }
            Err(frame) => match frame.into_trailers() {
                Ok(trailers) => wire.send_trailers(&trailers)?,
                Err(_) => return Ok(Taken::Nothing),
            },
        }
        Ok(Taken::Something)
    }
}

/// What a frame of a body has brought.
enum Taken {
    Nothing,
    Something,
}

/// The body failed, or can't be sent as it was announced.
struct Failed;

impl From<Unsendable> for Failed {
    fn from(_: Unsendable) -> Self {
        Self
    }
}
