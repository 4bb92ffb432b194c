use std::sync::atomic::{AtomicBool, AtomicU64, Ordering, fence};
use std::thread::{self, Thread};

/// How many lines were dropped since the process began, by all of its logs.
static DROPPED: AtomicU64 = AtomicU64::new(0);

/// How many lines the logs of this process have dropped since it began, because there was no room for them.
#[must_use]
pub fn dropped_lines() -> u64 {
    DROPPED.load(Ordering::Relaxed)
}

/// What the threads that log and the thread that writes share, besides the queue.
#[derive(Debug, Default)]
pub(super) struct Shared {
    /// How many lines were dropped since the log last said how many.
    dropped: AtomicU64,
    /// Whether the writer sleeps until it is woken.
    is_asleep: AtomicBool,
    is_ending: AtomicBool,
}

impl Shared {
    pub(super) fn take_dropped(&self) -> u64 {
        if self.dropped.load(Ordering::Relaxed) == 0 { 0 } else { self.dropped.swap(0, Ordering::Relaxed) }
    }

    pub(super) fn note_dropped(&self) {
        self.dropped.fetch_add(1, Ordering::Relaxed);
        DROPPED.fetch_add(1, Ordering::Relaxed);
    }

    /// Tells the writer to write what is queued and then to end. The caller must also wake it.
    pub(super) fn end(&self) {
        self.is_ending.store(true, Ordering::Release);
    }

    pub(super) fn is_ending(&self) -> bool {
        self.is_ending.load(Ordering::Acquire)
    }

    /// Sleeps until the thread is woken. Returns at once if there is something to do.
    pub(super) fn sleep_unless(&self, has_work: impl FnOnce() -> bool) {
        self.is_asleep.store(true, Ordering::Relaxed);
        // With the fence in `wake`, no line is missed: either this thread sees the line that was just queued, or the
        // thread that queued it sees `is_asleep` and wakes this one.
        fence(Ordering::SeqCst);
        if !has_work() && self.dropped.load(Ordering::Relaxed) == 0 && !self.is_ending() {
            thread::park();
        }
        self.is_asleep.store(false, Ordering::Relaxed);
    }

    /// Wakes the writer if it sleeps. If it doesn't, this costs no system call.
    pub(super) fn wake(&self, writer: &Thread) {
        fence(Ordering::SeqCst);
        if self.is_asleep.load(Ordering::Relaxed) && self.is_asleep.swap(false, Ordering::Relaxed) {
            writer.unpark();
        }
    }
}
