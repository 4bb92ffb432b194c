//! Hands values from one end to the other, one at a time, without a lock.
//!
//! Both ends may be polled in one task, or each in its own. While they share a task, neither wakes it for the other:
//! the task polls both ends anyway, so a wake would only cost one more poll of the whole task.

#[cfg(model)]
mod models;
#[cfg(not(model))]
mod primitives;

#[cfg(not(model))]
use std::sync::{Arc, atomic::AtomicU8};

#[cfg(model)]
use loom::sync::{Arc, atomic::AtomicU8};

use std::fmt;
use std::sync::atomic::Ordering::{AcqRel, Acquire};
use std::task::{Context, Poll};

#[cfg(model)]
use self::models::{AtomicWaker, Slot};
#[cfg(not(model))]
use self::primitives::{AtomicWaker, Slot};

/// The slot has a value.
const FULL: u8 = 1;
/// The taker waits for a value.
const WANTED: u8 = 1 << 1;
/// The giver waits until the slot is empty.
const CROWDED: u8 = 1 << 2;
const GIVER_GONE: u8 = 1 << 3;
const TAKER_GONE: u8 = 1 << 4;

/// Makes the two ends.
pub(super) fn handoff<T>() -> (Giver<T>, Taker<T>) {
    let shared = Arc::new(Shared {
        state: AtomicU8::new(0),
        slot: Slot::empty(),
        giver: AtomicWaker::new(),
        taker: AtomicWaker::new(),
    });
    (Giver(Arc::clone(&shared)), Taker(shared))
}

/// The end that gives values. When it is dropped, the taker gets the value that is still in the slot, and then `None`.
pub(super) struct Giver<T>(Arc<Shared<T>>);

/// The end that takes values.
pub(super) struct Taker<T>(Arc<Shared<T>>);

/// The taker was dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Gone;

struct Shared<T> {
    state: AtomicU8,
    /// Only the giver uses it while the state isn't [`FULL`], and only the taker while it is.
    slot: Slot<T>,
    /// Wakes the giver.
    giver: AtomicWaker,
    /// Wakes the taker.
    taker: AtomicWaker,
}

impl<T> Giver<T> {
    /// Waits until the taker waits for a value.
    ///
    /// A taker that is polled in the same task doesn't wake this end. So this has to be called again each time after
    /// the taker may have been polled.
    pub(super) fn poll_wanted(&self, cx: &mut Context<'_>) -> Poll<Result<(), Gone>> {
        self.0.poll_giver(0, is_wanted, cx)
    }

    /// Waits until the slot is empty, whether the taker waits or not. As [`poll_wanted`](Self::poll_wanted), it has to
    /// be called again after the taker may have been polled in the same task.
    pub(super) fn poll_room(&self, cx: &mut Context<'_>) -> Poll<Result<(), Gone>> {
        self.0.poll_giver(CROWDED, is_empty, cx)
    }

    /// Whether the taker was dropped.
    pub(super) fn is_gone(&self) -> bool {
        self.0.state.load(Acquire) & TAKER_GONE != 0
    }

    /// Puts a value into the slot.
    ///
    /// It wakes the taker, but not if `cx` is of the task that the taker waits in: then the caller polls the taker.
    ///
    /// # Errors
    /// The value itself, if the slot isn't empty or the taker was dropped.
    pub(super) fn give(&self, value: T, cx: &Context<'_>) -> Result<(), T> {
        if self.0.state.load(Acquire) & (FULL | TAKER_GONE) != 0 {
            return Err(value);
        }
        self.0.slot.put(value);
        self.0.state.fetch_or(FULL, AcqRel);
        wake_elsewhere(&self.0.taker, cx);
        Ok(())
    }

    /// Drops this end. Other than a plain drop it doesn't wake the task of `cx`: if the taker waits there, the caller
    /// polls it.
    pub(super) fn end(self, cx: &Context<'_>) {
        self.0.state.fetch_or(GIVER_GONE, AcqRel);
        wake_elsewhere(&self.0.taker, cx);
    }
}

impl<T> Taker<T> {
    /// Takes the value, or waits for one. It is `None` when the giver was dropped.
    ///
    /// It wakes the giver, but not if `cx` is of the task that the giver waits in: that task looks by itself after it
    /// has polled this.
    pub(super) fn poll_take(&mut self, cx: &mut Context<'_>) -> Poll<Option<T>> {
        let shared = &*self.0;
        if let Poll::Ready(taken) = shared.take(shared.state.load(Acquire), cx) {
            return Poll::Ready(taken);
        }
        shared.taker.register(cx.waker());
        let before = shared.state.fetch_or(WANTED, AcqRel);
        if let Poll::Ready(taken) = shared.take(before, cx) {
            return Poll::Ready(taken);
        }
        if before & WANTED == 0 {
            wake_elsewhere(&shared.giver, cx);
        }
        Poll::Pending
    }
}

impl<T> Shared<T> {
    fn poll_giver(&self, flag: u8, is_ready: fn(u8) -> bool, cx: &mut Context<'_>) -> Poll<Result<(), Gone>> {
        let ready = |state| match state {
            gone if gone & TAKER_GONE != 0 => Some(Err(Gone)),
            state => is_ready(state).then_some(Ok(())),
        };
        if let Some(ready) = ready(self.state.load(Acquire)) {
            return Poll::Ready(ready);
        }
        self.giver.register(cx.waker());
        ready(self.state.fetch_or(flag, AcqRel)).map_or(Poll::Pending, Poll::Ready)
    }

    fn take(&self, state: u8, cx: &Context<'_>) -> Poll<Option<T>> {
        if state & FULL != 0 {
            let value = self.slot.take();
            if self.state.fetch_and(!(FULL | WANTED | CROWDED), AcqRel) & CROWDED != 0 {
                wake_elsewhere(&self.giver, cx);
            }
            return Poll::Ready(value);
        }
        if state & GIVER_GONE != 0 { Poll::Ready(None) } else { Poll::Pending }
    }
}

impl<T> Drop for Giver<T> {
    fn drop(&mut self) {
        self.0.state.fetch_or(GIVER_GONE, AcqRel);
        self.0.taker.wake();
    }
}

impl<T> Drop for Taker<T> {
    fn drop(&mut self) {
        self.0.state.fetch_or(TAKER_GONE, AcqRel);
        self.0.giver.wake();
    }
}

fn is_empty(state: u8) -> bool {
    state & FULL == 0
}

fn is_wanted(state: u8) -> bool {
    state & (FULL | WANTED) == WANTED
}

/// Wakes who has registered, unless it is the task of `cx`.
fn wake_elsewhere(waker: &AtomicWaker, cx: &Context<'_>) {
    if let Some(waker) = waker.take()
        && !waker.will_wake(cx.waker())
    {
        waker.wake();
    }
}

impl<T> fmt::Debug for Giver<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Giver").finish_non_exhaustive()
    }
}

impl<T> fmt::Debug for Taker<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Taker").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
