//! A rewritten target is what a slow model makes of it, or the request is refused; and then the model's path is one that
//! may not be forwarded.
#![no_main]

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::task::{Context, Poll};

use arbitrary::Arbitrary;
use gateway::config::{PathRewrite, QueryRewrite, Rewrite, RouteTemplate, Strip};
use gateway::route::RewriteLayer;
use gateway_fuzz::now;
use http::{HeaderValue, Request, Uri};
use libfuzzer_sys::fuzz_target;
use proxy_service::{ProxyError, RouteOptions, path};
use tower_layer::Layer;
use tower_service::Service;

#[derive(Arbitrary, Debug)]
struct Input<'a> {
    change: Change,
    removes: bool,
    sets: bool,
    header: &'a [u8],
    target: &'a [u8],
}

#[derive(Arbitrary, Debug)]
enum Change {
    Prefix { strip: Prefix, adds: bool },
    Template { pieces: Vec<Piece>, has_query: bool },
}

#[derive(Arbitrary, Debug)]
enum Prefix {
    Matched,
    Nothing,
    Other,
}

#[derive(Arbitrary, Debug)]
enum Piece {
    Slash,
    Dot,
    Name,
    Path,
    Header,
    Parameter,
}

impl Piece {
    fn text(&self) -> &'static str {
        match self {
            Self::Slash => "/",
            Self::Dot => ".",
            Self::Name => "x",
            Self::Path => "{path}",
            Self::Header => "{header.x-a}",
            Self::Parameter => "{query.a}",
        }
    }
}

fuzz_target!(|input: Input<'_>| {
    let Ok(header) = HeaderValue::from_bytes(input.header) else { return };
    let Ok(uri) = Uri::try_from(input.target) else { return };
    let mut request = Request::new(());
    *request.uri_mut() = uri.clone();
    request.headers_mut().insert("x-a", header.clone());
    let (old_path, old_query) = (uri.path(), uri.query());
    if !old_path.starts_with('/') || path::check(old_path).is_err() {
        return;
    }

    let template = |text: &str| RouteTemplate::compile(text, &[]).expect("a template");
    let query = QueryRewrite {
        remove: if input.removes { vec!["a".into()] } else { Vec::new() },
        set: if input.sets { vec![("s".into(), template("{header.x-a}{path}"))] } else { Vec::new() },
        add: Vec::new(),
    };
    let rewrite = Rewrite { path: change(&input.change), query, ..Rewrite::default() };
    let mut service = RewriteLayer::new(&rewrite, "/api", RouteOptions::new()).layer(Echo);
    let outcome = now(service.call(request));

    let expected_path = expected_path(&input.change, old_path, old_query.unwrap_or_default(), header.as_bytes());
    let got = match outcome {
        Ok(got) => got,
        Err(error) => {
            let error = ProxyError::find(&*error).expect("the proxy's own error");
            assert_eq!(error.status(), 400);
            assert!(matches!(input.change, Change::Template { .. }));
            assert!(!expected_path.starts_with('/') || path::check(&expected_path).is_err(), "{expected_path}");
            return;
        }
    };
    assert_eq!(got.path(), expected_path);
    assert!(path::check(got.path()).is_ok());
    assert_eq!((got.scheme(), got.authority()), (uri.scheme(), uri.authority()));
    let base = match &input.change {
        Change::Template { has_query: true, .. } => Some(format!("q={}", encoded(header.as_bytes(), QUERY))),
        _ => old_query.map(str::to_owned),
    };
    let expected = expected_query(&input, base.as_deref(), old_path, header.as_bytes());
    assert_eq!(got.query().unwrap_or_default(), expected.unwrap_or_default());
});

fn change(change: &Change) -> PathRewrite {
    match change {
        Change::Prefix { strip, adds } => PathRewrite::Prefix {
            strip: match strip {
                Prefix::Matched => Strip::Matched,
                Prefix::Nothing => Strip::Nothing,
                Prefix::Other => Strip::Prefix("/a".into()),
            },
            add: if *adds { "/v%31".into() } else { String::new() },
        },
        Change::Template { pieces, has_query } => {
            let text: String = std::iter::once("/").chain(pieces.iter().map(Piece::text)).collect();
            PathRewrite::Template {
                path: RouteTemplate::compile(&text, &[]).expect("a template"),
                query: has_query.then(|| RouteTemplate::compile("q={header.x-a}", &[]).expect("a template")),
            }
        }
    }
}

fn expected_path(change: &Change, path: &str, query: &str, header: &[u8]) -> String {
    match change {
        Change::Prefix { strip, adds } => {
            let prefix = match strip {
                Prefix::Matched => "/api",
                Prefix::Nothing => "",
                Prefix::Other => "/a",
            };
            let is_below = path == prefix || path.starts_with(&format!("{prefix}/"));
            let rest = if !prefix.is_empty() && is_below { &path[prefix.len()..] } else { path };
            let whole = format!("{}{rest}", if *adds { "/v%31" } else { "" });
            if whole.is_empty() { "/".into() } else { whole }
        }
        Change::Template { pieces, .. } => {
            let mut whole = String::from("/");
            for piece in pieces {
                whole += &match piece {
                    Piece::Slash | Piece::Dot | Piece::Name => piece.text().to_owned(),
                    Piece::Path => path.to_owned(),
                    Piece::Header => encoded(header, PATH),
                    Piece::Parameter => encoded(parameter(query).as_bytes(), &format!("{PATH}%")),
                };
            }
            whole
        }
    }
}

fn expected_query(input: &Input<'_>, query: Option<&str>, path: &str, header: &[u8]) -> Option<String> {
    if !input.removes && !input.sets {
        return query.map(str::to_owned);
    }
    let goes = |pair: &&str| {
        let name = pair.split('=').next().unwrap_or_default();
        !(input.removes && ["a", "%61"].contains(&name) || input.sets && ["s", "%73"].contains(&name))
    };
    let pairs = query.filter(|query| !query.is_empty()).map(|query| query.split('&'));
    let mut left: Vec<String> = pairs.into_iter().flatten().filter(goes).map(str::to_owned).collect();
    if input.sets {
        left.push(format!("s={}{}", encoded(header, QUERY), encoded(path.as_bytes(), &format!("{QUERY}%"))));
    }
    Some(left.join("&"))
}

/// The first parameter `a`, however its name is encoded.
fn parameter(query: &str) -> &str {
    let pairs = query.split('&').map(|pair| pair.split_once('=').unwrap_or((pair, "")));
    pairs.into_iter().find(|(name, _)| ["a", "%61"].contains(name)).map_or("", |(_, value)| value)
}

const PATH: &str = "-._~!$'()*,:@&+=";
const QUERY: &str = "-._~!$'()*,:@/?";

/// The bytes, but percent-encoded where they are neither letters, digits nor of `plain`.
fn encoded(bytes: &[u8], plain: &str) -> String {
    let encode = |byte: &u8| match char::from(*byte) {
        plain_one if plain_one.is_ascii_alphanumeric() || plain.contains(plain_one) && byte.is_ascii() => {
            plain_one.to_string()
        }
        _ => format!("%{byte:02X}"),
    };
    bytes.iter().map(encode).collect()
}

/// Gives the target back.
struct Echo;

impl Service<Request<()>> for Echo {
    type Response = Uri;
    type Error = Infallible;
    type Future = Ready<Result<Uri, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<()>) -> Self::Future {
        ready(Ok(request.uri().clone()))
    }
}
