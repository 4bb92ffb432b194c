//! Connecting to the first of several addresses that accepts the connection (RFC 8305 §5).

use std::future::{Future, poll_fn};
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::time::timeout;

/// How long after an attempt the next one begins, while the first goes on (RFC 8305 §8, "Connection Attempt Delay").
const HEAD_START: Duration = Duration::from_millis(250);

/// Tries one address after another. The next attempt begins when one fails, or after [`HEAD_START`]; those that are
/// under way go on. The first attempt to succeed wins, and the others are dropped. The caller limits the time.
///
/// # Errors
/// If all attempts have failed, the most telling of their errors.
pub(super) async fn first_to_connect<T, Attempt>(
    addresses: Vec<SocketAddr>,
    attempt: impl Fn(SocketAddr) -> Attempt,
) -> io::Result<T>
where
    Attempt: Future<Output = io::Result<T>>,
{
    let mut race = Race::new(addresses.len());
    let mut waiting = addresses.into_iter();
    loop {
        let Some(address) = waiting.next() else { return race.last_to_end().await };
        race.begin(attempt(address));
        if waiting.len() > 0
            && let Ok(Some(stream)) = timeout(HEAD_START, race.next_to_end()).await
        {
            return Ok(stream);
        }
    }
}

/// The attempts that are under way, and the most telling error of those that have failed.
struct Race<Attempt> {
    attempts: Vec<Pin<Box<Attempt>>>,
    failure: Option<io::Error>,
}

impl<T, Attempt> Race<Attempt>
where
    Attempt: Future<Output = io::Result<T>>,
{
    fn new(most: usize) -> Self {
        Self { attempts: Vec::with_capacity(most), failure: None }
    }

    fn begin(&mut self, attempt: Attempt) {
        self.attempts.push(Box::pin(attempt));
    }

    /// Waits until an attempt ends. `None` if it has failed.
    async fn next_to_end(&mut self) -> Option<T> {
        match poll_fn(|cx| self.poll_end(cx)).await {
            Ok(stream) => Some(stream),
            Err(error) => {
                self.note(error);
                None
            }
        }
    }

    async fn last_to_end(mut self) -> io::Result<T> {
        while !self.attempts.is_empty() {
            if let Some(stream) = self.next_to_end().await {
                return Ok(stream);
            }
        }
        Err(self.failure.unwrap_or_else(|| io::ErrorKind::AddrNotAvailable.into()))
    }

    fn poll_end(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<T>> {
        for index in 0..self.attempts.len() {
            let Some(attempt) = self.attempts.get_mut(index) else { break };
            if let Poll::Ready(end) = attempt.as_mut().poll(cx) {
                self.attempts.remove(index);
                return Poll::Ready(end);
            }
        }
        Poll::Pending
    }

    fn note(&mut self, error: io::Error) {
        let told = self.failure.as_ref().map(telling);
        if told.is_none_or(|told| told <= telling(&error)) {
            self.failure = Some(error);
        }
    }
}

/// How much an error tells about the upstream. An answer (3) tells more than silence (2), silence more than a missing
/// route (1), and that more than an attempt that could not be made (0).
fn telling(error: &io::Error) -> u8 {
    match error.kind() {
        io::ErrorKind::ConnectionRefused | io::ErrorKind::ConnectionReset => 3,
        io::ErrorKind::TimedOut => 2,
        io::ErrorKind::HostUnreachable
        | io::ErrorKind::NetworkUnreachable
        | io::ErrorKind::NetworkDown
        | io::ErrorKind::AddrNotAvailable => 1,
        _ => 0,
    }
}

#[cfg(test)]
mod tests;
