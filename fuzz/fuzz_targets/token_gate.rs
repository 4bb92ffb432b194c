//! The gate opens for a request with exactly one credential, if that is a valid token. The service inside never sees
//! it.
#![no_main]

use std::cell::RefCell;
use std::convert::Infallible;
use std::future::{Ready, ready};
use std::rc::Rc;
use std::sync::LazyLock;
use std::task::{Context, Poll};
use std::time::SystemTime;

use admin_auth::{AdminAuthLayer, AdminToken, Credential, Rejection, TokenSet};
use arbitrary::{Arbitrary, Unstructured};
use gateway_fuzz::fields::{Field, assert_others_pass, values};
use gateway_fuzz::now;
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response, StatusCode};
use http_body::{Body, Frame, SizeHint};
use libfuzzer_sys::fuzz_target;
use tower_layer::Layer;
use tower_service::Service;

const LIVE: [&str; 2] = ["right", "a-second-one"];

#[derive(Arbitrary, Debug)]
struct Input {
    place: Place,
    lines: Vec<Line>,
}

#[derive(Arbitrary, Clone, Copy, Debug)]
enum Place {
    Header,
    Bearer,
}

#[derive(Debug)]
struct Line {
    name: HeaderName,
    value: HeaderValue,
}

impl<'a> Arbitrary<'a> for Line {
    fn arbitrary(u: &mut Unstructured<'a>) -> arbitrary::Result<Self> {
        const NAMES: [&str; 6] =
            ["x-admin-token", "x-admin-token", "x_admin_token", "x.admin-token", "authorization", "x-other"];
        const VALUES: [&str; 14] = [
            "right",
            "a-second-one",
            "old",
            "wrong",
            "",
            "righ",
            "right ",
            " right",
            "right,right",
            "RIGHT",
            "Bearer right",
            "bearer  right",
            "Bearer",
            "Basic right",
        ];
        if u.ratio(1, 8)? {
            let Field { name, value } = u.arbitrary()?;
            return Ok(Self { name, value });
        }
        let name = HeaderName::from_static(u.choose(&NAMES)?);
        let value = match u.ratio(1, 2)? {
            true => HeaderValue::from_static(u.choose(&VALUES)?),
            false => HeaderValue::from_bytes(u.arbitrary()?).unwrap_or(HeaderValue::from_static("x")),
        };
        Ok(Self { name, value })
    }
}

impl Place {
    fn header(self) -> &'static str {
        match self {
            Self::Header => "x-admin-token",
            Self::Bearer => "authorization",
        }
    }

    /// The secret in a header's value; `None` if the value isn't a credential.
    fn secret(self, value: &[u8]) -> Option<&[u8]> {
        let secret = match self {
            Self::Header => value,
            Self::Bearer => {
                let (scheme, rest) = value.split_at_checked(6)?;
                if !scheme.eq_ignore_ascii_case(b"Bearer") || !rest.starts_with(b" ") {
                    return None;
                }
                rest.trim_ascii_start()
            }
        };
        Some(secret).filter(|secret| !secret.is_empty())
    }

    fn gate(self) -> &'static AdminAuthLayer {
        static TOKENS: LazyLock<TokenSet> = LazyLock::new(|| {
            let token = |text: &str| AdminToken::new(text).expect("a token");
            TokenSet::from([
                token(LIVE[0]),
                token("old").expires_at(SystemTime::UNIX_EPOCH),
                token(LIVE[1]).label("ops"),
            ])
        });
        static HEADER: LazyLock<AdminAuthLayer> = LazyLock::new(|| AdminAuthLayer::new(TOKENS.clone()));
        static BEARER: LazyLock<AdminAuthLayer> =
            LazyLock::new(|| AdminAuthLayer::new(TOKENS.clone()).credential(Credential::bearer()));
        match self {
            Self::Header => &HEADER,
            Self::Bearer => &BEARER,
        }
    }
}

fuzz_target!(|input: Input| {
    let place = input.place;
    let mut sent = HeaderMap::new();
    for Line { name, value } in &input.lines {
        sent.append(name, value.clone());
    }
    let mut request = Request::new(Untouched);
    *request.headers_mut() = sent.clone();
    let inside = Inside::default();
    let Ok(response) = now(place.gate().layer(inside.clone()).call(request));
    let seen = inside.seen.borrow_mut().take();

    let given = values(&sent, place.header());
    let secrets: Vec<_> = given.iter().filter_map(|value| place.secret(value)).collect();
    let is_right =
        given.len() == 1 && secrets.first().is_some_and(|s| LIVE.iter().any(|live| live.as_bytes() == *s));
    assert_eq!(seen.is_some(), is_right, "{sent:?}");
    match seen {
        Some(seen) => {
            assert_eq!(response.status(), StatusCode::OK);
            let is_credential = |name: &str| fold(name) == fold(place.header());
            assert!(!seen.keys().any(|name| is_credential(name.as_str())), "{seen:?}");
            assert_others_pass(&sent, &seen, is_credential);
        }
        None => {
            let expected = if given.len() < 2 && secrets.is_empty() { 401 } else { 403 };
            assert_eq!(response.status(), expected, "{sent:?}");
            assert!(response.extensions().get::<Rejection>().is_some());
            assert_eq!(response.headers().contains_key("www-authenticate"), expected == 401);
        }
    }
});

fn fold(name: &str) -> String {
    name.replace(|c: char| !c.is_ascii_alphanumeric(), "_")
}

/// The service inside the gate. It remembers the headers that reach it.
#[derive(Clone, Debug, Default)]
struct Inside {
    seen: Rc<RefCell<Option<HeaderMap>>>,
}

impl Service<Request<Untouched>> for Inside {
    type Response = Response<Untouched>;
    type Error = Infallible;
    type Future = Ready<Result<Response<Untouched>, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Untouched>) -> Self::Future {
        *self.seen.borrow_mut() = Some(request.into_parts().0.headers);
        ready(Ok(Response::new(Untouched)))
    }
}

/// A body that the gate must not read.
#[derive(Debug)]
struct Untouched;

impl Body for Untouched {
    type Data = &'static [u8];
    type Error = Infallible;

    fn poll_frame(
        self: std::pin::Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<&'static [u8]>, Infallible>>> {
        panic!("the gate polled a body");
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::default()
    }
}
