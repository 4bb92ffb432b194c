//! Polls a connection to its end: its streams are begun, and its time and the shutdown are watched.

use std::convert::Infallible;
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use h2::Reason;
use h2::server::{Connection, SendResponse};
use http::{Request, Response};
use http_body::Body;
use tokio::time::{Instant, Sleep, sleep};
use tower::{BoxError, Service};
use tracing::debug;

use super::activity::Activity;
use super::entrance::Entrance;
use super::exchange::Exchange;
use super::go_on;
use super::interim::Interim;
use super::io::Io;
use super::piece::Piece;
use super::pings::Pings;
use super::streams::InFlight;
use crate::serve::Limits;
use crate::serve::ear::Ear;
use crate::serve::interim::Interims;
use crate::serve::request_body::RequestBody;
use crate::serve::stream::OverSocket;

/// A connection, and the app that answers its requests.
pub(super) struct Served<'a, T, S> {
    pub(super) connection: Connection<&'a mut Io<T>, Piece>,
    pub(super) entrance: Entrance<S>,
    pub(super) pings: Pings,
    pub(super) activity: Arc<Activity>,
    pub(super) limits: Limits,
}

impl<T, S, B> Served<'_, T, S>
where
    T: OverSocket,
    S: Service<Request<RequestBody>, Response = Response<B>, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send + 'static,
    B: Body<Error: Into<BoxError>> + Default + Send + 'static,
{
    /// Polls the connection until it ends. When the shutdown begins, or its deadline has passed, it is wound down: a
    /// GOAWAY is sent, and requests in flight are finished. If the deadline passes again, it is given up.
    pub(super) async fn drive(&mut self, mut ear: Ear) {
        let mut timer = pin!(sleep(self.limits.keep_alive_idle));
        let (mut is_shutting_down, mut said_goodbye) = (false, false);
        poll_fn(|cx| {
            loop {
                // The connection is polled first, so that a request that came at the same time as the shutdown is still
                // served.
                if self.poll(cx).is_ready() {
                    return Poll::Ready(());
                }
                if !is_shutting_down && ear.poll_retiring(cx).is_ready() {
                    is_shutting_down = true;
                    self.connection.graceful_shutdown();
                    continue;
                }
                if self.pings.poll_dead(cx).is_ready() {
                    debug!("a client is gone without a word");
                    self.connection.abrupt_shutdown(Reason::NO_ERROR);
                    continue;
                }
                ready!(poll_expired(timer.as_mut(), &self.activity, self.limits.keep_alive_idle, cx));
                if said_goodbye {
                    return Poll::Ready(());
                }
                said_goodbye = true;
                self.connection.graceful_shutdown();
                self.activity.set_deadline_in(self.limits.request_head);
            }
        })
        .await;
    }

    /// Reads and writes frames, and begins the streams that the client opens. Ready when the connection has ended.
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            match ready!(self.connection.poll_accept(cx)) {
                Some(Ok((request, respond))) => self.begin(request, respond),
                Some(Err(error)) => {
                    debug!(%error, "connection ended early");
                    return Poll::Ready(());
                }
                None => return Poll::Ready(()),
            }
        }
    }

    fn begin(&self, request: Request<h2::RecvStream>, respond: SendResponse<Piece>) {
        self.activity.request_received();
        let in_flight = InFlight::begin(&self.activity);
        let interims = Interims::new();
        let (wish, held_back) = go_on::of(&request).unzip();
        let (answer, asked) = self.entrance.answer(request, wish, interims.informational());
        let interim = Interim::new(interims, held_back);
        let exchange = Exchange::new(answer, interim, respond, self.limits.write_stall, in_flight);
        tokio::spawn(exchange.or_tunnel(asked));
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
