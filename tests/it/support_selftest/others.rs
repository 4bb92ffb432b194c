//! HTTP/2, processes, canaries, memory and tools.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use axum::Router;
use axum::body::{Body, Bytes};
use http::{HeaderMap, HeaderValue, Request, Response, Version};
use http_body_util::BodyExt as _;
use tokio::net::TcpListener;
use tokio::process::Command;
use tokio::sync::oneshot;

use crate::support::canary::{Capture, canary};
use crate::support::h2::{self, Frame, H2Client};
use crate::support::process::{Line, Process, Signal, Stream};
use crate::support::raw::RawClient;
use crate::support::tools::{self, Nginx};
use crate::support::{mem, within};

async fn h2c_server(router: Router) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    addr
}

async fn echo(request: Request<Body>) -> Response<Body> {
    assert_eq!(request.version(), Version::HTTP_2);
    Response::new(request.into_body())
}

#[tokio::test]
async fn the_h2_client_speaks_http_2_both_ways_with_trailers() {
    let mut client = H2Client::connect(h2c_server(Router::new().fallback(echo)).await).await;
    let mut trailers = HeaderMap::new();
    trailers.insert("x-sum", HeaderValue::from_static("4"));
    let body = h2::full("body").with_trailers(std::future::ready(Some(Ok(trailers.clone())))).boxed_unsync();
    let response = client.send(Request::post("http://test/").body(body).unwrap()).await.unwrap();
    let collected = h2::collect(response).await;
    assert_eq!((collected.status.as_u16(), collected.body.as_slice()), (200, &b"body"[..]));
    assert_eq!((collected.trailers, collected.end), (Some(trailers), Ok(())));
    assert_eq!(client.get("/").await.body, b"");
    client.leave().await.unwrap();
}

#[tokio::test]
async fn the_h2_client_notices_that_the_server_ends_the_connection() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let until = async { drop(stopped.await) };
    let serving = axum::serve(listener, Router::new().fallback(echo)).with_graceful_shutdown(until);
    tokio::spawn(async move { serving.await });
    let mut client = H2Client::connect(addr).await;
    assert_eq!(client.get("/").await.status, 200);
    stop.send(()).unwrap();
    client.closed().await.unwrap();
}

/// A body with an error in it as soon as the test says so.
struct Breaking(oneshot::Receiver<Infallible>);

impl http_body::Body for Breaking {
    type Data = Bytes;
    type Error = oneshot::error::RecvError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<http_body::Frame<Bytes>, Self::Error>>> {
        Pin::new(&mut self.0).poll(cx).map(|broken| broken.err().map(Err))
    }
}

#[tokio::test]
async fn the_h2_client_tells_a_reset_from_an_end() {
    let (breaker, breaks) = oneshot::channel();
    let body = Arc::new(Mutex::new(Some(Breaking(breaks))));
    let answer = async move || Response::new(Body::new(body.lock().unwrap().take().unwrap()));
    let mut client = H2Client::connect(h2c_server(Router::new().fallback(answer)).await).await;
    let response = client.send(Request::get("http://test/").body(h2::empty()).unwrap()).await.unwrap();
    // If it had broken earlier, the reset would have overtaken the head.
    drop(breaker);
    let collected = h2::collect(response).await;
    assert_eq!((collected.status.as_u16(), collected.end), (200, Err(Some(::h2::Reason::INTERNAL_ERROR))));
}

#[tokio::test]
async fn the_raw_h2_client_and_bare_frames_reach_the_server() {
    let addr = h2c_server(Router::new().fallback(echo)).await;
    let (mut requests, connection) = h2::raw(addr).await;
    let request = Request::post("http://test/").body(()).unwrap();
    let (response, mut stream) = requests.send_request(request, false).unwrap();
    stream.send_data("half".into(), false).unwrap();
    assert_eq!(within("a response", response).await.unwrap().status(), 200);
    stream.send_reset(::h2::Reason::CANCEL);
    drop((requests, stream));
    within("the connection's end", connection).await.unwrap().unwrap();

    let mut client = RawClient::connect(addr).await;
    let settings = Frame { kind: Frame::SETTINGS, flags: 0, stream: 0, payload: Vec::new() };
    client.send([h2::PREFACE, &settings.encode()].concat()).await;
    assert_eq!(Frame::read(&mut client).await.kind, Frame::SETTINGS);
    let ping = Frame { kind: Frame::PING, flags: 0, stream: 0, payload: b"12345678".to_vec() };
    client.send(ping.encode()).await;
    let pong = Frame { flags: 1, ..ping };
    while Frame::read(&mut client).await != pong {}
    // A PING belongs to no stream (RFC 9113, 6.7).
    client.send(Frame { stream: 1, flags: 0, ..pong }.encode()).await;
    let goaway = Frame::read(&mut client).await;
    assert_eq!((goaway.kind, &goaway.payload[4..8]), (Frame::GOAWAY, &[0, 0, 0, 1][..]), "PROTOCOL_ERROR");
}

fn shell(script: &str) -> Process {
    let mut command = Command::new("sh");
    command.args(["-c", script]);
    Process::start(command)
}

#[tokio::test]
async fn a_process_is_heard_signalled_and_awaited() {
    let mut process =
        shell("trap 'echo bye; exit 3' TERM; echo oops >&2; echo ready; while :; do sleep 0.02; done");
    assert_eq!(process.line_with("read").await, "ready");
    assert_eq!(process.line_with("oops").await, "oops");
    process.signal(Signal::Term).await;
    assert_eq!(process.exit().await.code(), Some(3));
    assert_eq!(
        (process.text(Stream::Out).as_str(), process.text(Stream::Err).as_str()),
        ("ready\nbye\n", "oops\n")
    );
}

#[tokio::test]
async fn the_last_line_counts_without_a_line_feed() {
    let mut process = shell("printf 'a\n\nlast'; exit 7");
    assert_eq!(process.exit().await.code(), Some(7));
    let lines = ["a", "", "last"].map(|text| Line { stream: Stream::Out, text: text.to_owned() });
    assert_eq!(process.lines(), lines);
}

#[tokio::test]
#[should_panic(expected = "in all its output")]
async fn waiting_for_a_line_ends_with_the_process() {
    shell("echo something else").line_with("never said").await;
}

#[tokio::test]
async fn the_gateway_binary_starts() {
    // However it answers such an argument: it runs and exits.
    Process::gateway(["--help"]).exit().await;
}

#[tokio::test]
async fn a_canary_is_found_wherever_it_was_logged() {
    let (secret, other) = (canary("token"), canary("token"));
    assert_ne!(secret, other);
    let (capture, _guard) = Capture::on_this_thread();
    tracing::trace_span!("a span", field = %secret).in_scope(|| tracing::trace!("inside"));
    tracing::info!(message = ?Some(&secret));
    assert_eq!(
        capture.lines_with(&secret).len(),
        4,
        "span opened and closed, event inside, event: {}",
        capture.text()
    );
    capture.assert_never_logged(&other);
}

#[tokio::test]
#[should_panic(expected = "logged: [")]
async fn a_canary_in_the_log_fails_the_test() {
    let (capture, _guard) = Capture::on_this_thread();
    tracing::error!(token = "canary-x");
    capture.assert_never_logged("canary-x");
}

#[tokio::test]
#[should_panic(expected = "nothing was logged")]
async fn an_empty_log_proves_nothing() {
    Capture::on_this_thread().0.assert_never_logged("canary-x");
}

#[test]
fn memory_and_files_are_counted() {
    let me = mem::this_process();
    let (before, files) = (mem::memory(me), mem::open_files(me));
    let size = 64 << 20;
    let touched = std::hint::black_box(vec![1_u8; size]);
    let more = mem::memory(me).rss - before.rss;
    assert!(more as usize > size * 3 / 4, "{more} more for {}", touched.len());
    assert!(before.pss > 0 && before.pss <= before.rss);
    let opened: Vec<_> = (0..100).map(|_| std::fs::File::open("/dev/null").unwrap()).collect();
    // Other tests open and close files meanwhile.
    assert!(mem::open_files(me) > files + opened.len() / 2);
}

#[tokio::test]
async fn nginx_serves_until_dropped() {
    let Some(nginx) = Nginx::start(tools::free_port(), "location / { return 200 hi; }").await else { return };
    let addr = nginx.addr();
    assert_eq!(RawClient::connect(addr).await.get("/").await.text(), "hi");
    assert!(mem::memory(nginx.process().pid()).rss > 0);
    let mut idle = RawClient::connect(addr).await;
    assert_eq!(idle.get("/").await.status(), 200);
    drop(nginx);
    idle.expect_close().await;
    // The system closes the sockets of a dead process one after the other.
    let refused = async {
        while tokio::net::TcpStream::connect(addr).await.is_ok() {
            tokio::task::yield_now().await;
        }
    };
    within("nginx's port to be closed", refused).await;
}

#[test]
fn a_missing_tool_is_skipped_loudly_except_in_ci() {
    let missing = || tools::require("no-such-program-anywhere");
    match std::env::var("CI").as_deref() {
        Ok("true") => assert!(std::panic::catch_unwind(missing).is_err()),
        _ => assert_eq!(missing(), None),
    }
    assert!(tools::require("sh").is_some());
}
