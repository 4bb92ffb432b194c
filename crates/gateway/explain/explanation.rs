//! What an explanation says.

use std::net::IpAddr;

use serde::Serialize;

/// What the gateway would do with a request.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Explanation {
    /// The request.
    pub request: Asked,
    /// The name of the route that takes it. `None` if no route does.
    pub route: Option<String>,
    /// All routes, and why each of them takes it or doesn't.
    pub routes: Vec<Considered>,
    /// What it goes through, in this order.
    pub layers: Vec<Layer>,
    /// Where it would be sent. `None` if the gateway answers it itself.
    pub endpoint: Option<Pick>,
    /// What would be sent there.
    pub sends: Option<Sends>,
    /// What the gateway itself would answer. `None` if the request is sent on.
    pub answer: Option<Answer>,
    /// What the explanation can't know.
    pub notes: Vec<String>,
}

/// The request, as the gateway gets it.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Asked {
    /// Its method.
    pub method: String,
    /// Its target: path and query.
    pub target: String,
    /// The address that it comes from.
    pub client: IpAddr,
    /// The listener that takes it, such as `https://127.0.0.1:8443`.
    pub listener: String,
}

/// A route, and why it takes the request or doesn't.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Considered {
    /// The route's name.
    pub name: String,
    /// Its path: a prefix or a pattern.
    pub prefix: String,
    /// The pool that it leads to, the first of several. Empty: none.
    pub pool: String,
    /// Where it leads, or what it answers, as `blue 95, green 5, else spare`.
    pub to: String,
    /// Whether it takes the request.
    pub matches: bool,
    /// Why.
    pub why: String,
}

/// A layer, in the order in which a request goes through them.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Layer {
    /// What it is called.
    pub name: &'static str,
    /// What it does with this request.
    pub does: String,
    /// What comes of it.
    pub outcome: Outcome,
}

/// What comes of a layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It passes the request on.
    Passed,
    /// It answers the request.
    Answered,
    /// The request doesn't come to it.
    NotReached,
}

/// The endpoint that a request would be sent to.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Pick {
    /// The endpoint.
    pub url: String,
    /// The pool that it is in.
    pub pool: String,
    /// The policy that picks it.
    pub policy: &'static str,
    /// Whether the next request like this one would go there too, as things stand.
    pub is_certain: bool,
    /// The other endpoints that it could be. Of another pool, with its name.
    pub others: Vec<String>,
    /// Why it is this one.
    pub why: String,
    /// Endpoints of the pool that take no requests at present, and why.
    pub out: Vec<String>,
}

/// What would be sent to an endpoint.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Sends {
    /// `HTTP/1.1` or `HTTP/2`.
    pub protocol: &'static str,
    /// HTTP/1.1: all bytes of the request, as text. HTTP/2: its fields, one a line, and the body.
    pub text: String,
    /// The bytes of `text` in base64, since a request may have bytes that aren't UTF-8.
    pub base64: String,
}

/// What the gateway itself would answer.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// Why, in the words of the log.
    pub why: Option<String>,
    /// Its fields.
    pub headers: Vec<(String, String)>,
    /// The beginning of its body, as text.
    pub body: String,
}

impl Explanation {
    /// Whether a route takes the request and it would be sent on.
    #[must_use]
    pub fn is_forwarded(&self) -> bool {
        self.sends.is_some()
    }
}
