//! One connection, as the task that drives it sees it.

use std::future::{Future, poll_fn};
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Weak};
use std::task::{Context, Poll};

use bytes::Bytes;
use h2::client::{self, Builder, SendRequest};
use tokio::sync::mpsc::{self, Receiver};
use tokio::time::timeout;

use super::super::answers::AnswerLimits;
use super::super::dial::Transport;
use super::super::options::Options;
use super::super::pool::{Leased, Turn};
use super::Set;
use super::connection::Connection;
use super::heard::Heard;
use super::load::Load;
use super::options::STREAM_WINDOW;
use super::pings::Pings;
use crate::error::BoxError;

/// How many bytes of a request's body h2 may buffer while the upstream doesn't take them.
const SEND_BUFFER: usize = 64 * 1024;
/// The least that h2's limit for an answer's fields is set to, in bytes. h2 has to decode even the fields that it
/// discards, since the fields of all answers share one compression state. If an answer goes far beyond the limit, h2
/// ends the connection, and all requests on it fail.
const READABLE_FIELDS: u32 = 1024 * 1024;

/// Begins HTTP/2 on a new connection, and spawns the task that drives it.
///
/// This waits for the upstream's SETTINGS. They show that the upstream speaks HTTP/2, and say how many streams it
/// accepts. So no request has to be sent to find that out.
pub(in crate::client) async fn open(
    transport: Leased<Transport>,
    set: &Arc<Set>,
    client: &Options,
    turn: Option<Turn>,
) -> Result<Arc<Connection>, BoxError> {
    let (line, asked) = mpsc::channel(1);
    let load = set.new_load(line.downgrade());
    let io = Heard::new(transport, &load);
    let (requests, mut connection) = builder(client).handshake(io).await?;
    let mut driver = Driver {
        pings: Pings::new(connection.ping_pong(), &load, client.http2.keep_alive),
        connection,
        is_over: false,
        asked: Some(asked),
        sending: Some(requests.clone()),
        load: Arc::clone(&load),
        max_streams: client.http2.streams(),
        set: Arc::downgrade(set),
        _turn: turn,
    };
    match timeout(client.connect_timeout, poll_fn(|cx| driver.poll_settings(cx))).await {
        Ok(settings) => settings?,
        Err(_) => return Err(io::Error::from(io::ErrorKind::TimedOut).into()),
    }
    let connection = Connection::new(requests, &load, line, client);
    tokio::spawn(driver);
    Ok(Arc::new(connection))
}

fn builder(client: &Options) -> Builder {
    let mut builder = Builder::new();
    builder
        .initial_window_size(STREAM_WINDOW)
        .initial_connection_window_size(client.http2.streams() * STREAM_WINDOW)
        .max_send_buffer_size(SEND_BUFFER)
        .max_header_list_size(readable_fields(client.answers))
        .enable_push(false)
        // No stream is opened until the upstream has said how many it accepts.
        .initial_max_send_streams(0);
    builder
}

/// h2's limit for an answer's fields, in bytes: at least twice our own limit. h2 reports no error of its own for larger
/// fields, and silently drops the trailers beyond its limit. As its limit is so much larger than ours, what it keeps of
/// them is still over our limit, and our own check refuses the answer.
fn readable_fields(limits: AnswerLimits) -> u32 {
    let section = u32::try_from(limits.section).unwrap_or(u32::MAX);
    section.saturating_mul(2).max(READABLE_FIELDS)
}

/// The task of a connection: reads and writes frames until the last stream has ended and no other can be opened.
struct Driver {
    connection: client::Connection<Heard, Bytes>,
    is_over: bool,
    /// Receives a message if a ping is wanted. The channel ends when the [`Connection`] is dropped: then this is None.
    asked: Option<Receiver<()>>,
    /// Shows whether the upstream takes requests. None once it takes no more, or the [`Connection`] is dropped.
    sending: Option<SendRequest<Bytes>>,
    pings: Pings,
    load: Arc<Load>,
    max_streams: u32,
    /// The set that the connection is added to once it is made.
    set: Weak<Set>,
    /// The last field, so that it is dropped last: the turn becomes free only once the connection is closed.
    _turn: Option<Turn>,
}

impl Driver {
    fn poll_settings(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        let end = Pin::new(&mut self.connection).poll(cx);
        self.is_over = end.is_ready();
        match (end, self.connection.max_concurrent_send_streams()) {
            (Poll::Pending, 0) => return Poll::Pending,
            (Poll::Ready(Ok(())), 0) => {
                return Poll::Ready(Err(io::Error::from(io::ErrorKind::UnexpectedEof).into()));
            }
            (Poll::Ready(Err(error)), 0) => return Poll::Ready(Err(error.into())),
            (Poll::Pending, 1..) => self.look_whether_it_takes_more(cx),
            // The upstream sent its SETTINGS, but then the connection ended.
            (Poll::Ready(_), 1..) => self.take_no_more(),
        }
        Poll::Ready(Ok(()))
    }

    fn poll_asked(&mut self, cx: &mut Context<'_>) {
        while let Some(asked) = &mut self.asked {
            match asked.poll_recv(cx) {
                Poll::Ready(Some(())) => self.pings.ask(),
                Poll::Ready(None) => {
                    self.asked = None;
                    self.sending = None;
                }
                Poll::Pending => return,
            }
        }
    }

    fn look_whether_it_takes_more(&mut self, cx: &mut Context<'_>) {
        let wanted = u32::try_from(self.connection.max_concurrent_send_streams()).unwrap_or(u32::MAX);
        self.load.set_limit(wanted.min(self.max_streams));
        let takes_no_more =
            |sending: &mut SendRequest<Bytes>| matches!(sending.poll_ready(cx), Poll::Ready(Err(_)));
        if self.sending.as_mut().is_some_and(takes_no_more) {
            self.take_no_more();
        }
    }

    fn take_no_more(&mut self) {
        if self.sending.take().is_some() {
            self.load.note_end();
        }
        if let Some(set) = self.set.upgrade() {
            set.remove_retired();
        }
    }
}

impl Future for Driver {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        self.poll_asked(cx);
        // An error needs no handling here: each request gets it from its own stream.
        self.is_over = self.is_over || Pin::new(&mut self.connection).poll(cx).is_ready();
        if self.is_over || self.pings.poll(cx).is_ready() {
            self.load.retire();
            self.take_no_more();
            return Poll::Ready(());
        }
        self.look_whether_it_takes_more(cx);
        Poll::Pending
    }
}
