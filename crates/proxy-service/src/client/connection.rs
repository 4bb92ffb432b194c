//! One HTTP/1 connection, driven by whoever has a request on it.
//!
//! Nobody else can wake it, so what hyper passes from the connection to the answer's head and body need not wake anyone
//! either: those are looked at, with a waker that does nothing, each time the connection has been driven.

mod reader;

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use http::{Method, Request, Response, Version};
use hyper::body::Incoming;
use hyper::client::conn::{TrySendError, http1};
use tokio::task::coop::{Unconstrained, unconstrained};

pub(super) use self::reader::Reader;
use self::reader::Unanswered;
use super::Payload;
use super::body::Receiving;
use super::bound::{Identity, Owner};
use super::dial::Transport;
use super::endpoint::Endpoint;
use super::exchange::Asked;
use super::pool::{Leased, Lodging, Turn, Wear};
use crate::error::BoxError;
use crate::headers::connection_bound;
use crate::request_body::RequestBody;
use crate::upload::Upload;

/// What there is to say when hyper ends a connection without a word to the request on it.
const SILENCE: &str = "the connection ended without a word";

pub(super) type Sent<B> = Request<RequestBody<B>>;

pub(super) struct Connection<B: Payload> {
    requests: http1::SendRequest<RequestBody<B>>,
    /// None once it has ended.
    driver: Option<Driver<B>>,
    pub(super) wear: Wear,
    /// The runtime's that it belongs to.
    home: Option<usize>,
    owner: Owner,
    reader: Reader,
    /// Of a request on it there is something that will never be sent: nothing may come behind that.
    is_cut: bool,
    /// Its last answer asked its client who it is: a handshake may be under way.
    is_challenging: bool,
    /// Where a turn has to be that lasts as long as the connection.
    lodging: Option<Lodging>,
    /// Last, so that it ends after the connection has.
    turn: Option<Turn>,
}

#[allow(
    clippy::large_enum_variant,
    reason = "nearly all are plain, and in the box that the connection is in"
)]
enum Driver<B: Payload> {
    Plain(Plain<B>),
    /// hyper's type for this has no name.
    Upgradeable(Pin<Box<dyn Future<Output = hyper::Result<()>> + Send>>),
}

type Plain<B> = http1::Connection<Leased<Transport>, RequestBody<B>>;

/// As hyper has it.
type Head<B> = Result<Response<Incoming>, TrySendError<Sent<B>>>;

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
        reader: Reader,
    ) -> hyper::Result<Box<Self>> {
        let lodging = transport.lodging();
        let (requests, driver) = reader.builder().handshake(transport).await?;
        Ok(Box::new(Self {
            requests,
            driver: Some(Driver::Plain(driver)),
            wear,
            home,
            owner: Owner::Anybody,
            reader,
            is_cut: false,
            is_challenging: false,
            lodging,
            turn: None,
        }))
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

    /// It serves this client alone from now on. What it has taken of its endpoint's room it has until it is closed.
    pub(super) fn bind(&mut self, identity: &Identity, endpoint: &Arc<Endpoint>) {
        self.owner = Owner::alone(identity.client.as_ref());
        if let Some(client) = &identity.client {
            client.bind_to(endpoint);
        }
        if let Some((turn, lodging)) = self.turn.take().zip(self.lodging.as_ref()) {
            lodging.keep(turn);
        }
    }

    /// The request on it is its last.
    pub(super) fn end_after_this(&mut self) {
        self.owner = Owner::Nobody;
    }

    /// What the answer says about whom it may serve next.
    pub(super) fn note_answer(
        &mut self,
        head: &Response<Incoming>,
        identity: &Identity,
        endpoint: &Arc<Endpoint>,
    ) {
        self.is_challenging = connection_bound::has_challenge(head.headers());
        if self.is_challenging {
            self.bind(identity, endpoint);
        }
        if head.version() == Version::HTTP_10 {
            // hyper would go on in HTTP/1.0 on it, which has no chunks: a body of unknown length would be lost.
            self.end_after_this();
        }
    }

    /// Whether it has served its time, and isn't in the middle of a handshake.
    pub(super) fn is_spent(&self) -> bool {
        self.wear.is_worn_out() && !self.is_challenging
    }

    /// Sends a request and waits for the head of the answer.
    pub(super) async fn exchange(
        &mut self,
        request: Sent<B>,
        asked: &Asked,
    ) -> Result<Response<Incoming>, Failure<B>> {
        let is_head = request.method() == Method::HEAD;
        let head = pin!(unconstrained(self.requests.try_send_request(request)));
        match head_of(head, &mut self.driver, asked.upload.as_ref()).await {
            Err(Unanswered::Unread(unread)) if is_head => {
                Box::pin(self.read_again(unread, Method::HEAD, asked)).await
            }
            Err(Unanswered::Unread(unread)) => Box::pin(self.read_again(unread, Method::GET, asked)).await,
            Err(Unanswered::Failure(failure)) => Err(failure),
            Ok(head) => Ok(head),
        }
    }

    /// The request that is sent next may ask for another protocol.
    pub(super) fn allow_upgrade(&mut self) {
        self.driver = self.driver.take().map(|driver| match driver {
            Driver::Plain(connection) => Driver::Upgradeable(Box::pin(connection.with_upgrades())),
            upgradeable @ Driver::Upgradeable(_) => upgradeable,
        });
    }

    /// Drives it until it has been handed over to whoever speaks the other protocol.
    pub(super) async fn hand_over(self: Box<Self>) {
        let Self { driver, turn: _until_then, .. } = *self;
        if let Some(driver) = driver {
            let _its_end_is_the_tunnels = driver.await;
        }
    }

    /// Waits for its end while it is idle.
    pub(super) async fn ended(&mut self) {
        poll_fn(|cx| {
            drive(&mut self.driver, cx);
            if self.driver.is_none() { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
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

/// Drives a connection until the head of the answer is there. What that waits for must come from driving it: so it is
/// unconstrained.
///
/// Takes the future by reference, and not the request that it came of, so that neither is moved once more.
fn head_of<'a, B: Payload>(
    mut head: Pin<&'a mut Unconstrained<impl Future<Output = Head<B>> + 'a>>,
    driver: &'a mut Option<Driver<B>>,
    upload: Option<&'a Upload>,
) -> impl Future<Output = Result<Response<Incoming>, Unanswered<B>>> + 'a {
    poll_fn(move |cx| {
        let mut ended = drive_to_end(driver, cx);
        let cx = &mut Context::from_waker(Waker::noop());
        let mut polled = head.as_mut().poll(cx);
        if polled.is_pending() && ended.is_some() {
            ended = None;
            // It may still have had a request that it didn't send, which comes back so.
            polled = head.as_mut().poll(cx);
        }
        match polled {
            Poll::Ready(Err(failed)) => Poll::Ready(Err(Unanswered::of(failed, ended, upload))),
            Poll::Ready(Ok(head)) => Poll::Ready(Ok(head)),
            Poll::Pending if driver.is_none() => {
                Poll::Ready(Err(Unanswered::Failure(Failure::Died(SILENCE.into()))))
            }
            Poll::Pending => Poll::Pending,
        }
    })
}

/// Drives it until it has ended, and gives back what is left of it, if that is of any use.
fn drive_to_end<B: Payload>(driver: &mut Option<Driver<B>>, cx: &mut Context<'_>) -> Option<Plain<B>> {
    match driver {
        Some(Driver::Plain(connection)) => {
            if connection.poll_without_shutdown(cx).is_pending() {
                return None;
            }
            match driver.take() {
                Some(Driver::Plain(connection)) => Some(connection),
                Some(Driver::Upgradeable(_)) | None => None,
            }
        }
        Some(Driver::Upgradeable(_)) | None => {
            drive(driver, cx);
            None
        }
    }
}

/// Drives it until it has ended; then it goes, as it may still have a request that it didn't send, which comes back so.
fn drive<D: Future + Unpin>(driver: &mut Option<D>, cx: &mut Context<'_>) {
    if driver.as_mut().is_some_and(|driver| Pin::new(driver).poll(cx).is_ready()) {
        *driver = None;
    }
}

impl<B: Payload> Future for Driver<B> {
    type Output = hyper::Result<()>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<hyper::Result<()>> {
        match &mut *self {
            Self::Plain(connection) => Pin::new(connection).poll(cx),
            Self::Upgradeable(connection) => connection.as_mut().poll(cx),
        }
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
        let is_of_use = self.driver.is_some() && !self.is_cut;
        let Some(pool) = endpoint.pool().filter(|_| is_of_use) else { return };
        match self.owner.clone() {
            Owner::Anybody => pool.keep(self, endpoint),
            Owner::One(client) => pool.keep_for(client, self, endpoint),
            Owner::Nobody => {}
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
