//! Handshakes take turns, so that many of them at once don't keep a worker's other connections waiting.

use std::io;

use tokio::sync::Semaphore;
use tokio::task::{spawn_blocking, yield_now};

/// How long a signature takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Signature {
    /// Some ten microseconds, as with a key for ECDSA or EdDSA.
    Quick,
    /// Up to some milliseconds, as with a key for RSA.
    Slow,
}

/// While so many have their turn, the next ones wait. A turn ends when everything else of the worker that could run has
/// run.
const AT_ONCE: usize = 4;

/// The turns of a worker's handshakes.
#[derive(Debug)]
pub(in crate::serve) struct Turns(Semaphore);

impl Turns {
    pub(in crate::serve) fn new() -> Self {
        Self(Semaphore::new(AT_ONCE))
    }

    /// Signs when it has its turn: on this thread if it is quick, and on another one if it is slow.
    ///
    /// # Errors
    /// If `sign` panics on the other thread.
    pub(super) async fn take<T: Send + 'static>(
        &self,
        signature: Signature,
        sign: impl FnOnce() -> T + Send + 'static,
    ) -> io::Result<T> {
        let _turn = self.0.acquire().await.expect("the semaphore is never closed");
        match signature {
            Signature::Quick => {
                let signed = sign();
                yield_now().await;
                Ok(signed)
            }
            Signature::Slow => spawn_blocking(sign).await.map_err(io::Error::other),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::thread;

    use tokio::task::JoinSet;

    use super::*;

    /// The other task runs as often as it would beside a few handshakes.
    #[tokio::test]
    async fn only_a_few_come_before_everything_else() {
        const HANDSHAKES: usize = 200;
        let (turns, signed) = (Arc::new(Turns::new()), Arc::new(AtomicUsize::new(0)));
        let mut tasks = JoinSet::new();
        for _ in 0..HANDSHAKES {
            let (turns, signed) = (Arc::clone(&turns), Arc::clone(&signed));
            tasks.spawn(async move {
                turns.take(Signature::Quick, move || signed.fetch_add(1, Ordering::Relaxed)).await.unwrap();
            });
        }
        let (mut before, mut most) = (0, 0);
        while before < HANDSHAKES {
            yield_now().await;
            let now = signed.load(Ordering::Relaxed);
            most = most.max(now - before);
            before = now;
        }
        assert!((1..=2 * AT_ONCE).contains(&most), "{most} at once");
        tasks.join_all().await;
    }

    #[tokio::test]
    async fn what_is_slow_has_a_thread_of_its_own() {
        let here = thread::current().id();
        let on = |signature| {
            let turns = Turns::new();
            async move { turns.take(signature, || thread::current().id()).await.unwrap() }
        };
        assert_eq!(on(Signature::Quick).await, here);
        assert_ne!(on(Signature::Slow).await, here);
    }
}
