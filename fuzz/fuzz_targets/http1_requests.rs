//! However a client's bytes are cut, the same requests come of them; and one that is sent on is read as it was received.
#![no_main]

use arbitrary::Arbitrary;
use gateway_fuzz::cuts::{Cuts, cut};
use http::{HeaderName, HeaderValue, Request};
use http1::{BodySize, Client, HeaderCase, Limits, RequestHead};
use libfuzzer_sys::fuzz_target;
use seen::{Message, Seen, requests};

// The target for responses uses the rest of it.
#[allow(dead_code)]
#[path = "../../crates/http1/tests/it/seen.rs"]
mod seen;

/// Small, so that they are reached.
const LIMITS: Limits =
    Limits { section: 512, fields: 8, target: 64, trailers: 64, extensions: 16, ..Limits::REQUESTS };

#[derive(Arbitrary, Debug)]
struct Input<'a> {
    cuts: Cuts,
    bytes: &'a [u8],
}

fuzz_target!(|input: Input<'_>| {
    let whole = requests([input.bytes], LIMITS);
    assert_eq!(whole, requests(cut(input.bytes, input.cuts), LIMITS));
    for seen in whole {
        if let Seen::Message(message) = seen
            && message.cut.is_none()
        {
            assert_is_read_as_received(&message);
        }
    }
});

fn assert_is_read_as_received(message: &Message) {
    let mut words = message.line.split(' ');
    let (Some(method), Some(target)) = (words.next(), words.next()) else { panic!("{message:?}") };
    if !target.starts_with('/') {
        return;
    }
    let mut request = Request::builder().method(method).uri(target).body(()).expect("it was read");
    for (name, value) in &message.fields {
        let name = HeaderName::try_from(name).expect("it was read");
        request.headers_mut().append(name, HeaderValue::from_bytes(value).expect("it was read"));
    }
    let mut trailers = http::HeaderMap::new();
    for (name, value) in &message.trailers {
        let name = HeaderName::try_from(name).expect("it was read");
        trailers.append(name, HeaderValue::from_bytes(value).expect("it was read"));
    }
    let mut out = Vec::new();
    let mut client = Client::new(Limits::RESPONSES);
    client
        .send_head(RequestHead::from(&request), BodySize::Unknown, HeaderCase::Lower, &mut out)
        .expect("it may be sent");
    let behind = client.send_data(message.body.len(), &mut out).expect("it may be sent");
    out.extend_from_slice(&message.body);
    out.extend_from_slice(behind);
    client.send_trailers(&trailers, &mut out).expect("it may be sent");
    let sent_on = requests([&out[..]], Limits::REQUESTS);
    let Some(Seen::Message(sent_on)) = sent_on.first() else {
        // HTTP/1.0 has requests without a Host.
        assert!(message.line.ends_with("1.0"), "{sent_on:?}");
        return;
    };
    assert_eq!(sent_on.line.split(' ').nth(1), Some(target));
    assert_eq!((&sent_on.body, &sent_on.trailers, sent_on.cut), (&message.body, &message.trailers, None));
}
