//! What a request's body and the future that waits for the answer tell each other while the body is being sent.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use tokio::sync::{Notify, mpsc};

use crate::error::ErrorKind;

/// The progress of a request's body. It is shared by the body, which is inside the client, and by the future that
/// waits for the answer.
#[derive(Clone, Debug, Default)]
pub(crate) struct Upload(Arc<Flags>);

#[derive(Debug, Default)]
struct Flags {
    ended: AtomicBool,
    moved: AtomicBool,
    waits: AtomicBool,
    abandoned: AtomicBool,
    abandonment: Notify,
    failure: OnceLock<ErrorKind>,
    bytes: AtomicU64,
}

impl Upload {
    /// A piece of this length is passed on.
    pub(crate) fn note_progress(&self, length: u64) {
        self.0.bytes.fetch_add(length, Ordering::Relaxed);
        self.0.moved.store(true, Ordering::Relaxed);
        self.0.waits.store(false, Ordering::Relaxed);
    }

    /// How many bytes were passed on.
    pub(crate) fn bytes(&self) -> u64 {
        self.0.bytes.load(Ordering::Relaxed)
    }

    /// Records that the body waits, because the client has sent nothing more yet.
    pub(crate) fn note_wait(&self) {
        self.0.waits.store(true, Ordering::Relaxed);
    }

    pub(crate) fn note_end(&self) {
        self.0.ended.store(true, Ordering::Relaxed);
    }

    pub(crate) fn has_ended(&self) -> bool {
        self.0.ended.load(Ordering::Relaxed)
    }

    /// Whether the body moved on since the last call, or waits for the client. False if the upstream takes nothing
    /// more.
    pub(crate) fn is_under_way(&self) -> bool {
        let moved = self.0.moved.swap(false, Ordering::Relaxed);
        moved || !self.has_ended() && self.0.waits.load(Ordering::Relaxed)
    }

    /// Records why the body ended before it should have. Only the first failure counts.
    pub(crate) fn note_failure(&self, kind: ErrorKind) {
        let _the_first_counts = self.0.failure.set(kind);
    }

    pub(crate) fn failure(&self) -> Option<ErrorKind> {
        self.0.failure.get().copied()
    }

    /// Nobody reads the answer any more. So the rest of the body need not be sent, and must not look complete.
    pub(crate) fn abandon(&self) {
        self.0.abandoned.store(true, Ordering::Relaxed);
        self.0.abandonment.notify_one();
    }

    /// Waits until [`abandon`](Self::abandon) is called. Only one task at a time may wait.
    pub(crate) async fn abandoned(&self) {
        self.0.abandonment.notified().await;
    }

    pub(crate) fn is_abandoned(&self) -> bool {
        self.0.abandoned.load(Ordering::Relaxed)
    }
}

/// What the upstream says to a body that is held back by `Expect: 100-continue` (RFC 9110 §10.1.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Word {
    /// Send it.
    Continue,
    /// A final answer that isn't a success came first, so the body stays held back.
    Refused,
}

/// A channel with room for all words that there can be: one for an interim answer, one for the final answer.
pub(crate) fn words() -> (mpsc::Sender<Word>, mpsc::Receiver<Word>) {
    mpsc::channel(2)
}
