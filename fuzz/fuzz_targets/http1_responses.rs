//! However a server's bytes are cut, the same responses come of them.
#![no_main]

use arbitrary::Arbitrary;
use gateway_fuzz::cuts::{Cuts, cut};
use http::{Method, Request};
use http1::Limits;
use libfuzzer_sys::fuzz_target;
use seen::{Seen, responses};

// The target for requests uses the rest of it.
#[allow(dead_code)]
#[path = "../../crates/http1/tests/it/seen.rs"]
mod seen;

/// Small, so that they are reached.
const LIMITS: Limits =
    Limits { section: 512, fields: 8, trailers: 64, extensions: 16, interim: 3, ..Limits::RESPONSES };

#[derive(Arbitrary, Debug)]
struct Input<'a> {
    asked: Asked,
    cuts: Cuts,
    bytes: &'a [u8],
}

#[derive(Arbitrary, Debug)]
enum Asked {
    Get,
    Head,
    Connect,
    Upgrade,
}

impl Asked {
    fn request(&self) -> Request<()> {
        let request = match self {
            Self::Get => Request::get("/"),
            Self::Head => Request::head("/"),
            Self::Connect => Request::builder().method(Method::CONNECT).uri("a:80"),
            Self::Upgrade => Request::get("/").header("connection", "upgrade").header("upgrade", "x"),
        };
        request.body(()).expect("a request")
    }
}

fuzz_target!(|input: Input<'_>| {
    let request = input.asked.request();
    let whole = responses(&request, [input.bytes], LIMITS);
    assert_eq!(whole, responses(&request, cut(input.bytes, input.cuts), LIMITS));
    // Of one request comes at most one response, after any interim ones.
    let is_final = |seen: &&Seen| match seen {
        Seen::Message(message) => {
            message.line.split(' ').nth(1).is_some_and(|status| !status.starts_with('1'))
        }
        _ => false,
    };
    assert!(whole.iter().filter(is_final).count() <= 1);
});
