//! The payloads of Http11Probe, of HTTP Garden and of published advisories, one in each line.

/// What must happen to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// An error, and the connection is closed; nothing goes upstream.
    Refused,
    /// 400, and the connection is closed. If anything went upstream, it breaks off there as well.
    BrokenOff,
    /// It is forwarded, and every upstream reads this body. Then the next request on the connection is answered.
    Read(&'static str),
}

pub(crate) use Fate::{BrokenOff, Read, Refused};

pub(crate) struct Vector {
    pub(crate) name: &'static str,
    /// `{P}` stands where the target goes.
    pub(crate) bytes: Vec<u8>,
    pub(crate) fate: Fate,
}

pub(crate) fn all() -> Vec<Vector> {
    let request_lines = REQUEST_LINES.iter().map(|(name, line, fate)| {
        vector(name, format!("{line}\r\nHost: test\r\nContent-Length: 0\r\n\r\n"), *fate)
    });
    let fields = FIELDS.iter().map(|(name, fields, fate)| {
        vector(
            name,
            format!("POST {{P}} HTTP/1.1\r\nHost: test\r\n{fields}\r\n\r\n3\r\nabc\r\n0\r\n\r\n"),
            *fate,
        )
    });
    let hosts = HOSTS.iter().map(|(name, line, host, fate)| {
        vector(name, format!("{line}\r\n{host}Content-Length: 0\r\n\r\n"), *fate)
    });
    let bodies = BODIES.iter().map(|(name, body, fate)| {
        let head = "POST {P} HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n";
        vector(name, format!("{head}{body}"), *fate)
    });
    request_lines.chain(fields).chain(hosts).chain(bodies).collect()
}

fn vector(name: &'static str, text: String, fate: Fate) -> Vector {
    Vector { name, bytes: text.into_bytes(), fate }
}

type Row = (&'static str, &'static str, Fate);

const REQUEST_LINES: &[Row] = &[
    ("lower-case version", "GET {P} http/1.1", Refused),
    ("mixed-case version", "GET {P} Http/1.1", Refused),
    ("version 1.2", "GET {P} HTTP/1.2", Refused),
    ("version 2.0", "GET {P} HTTP/2.0", Refused),
    ("version 0.9", "GET {P} HTTP/0.9", Refused),
    ("version 1.10", "GET {P} HTTP/1.10", Refused),
    ("version 01.1", "GET {P} HTTP/01.1", Refused),
    ("version 1", "GET {P} HTTP/1", Refused),
    ("version 1.1 and more", "GET {P} HTTP/1.1x", Refused),
    ("no version", "GET {P}", Refused),
    ("no target", "GET HTTP/1.1", Refused),
    ("a space in the target", "GET {P} x HTTP/1.1", Refused),
    ("two spaces before the target", "GET  {P} HTTP/1.1", Refused),
    ("two spaces before the version", "GET {P}  HTTP/1.1", Refused),
    ("a tab for a space", "GET\t{P}\tHTTP/1.1", Refused),
    ("a space before the method", " GET {P} HTTP/1.1", Refused),
    ("a space at the end", "GET {P} HTTP/1.1 ", Refused),
    ("a bare CR in the line", "GET {P}\rx HTTP/1.1", Refused),
    ("NUL in the target", "GET {P}\0 HTTP/1.1", Refused),
    ("DEL in the target", "GET {P}\x7f HTTP/1.1", Refused),
    ("not UTF-8's business in the target", "GET {P}\u{e9} HTTP/1.1", Refused),
    ("a backslash in the target", "GET {P}\\x HTTP/1.1", Refused),
    ("a colon in the method", "G:T {P} HTTP/1.1", Refused),
    ("no method", "{P} HTTP/1.1", Refused),
    ("NUL in the method", "G\0T {P} HTTP/1.1", Refused),
    ("asterisk-form of another method", "GET * HTTP/1.1", Refused),
    ("authority-form of another method", "GET test:80 HTTP/1.1", Refused),
    ("a relative target", "GET x/y HTTP/1.1", Refused),
    ("an encoded NUL in the target", "GET {P}%00 HTTP/1.1", Refused),
];

/// Each of these stands before the same chunked body.
const FIELDS: &[Row] = &[
    ("chunked", "Transfer-Encoding: chunked", Read("abc")),
    ("an empty name", ": x\r\nTransfer-Encoding: chunked", Refused),
    ("no colon", "Nonsense\r\nTransfer-Encoding: chunked", Refused),
    ("a space before the colon", "Transfer-Encoding : chunked", Refused),
    ("a tab before the colon", "Transfer-Encoding\t: chunked", Refused),
    ("a space before the colon of a length", "Content-Length : 13", Refused),
    ("a space before a name", "X: y\r\n Transfer-Encoding: chunked", Refused),
    ("a line folded", "X: y\r\n\tz\r\nTransfer-Encoding: chunked", Refused),
    ("a coding folded", "Transfer-Encoding:\r\n\tchunked", Refused),
    ("a length folded", "Content-Length: 1\r\n 3", Refused),
    ("NUL in a name", "Transfer-Encoding\0: chunked", Refused),
    ("NUL in a value", "X: a\0b\r\nTransfer-Encoding: chunked", Refused),
    ("NUL in a coding", "Transfer-Encoding: chunked\0", Refused),
    ("a bare CR in a value", "X: y\rTransfer-Encoding: chunked", Refused),
    ("a bare CR before a name", "X: y\r\n\rTransfer-Encoding: chunked", Refused),
    ("a vertical tab before a coding", "Transfer-Encoding:\x0bchunked", Refused),
    ("a form feed after a coding", "Transfer-Encoding: chunked\x0c", Refused),
    ("a non-breaking space before a coding", "Transfer-Encoding: \u{a0}chunked", Refused),
    ("non-ASCII in a name", "Transf\u{e9}r: x\r\nTransfer-Encoding: chunked", Refused),
    ("a bracket in a name", "X(y): z\r\nTransfer-Encoding: chunked", Refused),
    ("CL.TE", "Content-Length: 6\r\nTransfer-Encoding: chunked", Refused),
    ("TE.CL", "Transfer-Encoding: chunked\r\nContent-Length: 4", Refused),
    ("CL.0", "Content-Length: 0\r\nTransfer-Encoding: chunked", Refused),
    (
        "TE nominated as hop-by-hop",
        "Connection: Transfer-Encoding\r\nTransfer-Encoding: chunked",
        Read("abc"),
    ),
    (
        "CL nominated as hop-by-hop",
        "Connection: Content-Length\r\nContent-Length: 13",
        Read("3\r\nabc\r\n0\r\n\r\n"),
    ),
    ("TE by another name", "Transfer_Encoding: chunked\r\nContent-Length: 13", Read("3\r\nabc\r\n0\r\n\r\n")),
    ("CL by another name", "Content_Length: 3\r\nTransfer-Encoding: chunked", Read("abc")),
    ("an X- before it", "X-Transfer-Encoding: chunked\r\nContent-Length: 13", Read("3\r\nabc\r\n0\r\n\r\n")),
    ("a negative length", "Content-Length: -13", Refused),
    ("a positive length", "Content-Length: +13", Refused),
    ("a length in hex", "Content-Length: 0xd", Refused),
    ("a length with a fraction", "Content-Length: 13.0", Refused),
    ("a length with an exponent", "Content-Length: 1e1", Refused),
    ("a length with a letter", "Content-Length: 13a", Refused),
    ("a length with an underscore", "Content-Length: 1_3", Refused),
    ("a length in quotes", "Content-Length: \"13\"", Refused),
    ("a length of other digits", "Content-Length: \u{661}\u{663}", Refused),
    ("a length over 64 bits", "Content-Length: 18446744073709551629", Refused),
    ("a list of one length", "Content-Length: 13,", Refused),
    ("a list of lengths", "Content-Length: 13, 13", Refused),
    ("an empty length", "Content-Length:", Refused),
    ("two lengths", "Content-Length: 13\r\nContent-Length: 13", Refused),
    ("two lengths, two cases", "Content-Length: 13\r\ncontent-LENGTH: 3", Refused),
    ("a deflated chunked", "Transfer-Encoding: deflate, chunked", Refused),
    ("chunked on two lines", "Transfer-Encoding: chunked\r\ntransfer-encoding: chunked", Refused),
    ("xchunked", "Transfer-Encoding: xchunked", Refused),
    ("chunked in quotes", "Transfer-Encoding: 'chunked'", Refused),
];

/// The request line and the `Host` line.
const HOSTS: &[(&str, &str, &str, Fate)] = &[
    ("no Host", "GET {P} HTTP/1.1", "", Refused),
    ("an empty Host", "GET {P} HTTP/1.1", "Host:\r\n", Refused),
    ("two Hosts", "GET {P} HTTP/1.1", "Host: a\r\nHost: b\r\n", Refused),
    ("two equal Hosts", "GET {P} HTTP/1.1", "Host: a\r\nhost: a\r\n", Refused),
    ("a list of Hosts", "GET {P} HTTP/1.1", "Host: a, b\r\n", Refused),
    ("a user in the Host", "GET {P} HTTP/1.1", "Host: a@b\r\n", Refused),
    ("a path in the Host", "GET {P} HTTP/1.1", "Host: a/b\r\n", Refused),
    ("a query in the Host", "GET {P} HTTP/1.1", "Host: a?b\r\n", Refused),
    ("a space in the Host", "GET {P} HTTP/1.1", "Host: a b\r\n", Refused),
    ("a port that is none", "GET {P} HTTP/1.1", "Host: a:b\r\n", Refused),
    ("an open bracket", "GET {P} HTTP/1.1", "Host: [::1\r\n", Refused),
    ("a space before Host's colon", "GET {P} HTTP/1.1", "Host : a\r\n", Refused),
    ("another authority", "GET http://a{P} HTTP/1.1", "Host: b\r\n", Refused),
    ("another port", "GET http://a:81{P} HTTP/1.1", "Host: a\r\n", Refused),
    ("a user in the target", "GET http://u@a{P} HTTP/1.1", "Host: a\r\n", Refused),
    ("absolute-form without Host", "GET http://a{P} HTTP/1.1", "", Refused),
    ("absolute-form", "GET http://a{P} HTTP/1.1", "Host: A:80\r\n", Read("")),
    ("an IPv6 Host", "GET {P} HTTP/1.1", "Host: [::1]:80\r\n", Read("")),
];

/// What follows the head of a chunked request.
const BODIES: &[Row] = &[
    ("upper-case hex", "A\r\n0123456789\r\n0\r\n\r\n", Read("0123456789")),
    ("leading zeros", "003\r\nabc\r\n00\r\n\r\n", Read("abc")),
    ("sixteen digits", "0000000000000003\r\nabc\r\n0\r\n\r\n", Read("abc")),
    ("a 0x", "0x3\r\nabc\r\n0\r\n\r\n", BrokenOff),
    ("a plus", "+3\r\nabc\r\n0\r\n\r\n", BrokenOff),
    ("a minus", "-3\r\nabc\r\n0\r\n\r\n", BrokenOff),
    ("an underscore", "0_3\r\nabc\r\n0\r\n\r\n", BrokenOff),
    ("a letter that is no digit", "g\r\nabc\r\n0\r\n\r\n", BrokenOff),
    ("no size", "\r\nabc\r\n0\r\n\r\n", BrokenOff),
    ("a space before the size", " 3\r\nabc\r\n0\r\n\r\n", BrokenOff),
    ("an extension without a size", ";x\r\nabc\r\n0\r\n\r\n", BrokenOff),
    ("17 digits", "10000000000000003\r\nabc\r\n0\r\n\r\n", BrokenOff),
    ("a size over 64 bits", "fffffffffffffffff\r\nabc\r\n0\r\n\r\n", BrokenOff),
    ("a comma in the size", "3,3\r\nabc\r\n0\r\n\r\n", BrokenOff),
    ("NUL after the size", "3\0\r\nabc\r\n0\r\n\r\n", BrokenOff),
    ("a blank after the size", "3 \r\nabc\r\n0\r\n\r\n", BrokenOff),
    ("an extension without a name", "3;\r\nabc\r\n0\r\n\r\n", BrokenOff),
    ("an extension that is no token", "3;bad[=x\r\nabc\r\n0\r\n\r\n", BrokenOff),
    ("a chunk too long", "3\r\nabcd\r\n0\r\n\r\n", BrokenOff),
    ("a chunk too short", "4\r\nabc\r\n0\r\n\r\n", BrokenOff),
    ("no line end after a chunk", "3\r\nabc0\r\n\r\n", BrokenOff),
    ("a bare LF after a chunk", "3\r\nabc\n0\r\n\r\n", BrokenOff),
    ("a bare CR after a chunk", "3\r\nabc\r0\r\n\r\n", BrokenOff),
    ("a last chunk without its zero", "3\r\nabc\r\n\r\n\r\n", BrokenOff),
    ("a negative last chunk", "3\r\nabc\r\n-0\r\n\r\n", BrokenOff),
    ("a 0x in the last chunk", "3\r\nabc\r\n0x0\r\n\r\n", BrokenOff),
    ("a length in the trailers", "3\r\nabc\r\n0\r\nContent-Length: 50\r\n\r\n", Read("abc")),
    ("a coding in the trailers", "3\r\nabc\r\n0\r\nTransfer-Encoding: chunked\r\n\r\n", Read("abc")),
    ("a Host in the trailers", "3\r\nabc\r\n0\r\nHost: evil\r\n\r\n", Read("abc")),
    ("a credential in the trailers", "3\r\nabc\r\n0\r\nAuthorization: x\r\n\r\n", Read("abc")),
    ("a trailer without a colon", "3\r\nabc\r\n0\r\nGET /evil HTTP/1.1\r\n\r\n", BrokenOff),
];
