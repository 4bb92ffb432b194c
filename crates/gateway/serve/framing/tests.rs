use std::cell::RefCell;
use std::convert::Infallible;

use http::{Request, Response};
use http_body_util::{BodyExt, Empty};
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use tokio::io::AsyncWriteExt;

use super::{Ambiguous, Framing};

fn follow(bytes: impl AsRef<[u8]>) -> Option<Ambiguous> {
    Framing::default().follow(bytes.as_ref())
}

/// All ambiguous requests that are found.
fn follow_pieces<'a>(pieces: impl Iterator<Item = &'a [u8]>) -> Vec<Ambiguous> {
    let mut framing = Framing::default();
    pieces.filter_map(|piece| framing.follow(piece)).collect()
}

fn follow_cut(bytes: &[u8], cuts: &[Index]) -> Vec<Ambiguous> {
    let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(bytes.len())).collect();
    cuts.extend([0, bytes.len()]);
    cuts.sort_unstable();
    follow_pieces(cuts.windows(2).map(|cut| &bytes[cut[0]..cut[1]]))
}

#[test]
fn one_framing_is_fine() {
    for head in [
        "GET / HTTP/1.1\r\n\r\n",
        "\r\n\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
        "POST / HTTP/1.1\r\nContent-Length: 0\r\n\r\n",
        "POST / HTTP/1.1\nCONTENT-LENGTH:4\n\nabcd",
        "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "GET / HTTP/1.1\r\nX-Content-Length: 1\r\nContent-Length-X: 1\r\nX: Content-Length: 1\r\n\r\n",
        "Content-Length: 1\r\nContent-Length: 1\r\n\r\n",
        "POST / HTTP/1.1\r\nContent-Length: \t 0000004 \t\r\n\r\n\n\n\n\n",
    ] {
        assert_eq!(follow(head), None, "{head:?}");
    }
}

#[test]
fn a_length_that_cannot_be_told_is_refused_with_its_head() {
    let (blanks, zeros) = (" ".repeat(100), "0".repeat(100));
    for length in ["", "x", "-1", "18446744073709551616", &format!("{blanks}4"), &format!("{zeros}4")] {
        let head = format!("POST / HTTP/1.1\r\nContent-Length:{length}\r\n\r\n");
        assert_eq!(follow(head), Some(Ambiguous(0)), "{length:?}");
    }
}

#[test]
fn a_body_that_cannot_be_followed_has_the_next_head_refused() {
    let zeros = "0".repeat(100);
    for body in [
        &format!("{zeros}4\r\nabcd\r\n0\r\n\r\n"),
        &format!("0\r\nLong: {zeros}\n\n"),
        "\r\n",
        "fffffffffffffffff\r\n",
        "4\nabcd",
        "4;a=b\nabcd",
        "0\n\n",
        "0\r\n\n",
        "0\r\nX: 1\n\n",
    ] {
        let bytes = format!("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n{body}");
        assert_eq!(follow(&bytes), Some(Ambiguous(1)), "{body:?}");
        assert_eq!(follow_pieces(bytes.as_bytes().chunks(1)), [Ambiguous(1)], "{body:?}");
    }
}

#[test]
fn two_framings_are_not() {
    for fields in [
        "Content-Length: 1\r\nContent-Length: 1\r\n",
        "content-length: 1\r\nHost: a\r\nCONTENT-LENGTH: 2\r\n",
        "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: x\r\n",
        "Transfer-Encoding: chunked\nContent-Length: 0\n",
    ] {
        assert_eq!(follow(format!("POST / HTTP/1.1\r\n{fields}\r\n")), Some(Ambiguous(0)), "{fields:?}");
    }
}

#[test]
fn it_is_told_once() {
    let mut framing = Framing::default();
    let head = b"POST / HTTP/1.1\r\nContent-Length: 0\r\nContent-Length: 0\r\n\r\n";
    assert_eq!(framing.follow(head), Some(Ambiguous(0)));
    assert_eq!(framing.follow(head), None);
}

/// Bodies that would be found ambiguous if they were read as heads.
const BODIES: [&str; 4] = [
    "x",
    "\r\n\r\n",
    "GET / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n",
    "0\r\n\r\nA: b\n\n",
];

fn request() -> impl Strategy<Value = String> {
    let filler = select(vec!["", "Host: a\r\n", "Accept: content-length: 7\r\n"]);
    let long = any::<bool>()
        .prop_map(|long| if long { format!("Cookie: {}\r\n", "c".repeat(300)) } else { String::new() });
    let framed = prop_oneof![
        Just("\r\n".to_owned()),
        select(&BODIES).prop_map(|body| format!("Content-Length: {:03}\r\n\r\n{body}", body.len())),
        (
            vec(select(&BODIES), 0..4),
            select(vec!["", ";a=b", " "]),
            select(vec!["", "T: 1\r\nContent-Length: 3\r\n"])
        )
            .prop_map(|(chunks, extension, trailers)| {
                let chunks: String = chunks
                    .iter()
                    .map(|chunk| format!("{:x}{extension}\r\n{chunk}\r\n", chunk.len()))
                    .collect();
                format!("transfer-encoding: chunked\r\n\r\n{chunks}0\r\n{trailers}\r\n")
            }),
    ];
    (filler, long, framed)
        .prop_map(|(filler, long, framed)| format!("POST / HTTP/1.1\r\n{filler}{long}{framed}"))
}

proptest! {
    #[test]
    fn the_right_head_is_found_behind_any_bodies_in_any_pieces(
        requests in vec(request(), 0..8),
        cuts in vec(any::<Index>(), 0..20),
    ) {
        let count = requests.len() as u64;
        let mut bytes = requests.concat();
        prop_assert_eq!(follow(&bytes), None);
        bytes.push_str("POST / HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\n");

        prop_assert_eq!(follow_cut(bytes.as_bytes(), &cuts), [Ambiguous(count)]);
    }

    #[test]
    fn no_two_framings_reach_whoever_hyper_serves(
        requests in vec(odd_request(), 0..4),
        cuts in vec(any::<Index>(), 0..20),
    ) {
        let bytes = [requests.concat().as_bytes(), TWO_FRAMINGS.as_bytes()].concat();
        let told = follow_cut(&bytes, &cuts);
        if let Some(served) = served_by_hyper(&bytes).iter().position(|target| target == "/two") {
            let is_refused = matches!(*told, [Ambiguous(refused)] if refused <= served as u64);
            prop_assert!(is_refused, "{told:?}, served as {served}");
        }
    }
}

const TWO_FRAMINGS: &str =
    "POST /two HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n";

/// Requests in unusual spellings: hyper may accept them, refuse them, or read them as other requests.
fn odd_request() -> impl Strategy<Value = String> {
    let line_end = || select(vec!["\r\n", "\r\n", "\r\n", "\n", "\r", "\r\r\n"]);
    let blanks = || (select(vec![" ", "\t"]), 0..80_usize).prop_map(|(blank, count)| blank.repeat(count));
    let zeros = || (0..80_usize).prop_map(|count| "0".repeat(count));
    let body =
        || select(vec!["x", "\r\n\r\n", "0\r\n\r\n", "POST / HTTP/1.1\r\nContent-Length: 999999\r\n\r\n"]);

    let sized =
        (blanks(), zeros(), blanks(), body(), line_end()).prop_map(|(before, zeros, after, body, end)| {
            format!("Content-Length:{before}{zeros}{}{after}{end}\r\n{body}", body.len())
        });
    let chunk = (zeros(), blanks(), select(vec!["", ";", ";a\n", ";a=b"]), line_end(), body()).prop_map(
        |(zeros, blanks, extension, end, body)| {
            format!("{zeros}{:x}{blanks}{extension}{end}{body}\r\n", body.len())
        },
    );
    let trailer = (select(vec!["X: 1", "X: 1\n", "", "\n"]), line_end(), prop::option::of(body()))
        .prop_map(|(field, end, more)| format!("{field}{end}{}", more.unwrap_or_default()));
    let chunked = (vec(chunk, 0..3), zeros(), line_end(), vec(trailer, 0..3)).prop_map(
        |(chunks, zeros, end, trailers)| {
            let (chunks, trailers) = (chunks.concat(), trailers.concat());
            format!("Transfer-Encoding: chunked\r\n\r\n{chunks}0{zeros}{end}{trailers}\r\n")
        },
    );
    prop_oneof![sized, chunked].prop_map(|framed| format!("POST / HTTP/1.1\r\n{framed}"))
}

/// The targets of the requests that hyper reads from `bytes`.
#[tokio::main(flavor = "current_thread")]
async fn served_by_hyper(bytes: &[u8]) -> Vec<String> {
    let (mut client, server) = tokio::io::duplex(1 << 20);
    client.write_all(bytes).await.unwrap();
    client.shutdown().await.unwrap();
    let targets = RefCell::new(Vec::new());
    let service = service_fn(|request: Request<Incoming>| {
        targets.borrow_mut().push(request.uri().to_string());
        async {
            let _ = request.into_body().collect().await;
            Ok::<_, Infallible>(Response::new(Empty::<Bytes>::new()))
        }
    });
    let _ = http1::Builder::new().serve_connection(TokioIo::new(server), service).await;
    targets.into_inner()
}
