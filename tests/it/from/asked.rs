//! A request, and what came of it.

use std::net::SocketAddr;

use tokio::sync::mpsc::UnboundedReceiver;

use super::requests::{Expected, Request};
use super::upstream::{ASKED, Got};
use crate::support::raw::{RawClient, Response};

const BODY: &str = "name=value";

pub(super) struct Outcome {
    pub(super) answer: Response,
    /// What an upstream got, if one was asked.
    pub(super) got: Option<Got>,
}

impl Outcome {
    /// Asks what listens at `addr`, over a connection of its own.
    ///
    /// # Panics
    /// If more than one upstream was asked, or the answer breaks off.
    pub(super) async fn of(
        request: &Request,
        host: &str,
        addr: SocketAddr,
        told: &mut UnboundedReceiver<Got>,
    ) -> Self {
        let mut client = RawClient::connect(addr).await;
        client.send(written(request, host)).await;
        let answer = client.response_to(&request.method).await;
        assert!(answer.body.is_complete(), "{}: {answer:?}", request.text);
        let got = told.try_recv().ok();
        assert!(told.is_empty(), "{}: asked twice", request.text);
        Self { answer, got }
    }

    /// In what it isn't as expected.
    pub(super) fn unlike(&self, expected: &Expected, method: &str) -> Option<String> {
        let Expected { status, upstream, fields } = expected;
        let got = self.got.as_ref();
        let asked = got.map(|got| (got.upstream.to_owned(), got.target.clone()));
        if (self.answer.status(), &asked) != (*status, upstream) {
            return Some(format!("{} by {asked:?} and not {status} by {upstream:?}", self.answer.status()));
        }
        let missing = fields.iter().find(|(name, value)| !self.has(name, value));
        let has_lost_its_body = got.is_some_and(|got| has_body(method) && got.body != BODY);
        missing
            .map(|(name, value)| format!("no {name}: {value} in {:?} and {got:?}", self.answer.headers()))
            .or_else(|| has_lost_its_body.then(|| format!("the body is another: {got:?}")))
    }

    /// Whether the upstream got a field, or the client if the name begins with `<`.
    fn has(&self, name: &str, value: &str) -> bool {
        match (name.strip_prefix("< "), &self.got) {
            (Some(name), _) => self.answer.headers().all(name) == [value],
            (None, Some(got)) => got.fields.all(name) == [value],
            (None, None) => false,
        }
    }
}

fn written(request: &Request, host: &str) -> String {
    let Request { method, target, fields, .. } = request;
    let mut text = format!("{method} {target} HTTP/1.1\r\n{ASKED}: 1\r\n");
    if !fields.iter().any(|(name, _)| name == "Host") {
        text += &format!("Host: {host}\r\n");
    }
    for (name, value) in fields {
        text += &format!("{name}: {value}\r\n");
    }
    if has_body(method) {
        text += &format!("Content-Length: {}\r\n\r\n{BODY}", BODY.len());
    } else {
        text += "\r\n";
    }
    text
}

fn has_body(method: &str) -> bool {
    ["POST", "PUT"].contains(&method)
}
