//! One request and its response.

use std::convert::Infallible;
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, ready};

use http::{Request, Response, Version, request};
use http_body::Body;
use http1::{Phase, RefusedHead};
use tower::Service;

use super::super::stream::OverSocket;
use super::super::{Refusals, RequestBody, refused};
use super::answer::Sent;
use super::line::{Gone, Line};
use super::upload::{Feed, Upload};
use crate::serve::upgrade::{self, Switch};

/// What became of a request.
pub(super) enum Outcome<T> {
    /// It was answered.
    Answered,
    /// It was answered, and another protocol is spoken on the connection from now on.
    Switched(Switch<T>),
    /// The response broke off.
    Broken,
    /// The client has gone.
    Gone,
}

impl<T: OverSocket> Line<T> {
    /// Passes a request to the app, and sends the response.
    pub(super) async fn exchange<S, B>(&mut self, head: request::Parts, service: &mut S) -> Outcome<T>
    where
        S: Service<Request<RequestBody>, Response = Response<B>, Error = Infallible>,
        B: Body,
    {
        let (feed, upload) = Feed::of(&mut self.wire);
        let mut request = Request::from_parts(head, RequestBody::from(upload));
        if request.version() != Version::HTTP_10 {
            request.extensions_mut().insert(self.informational());
        }
        self.ask(request, feed, service).await
    }

    async fn ask<S, B>(
        &mut self,
        mut request: Request<RequestBody>,
        mut feed: Feed,
        service: &mut S,
    ) -> Outcome<T>
    where
        S: Service<Request<RequestBody>, Response = Response<B>, Error = Infallible>,
        B: Body,
    {
        let switch = self.wire.codec().may_switch().then(|| {
            let (offered, switch) = upgrade::offer();
            request.extensions_mut().insert(offered);
            switch
        });
        let is_ready = {
            let mut ready = pin!(poll_fn(|cx| service.poll_ready(cx)));
            poll_fn(|cx| self.poll_app(ready.as_mut(), &mut feed, cx)).await
        };
        let Ok(Ok(())) = is_ready else { return Outcome::Gone };
        let response = {
            let mut answering = pin!(service.call(request));
            poll_fn(|cx| {
                let response = ready!(self.poll_app(answering.as_mut(), &mut feed, cx));
                self.end_interims(cx);
                Poll::Ready(response)
            })
            .await
        };
        match response {
            Ok(Ok(response)) => self.send(response, feed, switch).await,
            Err(Gone) => Outcome::Gone,
        }
    }

    async fn send<B: Body>(
        &mut self,
        response: Response<B>,
        mut feed: Feed,
        switch: Option<Switch<T>>,
    ) -> Outcome<T> {
        match self.answer(response, &mut feed).await {
            Sent::Whole => self.finish(feed).await,
            Sent::Broken => return Outcome::Broken,
            Sent::Gone => return Outcome::Gone,
        }
        match switch {
            _ if self.wire.phase() != Phase::Switched => Outcome::Answered,
            Some(switch) if self.wire.codec().is_received() => Outcome::Switched(switch),
            // Nobody knows where the request's body ends and the other protocol begins.
            _ => Outcome::Gone,
        }
    }

    /// Has a request answered that is refused.
    pub(super) async fn refuse<S, B>(&mut self, head: RefusedHead, service: &mut S) -> Outcome<T>
    where
        S: Service<Request<RequestBody>, Response = Response<B>, Error = Infallible>,
        B: Body + Default,
    {
        match self.options.refusals {
            Refusals::PassedOn => {
                let stand_in = refused::stand_in(head, RequestBody::from(Upload::Empty));
                self.ask(stand_in, Feed::Over, service).await
            }
            Refusals::AnsweredHere => self.send(refused::bare::<B>(head.fault), Feed::Over, None).await,
        }
    }

    /// Polls the app, and attends to everything else while it isn't done.
    fn poll_app<F: Future>(
        &mut self,
        mut app: Pin<&mut F>,
        upload: &mut Feed,
        cx: &mut Context<'_>,
    ) -> Poll<Result<F::Output, Gone>> {
        loop {
            if let Poll::Ready(done) = app.as_mut().poll(cx) {
                return Poll::Ready(Ok(done));
            }
            if upload.poll_pass_on(&mut self.wire, cx).is_ready() {
                continue;
            }
            // The next interim answer is taken when the last one has been written.
            if let Poll::Ready(written) = self.poll_write_head(cx) {
                written?;
                if self.poll_interim(cx).is_ready() {
                    continue;
                }
            }
            return Poll::Ready(Err(ready!(self.poll_gone(cx))));
        }
    }

    /// Once the response is sent, the rest of the request's body is passed on to an app that still reads it. If the app
    /// has dropped it, the rest is read and dropped, for a while. After that the connection can go on.
    async fn finish(&mut self, mut feed: Feed) {
        if self.wire.codec().is_received() {
            return;
        }
        poll_fn(|cx| self.poll_passed_on(&mut feed, cx)).await;
        self.timer.set_in(self.options.limits.linger.total);
        if poll_fn(|cx| self.poll_dropped(cx)).await.is_err() {
            self.wire.close_after();
        }
        self.timer.clear();
    }

    fn poll_passed_on(&mut self, feed: &mut Feed, cx: &mut Context<'_>) -> Poll<()> {
        while !feed.is_over() && self.is_rest_awaited(cx) {
            if feed.poll_pass_on(&mut self.wire, cx).is_pending() && !feed.is_over() {
                return Poll::Pending;
            }
        }
        Poll::Ready(())
    }

    fn poll_dropped(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Gone>> {
        while self.is_rest_awaited(cx) {
            if self.wire.poll_piece(cx).is_pending() {
                return self.timer.poll_expired(cx).map(|()| Err(Gone));
            }
        }
        Poll::Ready(Ok(()))
    }

    /// Whether the rest of the request's body is worth waiting for. With the shutdown it isn't, unless another protocol
    /// is going to be spoken behind it.
    fn is_rest_awaited(&mut self, cx: &mut Context<'_>) -> bool {
        if self.wire.phase() == Phase::Unread && self.poll_shutdown(cx).is_ready() {
            self.wire.close_after();
        }
        let goes_on = matches!(self.wire.phase(), Phase::Unread | Phase::Switched);
        goes_on && !self.wire.codec().is_received() && !self.wire.codec().has_failed()
    }
}
