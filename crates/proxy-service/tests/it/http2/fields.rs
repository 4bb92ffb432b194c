//! Answers whose heads carry what HTTP/1 can't: written out for an HTTP/1 client, each would be another answer, or another
//! body (RFC 9113 sections 8.2.1, 8.2.2 and 8.3.2).

use proxy_service::ErrorKind;
use tokio::io::AsyncWriteExt;

use super::failures::asking;
use super::upstream::Bare;
use super::*;

type Field = (&'static str, &'static str);

const OK: Field = (":status", "200");

/// A HEADERS frame of stream 1 with its end, the fields as they are: without Huffman's code and any table (RFC 7541
/// section 6.2.2).
fn head(fields: &[Field]) -> Vec<u8> {
    let text = |text: &str| [&[u8::try_from(text.len()).unwrap()][..], text.as_bytes()].concat();
    let field = |(name, value): &Field| [vec![0], text(name), text(value)].concat();
    let fields: Vec<u8> = fields.iter().flat_map(field).collect();
    [&[0, 0, u8::try_from(fields.len()).unwrap(), 1, 5, 0, 0, 0, 1][..], &fields].concat()
}

#[tokio::test]
async fn an_answer_that_http1_could_not_carry_is_none() {
    for fields in [
        &[OK, ("x", "1\r\nTransfer-Encoding: chunked")][..],
        &[OK, ("x", "1\r\n\r\nHTTP/1.1 200 OK\r\n\r\n")],
        &[OK, ("x", "1\ny: 2")],
        &[OK, ("x", "1\0")],
        &[OK, ("x: 1\r\ny", "2")],
        &[OK, ("x y", "1")],
        &[OK, ("X", "1")],
        &[OK, ("", "1")],
        &[OK, ("transfer-encoding", "chunked")],
        &[OK, ("connection", "close")],
        &[OK, ("keep-alive", "timeout=5")],
        &[OK, ("upgrade", "h2c")],
        &[OK, ("content-length", "5, 5")],
        &[OK, ("content-length", "+5")],
        &[OK, ("content-length", "5")],
        &[OK, OK],
        &[OK, (":x", "1")],
        &[("x", "1"), OK],
        &[("x", "1")],
        &[(":status", "200 OK\r\nX: 1")],
        &[(":status", "2000")],
        &[(":status", "20")],
        &[(":status", "101")],
    ] {
        assert_eq!(answered(fields).await, Err((ErrorKind::HttpProtocolError, false)), "{fields:?}");
    }
    assert_eq!(answered(&[OK, ("x", "1")]).await, Ok(200));
}

/// What becomes of a request that is answered with these fields.
async fn answered(fields: &[Field]) -> Result<u16, (ErrorKind, bool)> {
    let bare = Bare::start().await;
    let proxy = proxy(http2(), &bare.target());
    let answer = asking(&proxy, post("abc"));
    let mut stream = bare.accept_request().await;
    stream.write_all(&head(fields)).await.unwrap();
    answer.await.unwrap()
}
