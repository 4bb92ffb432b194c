//! Requests to the operator's listener, by the proxy's own client.

use std::error::Error;
use std::path::Path;
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::http::header::{CONTENT_TYPE, HOST};
use axum::http::{HeaderValue, Method, Request, Response, StatusCode};
use bytes::Bytes;
use proxy_service::{Client, ProxyError, ProxyLayer, ProxyService, Target, Timeouts, client};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use tower::{Layer as _, ServiceExt as _};

use super::trouble::Trouble;
use crate::request_id::X_ADMIN_TOKEN;

/// Where the operator's listener of the demo is.
const BY_DEFAULT: &str = "127.0.0.1:9900";

/// The header that a page of somebody else's can't send.
const OPERATOR: &str = "x-gateway-operator";

/// The longest answer in bytes.
const LONGEST: usize = 16 << 20;

/// How long `/events` may say nothing. It says something each second.
const SILENCE: Duration = Duration::from_secs(30);

/// The way to the operator's listener.
#[derive(Clone, Debug)]
pub(super) struct Connection {
    place: String,
    service: ProxyService<Client<Body>>,
    host: HeaderValue,
    token: Option<HeaderValue>,
}

/// An answer, which is JSON.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    place: String,
    body: Bytes,
}

impl Connection {
    /// To this place, or to that of the environment, or to that of the demo.
    pub(super) fn new(admin: Option<&str>, token_file: Option<&Path>) -> Result<Self, Trouble> {
        let of_environment = std::env::var("GATEWAY_ADMIN").ok();
        let place = admin.map(str::to_owned).or(of_environment).unwrap_or_else(|| BY_DEFAULT.to_owned());
        let token = match token_file {
            Some(file) => Some(read_token(file)?),
            None => std::env::var("GATEWAY_TOKEN").ok(),
        };
        let token = token.filter(|token| !token.is_empty()).map(|token| secret(&token)).transpose()?;
        let url = if place.contains("://") { place.clone() } else { format!("http://{place}") };
        let target: Target = url.parse().map_err(|_| {
            Trouble::Here(format!("expected HOST:PORT or unix:PATH as --admin, found {place:?}"))
        })?;
        let host = header(target.authority().as_str())?;
        let timeouts = Timeouts { body_idle: SILENCE, ..Timeouts::default() };
        let service = ProxyLayer::new(target).own_requests().timeouts(timeouts).layer(client());
        Ok(Self { place, service, host, token })
    }

    pub(super) async fn get(&self, path: &str) -> Result<Answer, Trouble> {
        self.answer(self.request(Method::GET, path)).await
    }

    pub(super) async fn post(&self, path: &str) -> Result<Answer, Trouble> {
        self.answer(self.request(Method::POST, path)).await
    }

    pub(super) async fn send(
        &self,
        method: Method,
        path: &str,
        json: &serde_json::Value,
    ) -> Result<Answer, Trouble> {
        let mut request = self.request(method, path);
        request.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        *request.body_mut() = Body::from(json.to_string());
        self.answer(request).await
    }

    /// The body of an answer that goes on and on.
    pub(super) async fn stream(&self, path: &str) -> Result<Body, Trouble> {
        let response = self.ask(self.request(Method::GET, path)).await?;
        if response.status() == StatusCode::OK {
            return Ok(response.into_body());
        }
        Err(self.refusal(response).await)
    }

    fn request(&self, method: Method, path: &str) -> Request<Body> {
        let mut request = Request::new(Body::empty());
        *request.method_mut() = method;
        *request.uri_mut() = path.parse().unwrap_or_default();
        let headers = request.headers_mut();
        headers.insert(HOST, self.host.clone());
        headers.insert(OPERATOR, HeaderValue::from_static("1"));
        if let Some(token) = &self.token {
            headers.insert(X_ADMIN_TOKEN.clone(), token.clone());
        }
        request
    }

    async fn answer(&self, request: Request<Body>) -> Result<Answer, Trouble> {
        let response = self.ask(request).await?;
        if !response.status().is_success() {
            return Err(self.refusal(response).await);
        }
        let body = to_bytes(response.into_body(), LONGEST).await;
        let body = body.map_err(|error| self.not_understood(&cause(&error)))?;
        Ok(Answer { place: self.place.clone(), body })
    }

    async fn ask(&self, request: Request<Body>) -> Result<Response<Body>, Trouble> {
        let response = self.service.clone().oneshot(request).await;
        response.map(|response| response.map(Body::new)).map_err(|failed| Trouble::NobodyThere {
            place: self.place.clone(),
            why: cause(&ProxyError::from(failed)),
        })
    }

    /// What an answer that isn't a success says.
    async fn refusal(&self, response: Response<Body>) -> Trouble {
        let status = response.status();
        if status == StatusCode::UNAUTHORIZED && self.token.is_none() {
            return Trouble::TokenWanted { place: self.place.clone() };
        }
        let body = to_bytes(response.into_body(), LONGEST).await.unwrap_or_default();
        let why = match serde_json::from_slice::<Problem>(&body) {
            Ok(problem) => problem.detail.unwrap_or(problem.title),
            Err(_) => String::from_utf8_lossy(&body).trim().to_owned(),
        };
        Trouble::Refused { status: status.as_u16(), why }
    }

    fn not_understood(&self, why: &str) -> Trouble {
        Trouble::NotUnderstood { place: self.place.clone(), why: why.to_owned() }
    }
}

/// Problem details (RFC 9457), as far as they are shown.
#[derive(Deserialize)]
struct Problem {
    title: String,
    detail: Option<String>,
}

impl Answer {
    pub(super) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).trim_end().to_owned()
    }

    pub(super) fn read<T: DeserializeOwned>(&self) -> Result<T, Trouble> {
        serde_json::from_slice(&self.body)
            .map_err(|error| Trouble::NotUnderstood { place: self.place.clone(), why: error.to_string() })
    }
}

fn read_token(file: &Path) -> Result<String, Trouble> {
    let read = std::fs::read_to_string(file);
    let token = read.map_err(|error| Trouble::Here(format!("no token from {}: {error}", file.display())))?;
    Ok(token.trim().to_owned())
}

fn secret(token: &str) -> Result<HeaderValue, Trouble> {
    let mut value = header(token).map_err(|_| Trouble::Here("the token can't be a token".to_owned()))?;
    value.set_sensitive(true);
    Ok(value)
}

fn header(text: &str) -> Result<HeaderValue, Trouble> {
    HeaderValue::from_str(text).map_err(|error| Trouble::Here(format!("{text:?}: {error}")))
}

/// The last source of an error, which says most.
fn cause(error: &(dyn Error + 'static)) -> String {
    let mut last = error;
    while let Some(source) = last.source() {
        last = source;
    }
    last.to_string()
}
