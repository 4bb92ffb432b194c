//! Polls a connection to its end. hyper speaks the protocol; this adds the deadline and the shutdown.

use std::convert::Infallible;
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use hyper::body::{Body, Incoming};
use hyper::server::conn::http2;
use hyper::service::HttpService;
use hyper_util::rt::TokioIo;
use tokio::time::{Instant, Sleep, sleep};
use tower::BoxError;
use tracing::debug;

use super::activity::Activity;
use super::io::Io;
use super::streams::Streams;
use crate::serve::Limits;
use crate::serve::shutdown::Begun;
use crate::serve::stream::OverTcp;

/// hyper's part of a connection.
type Connection<'a, T, S> = http2::Connection<TokioIo<&'a mut Io<T>>, S, Streams>;

/// Polls a connection until it ends. When the shutdown begins, or the connection's deadline has passed, it is wound
/// down: hyper sends a GOAWAY, and requests in flight are finished. If the deadline passes again, it is given up.
pub(super) async fn drive<T, S, B>(
    mut connection: Pin<&mut Connection<'_, T, S>>,
    limits: &Limits,
    activity: &Activity,
    begun: &mut Begun,
) where
    T: OverTcp,
    S: HttpService<Incoming, ResBody = B, Error = Infallible, Future: Send + 'static>,
    B: Body<Data: Send, Error: Into<BoxError>> + Send + 'static,
{
    let news = begun.clone();
    let mut begun = pin!(begun.wait());
    let mut ear = Ear::Closed;
    let mut timer = pin!(sleep(limits.keep_alive_idle));
    let mut said_goodbye = false;
    poll_fn(|cx| {
        loop {
            // The connection is polled first, so that a request that came at the same time as the shutdown is still
            // served.
            if let Poll::Ready(result) = connection.as_mut().poll(cx) {
                log(result);
                return Poll::Ready(());
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
            if said_goodbye {
                return Poll::Ready(());
            }
            said_goodbye = true;
            connection.as_mut().graceful_shutdown();
            activity.set_deadline_in(limits.request_head);
        }
    })
    .await;
}

fn log(ended: hyper::Result<()>) {
    if let Err(error) = ended {
        debug!(%error, "connection ended early");
    }
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
