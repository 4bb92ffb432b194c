//! An answer that breaks off is passed on as far as it came. If the gateway closed the connection without a byte, many
//! clients would send their request again, even a POST.

use std::sync::Arc;

use axum::Router;
use bytes::Bytes;
use http::Request;
use http_body_util::BodyExt as _;
use proxy_service::{CatchErrorLayer, ProxyService, Target};
use tokio::net::TcpListener;
use tokio::process::Command;
use tokio::sync::Notify;
use tower::Layer as _;

use crate::support::ask::{Answer, Client, POST, Protocol};
use crate::support::fields::Fields;
use crate::support::h2::{self, H2Client};
use crate::support::raw::RawClient;
use crate::support::recorder::{RecordingUpstream, Script, Step};
use crate::support::sole::Sole;
use crate::support::{tools, within};

const FIRST: &str = "the first piece";

/// A head and the first piece of a body, for each framing.
fn begun(framing: &str, piece: &str) -> Bytes {
    match framing {
        "length" => format!("HTTP/1.1 201 Created\r\nContent-Length: 100\r\n\r\n{piece}"),
        "chunked" if piece.is_empty() => {
            "HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n".to_owned()
        }
        "chunked" => {
            format!(
                "HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n{:x}\r\n{piece}\r\n",
                piece.len()
            )
        }
        _ => format!("HTTP/1.1 201 Created\r\nConnection: close\r\n\r\n{piece}"),
    }
    .into()
}

/// What the upstream sends, and how it goes on.
struct Break {
    name: &'static str,
    framing: &'static str,
    piece: &'static str,
    then: fn() -> Vec<Step>,
    /// It waits until the client has read what was sent.
    waits: bool,
    seen: Seen,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Seen {
    /// The status of the upstream, what came of its body, and a broken end.
    AsFarAsItGot,
    /// The same, or 502, because the end may have overtaken the head or be known together with it.
    AsFarAsItGotOrRefused,
    /// 502 with this error.
    Refused(&'static str),
}

fn breaks() -> Vec<Break> {
    let fin = || vec![Step::Close];
    let reset = || vec![Step::Reset];
    let garbage = || vec![Step::Send("zz\r\n".into()), Step::AwaitClose];
    let garbage_first = "HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\nhello\r\n";
    let mut breaks = Vec::new();
    for framing in ["length", "chunked", "close"] {
        let mut add = |name, piece, then: fn() -> Vec<Step>, waits, seen| {
            breaks.push(Break { name, framing, piece, then, waits, seen });
        };
        if framing != "close" {
            add("FIN after the head", "", fin, true, Seen::AsFarAsItGot);
            add("FIN after the first piece", FIRST, fin, true, Seen::AsFarAsItGot);
            add("FIN together with the head", "", fin, false, Seen::AsFarAsItGotOrRefused);
            add("FIN together with the first piece", FIRST, fin, false, Seen::AsFarAsItGot);
        }
        add("RST after the head", "", reset, true, Seen::AsFarAsItGot);
        add("RST after the first piece", FIRST, reset, true, Seen::AsFarAsItGot);
        add("RST together with the first piece", FIRST, reset, false, Seen::AsFarAsItGotOrRefused);
        if framing == "chunked" {
            add("a malformed chunk after the first", FIRST, garbage, true, Seen::AsFarAsItGot);
            add("a malformed chunk together with the first", FIRST, garbage, false, Seen::AsFarAsItGot);
        }
    }
    breaks.push(Break {
        name: "a malformed first chunk",
        framing: garbage_first,
        piece: "",
        then: || vec![Step::AwaitClose],
        waits: false,
        seen: Seen::Refused("http_protocol_error"),
    });
    breaks
}

#[tokio::test]
async fn the_client_gets_what_came() {
    const ROUNDS: usize = 3;
    let signal = Arc::new(Notify::new());
    let told = Arc::clone(&signal);
    let upstream = RecordingUpstream::start(move |request| {
        let Some(number) = request.target.strip_prefix("/broken/") else { return Script::ok("fine") };
        let breaks = breaks();
        let this = &breaks[number.parse::<usize>().unwrap()];
        let begun = if this.framing.starts_with("HTTP") {
            this.framing.into()
        } else {
            begun(this.framing, this.piece)
        };
        let mut script = Script(vec![Step::WaitForBody, Step::Send(begun)]);
        if this.waits {
            script = script.then(Step::AwaitSignal(Arc::clone(&told)));
        }
        script.0.extend((this.then)());
        script
    })
    .await;
    let gateway = Sole::new(upstream.addr()).start();
    for (number, this) in breaks().iter().enumerate() {
        for (protocol, round) in [Protocol::Http1, Protocol::Http2]
            .into_iter()
            .flat_map(|protocol| (0..ROUNDS).map(move |round| (protocol, round)))
        {
            let context = format!("{} {} {protocol:?} {round}", this.name, this.framing);
            let mut client = Client::connect(protocol, gateway.addr).await;
            // So that the connection has been used before.
            assert_eq!(client.ask(POST, "/fine").await.unwrap().status, 200);
            let signal = this.waits.then_some(&*signal);
            let answer = post(client, &format!("/broken/{number}"), this.piece, signal).await;
            let answer = answer.unwrap_or_else(|| panic!("{context}: not one byte"));
            check(&answer, this, &context);
        }
    }
    let broken = upstream.requests().iter().filter(|request| request.target.starts_with("/broken/")).count();
    assert_eq!(broken, 2 * ROUNDS * breaks().len(), "each ran once");
}

/// Sends a POST and reads the answer; notifies the upstream once `piece` has come. `None` if there was no head.
pub(crate) async fn post(client: Client, path: &str, piece: &str, signal: Option<&Notify>) -> Option<Answer> {
    match client {
        Client::Http1(client) => post_http1(client, path, piece, signal).await,
        Client::Http2(client) => post_http2(client, path, piece, signal).await,
    }
}

async fn post_http1(
    mut client: RawClient,
    path: &str,
    piece: &str,
    signal: Option<&Notify>,
) -> Option<Answer> {
    client.send(POST.http1(path, &[])).await;
    let mut response = client.try_response_head("POST").await.ok()?;
    if let Some(signal) = signal {
        client.until(&mut response, piece).await;
        signal.notify_one();
    }
    while client.piece(&mut response).await.is_some() {}
    Some(Answer {
        status: response.status(),
        is_complete: response.body.is_complete(),
        fields: response.head.headers,
        body: response.body.bytes,
    })
}

async fn post_http2(
    mut client: H2Client,
    path: &str,
    piece: &str,
    signal: Option<&Notify>,
) -> Option<Answer> {
    let request = Request::post(format!("http://test{path}")).body(h2::full("x")).unwrap();
    let mut response = client.send(request).await.ok()?;
    let mut body = Vec::new();
    if let Some(signal) = signal {
        while body.len() < piece.len() {
            let frame = within("a piece", response.body_mut().frame()).await.unwrap().unwrap();
            body.extend(frame.into_data().unwrap());
        }
        signal.notify_one();
    }
    let rest = h2::collect(response).await;
    body.extend(rest.body);
    let fields =
        rest.headers.iter().map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()));
    let is_complete = rest.end.is_ok();
    Some(Answer { status: rest.status.as_u16(), fields: Fields(fields.collect()), body, is_complete })
}

fn check(answer: &Answer, this: &Break, context: &str) {
    let is_refusal = answer.status == 502 && answer.is_complete && answer.field("proxy-status").is_some();
    let came = (answer.status, answer.text().as_str().to_owned(), answer.is_complete);
    match this.seen {
        Seen::AsFarAsItGotOrRefused if is_refusal => {}
        Seen::AsFarAsItGot | Seen::AsFarAsItGotOrRefused => {
            assert_eq!(came, (201, this.piece.to_owned(), false), "{context}: {answer:?}");
        }
        Seen::Refused(error) => answer.assert_own_error("POST", 502, error, context),
    }
}

/// A client that does not read for a while gets everything later, too.
#[tokio::test]
async fn a_slow_reader_gets_all_that_came() {
    const LENGTH: usize = 400 << 10;
    let upstream = RecordingUpstream::start(|_| {
        let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", LENGTH + 1);
        Script::raw([head.as_bytes(), &[b'b'; LENGTH]].concat()).then(Step::Close)
    })
    .await;
    let gateway = Sole::new(upstream.addr()).start();

    let mut client = RawClient::over(small_window(gateway.addr).await);
    client.send("GET /x HTTP/1.1\r\nHost: test\r\n\r\n").await;
    upstream.next_closed().await;
    let response = client.response().await;
    assert_eq!((response.status(), response.body.bytes.len()), (200, LENGTH));
    assert!(!response.body.is_complete());

    let (mut client, _connection) = h2::raw(gateway.addr).await;
    let request = Request::get("http://test/x").body(()).unwrap();
    let (response, _) = client.send_request(request, true).unwrap();
    let mut body = within("a head", response).await.unwrap().into_body();
    let mut received = 0;
    let end = loop {
        match within("more of the body", body.data()).await {
            Some(Ok(data)) => {
                received += data.len();
                tokio::task::yield_now().await;
                body.flow_control().release_capacity(data.len()).unwrap();
            }
            Some(Err(error)) => break error,
            None => panic!("a clean end after {received} bytes"),
        }
    };
    assert!(end.is_reset(), "{end}");
    assert_eq!(received, LENGTH);
}

/// A connection for which the kernel buffers only a few KiB.
async fn small_window(addr: std::net::SocketAddr) -> tokio::net::TcpStream {
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    within("a connection", socket.connect(addr)).await.unwrap()
}

/// To HTTP/1.0 an answer of unknown length ends with the connection. One that was cut must end with a reset, but not
/// before the client could read what there is.
#[tokio::test]
async fn an_http_1_0_client_reads_what_came_before_the_reset() {
    let upstream = RecordingUpstream::start(|_| Script::raw(begun("chunked", FIRST)).then(Step::Close)).await;
    let gateway = Sole::new(upstream.addr()).start();
    for _ in 0..5 {
        let mut client = RawClient::connect(gateway.addr).await;
        client.send("GET /x HTTP/1.0\r\nHost: test\r\n\r\n").await;
        let response = client.response().await;
        assert_eq!((response.status(), response.body.text().as_str()), (201, FIRST));
        assert_eq!(response.body.end, crate::support::body::BodyEnd::Reset);
    }
}

/// What an embedder gets who uses the proxy in an axum application of their own.
#[tokio::test]
async fn under_axum_serve_too() {
    let upstream = RecordingUpstream::start(|_| Script::raw(begun("chunked", FIRST)).then(Step::Close)).await;
    let target: Target = upstream.url().parse().unwrap();
    let proxy = CatchErrorLayer::new().layer(ProxyService::new(target, proxy_service::client()));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    let app = Router::new().fallback_service(proxy);
    let served = tokio::spawn(std::future::IntoFuture::into_future(axum::serve(listener, app)));
    for protocol in [Protocol::Http1, Protocol::Http2] {
        for round in 0..5 {
            let mut client = Client::connect(protocol, addr).await;
            let answer = client.ask(POST, "/x").await;
            let answer = answer.unwrap_or_else(|| panic!("{protocol:?} {round}: not one byte"));
            assert_eq!((answer.status, answer.text().as_str()), (201, FIRST), "{protocol:?}");
            assert!(!answer.is_complete);
        }
    }
    served.abort();
}

/// curl sends a POST again when a connection that it has used before ends without a byte.
#[tokio::test]
async fn a_client_that_would_send_it_again_has_no_reason_to() {
    const POSTS: usize = 20;
    let Some(curl) = tools::require("curl") else { return };
    let upstream = RecordingUpstream::start(|request| match request.target.as_str() {
        "/broken" => Script::raw(begun("chunked", FIRST)).then(Step::Close),
        _ => Script::ok("fine"),
    })
    .await;
    let gateway = Sole::new(upstream.addr()).start();
    let mut command = Command::new(curl);
    command.args(["--silent", "--data", "x", "--max-time", "9", "--write-out", "%{http_code}\n"]);
    for _ in 0..POSTS {
        for path in ["fine", "broken"] {
            command.args(["--output", "/dev/null"]).arg(format!("http://{}/{path}", gateway.addr));
        }
    }
    let output = within("curl", command.output()).await.unwrap();
    let codes = String::from_utf8(output.stdout).unwrap();
    let broken = upstream.requests().iter().filter(|request| request.target == "/broken").count();
    assert_eq!(broken, POSTS, "{codes}");
    assert_eq!(codes.lines().filter(|code| *code == "201").count(), POSTS, "{codes}");
}
