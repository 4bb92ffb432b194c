//! However bytes are cut into pieces, the same comes of them.

use http::{Method, Request};
use http1::Limits;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

use crate::refused::refused;
use crate::seen::{Seen, requests, responses};

/// Small, so that they are reached.
const LIMITS: Limits = Limits {
    section: 512,
    fields: 8,
    target: 64,
    trailers: 64,
    extensions: 16,
    interim: 3,
    pipelined: 1 << 20,
};

const REQUESTS: &[&str] = &[
    "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
    "\r\nGET /a?b HTTP/1.1\r\nHost: a\r\nCookie: c\r\nX-Y: \"z\"\r\n\r\n",
    "GET http://a/ HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
    "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello",
    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n0\r\n\r\n",
    "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nHost: a\r\n\r\nA\r\n0123456789\r\n0\r\nX: y\r\nZ: 1\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n",
    "CONNECT a:80 HTTP/1.1\r\nHost: a:80\r\n\r\n",
];

const RESPONSES: &[&str] = &[
    "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
    "HTTP/1.1 200 \r\nTransfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n0\r\nX: y\r\n\r\n",
    "HTTP/1.1 100 Continue\r\n\r\n",
    "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n",
    "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\nbytes",
    "HTTP/1.1 204 No Content\r\n\r\n",
    "HTTP/1.0 200 OK\r\n\r\nhello",
    "HTTP/1.1 304\r\nContent-Length: 5\r\n\r\n",
    "HTTP/1.1 200 Tr\u{e8}s bien\r\nX : y\r\nZ: a\r\n b\r\n\r\nhello",
];

/// What is put in somewhere.
const PIECES: &[&str] = &[
    "\r",
    "\n",
    "\r\n",
    "\r\n\r\n",
    " ",
    "\t",
    ":",
    ";",
    ",",
    "\0",
    "\x7f",
    "#",
    "<",
    "0",
    "f",
    "x",
    "HTTP/1.1",
    "Content-Length: 5\r\n",
    "Transfer-Encoding: chunked\r\n",
    "Host: a\r\n",
    "X: y\r\n",
    " folded\r\n",
    "chunked",
    "0123456789012345678901234567890123456789012345678901234567890123",
];

#[derive(Clone, Debug)]
enum Change {
    Insert(Index, &'static str),
    Remove(Index, usize),
}

fn changes() -> impl Strategy<Value = Vec<Change>> {
    vec(
        prop_oneof![
            (any::<Index>(), select(PIECES)).prop_map(|(at, piece)| Change::Insert(at, piece)),
            (any::<Index>(), 1..6_usize).prop_map(|(at, count)| Change::Remove(at, count)),
        ],
        0..4,
    )
}

fn changed(messages: &[&str], changes: &[Change]) -> Vec<u8> {
    let mut bytes = messages.concat().into_bytes();
    for change in changes {
        match change {
            Change::Insert(at, piece) => {
                let at = at.index(bytes.len() + 1);
                bytes.splice(at..at, piece.bytes());
            }
            Change::Remove(at, count) => {
                let at = at.index(bytes.len() + 1);
                let end = bytes.len().min(at + count);
                bytes.drain(at..end);
            }
        }
    }
    bytes
}

fn cut<'a>(bytes: &'a [u8], cuts: &[Index]) -> Vec<&'a [u8]> {
    let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(bytes.len() + 1)).collect();
    cuts.extend([0, bytes.len()]);
    cuts.sort_unstable();
    cuts.windows(2).map(|cut| &bytes[cut[0]..cut[1]]).collect()
}

fn request(method: Method) -> Request<()> {
    let mut request = Request::new(());
    if method == Method::CONNECT {
        *request.uri_mut() = "a:80".parse().unwrap();
    }
    *request.method_mut() = method;
    request.headers_mut().insert("connection", "upgrade".parse().unwrap());
    request.headers_mut().insert("upgrade", "x".parse().unwrap());
    request
}

fn same(whole: &[Seen], cut: &[Seen], bytes: &[u8]) -> Result<(), TestCaseError> {
    prop_assert_eq!(whole, cut, "{}", bytes.escape_ascii());
    Ok(())
}

proptest! {
    #[test]
    fn of_requests(
        messages in vec(select(REQUESTS), 1..4),
        changes in changes(),
        cuts in vec(any::<Index>(), 0..12),
    ) {
        let bytes = changed(&messages, &changes);
        let whole = requests([&bytes[..]], LIMITS);
        same(&whole, &requests(cut(&bytes, &cuts), LIMITS), &bytes)?;
        same(&whole, &requests(bytes.chunks(1), LIMITS), &bytes)?;
    }

    #[test]
    fn what_is_known_of_a_refused_request(
        message in select(REQUESTS),
        changes in changes(),
        cuts in vec(any::<Index>(), 0..12),
    ) {
        let bytes = changed(&[message], &changes);
        let whole = refused([&bytes[..]], LIMITS);
        prop_assert_eq!(&whole, &refused(cut(&bytes, &cuts), LIMITS), "{}", bytes.escape_ascii());
        prop_assert_eq!(&whole, &refused(bytes.chunks(1), LIMITS), "{}", bytes.escape_ascii());
    }

    #[test]
    fn of_responses(
        method in select(vec![Method::GET, Method::HEAD, Method::CONNECT]),
        messages in vec(select(RESPONSES), 1..4),
        changes in changes(),
        cuts in vec(any::<Index>(), 0..12),
    ) {
        let bytes = changed(&messages, &changes);
        let request = request(method);
        let whole = responses(&request, [&bytes[..]], LIMITS);
        same(&whole, &responses(&request, cut(&bytes, &cuts), LIMITS), &bytes)?;
        same(&whole, &responses(&request, bytes.chunks(1), LIMITS), &bytes)?;
    }
}
