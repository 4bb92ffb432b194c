//! Refuses what a browser sends for a page from elsewhere: by a forged request (CSRF), or by a name that was made to lead
//! here (DNS rebinding). And says to browsers what they may do with the answers.

use std::net::IpAddr;

use axum::extract::{Request, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HOST, ORIGIN, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
    X_FRAME_OPTIONS,
};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::audit::Actor;
use super::desk::Desk;
use super::health;
use super::problem::Problem;
use super::reached::Reached;

/// The header that every request has to have that changes something. No browser sends it for a page from elsewhere
/// without asking first (a CORS preflight), and such a question is never answered with yes.
const MARK: HeaderName = HeaderName::from_static("x-gateway-operator");
const SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
const MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");

const FOREIGN_HOST: Problem = Problem::fixed(
    StatusCode::FORBIDDEN,
    "the request asks for another host: names have to be in [admin] hosts",
);
const FOREIGN_PAGE: Problem = Problem::fixed(StatusCode::FORBIDDEN, "a page from elsewhere asks");
const UNMARKED: Problem =
    Problem::fixed(StatusCode::FORBIDDEN, "what changes something needs the header X-Gateway-Operator: 1");

/// Lets a request through that no page from elsewhere can have caused.
pub(super) async fn guard(State(desk): State<Desk>, request: Request, next: Next) -> Response {
    let scene = desk.handle.scene();
    let hosts = scene.config.admin.as_ref().map_or(&[][..], |admin| &admin.hosts);
    let mut answer = match check(&request, hosts) {
        Ok(()) => next.run(request).await,
        Err(problem) => {
            if !is_reading(request.method()) {
                let action = format_args!("{} {}", request.method(), request.uri().path());
                Actor::of(request.extensions()).note::<()>(&action, &Err(problem.clone()));
            }
            problem.into_response()
        }
    };
    harden(answer.headers_mut());
    answer
}

fn check<B>(request: &Request<B>, hosts: &[String]) -> Result<(), Problem> {
    let asked = asked_for(request)?;
    let is_ours = |asked: &Authority| is_ours(asked.host(), request.extensions().get(), hosts);
    if !health::PATHS.contains(&request.uri().path()) && !asked.as_ref().is_none_or(is_ours) {
        return Err(FOREIGN_HOST);
    }
    let headers = request.headers();
    let is_foreign = headers.get(ORIGIN).is_some_and(|origin| !is_same(origin, asked.as_ref()))
        || is_from_elsewhere(headers);
    if is_foreign {
        return Err(FOREIGN_PAGE);
    }
    if !is_reading(request.method()) && headers.get(MARK).is_none_or(|mark| mark != "1") {
        return Err(UNMARKED);
    }
    Ok(())
}

fn is_reading(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD)
}

/// The authority that the request asks for. `None` if it names none, as no browser does.
fn asked_for<B>(request: &Request<B>) -> Result<Option<Authority>, Problem> {
    if let Some(authority) = request.uri().authority() {
        return Ok(Some(authority.clone()));
    }
    match request.headers().get(HOST) {
        None => Ok(None),
        Some(host) if host.is_empty() => Ok(None),
        Some(host) => Authority::try_from(host.as_bytes()).map(Some).map_err(|_| FOREIGN_HOST),
    }
}

/// Whether a host is this machine, an address, or one of these. No page has a name that is an address, so none can be
/// made to lead here. Over a Unix socket the host may be any: no page gets there.
fn is_ours(host: &str, reached: Option<&Reached>, hosts: &[String]) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']').trim_end_matches('.');
    reached.is_some_and(Reached::is_over_unix)
        || bare.eq_ignore_ascii_case("localhost")
        || bare.parse::<IpAddr>().is_ok()
        || hosts.iter().any(|host| host.eq_ignore_ascii_case(bare))
}

/// Whether an `Origin` is that of the page which is served here.
fn is_same(origin: &HeaderValue, asked: Option<&Authority>) -> bool {
    let origin = origin.to_str().ok().and_then(|origin| origin.split_once("://"));
    origin.zip(asked).is_some_and(|((_, origin), asked)| asked.as_str().eq_ignore_ascii_case(origin))
}

/// Whether a browser says that a page from elsewhere asks, which isn't a link to here. One on another port of the same
/// host is from elsewhere as well.
fn is_from_elsewhere(headers: &HeaderMap) -> bool {
    let is_elsewhere = |site: &HeaderValue| site == "cross-site" || site == "same-site";
    headers.get(SITE).is_some_and(is_elsewhere) && headers.get(MODE).is_none_or(|mode| mode != "navigate")
}

/// Tells browsers to show the answer to nobody else, to keep nothing, and not to guess. What the answer says itself stays.
fn harden(headers: &mut HeaderMap) {
    let resource_policy = HeaderName::from_static("cross-origin-resource-policy");
    for (name, value) in [
        (CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
        (resource_policy, "same-origin"),
        (CACHE_CONTROL, "no-store"),
        (REFERRER_POLICY, "no-referrer"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (X_FRAME_OPTIONS, "DENY"),
    ] {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
}

#[cfg(test)]
mod tests;
