//! One HTTP/1 connection to an upstream, driven by whoever has a request on it: no task of its own, no wake across tasks.
//!
//! - `wire`: its bytes, and what HTTP/1 makes of them.
//! - `sending`: a request's body on its way.
//! - `head`: a request that waits for the head of its answer.
//! - `answering`: an answer that began before all of its request was sent.
//! - `switched`: what is left of a connection that speaks another protocol from now on.

mod answering;
mod head;
mod sending;
mod switched;
mod wire;

use std::future::poll_fn;
use std::task::{Context, Waker};

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
    /// The runtime that it belongs to.
    home: Option<usize>,
    owner: Owner,
    /// Its last answer asked its client who it is: a handshake may be under way.
    is_challenging: bool,
    /// Where a turn is kept that lasts as long as the connection.
    lodging: Option<Lodging>,
    /// The last field, so that it ends after the connection is closed.
    turn: Option<Turn>,
}

impl Connection {
    pub(super) fn new(
        transport: Leased<Transport>,
        home: Option<usize>,
        wear: Wear,
        limits: AnswerLimits,
    ) -> Self {
        let lodging = transport.lodging();
        Self {
            wire: Wire::new(transport, limits),
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

    /// From now on it serves `owner` alone. It keeps its turn until it is closed.
    pub(super) fn bind(&mut self, owner: Owner) {
        self.owner = owner;
        if let Some((turn, lodging)) = self.turn.take().zip(self.lodging.as_ref()) {
            lodging.keep(turn);
        }
    }

    /// The request on it is its last.
    pub(super) fn end_after_this(&mut self) {
        self.owner = Owner::Nobody;
    }

    /// Whether its last answer asked its client who it is.
    pub(super) fn note_challenge(&mut self, is_challenging: bool) {
        self.is_challenging = is_challenging;
    }

    /// Whether it has served its time, and isn't in the middle of a handshake.
    pub(super) fn is_spent(&self) -> bool {
        self.wear.is_worn_out() && !self.is_challenging
    }

    /// Waits for its end while it is idle.
    pub(super) async fn ended(&mut self) {
        poll_fn(|cx| self.wire.poll_ended(cx)).await;
    }

    /// Whether it ended while it was idle, as far as the system has told.
    pub(super) fn is_dead(&mut self) -> bool {
        self.wire.poll_ended(&mut Context::from_waker(Waker::noop())).is_ready()
    }

    /// Itself, unless it ended while it was idle.
    pub(super) fn alive(mut self: Box<Self>) -> Option<Box<Self>> {
        (!self.is_dead()).then_some(self)
    }

    /// Gives back the memory that only a request needs.
    pub(super) fn rest(&mut self) {
        self.wire.release_buffers();
    }

    /// What is left when another protocol is spoken on it.
    pub(super) fn into_stream(self: Box<Self>) -> Stream {
        Stream::new(self.wire.into_parts())
    }

    /// Whether another request may be sent on it.
    pub(super) fn is_reusable(&self) -> bool {
        self.wire.is_reusable()
    }
}
