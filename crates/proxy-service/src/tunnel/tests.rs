//! How a WebSocket is ended, byte by byte.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream, duplex};
use tokio::time::{Instant, timeout};

use super::*;

const LONG: Duration = Duration::from_secs(3600);
const TO_CLIENT: [u8; 4] = [0x88, 2, 0x03, 0xe9];
/// A client's Close, and the answer of an upstream.
const CLIENTS_CLOSE: [u8; 8] = [0x88, 0x82, 0, 0, 0, 0, 0x03, 0xe8];
const UPSTREAMS_CLOSE: [u8; 4] = [0x88, 2, 0x03, 0xe8];

/// Both ends of a tunnel whose buffers hold 64 bytes.
struct Both {
    pump: Pump<DuplexStream, DuplexStream>,
    client: DuplexStream,
    upstream: DuplexStream,
}

impl Both {
    fn of(spoken: Spoken) -> Self {
        let ((client, near), (far, upstream)) = (duplex(64), duplex(64));
        Self { pump: Pump::new(near, far, spoken), client, upstream }
    }

    /// Passes on what was sent.
    async fn pass(&mut self) {
        let passed = timeout(Duration::from_millis(1), self.pump.pass(LONG)).await;
        assert!(passed.is_err(), "{:?}", passed.unwrap());
    }

    /// Says goodbye for as long as that may take. Returns how long it took, and what each side got.
    async fn end(self) -> (Duration, Vec<u8>, Vec<u8>) {
        let Self { mut pump, mut client, mut upstream } = self;
        let begun = Instant::now();
        let goodbye = async {
            let _ = timeout(GOODBYE, pump.say_goodbye()).await;
            drop(pump);
            begun.elapsed()
        };
        let (took, to_client, to_upstream) = tokio::join!(goodbye, rest(&mut client), rest(&mut upstream));
        (took, to_client, to_upstream)
    }
}

async fn rest(stream: &mut DuplexStream) -> Vec<u8> {
    let mut rest = Vec::new();
    stream.read_to_end(&mut rest).await.unwrap();
    rest
}

async fn read(stream: &mut DuplexStream, length: usize) -> Vec<u8> {
    let mut bytes = vec![0; length];
    stream.read_exact(&mut bytes).await.unwrap();
    bytes
}

/// What is behind `expected` is the gateway's Close for an upstream.
fn ends_with_a_close(received: &[u8], expected: &[u8]) {
    let Some(frame) = received.strip_prefix(expected) else { panic!("{received:x?}, not {expected:x?}") };
    let [0x88, 0x82, mask @ .., high, low] = frame else { panic!("{frame:x?}") };
    assert_eq!([mask.len() as u8, high ^ mask[0], low ^ mask[1]], [4, 0x03, 0xe9]);
}

#[tokio::test(start_paused = true)]
async fn both_sides_are_told_and_have_a_second_to_answer() {
    let mut both = Both::of(Spoken::WebSocket);
    both.pass().await;
    let (took, to_client, to_upstream) = both.end().await;
    assert_eq!((took.as_secs(), to_client), (GOODBYE.as_secs(), TO_CLIENT.to_vec()));
    ends_with_a_close(&to_upstream, &[]);
}

#[tokio::test(start_paused = true)]
async fn it_is_over_when_both_have_answered_whatever_they_say_before() {
    let mut both = Both::of(Spoken::WebSocket);
    both.client.write_all(b"\x82\x83\0\0\0\0abc").await.unwrap();
    both.client.write_all(&CLIENTS_CLOSE).await.unwrap();
    both.upstream.write_all(b"\x89\0\x82\x03abc\x88\0").await.unwrap();
    let (took, to_client, to_upstream) = both.end().await;
    assert_eq!((took, to_client), (Duration::ZERO, TO_CLIENT.to_vec()));
    ends_with_a_close(&to_upstream, &[]);
}

#[tokio::test(start_paused = true)]
async fn one_that_leaves_instead_of_an_answer_is_not_waited_for() {
    let mut both = Both::of(Spoken::WebSocket);
    both.client.shutdown().await.unwrap();
    both.upstream.write_all(&UPSTREAMS_CLOSE).await.unwrap();
    let (took, to_client, _) = both.end().await;
    assert_eq!((took, to_client), (Duration::ZERO, TO_CLIENT.to_vec()));
}

/// Wherever a frame is cut, its rest still comes, and the frame behind it doesn't.
#[tokio::test(start_paused = true)]
async fn a_frame_that_has_begun_is_finished() {
    let frames: [&[u8]; 4] = [
        b"\x01\x83\x01\x02\x03\x04abc",
        b"\x80\x80\x01\x02\x03\x04",
        b"\x89\x02hi",
        b"\x82\x7e\x00\x06abcdef",
    ];
    for frame in frames {
        for cut in 1..frame.len() {
            let mut both = Both::of(Spoken::WebSocket);
            let (begun, left) = frame.split_at(cut);
            let behind = [left, b"\x82\x03abc", &UPSTREAMS_CLOSE].concat();
            both.client.write_all(begun).await.unwrap();
            both.upstream.write_all(begun).await.unwrap();
            both.pass().await;
            both.client.write_all(&behind).await.unwrap();
            both.upstream.write_all(&behind).await.unwrap();
            let (took, to_client, to_upstream) = both.end().await;
            assert_eq!(
                (took, to_client),
                (Duration::ZERO, [frame, &TO_CLIENT].concat()),
                "{frame:x?} at {cut}"
            );
            ends_with_a_close(&to_upstream, frame);
        }
    }
}

/// There is no place for a Close in a frame that never ends.
#[tokio::test(start_paused = true)]
async fn a_frame_that_is_never_finished_ends_with_the_connection() {
    let mut both = Both::of(Spoken::WebSocket);
    both.upstream.write_all(b"\x82\x05abc").await.unwrap();
    both.pass().await;
    let (took, to_client, to_upstream) = both.end().await;
    assert_eq!((took, to_client), (GOODBYE, b"\x82\x05abc".to_vec()));
    ends_with_a_close(&to_upstream, &[]);
}

/// What was read, and waits for a receiver that doesn't read, ends with its frame too.
#[tokio::test(start_paused = true)]
async fn a_slow_receiver_gets_the_frame_and_then_the_close() {
    let mut both = Both::of(Spoken::WebSocket);
    let frame = [b"\x82\x64".as_slice(), &[7; 100]].concat();
    for piece in [&frame[..50], &frame[50..], &frame[..10]] {
        both.upstream.write_all(piece).await.unwrap();
        both.pass().await;
    }
    let (_, to_client, _) = both.end().await;
    assert_eq!(to_client, [&frame[..], &TO_CLIENT].concat());
}

#[tokio::test(start_paused = true)]
async fn who_has_closed_already_is_left_to_it() {
    let mut both = Both::of(Spoken::WebSocket);
    both.client.write_all(&CLIENTS_CLOSE).await.unwrap();
    both.pass().await;
    assert_eq!(read(&mut both.upstream, 8).await, CLIENTS_CLOSE);
    both.upstream.write_all(b"\x82\x03abc").await.unwrap();
    both.upstream.write_all(&UPSTREAMS_CLOSE).await.unwrap();
    both.upstream.shutdown().await.unwrap();
    let (_, to_client, to_upstream) = both.end().await;
    assert_eq!(to_client, [b"\x82\x03abc".as_slice(), &UPSTREAMS_CLOSE].concat());
    assert_eq!(to_upstream, b"");
}

#[tokio::test(start_paused = true)]
async fn other_protocols_are_just_closed() {
    let mut both = Both::of(Spoken::Other);
    both.client.write_all(b"\x81").await.unwrap();
    both.pass().await;
    assert_eq!(both.end().await, (Duration::ZERO, Vec::new(), b"\x81".to_vec()));
}

/// As far as it can be sent at once: this polls once.
#[tokio::test(start_paused = true)]
async fn without_any_time_the_close_is_sent_all_the_same() {
    let mut both = Both::of(Spoken::WebSocket);
    let once = &mut std::task::Context::from_waker(std::task::Waker::noop());
    let _ = Box::pin(both.pump.say_goodbye()).as_mut().poll(once);
    drop(both.pump);
    assert_eq!(rest(&mut both.client).await, TO_CLIENT);
    ends_with_a_close(&rest(&mut both.upstream).await, &[]);
}

#[tokio::test(start_paused = true)]
async fn a_silence_is_counted_from_the_last_byte() {
    let mut both = Both::of(Spoken::Other);
    let begun = Instant::now();
    let talk = async {
        for _ in 0..3 {
            sleep(LONG - Duration::from_secs(1)).await;
            both.client.write_all(b"x").await.unwrap();
        }
    };
    let (silent, ()) = tokio::join!(both.pump.pass(LONG), talk);
    assert!(silent.is_none());
    assert_eq!(begun.elapsed().as_secs(), (LONG * 4).as_secs() - 3);
}
