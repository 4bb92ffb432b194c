//! What an HTTP/2 client can do to a server without sending a proper request: rapid resets, endless heads, floods of
//! frames, answers that it never reads. The gateway must stay up, go on serving others, send no upstream more than its
//! limits allow, and give the memory back.

use std::net::SocketAddr;
use std::time::Duration;

use crate::support::h2::{Frame, PREFACE};
use crate::support::mem::memory;
use crate::support::process::Process;
use crate::support::raw::RawClient;
use crate::support::recorder::{RecordingUpstream, Script};
use crate::support::within;
use tempfile::TempDir;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tokio::time::timeout;

const PRIORITY: u8 = 2;
const WINDOW_UPDATE: u8 = 8;
const CONTINUATION: u8 = 9;

const ACK: u8 = 1;

const PROTOCOL_ERROR: u32 = 1;
const ENHANCE_YOUR_CALM: u32 = 11;

const MIB: u64 = 1 << 20;

/// How much memory an attack may cost.
const MEMORY: u64 = 32 * MIB;

/// An answer that takes more WINDOW_UPDATEs to read in small pieces than a client may send while it asks for nothing.
const LARGE: usize = 2 << 20;

/// How many streams at once the gateway allows on a connection.
const STREAMS: usize = 100;

/// Rapid resets, CVE-2023-44487.
#[tokio::test]
async fn rapid_reset() {
    let site = Site::start().await;
    let requests_and_resets: Vec<u8> = (0..5_000)
        .flat_map(|n| {
            let stream = 2 * n + 1;
            [
                request(stream, "/api/silent", Frame::END_STREAM),
                Frame::bytes(Frame::RST_STREAM, 0, stream, &[0, 0, 0, 8]),
            ]
        })
        .flatten()
        .collect();
    let end = Attack::begin(&site).await.flood(&requests_and_resets, 1).await;
    assert_eq!(end.goaway, Some(ENHANCE_YOUR_CALM));
    assert!(site.upstream.requests().len() <= 2 * STREAMS, "{}", site.upstream.requests().len());
    site.goes_on().await;
    // Requests that the client cancelled are cancelled at the upstream as well.
    for _ in 0..site.upstream.requests().iter().filter(|request| request.target == "/silent").count() {
        site.upstream.next_closed().await;
    }
}

/// CVE-2025-8671, "MadeYouReset": behind each request comes a frame for which the gateway has to reset the stream itself, so
/// that the client sends no reset.
#[tokio::test]
async fn made_you_reset() {
    // The first ends only its stream, which may happen a limited number of times on a connection; for the others `h2`
    // closes the connection.
    for (what, kind, flags, payload, reason) in [
        ("a window beyond the largest", WINDOW_UPDATE, 0, &[0x7f, 0xff, 0xff, 0xff][..], ENHANCE_YOUR_CALM),
        ("a window that grows by nothing", WINDOW_UPDATE, 0, &[0, 0, 0, 0], PROTOCOL_ERROR),
        ("a body behind the end", Frame::DATA, 0, b"more", PROTOCOL_ERROR),
        (
            "a head behind the end",
            Frame::HEADERS,
            Frame::END_HEADERS | Frame::END_STREAM,
            &[0x82],
            PROTOCOL_ERROR,
        ),
    ] {
        let site = Site::start().await;
        let requests: Vec<u8> = (0..5_000)
            .flat_map(|n| {
                let stream = 2 * n + 1;
                [
                    request(stream, "/api/silent", Frame::END_STREAM),
                    Frame::bytes(kind, flags, stream, payload),
                ]
            })
            .flatten()
            .collect();
        let end = Attack::begin(&site).await.flood(&requests, 1).await;
        assert_eq!(end, End { closed: true, goaway: Some(reason) }, "{what}");
        assert!(site.upstream.requests().len() <= 2 * STREAMS, "{what}: {}", site.upstream.requests().len());
        site.goes_on().await;
    }
}

/// Streams that stay open are bounded by SETTINGS_MAX_CONCURRENT_STREAMS.
#[tokio::test]
async fn more_streams_than_allowed() {
    let site = Site::start().await;
    let requests: Vec<u8> =
        (0..STREAMS as u32 + 50).flat_map(|n| request(2 * n + 1, "/api/silent", Frame::END_STREAM)).collect();
    let mut attack = Attack::begin(&site).await;
    attack.flood(&requests, 1).await;
    // The legitimate request is one of them.
    site.upstream.wait_for_heads(1 + STREAMS).await;
    site.goes_on().await;
    let silent = site.upstream.requests().into_iter().filter(|request| request.target == "/silent");
    assert_eq!(silent.count(), STREAMS);
}

/// A request head without end.
#[tokio::test]
async fn continuation_flood() {
    let site = Site::start().await;
    let mut attack = Attack::begin(&site).await;
    // `x: xxx...`, never indexed, over and over.
    let field = [&[0x00, 1, b'x', 0x7e][..], &[b'x'; 126]].concat();
    let more = Frame::bytes(CONTINUATION, 0, 1, &field.repeat(100));
    attack.send(&Frame::bytes(Frame::HEADERS, Frame::END_STREAM, 1, &head("/api/x"))).await;
    let end = attack.flood(&more, 64 * MIB as usize / more.len()).await;
    assert!(end.closed, "{end:?}");
    assert!(site.upstream.requests().iter().all(|request| request.target == "/legit"));
    site.goes_on().await;
}

/// RUSTSEC-2026-0258: frames that cost the sender nothing and that flow control does not count.
#[tokio::test]
async fn empty_data_frames() {
    let site = Site::start().await;
    let mut attack = Attack::begin(&site).await;
    attack.send(&request(1, "/api/silent", 0)).await;
    attack.flood(&Frame::bytes(Frame::DATA, 0, 1, &[]).repeat(1_000), 200).await;
    site.goes_on().await;
}

/// Frames that ask for nothing have a budget, on a connection without a stream and beside a stream that waits.
#[tokio::test]
async fn pings_settings_and_other_chatter() {
    let site = Site::start().await;
    for chatter in [
        Frame::bytes(Frame::PING, 0, 0, b"pingpong"),
        Frame::bytes(Frame::PING, ACK, 0, b"unasked!"),
        Frame::bytes(Frame::SETTINGS, 0, 0, &[]),
        Frame::bytes(Frame::SETTINGS, 0, 0, &[0, 4, 0, 0, 0, 0]),
        Frame::bytes(Frame::SETTINGS, 0, 0, &[0, 1, 0, 0, 0, 0].repeat(100)),
        Frame::bytes(PRIORITY, 0, 1, &[0, 0, 0, 3, 16]),
        Frame::bytes(WINDOW_UPDATE, 0, 0, &[0, 0, 0, 1]),
    ] {
        for waiting in [vec![], request(1, "/api/silent", Frame::END_STREAM)] {
            let mut attack = Attack::begin(&site).await;
            if !waiting.is_empty() {
                let heads = site.upstream.requests().len();
                attack.send(&waiting).await;
                site.upstream.wait_for_heads(heads + 1).await;
            }
            let end = attack.flood(&chatter.repeat(500), 40).await;
            assert_eq!(end, End { closed: true, goaway: Some(ENHANCE_YOUR_CALM) }, "{:?}", &chatter[..9]);
            if !waiting.is_empty() {
                site.upstream.next_closed().await;
            }
            site.goes_on().await;
        }
    }
}

/// What a client sends while it reads an answer is not counted, however small the pieces are in which it reads.
#[tokio::test]
async fn an_answer_read_in_small_pieces() {
    const PIECE: u32 = 64;
    let site = Site::start().await;
    let mut client = Attack::begin(&site).await;
    client.send(&request(1, "/api/large", Frame::END_STREAM)).await;
    let mut read = 0;
    while read < LARGE {
        let frame =
            client.until(|frame| matches!(frame.kind, Frame::DATA | Frame::RST_STREAM | Frame::GOAWAY)).await;
        assert_eq!(frame.kind, Frame::DATA, "{frame:?} after {read} bytes");
        read += frame.payload.len();
        let taken =
            [0, 1].map(|stream| Frame::bytes(WINDOW_UPDATE, 0, stream, &PIECE.to_be_bytes())).concat();
        client.send(&taken.repeat(frame.payload.len().div_ceil(PIECE as usize))).await;
    }
}

/// The peer asks for answers and reads none of them.
#[tokio::test]
async fn pings_whose_answers_are_not_read() {
    let site = Site::start().await;
    let mut attack = Attack::begin(&site).await;
    attack.flood_unread(&Frame::bytes(Frame::PING, 0, 0, b"pingpong").repeat(1_000), 32 * MIB).await;
    site.goes_on().await;
}

/// RFC 9113 §5.5: frames of unknown types are ignored, on any stream, whatever their flags and length.
#[tokio::test]
async fn unknown_frames_are_ignored() {
    let site = Site::start().await;
    let mut client = Attack::begin(&site).await;
    for kind in 10..=255 {
        for length in [0, 1, 8, 1_000] {
            client
                .send(&Frame::bytes(kind, kind.wrapping_mul(31), u32::from(kind) % 3, &vec![kind; length]))
                .await;
        }
    }
    client.send(&Frame::bytes(Frame::PING, 0, 0, b"still on")).await;
    let answer = client.until(|frame| frame.kind == Frame::PING).await;
    assert_eq!((answer.flags, &*answer.payload), (ACK, &b"still on"[..]));
    site.goes_on().await;
}

/// Frames of the known types with every length up to 16 and various flags: each may end its connection, none the
/// process.
#[tokio::test]
async fn malformed_frames_cost_a_connection_at_most() {
    let site = Site::start().await;
    for kind in 0..=9 {
        for flags in [0, 1, 4, 8, 0x20, 0xff] {
            for length in 0..=16 {
                let mut client = RawClient::connect(site.addr).await;
                let garbage = [
                    Frame::bytes(kind, flags, 0, &vec![kind ^ 0xa5; length]),
                    Frame::bytes(kind, flags, 1, &vec![0xff; length]),
                ];
                let opening =
                    [PREFACE, &Frame::bytes(Frame::SETTINGS, 0, 0, &[]), &garbage.concat()].concat();
                let _may_be_closed = client.try_send(opening).await;
                client.reset();
            }
        }
    }
    site.goes_on().await;
}

/// The binary in front of an upstream that answers all but `/silent`.
struct Site {
    addr: SocketAddr,
    upstream: RecordingUpstream,
    process: Process,
    memory_before: u64,
    _directory: TempDir,
}

impl Site {
    async fn start() -> Self {
        let upstream = RecordingUpstream::start(|request| match &*request.target {
            "/silent" => Script::silence(),
            "/large" => Script::ok("x".repeat(LARGE)),
            target => Script::ok(target.to_owned()),
        })
        .await;
        let directory = tempfile::tempdir().unwrap();
        let config = directory.path().join("gateway.toml");
        let text = format!(
            "listen = \"127.0.0.1:0\"\n[pools.api]\nupstreams = [\"{}\"]\n[routes.\"/api\"]\npool = \"api\"\n",
            upstream.url()
        );
        std::fs::write(&config, text).unwrap();
        let process = Process::gateway(["--config".as_ref(), config.as_os_str()]);
        let announced = process.line_with("gateway on http://").await;
        let addr = announced.trim_start_matches("gateway on http://").parse().unwrap();
        let mut site = Self { addr, upstream, process, memory_before: 0, _directory: directory };
        assert_eq!(RawClient::connect(addr).await.get("/api/legit").await.text(), "/legit");
        site.memory_before = memory(site.process.pid()).rss;
        site
    }

    /// It serves others, on old and new connections, and has not grown.
    async fn goes_on(&self) {
        let mut client = RawClient::connect(self.addr).await;
        for _ in 0..20 {
            assert_eq!(client.get("/api/legit").await.text(), "/legit");
        }
        let grown = memory(self.process.pid()).rss.saturating_sub(self.memory_before);
        assert!(grown <= MEMORY, "grown by {} MiB", grown / MIB);
    }
}

/// A connection on which the preface has been exchanged.
struct Attack(TcpStream);

#[derive(Debug, PartialEq)]
struct End {
    /// The gateway ended the connection.
    closed: bool,
    goaway: Option<u32>,
}

impl Attack {
    async fn begin(site: &Site) -> Self {
        let mut attack = Self(within("a connection", TcpStream::connect(site.addr)).await.unwrap());
        attack.send(&[PREFACE, &Frame::bytes(Frame::SETTINGS, 0, 0, &[])].concat()).await;
        attack
    }

    async fn send(&mut self, bytes: &[u8]) {
        within("the gateway to read", self.0.write_all(bytes)).await.unwrap();
    }

    /// Sends `bytes` `times` times, or until the gateway closes the connection, and reads everything that the gateway
    /// sends; then asks for a last PING.
    async fn flood(&mut self, bytes: &[u8], times: usize) -> End {
        let (mut reading, mut writing) = self.0.split();
        let sending = async {
            for _ in 0..times {
                if writing.write_all(bytes).await.is_err() {
                    return;
                }
            }
            let _may_be_closed = writing.write_all(&Frame::bytes(Frame::PING, 0, 0, LAST)).await;
        };
        let listening = async {
            let mut end = End { closed: false, goaway: None };
            loop {
                match Frame::receive(&mut reading).await {
                    Some(frame) if frame.kind == Frame::GOAWAY => {
                        end.goaway = Some(u32::from_be_bytes(frame.payload[4..8].try_into().unwrap()));
                    }
                    Some(frame) if frame.kind == Frame::PING && frame.payload == LAST => return end,
                    Some(_) => {}
                    None => return End { closed: true, ..end },
                }
            }
        };
        let (end, ()) = within("the flood to end", async { tokio::join!(listening, sending) }).await;
        end
    }

    /// Sends until the gateway has taken no more for a second, or `most` bytes.
    async fn flood_unread(&mut self, bytes: &[u8], most: u64) {
        let mut sent = 0;
        while sent < most {
            match timeout(Duration::from_secs(1), self.0.write(bytes)).await {
                Ok(Ok(count)) => sent += count as u64,
                Ok(Err(_)) | Err(_) => break,
            }
        }
    }

    async fn until(&mut self, wanted: impl Fn(&Frame) -> bool) -> Frame {
        let waiting = async {
            loop {
                let frame = Frame::receive(&mut self.0).await.expect("the connection goes on");
                if wanted(&frame) {
                    return frame;
                }
            }
        };
        within("a frame", waiting).await
    }
}

const LAST: &[u8] = b"the last";

fn request(stream: u32, path: &str, flags: u8) -> Vec<u8> {
    Frame::bytes(Frame::HEADERS, flags | Frame::END_HEADERS, stream, &head(path))
}

/// A GET encoded by HPACK without a dynamic table (RFC 7541, appendix A).
fn head(path: &str) -> Vec<u8> {
    const GET: u8 = 0x82;
    const HTTP: u8 = 0x86;
    let literal = |name: u8, value: &str| [&[name, value.len() as u8], value.as_bytes()].concat();
    [vec![GET, HTTP], literal(0x04, path), literal(0x01, "test")].concat()
}
