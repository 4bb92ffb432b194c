//! What HTTP/2 can carry in a head and HTTP/1 can't: line ends, colons and blanks in names and values, a framing of its own.
//! Written out for an HTTP/1 upstream, each would be another request, or another body ("HTTP/2: The Sequel is Always Worse",
//! 2021; RFC 9113 sections 8.2.1, 8.2.2 and 10.3).

use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

use super::parsers::routes;
use crate::support::gateway::TestGateway;
use crate::support::h2::{Frame, PREFACE};
use crate::support::raw::RawClient;
use crate::support::recorder::{RecordingUpstream, Script};
use crate::support::within;

/// `:status: 400` in HPACK's static table (RFC 7541, appendix A).
const BAD_REQUEST: u8 = 0x8c;

const EVIL: &str = "GET /evil HTTP/1.1\r\nHost: test\r\n\r\n";

type Field = (&'static str, &'static str);

const METHOD: Field = (":method", "POST");
const SCHEME: Field = (":scheme", "http");
const AUTHORITY: Field = (":authority", "test");
const PATH: Field = (":path", "/up/x");

/// Beside a whole and harmless head.
const FIELDS: &[Field] = &[
    // A framing that HTTP/2 doesn't have.
    ("transfer-encoding", "chunked"),
    ("transfer-encoding", "identity"),
    ("connection", "keep-alive"),
    ("connection", "transfer-encoding"),
    ("keep-alive", "timeout=5"),
    ("proxy-connection", "keep-alive"),
    ("upgrade", "h2c"),
    ("te", "chunked"),
    ("content-length", "+38"),
    ("content-length", "38, 38"),
    // More lines than one.
    ("x", "1\r\nTransfer-Encoding: chunked"),
    ("x", "1\r\n\r\nGET /evil HTTP/1.1\r\nHost: test\r\n\r\n"),
    ("x", "1\nTransfer-Encoding: chunked"),
    ("x", "1\rTransfer-Encoding: chunked"),
    ("x", "1\0"),
    ("x: 1\r\ntransfer-encoding", "chunked"),
    ("x\ny", "1"),
    ("transfer-encoding:", "chunked"),
    ("transfer-encoding ", "chunked"),
    (" transfer-encoding", "chunked"),
    ("x: 1", "2"),
    ("", "1"),
    ("Transfer-Encoding", "chunked"),
    // What only stands at the beginning, once.
    (":path", "/evil"),
    (":method", "GET"),
    (":authority", "evil"),
    (":status", "200"),
    (":protocol", "websocket"),
    (":x", "1"),
    ("host", "evil"),
];

/// In place of the pseudo-header field of that name.
const PSEUDO: &[Field] = &[
    (":method", "GET /evil HTTP/1.1\r\nHost: test\r\n\r\nPOST"),
    (":method", "POST /evil"),
    (":method", ""),
    (":path", "/up/x HTTP/1.1\r\nHost: test\r\n\r\nGET /evil"),
    (":path", "/up/x HTTP/1.1"),
    (":path", "/up/x\ty"),
    (":path", "up/x"),
    (":path", "*"),
    (":path", ""),
    (":path", "http://test/up/x"),
    (":authority", "test\r\nTransfer-Encoding: chunked"),
    (":authority", "test evil"),
    (":authority", "test/evil"),
    (":authority", "u@test"),
    (":authority", ""),
    (":scheme", "http://evil/?"),
    (":scheme", "http\r\nx"),
];

#[tokio::test]
async fn none_is_more_than_a_field_upstream() {
    let upstream = RecordingUpstream::start(|request| Script::ok(request.target.clone())).await;
    let gateway = TestGateway::start(&routes(&[("up", upstream.addr())]));
    let heads = FIELDS.iter().map(|field| vec![METHOD, SCHEME, AUTHORITY, PATH, *field]);
    let heads = heads.chain(PSEUDO.iter().map(|(name, value)| {
        [METHOD, SCHEME, AUTHORITY, PATH]
            .map(|own| if own.0 == *name { (*name, *value) } else { own })
            .to_vec()
    }));
    for head in heads.chain([vec![METHOD, SCHEME, AUTHORITY], vec![METHOD, SCHEME, AUTHORITY, PATH, PATH]]) {
        let end = end_of(&gateway, &head).await;
        assert!(matches!(end, End::Closed | End::Reset | End::Answered(BAD_REQUEST)), "{head:?}: {end:x?}");
        assert_eq!(RawClient::connect(gateway.addr).await.get("/up/next").await.text(), "/next", "{head:?}");
    }
    // The same without anything odd arrives, so it isn't that nothing does.
    assert_eq!(end_of(&gateway, &[METHOD, SCHEME, AUTHORITY, PATH]).await, End::Answered(0x88));
    upstream.assert_clean();
    let mut targets: Vec<String> = upstream.requests().into_iter().map(|request| request.target).collect();
    assert_eq!(targets.pop().as_deref(), Some("/x"));
    assert!(targets.iter().all(|target| target == "/next"), "{targets:?}");
}

/// What becomes of the stream.
#[derive(Debug, PartialEq, Eq)]
enum End {
    /// The connection ended, with a GOAWAY or without.
    Closed,
    Reset,
    /// The first byte of the answer's head.
    Answered(u8),
}

async fn end_of(gateway: &TestGateway, fields: &[Field]) -> End {
    let mut client = within("a connection", TcpStream::connect(gateway.addr)).await.unwrap();
    let head: Vec<u8> = fields.iter().flat_map(literal).collect();
    let request = [
        PREFACE.to_vec(),
        Frame::bytes(Frame::SETTINGS, 0, 0, &[]),
        Frame::bytes(Frame::HEADERS, Frame::END_HEADERS, 1, &head),
        Frame::bytes(Frame::DATA, Frame::END_STREAM, 1, format!("0\r\n\r\n{EVIL}").as_bytes()),
    ];
    let _may_be_closed = client.write_all(&request.concat()).await;
    loop {
        match within("a frame", Frame::receive(&mut client)).await {
            None => return End::Closed,
            Some(Frame { kind: Frame::GOAWAY, .. }) => return End::Closed,
            Some(Frame { kind: Frame::RST_STREAM, stream: 1, .. }) => return End::Reset,
            Some(Frame { kind: Frame::HEADERS, stream: 1, payload, .. }) => return End::Answered(payload[0]),
            Some(_) => {}
        }
    }
}

/// A field as it is, without Huffman's code and any table (RFC 7541 section 6.2.2): both texts are short.
fn literal((name, value): &Field) -> Vec<u8> {
    let text = |text: &str| [&[u8::try_from(text.len()).unwrap()][..], text.as_bytes()].concat();
    assert!(name.len() < 127 && value.len() < 127, "{name}: {value}");
    [vec![0], text(name), text(value)].concat()
}
