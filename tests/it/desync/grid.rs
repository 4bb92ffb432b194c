//! Every combination of `Transfer-Encoding` and `Content-Length`, in both orders and both versions, is either refused
//! or means the same to every parser.

use super::parsers::Parsers;

/// A whole chunked body, long enough for every length below.
const PAYLOAD: &str = "3\r\nabc\r\n0\r\n\r\n";

const CODINGS: [Option<&str>; 24] = [
    None,
    Some("chunked"),
    Some("Chunked"),
    Some("CHUNKED"),
    Some(" \t chunked \t"),
    Some("chunked,"),
    Some(",chunked"),
    Some("chunked, chunked"),
    Some("gzip, chunked"),
    Some("identity, chunked"),
    Some("chunked, gzip"),
    Some("identity"),
    Some("gzip"),
    Some(""),
    Some("chunked;q=1"),
    Some("x chunked"),
    Some("\"chunked\""),
    Some("chunked\x0b"),
    Some("\x0bchunked"),
    Some("chunkedd"),
    Some("chunked\r\nTransfer-Encoding: chunked"),
    Some("identity\r\nTransfer-Encoding: chunked"),
    Some("chunked\r\nTransfer-Encoding: gzip"),
    Some("\r\n chunked"),
];

const LENGTHS: [Option<&str>; 16] = [
    None,
    Some("0"),
    Some("3"),
    Some("13"),
    Some("003"),
    Some(" 3\t"),
    Some("+3"),
    Some("-3"),
    Some("3,3"),
    Some("3 3"),
    Some("0x3"),
    Some("1_3"),
    Some(""),
    Some("18446744073709551616"),
    Some("3\r\nContent-Length: 3"),
    Some("3\r\nContent-Length: 13"),
];

#[tokio::test]
async fn every_framing_is_refused_or_means_one_thing() {
    let parsers = Parsers::start().await;
    let mut accepted = 0;
    for (number, case) in cases().enumerate() {
        let path = format!("/{number}");
        match case.body() {
            None => refused(&parsers, &path, &case).await,
            Some(body) => {
                read_alike(&parsers, &path, &case, body).await;
                accepted += 1;
            }
        }
    }
    parsers.assert_clean();
    // Neither a refused request nor what follows the body of an accepted one may become another request.
    assert_eq!(parsers.strict.requests().len(), accepted);
}

async fn refused(parsers: &Parsers, path: &str, case: &Case) {
    let mut client = parsers.send("/rb", path, &case.bytes()).await;
    let answer = client.response().await;
    assert!(matches!(answer.status(), 400 | 501), "{} to {case:?}", answer.status());
    client.expect_close().await;
}

async fn read_alike(parsers: &Parsers, path: &str, case: &Case, body: &str) {
    for route in parsers.routes() {
        let answer = parsers.send(route, path, &case.bytes()).await.response().await;
        assert_eq!(answer.status(), 200, "{route} {case:?}");
        assert_eq!(answer.text(), format!("POST {path} {body}"), "{route} {case:?}");
    }
}

#[derive(Debug)]
struct Case {
    version: &'static str,
    coding: Option<&'static str>,
    length: Option<&'static str>,
    length_first: bool,
}

fn cases() -> impl Iterator<Item = Case> {
    let versions = ["1.0", "1.1"].into_iter();
    versions.flat_map(|version| {
        CODINGS.into_iter().flat_map(move |coding| {
            LENGTHS.into_iter().flat_map(move |length| {
                [false, true].map(|length_first| Case { version, coding, length, length_first })
            })
        })
    })
}

impl Case {
    fn bytes(&self) -> Vec<u8> {
        let coding = self.coding.map_or_else(String::new, |value| format!("Transfer-Encoding: {value}\r\n"));
        let length = self.length.map_or_else(String::new, |value| format!("Content-Length: {value}\r\n"));
        let fields = if self.length_first { length + &coding } else { coding + &length };
        format!("POST {{P}} HTTP/{}\r\nHost: test\r\n{fields}\r\n{PAYLOAD}", self.version).into_bytes()
    }

    /// The body that the request has by RFC 9112 §6, if there is no doubt.
    fn body(&self) -> Option<&'static str> {
        let trimmed = |value: &'static str| value.trim_matches([' ', '\t']);
        match (self.coding.map(trimmed), self.length.map(trimmed)) {
            (None, None) => Some(""),
            (None, Some(length)) => {
                let is_number = !length.is_empty() && length.bytes().all(|byte| byte.is_ascii_digit());
                is_number.then(|| PAYLOAD.get(..length.parse().ok()?))?
            }
            (Some(coding), None) => {
                (self.version == "1.1" && coding.eq_ignore_ascii_case("chunked")).then_some("abc")
            }
            (Some(_), Some(_)) => None,
        }
    }
}
