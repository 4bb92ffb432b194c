//! How targets are rewritten.

use std::sync::Arc;

use axum::http::uri::PathAndQuery;
use axum::http::{Method, Request, Uri};
use bytes::BytesMut;
use proxy_service::{MapBack, ProxyError, RouteOptions, path};

use super::query;
use crate::config::{PathRewrite, QueryRewrite, Rewrite, RouteTemplate, Strip};
use crate::route::original::OriginalMethod;
use crate::route::template::{Facts, Place, write};

/// What is done to each request, with everything worked out that is the same for all.
#[derive(Debug)]
pub(super) struct Rules {
    path: PathRule,
    query: QueryRewrite,
    method: Option<Method>,
    told: Told,
}

#[derive(Debug)]
enum PathRule {
    Prefix { strip: Box<str>, add: Box<str> },
    Template { path: RouteTemplate, query: Option<RouteTemplate> },
}

/// What the proxy is told of a request, by what was taken off its path.
#[derive(Debug)]
struct Told {
    /// Nothing was.
    whole: Arc<RouteOptions>,
    /// The prefix was, and there is a rest.
    below: Arc<RouteOptions>,
    /// All of it was.
    exactly: Arc<RouteOptions>,
}

impl Rules {
    pub(super) fn of(rewrite: &Rewrite, matched: &str, options: RouteOptions) -> Self {
        let (path, told) = match &rewrite.path {
            PathRewrite::Prefix { strip, add } => {
                let strip = match strip {
                    Strip::Matched => matched.trim_end_matches('/'),
                    Strip::Nothing => "",
                    Strip::Prefix(prefix) => prefix,
                };
                let told = Told::of_prefix(strip, add, options);
                (PathRule::Prefix { strip: strip.into(), add: add.as_str().into() }, told)
            }
            PathRewrite::Template { path, query } => {
                // Where such a path came from can't be told.
                let told = Told::all(options.map_back(MapBack::NOTHING));
                (PathRule::Template { path: path.clone(), query: query.clone() }, told)
            }
        };
        Self { path, query: rewrite.query.clone(), method: rewrite.method.clone(), told }
    }

    /// # Errors
    /// A [`ProxyError`] on the client's side if what comes of the template is no path that may be forwarded.
    pub(super) fn apply<B>(&self, request: &mut Request<B>) -> Result<(), ProxyError> {
        let facts = Facts::of(request);
        let target = facts.target();
        let mut out =
            BytesMut::with_capacity(target.path().len() + target.query().map_or(0, str::len) + SPARE);
        let (told, query) = match &self.path {
            PathRule::Prefix { strip, add } => {
                let (told, rest) = self.told.of_path(strip, target.path());
                out.extend_from_slice(add.as_bytes());
                out.extend_from_slice(if add.is_empty() && rest.is_empty() { b"/" } else { rest.as_bytes() });
                (told, None)
            }
            PathRule::Template { path, query } => {
                write(path, &facts, Place::Path, &mut out);
                check(&out)?;
                (&self.told.whole, query.as_ref())
            }
        };
        self.append_query(query, target, &facts, &mut out)?;
        let rewritten = PathAndQuery::from_maybe_shared(out.freeze()).map_err(ProxyError::bad_request)?;
        let told = Arc::clone(told);
        put(rewritten, request.uri_mut()).map_err(ProxyError::bad_request)?;
        if let Some(method) = &self.method
            && *request.method() != Method::CONNECT
        {
            let original = std::mem::replace(request.method_mut(), method.clone());
            request.extensions_mut().insert(OriginalMethod(original));
        }
        request.extensions_mut().insert(told);
        Ok(())
    }

    fn append_query(
        &self,
        template: Option<&RouteTemplate>,
        target: &Uri,
        facts: &Facts<'_>,
        out: &mut BytesMut,
    ) -> Result<(), ProxyError> {
        let mut written = BytesMut::new();
        let query = match template {
            None => target.query(),
            Some(template) => {
                write(template, facts, Place::Query, &mut written);
                Some(std::str::from_utf8(&written).map_err(ProxyError::bad_request)?)
            }
        };
        let path = out.len();
        out.extend_from_slice(b"?");
        if self.query.is_nothing() {
            out.extend_from_slice(query.unwrap_or_default().as_bytes());
        } else {
            query::append(query.unwrap_or_default(), &self.query, facts, out);
        }
        // A client's own question mark stays where nothing is changed.
        let is_kept = query.is_some() && template.is_none() && self.query.is_nothing();
        if out.len() == path + 1 && !is_kept {
            out.truncate(path);
        }
        Ok(())
    }
}

/// How much a target may grow before it needs more memory.
const SPARE: usize = 32;

impl Told {
    fn all(options: RouteOptions) -> Self {
        let whole = Arc::new(options);
        Self { below: Arc::clone(&whole), exactly: Arc::clone(&whole), whole }
    }

    fn of_prefix(strip: &str, add: &str, options: RouteOptions) -> Self {
        let options = match add.parse::<PathAndQuery>() {
            Ok(added) if !add.is_empty() => options.put_before(added),
            _ => options,
        };
        let Ok(prefix) = strip.parse() else { return Self::all(options) };
        if strip.is_empty() {
            return Self::all(options);
        }
        let below = options.clone().prefix(prefix);
        let exactly = if add.is_empty() { below.clone().nothing_left() } else { below.clone() };
        Self { whole: Arc::new(options), below: Arc::new(below), exactly: Arc::new(exactly) }
    }

    /// What is left of a path, and what the proxy is told of it.
    fn of_path<'p>(&self, strip: &str, path: &'p str) -> (&Arc<RouteOptions>, &'p str) {
        let rest = path
            .strip_prefix(strip)
            .filter(|rest| !strip.is_empty() && (rest.is_empty() || rest.starts_with('/')));
        match rest {
            None => (&self.whole, path),
            Some("") => (&self.exactly, ""),
            Some(rest) => (&self.below, rest),
        }
    }
}

/// A path of several values can be one that nobody sent: two dots of two captures are a dot segment.
fn check(written: &[u8]) -> Result<(), ProxyError> {
    let written = std::str::from_utf8(written).map_err(ProxyError::bad_request)?;
    if !written.starts_with('/') || written.contains(['?', '#']) {
        return Err(ProxyError::bad_request("the rewritten target is no path"));
    }
    path::check(written).map_err(ProxyError::bad_request)
}

fn put(target: PathAndQuery, uri: &mut Uri) -> Result<(), axum::http::uri::InvalidUriParts> {
    let mut parts = std::mem::take(uri).into_parts();
    parts.path_and_query = Some(target);
    *uri = Uri::from_parts(parts)?;
    Ok(())
}
