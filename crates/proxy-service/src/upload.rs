//! What the request's body and the rest of its journey tell each other while the body is on its way.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use tokio::sync::{Notify, mpsc};

use crate::error::ErrorKind;

/// Shared between the body inside the client and the future that waits for the answer.
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
}

impl Upload {
    pub(crate) fn note_progress(&self) {
        self.0.moved.store(true, Ordering::Relaxed);
        self.0.waits.store(false, Ordering::Relaxed);
    }

    /// The client has sent nothing more yet.
    pub(crate) fn note_wait(&self) {
        self.0.waits.store(true, Ordering::Relaxed);
    }

    pub(crate) fn note_end(&self) {
        self.0.ended.store(true, Ordering::Relaxed);
    }

    pub(crate) fn has_ended(&self) -> bool {
        self.0.ended.load(Ordering::Relaxed)
    }

    /// Whether bytes went out since the last call, or wait for the client; not if it is the upstream that takes none.
    pub(crate) fn is_under_way(&self) -> bool {
        let moved = self.0.moved.swap(false, Ordering::Relaxed);
        moved || !self.has_ended() && self.0.waits.load(Ordering::Relaxed)
    }

    /// The body ended before it should have.
    pub(crate) fn note_failure(&self, kind: ErrorKind) {
        let _the_first_counts = self.0.failure.set(kind);
    }

    pub(crate) fn failure(&self) -> Option<ErrorKind> {
        self.0.failure.get().copied()
    }

    /// Nobody reads the answer any more: what is left of the body need not be sent, and must not look complete.
    pub(crate) fn abandon(&self) {
        self.0.abandoned.store(true, Ordering::Relaxed);
        self.0.abandonment.notify_one();
    }

    /// Waits until it is [abandoned](Self::abandon); for one at a time.
    pub(crate) async fn abandoned(&self) {
        self.0.abandonment.notified().await;
    }

    pub(crate) fn is_abandoned(&self) -> bool {
        self.0.abandoned.load(Ordering::Relaxed)
    }
}

/// The upstream's word on a body held back by `Expect: 100-continue` (RFC 9110 §10.1.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Word {
    /// Send it.
    Continue,
    /// A final answer that doesn't want it came first.
    Refused,
}

/// As many words as there can be: one interim, one final.
pub(crate) fn words() -> (mpsc::Sender<Word>, mpsc::Receiver<Word>) {
    mpsc::channel(2)
}
