use std::sync::atomic::{AtomicBool, AtomicU64, Ordering, fence};
use std::thread::{self, Thread};

/// What the threads that log and the thread that writes tell each other, beside the lines.
#[derive(Debug, Default)]
pub(super) struct Shared {
    /// Lines that were dropped and that the log hasn't mentioned yet.
    dropped: AtomicU64,
    /// The writer sleeps until it is woken.
    is_asleep: AtomicBool,
    is_ending: AtomicBool,
}

impl Shared {
    pub(super) fn take_dropped(&self) -> u64 {
        if self.dropped.load(Ordering::Relaxed) == 0 { 0 } else { self.dropped.swap(0, Ordering::Relaxed) }
    }

    pub(super) fn note_dropped(&self) {
        self.dropped.fetch_add(1, Ordering::Relaxed);
    }

    /// Tells the writer to write what is queued and to end. It has to be woken for that.
    pub(super) fn end(&self) {
        self.is_ending.store(true, Ordering::Release);
    }

    pub(super) fn is_ending(&self) -> bool {
        self.is_ending.load(Ordering::Acquire)
    }

    /// Sleeps until there is something to do, unless there already is.
    pub(super) fn sleep_unless(&self, has_work: impl FnOnce() -> bool) {
        self.is_asleep.store(true, Ordering::Relaxed);
        // Together with the fence in `wake`: either this thread sees the line, or that thread sees `is_asleep`.
        fence(Ordering::SeqCst);
        if !has_work() && self.dropped.load(Ordering::Relaxed) == 0 && !self.is_ending() {
            thread::park();
        }
        self.is_asleep.store(false, Ordering::Relaxed);
    }

    /// Wakes the writer if it sleeps, and only then.
    pub(super) fn wake(&self, writer: &Thread) {
        fence(Ordering::SeqCst);
        if self.is_asleep.load(Ordering::Relaxed) && self.is_asleep.swap(false, Ordering::Relaxed) {
            writer.unpark();
        }
    }
}
