//! Polls an HTTP/1 connection to its end. hyper speaks the protocol; this adds the deadlines and the shutdown.

use std::convert::Infallible;
use std::error::Error;
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use http_body::Body;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::HttpService;
use hyper_util::rt::TokioIo;
use tokio::time::{Instant, Sleep, sleep};
use tracing::debug;

use super::Limits;
use super::activity::{Activity, Expired};
use super::io::Io;
use super::limits::over_limit;
use super::shutdown::Begun;

/// Polls a connection until it ends or has to be parked. When the shutdown begins, it is told to wind down. When its
/// deadline has passed, it is ended.
pub(super) async fn drive<S>(
    mut connection: Pin<&mut http1::UpgradeableConnection<TokioIo<Io>, S>>,
    limits: &Limits,
    activity: &Activity,
    begun: &mut Begun,
) -> End
where
    S: HttpService<Incoming, Error = Infallible>,
    S::ResBody: 'static,
    <S::ResBody as Body>::Error: Into<Box<dyn Error + Send + Sync>>,
{
    let news = begun.clone();
    let mut begun = pin!(begun.wait());
    let mut ear = Ear::Closed;
    let mut timer = pin!(sleep(limits.request_head));
    poll_fn(|cx| {
        loop {
            // The connection is polled first, so that a request that came at the same time as the shutdown is still
            // served.
            if let Poll::Ready(result) = connection.as_mut().poll(cx) {
                return Poll::Ready(End::of(result));
            }
            // `begun` has to be polled only once to wake this task, whose waker never changes. Polling it takes a lock.
            if ear == Ear::Closed || (ear == Ear::Open && news.has_news()) {
                ear = Ear::Open;
                if begun.as_mut().poll(cx).is_ready() {
                    ear = Ear::Done;
                    connection.as_mut().graceful_shutdown();
                    continue;
                }
            }
            ready!(poll_expired(timer.as_mut(), activity, limits.keep_alive_idle, cx));
            match activity.expire() {
                Expired::Parked => {
                    connection.as_mut().graceful_shutdown();
                    continue;
                }
                Expired::NotYet => continue,
                Expired::Ended => return Poll::Ready(End::GivenUp),
            }
        }
    })
    .await
}

/// Ready when the connection's deadline has passed. The timer is changed only if it must fire earlier. If the deadline
/// is later, that is noticed when the timer fires. So a request that is soon followed by another one changes no timer.
fn poll_expired(
    mut timer: Pin<&mut Sleep>,
    activity: &Activity,
    look_again: Duration,
    cx: &mut Context<'_>,
) -> Poll<()> {
    loop {
        let deadline = activity.deadline();
        if let Some(deadline) = deadline
            && deadline < timer.deadline()
        {
            timer.as_mut().reset(deadline);
        }
        ready!(timer.as_mut().poll(cx));
        let now = Instant::now();
        match deadline {
            Some(deadline) if deadline <= now => return Poll::Ready(()),
            Some(deadline) => timer.as_mut().reset(deadline),
            None => timer.as_mut().reset(now + look_again),
        }
    }
}

/// Whether a connection's task waits for the shutdown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ear {
    /// It hasn't polled for it yet.
    Closed,
    /// It is woken when the shutdown begins.
    Open,
    /// The shutdown has begun.
    Done,
}

/// How a connection ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    Complete,
    /// A request's head wasn't HTTP. hyper has answered it.
    Unreadable,
    /// There was an I/O error, or a response's body failed.
    Broken,
    /// Its deadline has passed.
    GivenUp,
}

impl End {
    fn of(result: hyper::Result<()>) -> Self {
        match result {
            Ok(()) => Self::Complete,
            Err(error) => {
                debug!(%error, "connection ended early");
                if error.is_parse_too_large() {
                    over_limit("limits.header_section or limits.header_fields, or for a URI limits.uri");
                }
                if error.is_parse() { Self::Unreadable } else { Self::Broken }
            }
        }
    }
}
