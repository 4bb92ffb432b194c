//! One HTTP/1 connection, driven by whoever has a request on it.
//!
//! Nobody else can wake it, so what hyper passes from the connection to the answer's head and body need not wake anyone
//! either: those are looked at, with a waker that does nothing, each time the connection has been driven.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use http::{Request, Response};
use hyper::body::Incoming;
use hyper::client::conn::{TrySendError, http1};
use tokio::task::unconstrained;

use super::Payload;
use super::body::Receiving;
use super::dial::Transport;
use super::endpoint::Endpoint;
use super::pool::{Leased, Turn, Wear};
use crate::error::BoxError;
use crate::request_body::RequestBody;
use crate::upload::Upload;

/// How much hyper may read ahead of a client that doesn't read, or write behind for an upstream that doesn't, on each
/// connection; its own default is 408 KiB. Also the most that the head of a response may take.
const BUFFER: usize = 64 * 1024;

/// What there is to say when hyper ends a connection without a word to the request on it.
const SILENCE: &str = "the connection ended without a word";

pub(super) type Sent<B> = Request<RequestBody<B>>;

pub(super) struct Connection<B: Payload> {
    requests: http1::SendRequest<RequestBody<B>>,
    /// None once it has ended.
    driver: Option<http1::Connection<Leased<Transport>, RequestBody<B>>>,
    pub(super) wear: Wear,
    /// The runtime's that it belongs to.
    home: Option<usize>,
    /// Last, so that it ends after the connection has.
    turn: Option<Turn>,
}

/// A request that got no answer.
pub(super) enum Failure<B> {
    /// Not one byte of it was sent: here it is.
    Unsent(Box<Sent<B>>, hyper::Error),
    Died(BoxError),
}

impl<B: Payload> Connection<B> {
    pub(super) async fn open(
        transport: Leased<Transport>,
        home: Option<usize>,
        wear: Wear,
    ) -> hyper::Result<Box<Self>> {
        let (requests, driver) = http1::Builder::new().max_buf_size(BUFFER).handshake(transport).await?;
        Ok(Box::new(Self { requests, driver: Some(driver), wear, home, turn: None }))
    }

    pub(super) fn home(&self) -> Option<usize> {
        self.home
    }

    /// It has this turn until it is given back or closed.
    pub(super) fn begin_turn(&mut self, turn: Option<Turn>) {
        self.turn = turn;
    }

    pub(super) fn end_turn(&mut self) -> Option<Turn> {
        self.turn.take()
    }

    /// Sends a request and waits for the head of the answer.
    pub(super) async fn exchange(&mut self, request: Sent<B>) -> Result<Response<Incoming>, Failure<B>> {
        // Unconstrained, since whatever it waits for must come from driving the connection.
        let mut head = pin!(unconstrained(self.requests.try_send_request(request)));
        let driver = &mut self.driver;
        poll_fn(|cx| {
            drive(driver, cx);
            match head.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
                Poll::Ready(head) => Poll::Ready(head.map_err(Failure::from)),
                Poll::Pending if driver.is_none() => Poll::Ready(Err(Failure::Died(SILENCE.into()))),
                Poll::Pending => Poll::Pending,
            }
        })
        .await
    }

    /// Sends a request that asks for another protocol; a task takes the connection there, or to its end.
    pub(super) async fn exchange_for_upgrade(
        self,
        request: Sent<B>,
    ) -> Result<Response<Incoming>, Failure<B>> {
        let Self { mut requests, driver, .. } = self;
        tokio::spawn(async move {
            if let Some(driver) = driver {
                let _its_end_is_the_answers = driver.with_upgrades().await;
            }
        });
        Ok(requests.try_send_request(request).await?)
    }

    /// Whether it ended while it was idle, as far as the system has told.
    pub(super) fn is_dead(&mut self) -> bool {
        drive(&mut self.driver, &mut Context::from_waker(Waker::noop()));
        self.driver.is_none()
    }

    /// Drives it to the end of what is under way, as long as the answer is wanted, whether or not it is being read.
    pub(super) async fn finish(self, upload: Upload) {
        let Self { requests, driver, turn: _until_then, .. } = self;
        drop(requests);
        let Some(driver) = driver else { return };
        tokio::select! {
            _its_end_is_the_answers = driver => {}
            () = upload.abandoned() => {}
        }
    }
}

/// Drives it until it has ended; then it goes, as it may still have a request that it didn't send, which comes back so.
fn drive<D: Future + Unpin>(driver: &mut Option<D>, cx: &mut Context<'_>) {
    if driver.as_mut().is_some_and(|driver| Pin::new(driver).poll(cx).is_ready()) {
        *driver = None;
    }
}

impl<B: Payload> Receiving for Connection<B> {
    fn drive(&mut self, cx: &mut Context<'_>) {
        drive(&mut self.driver, cx);
    }

    fn is_done(&self) -> bool {
        self.driver.is_none() || self.requests.is_ready()
    }

    fn give_back(self: Box<Self>, endpoint: &Arc<Endpoint>) {
        if let Some(pool) = endpoint.pool().filter(|_| self.driver.is_some()) {
            pool.keep(self, endpoint);
        }
    }
}

impl<B> From<TrySendError<Sent<B>>> for Failure<B> {
    fn from(mut failed: TrySendError<Sent<B>>) -> Self {
        match failed.take_message() {
            Some(request) => Self::Unsent(Box::new(request), failed.into_error()),
            None => Self::Died(failed.into_error().into()),
        }
    }
}
