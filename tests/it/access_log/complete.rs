//! An answer that was sent to its end is logged as complete, however its end was marked and whichever protocols were
//! spoken.

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Request, Response};

use super::logged::Line;
use crate::support::ask::Protocol;
use crate::support::h2::{self, H2Client};
use crate::support::h2_upstream::{H2Step, H2Upstream};
use crate::support::raw::RawClient;
use crate::support::recorder::{Answer, RecordingUpstream, Script, Step};
use crate::support::running::Running;

/// By path: the method of the request, and the status of the answer.
const ENDS: [(&str, Method, u64); 10] = [
    ("trailers", Method::GET, 200),
    ("trailers-alone", Method::GET, 200),
    ("length", Method::GET, 200),
    ("empty-length", Method::GET, 200),
    ("chunked", Method::GET, 200),
    ("until-close", Method::GET, 200),
    ("empty", Method::GET, 200),
    ("head", Method::HEAD, 200),
    ("none", Method::GET, 204),
    ("unchanged", Method::GET, 304),
];

fn http1(end: &str) -> Script {
    Script::answer(match end {
        "trailers" => Answer::new(200).chunks(["ab", "c"]).trailer("x-sum", "1"),
        "trailers-alone" => Answer::new(200).chunks([""]).trailer("x-sum", "1"),
        "length" | "head" => Answer::new(200).body("abc"),
        "chunked" => Answer::new(200).chunks(["ab", "c"]),
        "until-close" => return Script::raw("HTTP/1.1 200 OK\r\n\r\nabc").then(Step::Close),
        "empty" => Answer::new(200).chunks([""]),
        "empty-length" => Answer::new(200).body(""),
        "none" => Answer::new(204),
        _ => Answer::new(304),
    })
}

/// The end of the stream is a frame of its own, wherever HTTP/2 leaves the choice.
fn http2(end: &str) -> Vec<H2Step> {
    let head = |status: u16| H2Step::Head(Response::builder().status(status).body(()).unwrap());
    let trailers = || {
        H2Step::Trailers(HeaderMap::from_iter([("x-sum".parse().unwrap(), HeaderValue::from_static("1"))]))
    };
    let data = || H2Step::Data(Bytes::from_static(b"abc"));
    let announced =
        |length: u64| H2Step::Head(Response::builder().header("content-length", length).body(()).unwrap());
    match end {
        "trailers" => vec![head(200), data(), trailers()],
        "trailers-alone" => vec![head(200), trailers()],
        "length" => vec![announced(3), data(), H2Step::End],
        "length-alone" => vec![announced(3), data()],
        "empty-length" => vec![announced(0), H2Step::End],
        "chunked" | "until-close" => vec![head(200), data(), H2Step::End],
        "empty" | "head" => vec![head(200), H2Step::End],
        "none" => vec![head(204), H2Step::End],
        _ => vec![head(304), H2Step::End],
    }
}

#[tokio::test]
async fn whatever_ends_it() {
    let last = |path: &str| path.rsplit('/').next().unwrap().to_owned();
    let one = RecordingUpstream::start(move |request| http1(&last(&request.target))).await;
    let two = H2Upstream::start(move |request| http2(&last(request.uri().path()))).await;
    let config = format!(
        "[pools.one]\nupstreams = [\"{}\"]\n[routes.\"/one\"]\npool = \"one\"\n\
         [pools.two]\nupstreams = [\"http://{}\"]\nprotocol = \"http2\"\n[routes.\"/two\"]\npool = \"two\"\n",
        one.url(),
        two.addr(),
    );
    let gateway = Running::start(&config, "info").await;
    for upstream in ["one", "two"] {
        for client in [Protocol::Http1, Protocol::Http2] {
            for (end, method, status) in ENDS {
                let id = format!("{upstream}-{client:?}-{end}");
                let path = format!("/{upstream}/{end}");
                ask(&gateway, client, &method, &path, &id).await;
                let line = Line::parse(&gateway.process.line_with(&format!("id=\"{id}\"")).await);
                assert_eq!(line.end(), (status, 1, None), "{id}: {line:?}");
            }
        }
    }
}

/// Who knows the length has all of it, though the upstream never marks the end.
#[tokio::test]
async fn as_much_as_was_announced() {
    let two = H2Upstream::start(|_| http2("length-alone")).await;
    let config = format!(
        "[pools.two]\nupstreams = [\"http://{}\"]\nprotocol = \"http2\"\n[routes.\"/\"]\npool = \"two\"\n",
        two.addr(),
    );
    let gateway = Running::start(&config, "info").await;
    ask(&gateway, Protocol::Http1, &Method::GET, "/", "all").await;
    let line = Line::parse(&gateway.process.line_with("id=\"all\"").await);
    assert_eq!(line.end(), (200, 1, None), "{line:?}");
}

/// Reads the answer to its end.
async fn ask(gateway: &Running, client: Protocol, method: &Method, path: &str, id: &str) {
    match client {
        Protocol::Http1 => {
            let mut client = RawClient::connect(gateway.addr).await;
            let request = format!(
                "{method} {path} HTTP/1.1\r\nHost: test\r\nTE: trailers\r\nX-Request-Id: {id}\r\n\r\n"
            );
            client.send(request).await;
            assert!(client.response_to(method.as_str()).await.body.is_complete(), "{id}");
        }
        Protocol::Http2 => {
            let mut client = H2Client::connect(gateway.addr).await;
            let request = Request::builder().method(method).uri(format!("http://test{path}"));
            let request =
                request.header("te", "trailers").header("x-request-id", id).body(h2::empty()).unwrap();
            assert_eq!(h2::collect(client.send(request).await.unwrap()).await.end, Ok(()), "{id}");
        }
    }
}
