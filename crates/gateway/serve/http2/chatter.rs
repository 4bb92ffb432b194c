//! Limits the HTTP/2 frames that aren't part of requests.
//!
//! A PING, SETTINGS, WINDOW_UPDATE, PRIORITY, RST_STREAM or unknown frame is cheap to send, and costs the gateway about
//! as much as a part of a request. A client that sends nothing else could keep a core busy for as long as it likes (RFC
//! 9113 section 10.5). The frames of requests (HEADERS, CONTINUATION, DATA) are limited by flow control and by the `h2`
//! crate.
//!
//! So each connection has a budget for such frames. It grows again with time, because streams may stay open for hours
//! with a PING every second; with each request; and with each byte of a response, because clients send WINDOW_UPDATE
//! for what they have read. If the budget is used up, the connection ends with a GOAWAY.

use std::error::Error;
use std::fmt;
use std::time::Duration;

use tokio::time::Instant;

use super::frames::{Frame, Frames};

/// How many such frames a client may send at once. They take some milliseconds of a core.
const BUDGET: u32 = 4096;

/// The time in which the budget grows by one frame, which makes 64 a second. Normal clients send a few.
const EARNED_EVERY: Duration = Duration::from_micros(1_000_000 / 64);

/// By how many frames the budget grows with each request: for its priorities, its windows, a PING and its cancellation.
const EARNED_BY_REQUEST: u32 = 32;

/// The number of bytes of a response with which the budget grows by one frame. It is enough for a client that reads 32
/// bytes at a time and sends two WINDOW_UPDATEs for them. It isn't enough for one that accepts a response byte by byte.
const ANSWER_BYTES_PER_FRAME: u32 = 2;

/// Follows both directions of one connection.
#[derive(Debug)]
pub(super) struct Chatter {
    received: Frames,
    sent: Frames,
    spent: u32,
    /// The time up to which the growth of the budget was subtracted from `spent`.
    earned_until: Instant,
    earned_requests: u64,
    last_stream: u32,
}

/// The budget is spent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TooMuch;

impl fmt::Display for TooMuch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("too many frames that ask for nothing")
    }
}

impl Error for TooMuch {}

impl Chatter {
    /// The budget of a connection that begins now, after the client's preface.
    pub(super) fn new() -> Self {
        Self {
            received: Frames::default(),
            sent: Frames::default(),
            spent: 0,
            earned_until: Instant::now(),
            earned_requests: 0,
            last_stream: 0,
        }
    }

    /// Counts the frames in the next bytes from the client. `requests` is how many requests it has sent so far.
    pub(super) fn receive(&mut self, bytes: &[u8], requests: u64) -> Result<(), TooMuch> {
        self.received.follow(bytes, |frame| match frame.kind {
            Frame::HEADERS => self.last_stream = self.last_stream.max(frame.stream),
            Frame::DATA | Frame::CONTINUATION => {}
            _ => self.spent = self.spent.saturating_add(1),
        });
        if self.spent > BUDGET {
            self.earn(requests);
        }
        if self.spent > BUDGET { Err(TooMuch) } else { Ok(()) }
    }

    /// Counts the response bytes in what was sent to the client: the first `count` bytes of `bufs`.
    pub(super) fn send<'a>(&mut self, bufs: impl IntoIterator<Item = &'a [u8]>, mut count: usize) {
        for buf in bufs {
            let (sent, _) = buf.split_at(buf.len().min(count));
            count -= sent.len();
            self.sent.follow(sent, |frame| {
                if frame.kind == Frame::DATA {
                    self.spent = self.spent.saturating_sub(frame.length / ANSWER_BYTES_PER_FRAME);
                }
            });
        }
    }

    /// Subtracts the growth of the budget from `spent`. It reads the clock, which costs more than the rest, so it is
    /// called only if the budget seems to be used up.
    fn earn(&mut self, requests: u64) {
        let by_time = self.earned_until.elapsed().as_micros() / EARNED_EVERY.as_micros();
        let by_time = u32::try_from(by_time).unwrap_or(u32::MAX);
        self.earned_until += EARNED_EVERY * by_time;
        let requests_since = u32::try_from(requests.saturating_sub(self.earned_requests)).unwrap_or(u32::MAX);
        self.earned_requests = requests;
        let by_requests = requests_since.saturating_mul(EARNED_BY_REQUEST);
        self.spent = self.spent.saturating_sub(by_time).saturating_sub(by_requests);
    }

    /// A GOAWAY frame with ENHANCE_YOUR_CALM, if the budget is used up. `None` also if another frame was sent only in
    /// part.
    pub(super) fn goaway(&self) -> Option<[u8; 17]> {
        const LENGTH: u8 = 8;
        const GOAWAY: u8 = 7;
        const ENHANCE_YOUR_CALM: u8 = 11;
        if self.spent <= BUDGET || !self.sent.is_between_frames() {
            return None;
        }
        let [s0, s1, s2, s3] = self.last_stream.to_be_bytes();
        Some([0, 0, LENGTH, GOAWAY, 0, 0, 0, 0, 0, s0, s1, s2, s3, 0, 0, 0, ENHANCE_YOUR_CALM])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PING: [u8; 17] = [0, 0, 8, 6, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8];
    const WINDOW_UPDATE: [u8; 13] = [0, 0, 4, 8, 0, 0, 0, 0, 1, 0, 0, 0, 32];
    const REQUEST: [u8; 10] = [0, 0, 1, 1, 5, 0, 0, 0, 1, 0x82];

    fn data(length: u8) -> Vec<u8> {
        [&[0, 0, length, 0, 0, 0, 0, 0, 1][..], &vec![0; length.into()]].concat()
    }

    #[tokio::test(start_paused = true)]
    async fn a_flood_ends_with_a_goaway() {
        let mut chatter = Chatter::new();
        chatter.receive(&REQUEST, 1).unwrap();
        let pings = (1..).find(|_| chatter.receive(&PING, 1).is_err()).unwrap();
        assert_eq!(pings, BUDGET + EARNED_BY_REQUEST + 1);
        let goaway = chatter.goaway().unwrap();
        assert_eq!(goaway, [0, 0, 8, 7, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 11]);
    }

    #[tokio::test(start_paused = true)]
    async fn no_goaway_in_the_middle_of_a_frame() {
        let mut chatter = Chatter::new();
        assert_eq!(chatter.receive(&PING.repeat(BUDGET as usize + 1), 0), Err(TooMuch));
        chatter.send([&PING[..16]], 16);
        assert_eq!(chatter.goaway(), None);
        chatter.send([&PING[16..], &PING[..]], 1);
        assert!(chatter.goaway().is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn a_hundred_streams_that_wait_for_hours_may_ping() {
        let mut chatter = Chatter::new();
        chatter.receive(&REQUEST.repeat(100), 100).unwrap();
        for _ in 0..100_000 {
            tokio::time::advance(Duration::from_millis(100)).await;
            chatter.receive(&PING.repeat(2), 100).unwrap();
        }
    }

    #[tokio::test(start_paused = true)]
    async fn time_brings_as_much_as_is_said_and_no_more() {
        let mut chatter = Chatter::new();
        chatter.receive(&PING.repeat(BUDGET as usize), 0).unwrap();
        for _ in 0..64 {
            tokio::time::advance(EARNED_EVERY).await;
            chatter.receive(&PING, 0).unwrap();
        }
        tokio::time::advance(EARNED_EVERY / 2).await;
        chatter.receive(&PING, 0).unwrap_err();
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_may_be_read_in_small_pieces_but_not_let_out_in_single_bytes() {
        let mut chatter = Chatter::new();
        for _ in 0..100_000 {
            chatter.receive(&WINDOW_UPDATE.repeat(2), 0).unwrap();
            chatter.send([&*data(32)], 41);
        }
        let pieces = (0..100_000).take_while(|_| {
            chatter.send([&*data(1)], 10);
            chatter.receive(&WINDOW_UPDATE, 0).is_ok()
        });
        assert_eq!(pieces.count(), BUDGET as usize);
    }

    #[tokio::test(start_paused = true)]
    async fn requests_that_are_cancelled_and_uploads_are_free() {
        const RST_STREAM: [u8; 13] = [0, 0, 4, 3, 0, 0, 0, 0, 1, 0, 0, 0, 8];
        let mut chatter = Chatter::new();
        for requests in 1..100_000 {
            chatter
                .receive(&[&REQUEST[..], &data(1).repeat(9), &RST_STREAM, &PING].concat(), requests)
                .unwrap();
        }
    }
}
