//! One HTTP/1 connection to an upstream. It is driven by the future of the request that is on it, and then by the
//! body of the answer. So it needs no task of its own and no wake-up from one task to another.
//!
//! - `wire`: reads and writes the connection's bytes through the HTTP/1 codec.
//! - `sending`: sends the body of a request.
//! - `head`: sends a request and waits for the head of its answer.
//! - `answering`: goes on with an exchange whose answer began before all of the request was sent; a task does that.
//! - `switched`: the stream of a connection on which another protocol is spoken after a 101.

mod answering;
mod head;
mod sending;
mod switched;
mod wire;

use std::future::poll_fn;
use std::task::{Context, Waker};

use http1::HeaderCase;

pub(super) use self::answering::{Answering, Relayed};
pub(super) use self::head::{Answered, Failure};
pub(super) use self::sending::Sending;
use self::switched::Stream;
pub(crate) use self::switched::Switched;
use self::wire::Wire;
use super::answers::AnswerLimits;
use super::bound::Owner;
use super::dial::Transport;
use super::pool::{Leased, Lodging, Turn, Wear};

pub(super) struct Connection {
    pub(super) wire: Wire,
    pub(super) wear: Wear,
    /// The index of the runtime that the connection belongs to. None if it doesn't belong to a pool.
    home: Option<usize>,
    owner: Owner,
    /// Whether the last answer asked the client to authenticate. If so, a handshake may be under way.
    is_challenging: bool,
    /// Keeps a turn until the connection is closed. None if there is no limit on connections.
    lodging: Option<Lodging>,
    /// This is the last field, so that the turn ends after the connection was closed.
    turn: Option<Turn>,
}

impl Connection {
    pub(super) fn new(
        transport: Leased<Transport>,
        home: Option<usize>,
        wear: Wear,
        limits: AnswerLimits,
        case: HeaderCase,
    ) -> Self {
        let lodging = transport.lodging();
        Self {
            wire: Wire::new(transport, limits, case),
            wear,
            home,
            owner: Owner::Anybody,
            is_challenging: false,
            lodging,
            turn: None,
        }
    }

    pub(super) fn home(&self) -> Option<usize> {
        self.home
    }

    /// The connection has this turn until it is given back or closed.
    pub(super) fn begin_turn(&mut self, turn: Option<Turn>) {
        self.turn = turn;
    }

    pub(super) fn end_turn(&mut self) -> Option<Turn> {
        self.turn.take()
    }

    pub(super) fn owner(&self) -> Owner {
        self.owner
    }

    /// From now on the connection serves only `owner`. It keeps its turn until it is closed.
    pub(super) fn bind(&mut self, owner: Owner) {
        self.owner = owner;
        if let Some((turn, lodging)) = self.turn.take().zip(self.lodging.as_ref()) {
            lodging.keep(turn);
        }
    }

    /// The current request is the last on this connection.
    pub(super) fn end_after_this(&mut self) {
        self.owner = Owner::Nobody;
    }

    /// Records whether the last answer asked the client to authenticate.
    pub(super) fn note_challenge(&mut self, is_challenging: bool) {
        self.is_challenging = is_challenging;
    }

    /// Whether the connection has reached its age or its number of requests, and no handshake is under way on it.
    pub(super) fn is_spent(&self) -> bool {
        self.wear.is_worn_out() && !self.is_challenging
    }

    /// While the connection is idle, waits until it ends.
    pub(super) async fn ended(&mut self) {
        poll_fn(|cx| self.wire.poll_ended(cx)).await;
    }

    /// Whether the connection ended while it was idle, as far as the operating system has reported that.
    pub(super) fn is_dead(&mut self) -> bool {
        self.wire.poll_ended(&mut Context::from_waker(Waker::noop())).is_ready()
    }

    /// Returns the connection, unless it ended while it was idle.
    pub(super) fn alive(mut self: Box<Self>) -> Option<Box<Self>> {
        (!self.is_dead()).then_some(self)
    }

    /// Frees the buffers, which are only needed during a request.
    pub(super) fn rest(&mut self) {
        self.wire.release_buffers();
    }

    /// Takes out the stream, so that another protocol can be spoken on it.
    pub(super) fn into_stream(self: Box<Self>) -> Stream {
        Stream::new(self.wire.into_parts())
    }

    /// Whether another request may be sent on the connection.
    pub(super) fn is_reusable(&self) -> bool {
        self.wire.is_reusable()
    }
}
