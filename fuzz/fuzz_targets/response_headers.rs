//! Whatever an upstream answers, the client gets a response whose framing fits its body, or a 502.
#![no_main]

use arbitrary::Arbitrary;
use gateway_fuzz::body::{Script, read};
use gateway_fuzz::fields::{Field, HOP_BY_HOP, assert_others_pass, is_clean_trailer, is_protected};
use gateway_fuzz::fields::{map, members, values};
use gateway_fuzz::upstream::exchange;
use gateway_fuzz::{settle, soon};
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode};
use libfuzzer_sys::fuzz_target;
use proxy_service::{ProxyLayer, Side, Target, Upstream};

#[derive(Arbitrary, Debug)]
struct Input {
    verb: Verb,
    asks_to_switch: bool,
    status: Status,
    fields: Vec<Field>,
    agrees_to_switch: bool,
    has_a_connection: bool,
    body: Script,
}

#[derive(Arbitrary, Debug)]
enum Verb {
    Get,
    Head,
    Post,
}

#[derive(Arbitrary, Debug)]
enum Status {
    Ok,
    SwitchingProtocols,
    NoContent,
    NotModified,
    Any(u16),
}

impl Input {
    fn method(&self) -> Method {
        match self.verb {
            Verb::Get => Method::GET,
            Verb::Head => Method::HEAD,
            Verb::Post => Method::POST,
        }
    }

    fn status(&self) -> StatusCode {
        match self.status {
            Status::Ok => StatusCode::OK,
            Status::SwitchingProtocols => StatusCode::SWITCHING_PROTOCOLS,
            Status::NoContent => StatusCode::NO_CONTENT,
            Status::NotModified => StatusCode::NOT_MODIFIED,
            // hyper's client doesn't return other 1xx as the response.
            Status::Any(any) => StatusCode::from_u16(200 + any % 800).expect("200 to 999"),
        }
    }

    fn request(&self) -> Request<gateway_fuzz::body::Scripted> {
        let mut request = Request::new(Script::Empty.body());
        *request.method_mut() = self.method();
        request.headers_mut().insert("host", HeaderValue::from_static("client.example"));
        if self.asks_to_switch {
            request.headers_mut().insert("connection", HeaderValue::from_static("upgrade"));
            request.headers_mut().insert("upgrade", HeaderValue::from_static("websocket"));
            request.extensions_mut().insert(hyper::upgrade::on(Request::new(())));
        }
        request
    }

    fn headers(&self) -> HeaderMap {
        let mut headers = map(&self.fields);
        if self.agrees_to_switch {
            headers.insert("upgrade", HeaderValue::from_static("websocket"));
            headers.append("connection", HeaderValue::from_static("upgrade"));
        }
        headers
    }

    fn answer(&self) -> Response<gateway_fuzz::body::Scripted> {
        let mut response = Response::new(self.body.body());
        *response.status_mut() = self.status();
        *response.headers_mut() = self.headers();
        if self.has_a_connection {
            response.extensions_mut().insert(hyper::upgrade::on(Request::new(())));
        }
        response
    }

    fn may_switch(&self, sent: &HeaderMap) -> bool {
        let token = values(sent, "upgrade");
        self.asks_to_switch
            && self.method() == Method::GET
            && self.has_a_connection
            && token.len() == 1
            && token[0].eq_ignore_ascii_case(b"websocket")
            && members(sent, "connection").iter().any(|member| member == "upgrade")
    }
}

impl Input {
    /// Whether the response has content (RFC 9110 §6.4.1).
    fn has_content(&self) -> bool {
        let has_none = [StatusCode::NO_CONTENT, StatusCode::NOT_MODIFIED].contains(&self.status());
        !(has_none || self.status().is_informational() || self.method() == Method::HEAD)
    }

    /// Whether the response's `Content-Length` is for a body that isn't sent.
    fn describes_another_body(&self) -> bool {
        let may_have_none = self.status() == StatusCode::NO_CONTENT || self.status().is_informational();
        !may_have_none && (self.method() == Method::HEAD || self.status() == StatusCode::NOT_MODIFIED)
    }
}

fuzz_target!(|input: Input| {
    let target: Target = "http://upstream.example:9001".parse().expect("a target");
    let exchange = exchange(&ProxyLayer::new(target), input.request(), input.answer());
    assert!(exchange.seen.is_some(), "the request is a good one");
    let sent = input.headers();
    let switches = input.status() == StatusCode::SWITCHING_PROTOCOLS;
    let codings = values(&sent, "transfer-encoding");
    let is_bad = switches && !input.may_switch(&sent)
        || input.describes_another_body() && described_length(&sent).is_none()
        || !matches!(&codings[..], [] | [_])
        || codings.iter().any(|coding| !coding.trim_ascii().eq_ignore_ascii_case(b"chunked"));
    let response = match exchange.outcome {
        Ok(response) => response,
        Err(failed) => {
            assert!(is_bad, "{failed:?}");
            assert_eq!(
                (failed.error().status().as_u16(), failed.error().kind().side()),
                (502, Side::Upstream)
            );
            return;
        }
    };
    assert!(!is_bad, "{:?} {sent:?}", response.status());
    if switches {
        settle();
    }
    let got = response.headers();
    assert_eq!(response.status(), input.status());
    assert!(response.extensions().get::<Upstream>().is_some());
    let required = required(&input, &sent);
    for name in HOP_BY_HOP {
        let expected = match name {
            "connection" if switches || !required.is_empty() => vec![b"upgrade".to_vec()],
            "upgrade" if switches => values(&sent, "upgrade"),
            "upgrade" if !required.is_empty() => vec![required.join(&b", "[..])],
            _ => Vec::new(),
        };
        assert_eq!(values(got, name), expected, "{name}");
    }
    assert_length(&input, &sent, got);
    let mut via = values(&sent, "via");
    via.push(b"1.1 gateway".to_vec());
    assert_eq!(values(got, "via"), via);

    let nominated = members(&sent, "connection");
    let is_nominated = |name: &str| nominated.iter().any(|member| member == name) && !is_protected(name);
    assert!(!got.keys().any(|name| !HOP_BY_HOP.contains(&name.as_str()) && is_nominated(name.as_str())));
    assert_others_pass(&sent, got, |name| {
        HOP_BY_HOP.contains(&name) || matches!(name, "via" | "content-length") || is_nominated(name)
    });

    let total = if input.has_content() { input.body.total() } else { Some(0) };
    let reading = soon(read(response.into_body()));
    assert_eq!(reading.broke, total.is_none());
    assert!(reading.broke || Some(reading.data) == total);
    for name in reading.trailers.iter().flat_map(HeaderMap::keys) {
        assert!(is_clean_trailer(name.as_str()), "{name} in a trailer");
    }
});

/// The protocols that a 426 names (RFC 9110 section 15.5.22), as far as clients may have them.
fn required(input: &Input, sent: &HeaderMap) -> Vec<Vec<u8>> {
    if input.status() != StatusCode::UPGRADE_REQUIRED {
        return Vec::new();
    }
    let protocols = values(sent, "upgrade").join(&b',');
    let protocols = protocols.split(|byte| *byte == b',').map(<[u8]>::trim_ascii);
    protocols.filter(|name| name.eq_ignore_ascii_case(b"websocket")).map(<[u8]>::to_vec).collect()
}

fn assert_length(input: &Input, sent: &HeaderMap, got: &HeaderMap) {
    let lengths = values(got, "content-length");
    let is_bodiless = input.status() == StatusCode::NO_CONTENT || input.status().is_informational();
    let expected = match &input.body {
        _ if input.describes_another_body() => described_length(sent).expect("else it is a 502"),
        _ if is_bodiless => Vec::new(),
        // The writer of the client's connection adds it, where it has to be there.
        Script::Empty if !sent.contains_key("content-length") => Vec::new(),
        Script::Empty => vec![b"0".to_vec()],
        Script::Known(length) => vec![length.to_string().into_bytes()],
        Script::Streamed { .. } | Script::Broken => Vec::new(),
    };
    assert_eq!(lengths, expected);
}

/// The lines of `Content-Length` that the client may get: none, or one number. `None` if the field is anything else,
/// which must not be passed on: hyper's server would close the connection.
fn described_length(sent: &HeaderMap) -> Option<Vec<Vec<u8>>> {
    match &values(sent, "content-length")[..] {
        [] => Some(Vec::new()),
        [length] if !length.is_empty() && length.iter().all(u8::is_ascii_digit) => {
            let number: u64 = std::str::from_utf8(length).ok()?.parse().ok()?;
            Some(vec![number.to_string().into_bytes()])
        }
        _ => None,
    }
}
