//! A template is read or refused at a place within it, and what a route sets of it is what a slow model makes of the same
//! request. What the route sets arrives, whatever the client sends besides.
#![no_main]

use std::convert::Infallible;
use std::future::ready;

use arbitrary::Arbitrary;
use gateway::config::{FieldChanges, RouteTemplate};
use gateway::route::RequestHeadersLayer;
use gateway_fuzz::fields::{Field, map, members, values};
use gateway_fuzz::now;
use http::{HeaderName, Request, Uri};
use libfuzzer_sys::fuzz_target;
use tower_layer::Layer;
use tower_service::Service;

#[derive(Arbitrary, Debug)]
struct Input<'a> {
    pieces: Vec<Piece<'a>>,
    any_template: &'a str,
    target: &'a [u8],
    fields: Vec<Field>,
    spelled: Spelled,
}

#[derive(Arbitrary, Debug)]
enum Piece<'a> {
    Text(&'a str),
    Path,
    Query,
    Uri,
    Parameter,
    Host,
    HostPort,
    Method,
    Header,
    Cookie,
}

/// How the client writes the field that the route sets.
#[derive(Arbitrary, Debug)]
enum Spelled {
    Not,
    Same,
    Underscore,
    Dot,
    Nominated,
}

impl Piece<'_> {
    fn text(&self) -> String {
        match self {
            Self::Text(text) => text.replace('{', "{{").replace('}', "}}"),
            Self::Path => "{path}".into(),
            Self::Query => "{query}".into(),
            Self::Uri => "{uri}".into(),
            Self::Parameter => "{query.a}".into(),
            Self::Host => "{host}".into(),
            Self::HostPort => "{host_port}".into(),
            Self::Method => "{method}".into(),
            Self::Header => "{header.x-a}".into(),
            Self::Cookie => "{cookie.a}".into(),
        }
    }

    fn value(&self, request: &Request<()>) -> Vec<u8> {
        let first = |name| values(request.headers(), name).into_iter().next().unwrap_or_default();
        let host = || match request.headers().contains_key("host") {
            true => first("host"),
            false => request.uri().authority().map_or("", |authority| authority.as_str()).into(),
        };
        match self {
            Self::Text(text) => text.as_bytes().to_vec(),
            Self::Path => request.uri().path().into(),
            Self::Query => request.uri().query().unwrap_or_default().into(),
            Self::Uri => {
                let (path, query) = (request.uri().path(), request.uri().query());
                query.map_or(path.into(), |query| format!("{path}?{query}")).into()
            }
            Self::Parameter => parameter(request.uri().query().unwrap_or_default()),
            Self::Host => {
                let host = host();
                let colon = host.iter().rposition(|byte| *byte == b':');
                match colon {
                    Some(colon) if !host.ends_with(b"]") => host[..colon].to_vec(),
                    _ => host,
                }
            }
            Self::HostPort => host(),
            Self::Method => b"GET".to_vec(),
            Self::Header => first("x-a"),
            Self::Cookie => cookie(&values(request.headers(), "cookie").join(&b';')),
        }
    }
}

/// The first parameter `a`, however its name is encoded.
fn parameter(query: &str) -> Vec<u8> {
    for pair in query.split('&') {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        if ["a", "%61"].contains(&name) {
            return value.into();
        }
    }
    Vec::new()
}

fn cookie(lines: &[u8]) -> Vec<u8> {
    for pair in lines.split(|byte| *byte == b';') {
        if let Some(equals) = pair.iter().position(|byte| *byte == b'=')
            && pair[..equals].trim_ascii() == b"a"
        {
            return pair[equals + 1..].trim_ascii().to_vec();
        }
    }
    Vec::new()
}

fuzz_target!(|input: Input<'_>| {
    if let Err(error) = RouteTemplate::compile_for_answers(input.any_template, &["id".into()]) {
        assert!(input.any_template.get(error.at.clone()).is_some(), "{error:?}");
    }
    let text: String = input.pieces.iter().map(Piece::text).collect();
    let template = match RouteTemplate::compile(&text, &[]) {
        Ok(template) => template,
        Err(error) => {
            assert!(text.chars().any(char::is_control), "{text:?}: {error}");
            return;
        }
    };
    let Ok(uri) = Uri::try_from(input.target) else { return };
    let mut request = Request::new(());
    *request.uri_mut() = uri;
    *request.headers_mut() = map(&input.fields);
    let spelled = match input.spelled {
        Spelled::Not => None,
        Spelled::Same => Some(("x-set", "evil")),
        Spelled::Underscore => Some(("x_set", "evil")),
        Spelled::Dot => Some(("x.set", "evil")),
        Spelled::Nominated => Some(("connection", "close, X-Set")),
    };
    if let Some((name, value)) = spelled {
        request.headers_mut().append(name, value.parse().expect("a value"));
    }
    let (sent, expected): (_, Vec<u8>) =
        (request.headers().clone(), input.pieces.iter().flat_map(|piece| piece.value(&request)).collect());

    let changes = FieldChanges { set: vec![(HeaderName::from_static("x-set"), template)], ..FieldChanges::default() };
    let mut service = RequestHeadersLayer::new(&changes).layer(Echo);
    let got = now(service.call(request)).expect("it never fails");
    let got = got.headers();
    let is_value = !expected.is_empty() && !expected.iter().any(|byte| matches!(byte, 0..=8 | 10..=31 | 127));
    assert_eq!(values(got, "x-set"), if is_value { vec![expected] } else { Vec::new() });
    assert!(!got.contains_key("x_set") && !got.contains_key("x.set"));
    let nominated = members(&sent, "connection").into_iter().filter(|name| name != "x-set" && !name.is_empty());
    let left = members(got, "connection").into_iter().filter(|name| !name.is_empty());
    assert_eq!(left.collect::<Vec<_>>(), nominated.collect::<Vec<_>>());
    for name in sent.keys().map(HeaderName::as_str) {
        let is_own = name.replace(['_', '.'], "-") == "x-set" || name == "connection";
        assert!(is_own || values(got, name) == values(&sent, name), "{name}");
    }
});

/// Gives the request back.
struct Echo;

impl Service<Request<()>> for Echo {
    type Response = Request<()>;
    type Error = Infallible;
    type Future = std::future::Ready<Result<Request<()>, Infallible>>;

    fn poll_ready(&mut self, _: &mut std::task::Context<'_>) -> std::task::Poll<Result<(), Infallible>> {
        std::task::Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<()>) -> Self::Future {
        ready(Ok(request))
    }
}
