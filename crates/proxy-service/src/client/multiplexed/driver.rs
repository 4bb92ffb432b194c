//! One connection, as the task sees it that drives it.

use std::future::{Future, poll_fn};
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Weak};
use std::task::{Context, Poll};

use hyper::client::conn::http2::{self, Builder};
use hyper_util::rt::TokioTimer;
use tokio::time::timeout;

use super::super::dial::Transport;
use super::super::pool::{Leased, Turn};
use super::super::{Options, Payload};
use super::connection::{Connection, Load};
use super::tasks::{Task, Tasks};
use super::{Http2Options, Set};
use crate::error::BoxError;
use crate::request_body::RequestBody;

/// What a request's answer may run ahead of its reader.
const STREAM_WINDOW: u32 = 256 * 1024;
/// The largest window that there is (RFC 9113 §6.9.1).
const LARGEST_WINDOW: u32 = (1 << 31) - 1;
/// As many streams as have room in a connection's window together, so that a reader that falls asleep holds up no other.
pub(super) const MOST_STREAMS: u32 = LARGEST_WINDOW / STREAM_WINDOW;
/// What a request's body may run ahead of its upstream.
const SEND_BUFFER: usize = 64 * 1024;
/// As large as HTTP/1's may be.
const HEADER_SECTION: u32 = 64 * 1024;

/// Begins to speak HTTP/2 on a new connection, and leaves it to a task.
///
/// The upstream's settings are waited for: they say how many streams it wants, and that it does speak HTTP/2. So no request
/// is sent to find out either.
pub(in crate::client) async fn open<B: Payload>(
    transport: Leased<Transport>,
    set: &Arc<Set<B>>,
    client: &Options,
    turn: Option<Turn>,
) -> Result<Connection<B>, BoxError> {
    let (tasks, mut first) = Tasks::new();
    let handshake = builder(tasks, &client.http2).handshake(transport);
    let (requests, sending) = handshake.await?;
    let connection = first.try_recv().ok();
    drop(first);
    let mut driver = Driver {
        sending: Some(sending),
        connection,
        load: set.new_load(),
        max_streams: client.http2.streams(),
        set: Weak::new(),
        _turn: turn,
    };
    match timeout(client.connect_timeout, poll_fn(|cx| driver.poll_settings(cx))).await {
        Ok(settings) => settings?,
        Err(_) => return Err(io::Error::from(io::ErrorKind::TimedOut).into()),
    }
    driver.set = Arc::downgrade(set);
    let connection = Connection::new(requests, Arc::clone(&driver.load), &client.keeping);
    tokio::spawn(driver);
    Ok(connection)
}

fn builder(tasks: Tasks, options: &Http2Options) -> Builder<Tasks> {
    let mut builder = Builder::new(tasks);
    builder
        .timer(TokioTimer::new())
        .initial_stream_window_size(STREAM_WINDOW)
        .initial_connection_window_size(options.streams() * STREAM_WINDOW)
        .max_send_buf_size(SEND_BUFFER)
        .max_header_list_size(HEADER_SECTION)
        // Until the upstream has said how many.
        .initial_max_send_streams(0);
    if let Some(keep_alive) = options.keep_alive {
        builder.keep_alive_interval(keep_alive.interval).keep_alive_timeout(keep_alive.timeout);
    }
    builder
}

/// Both of hyper's halves of a connection.
struct Driver<B: Payload> {
    /// Takes requests in. Ends when the upstream wants no more, or when nobody is left who could send one.
    sending: Option<http2::Connection<Leased<Transport>, RequestBody<B>, Tasks>>,
    /// Reads and writes frames, until the last stream has ended.
    connection: Option<Task>,
    load: Arc<Load>,
    max_streams: u32,
    /// What it is in once it is made.
    set: Weak<Set<B>>,
    /// Last, as no turn may be free before the connection is closed.
    _turn: Option<Turn>,
}

impl<B: Payload> Driver<B> {
    fn poll_settings(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        let sending = self.poll_both(cx);
        match (sending, &self.sending) {
            (Err(error), _) => Poll::Ready(Err(error.into())),
            (Ok(()), None) => Poll::Ready(Err(io::Error::from(io::ErrorKind::UnexpectedEof).into())),
            (Ok(()), Some(sending)) if sending.current_max_send_streams() > 0 => Poll::Ready(Ok(())),
            (Ok(()), Some(_)) => Poll::Pending,
        }
    }

    /// Requests go out with what is written; what is read may mean that no more can.
    fn poll_both(&mut self, cx: &mut Context<'_>) -> hyper::Result<()> {
        let before = self.poll_sending(cx);
        if self.connection.as_mut().is_some_and(|connection| connection.as_mut().poll(cx).is_ready()) {
            self.connection = None;
        }
        before.and_then(|()| self.poll_sending(cx))
    }

    fn poll_sending(&mut self, cx: &mut Context<'_>) -> hyper::Result<()> {
        let Some(sending) = &mut self.sending else { return Ok(()) };
        let end = Pin::new(&mut *sending).poll(cx);
        let wanted = u32::try_from(sending.current_max_send_streams()).unwrap_or(u32::MAX);
        self.load.set_limit(wanted.min(self.max_streams));
        let Poll::Ready(end) = end else { return Ok(()) };
        self.sending = None;
        self.load.retire();
        if let Some(set) = self.set.upgrade() {
            set.remove_retired();
        }
        end
    }
}

impl<B: Payload> Future for Driver<B> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        // Requests learn of an error from their own streams.
        let _its_end_is_the_answers = self.poll_both(cx);
        match (&self.sending, &self.connection) {
            (None, None) => Poll::Ready(()),
            _ => Poll::Pending,
        }
    }
}
