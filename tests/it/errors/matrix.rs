//! Every fault with GET, HEAD, POST with a length and chunked POST, from an HTTP/1.1 and from an HTTP/2 client.

use std::sync::Arc;

use crate::support::ask::{self, Answer, Client, Content, GET, Protocol, Shape};
use crate::support::gateway::{TestGateway, one_pool};
use crate::support::recorder::{RecordingUpstream, Script};
use crate::support::within;

/// A fault of an upstream, and what each client must see of it.
pub(crate) struct Fault {
    name: &'static str,
    script: fn() -> Script,
    expected: Expected,
    to_head: Expected,
    reusable: Reusable,
}

/// Whether the connection to the upstream is still in order after a fault and may carry another request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reusable {
    Never,
    AfterHead,
    Always,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Expected {
    /// An answer of the gateway's own: a status and an RFC 9209 error type.
    Error(u16, &'static str),
    /// The status of the upstream, and the whole body.
    Passed(u16, &'static str),
    /// The same, or 502: the answer of the upstream may be accepted in one way or refused.
    PassedOrRefused(&'static str),
    /// The status of the upstream, and a message that does not look complete.
    Broken,
    /// The same, or 502, if the head was lost too or if it is already known that nothing follows it.
    BrokenOrRefused,
}

impl Fault {
    pub(crate) fn new(name: &'static str, script: fn() -> Script, expected: Expected) -> Self {
        Self { name, script, expected, to_head: expected, reusable: Reusable::Never }
    }

    /// What a HEAD gets instead: its answer has no body that could be broken.
    pub(crate) fn for_head(mut self, expected: Expected) -> Self {
        self.to_head = expected;
        self
    }

    pub(crate) fn reusable(mut self, reusable: Reusable) -> Self {
        self.reusable = reusable;
        self
    }

    fn expected(&self, shape: Shape) -> Expected {
        if shape.method == "HEAD" { self.to_head } else { self.expected }
    }
}

/// Tries every fault in every case: checks the answer, that the next request works, and that the connection to the
/// upstream was never used again.
pub(crate) async fn play(faults: Vec<Fault>, config: &str) {
    let faults = Arc::new(faults);
    let upstream = RecordingUpstream::start({
        let faults = Arc::clone(&faults);
        move |request| match request.target.strip_prefix("/fault/") {
            Some(number) => (faults[number.parse::<usize>().unwrap()].script)(),
            None => Script::ok("fine"),
        }
    })
    .await;
    let gateway = TestGateway::start(&one_pool(&upstream.url(), config));
    for (number, fault) in faults.iter().enumerate() {
        let mut cases = tokio::task::JoinSet::new();
        for (protocol, shape) in ask::every_case() {
            let (expected, addr) = (fault.expected(shape), gateway.addr);
            let context = format!("{}: {} {:?} {protocol:?}", fault.name, shape.method, shape.content);
            cases.spawn(async move {
                let mut client = Client::connect(protocol, addr).await;
                let path = format!("/api/fault/{number}");
                let asking = client.ask(shape, &path);
                let answer = within(&context, asking).await;
                check(answer.as_ref(), expected, shape, &context);
                next_works(client, answer.as_ref(), shape, protocol, addr, &context).await;
            });
        }
        while let Some(case) = cases.join_next().await {
            case.unwrap();
        }
    }
    assert_not_reused(&upstream, &faults);
    upstream.assert_clean();
}

fn check(answer: Option<&Answer>, expected: Expected, shape: Shape, context: &str) {
    match (expected, answer) {
        (Expected::PassedOrRefused(_) | Expected::BrokenOrRefused, Some(answer)) if answer.status == 502 => {
            assert!(answer.field("proxy-status").is_some() && answer.is_complete, "{context}: {answer:?}");
        }
        (Expected::Broken | Expected::BrokenOrRefused, Some(answer)) => {
            assert_eq!((answer.status, answer.is_complete), (200, false), "{context}: {answer:?}");
        }
        (_, None) => panic!("{context}: no answer at all"),
        (Expected::Error(status, error), Some(answer)) => {
            answer.assert_own_error(shape.method, status, error, context);
        }
        (Expected::PassedOrRefused(body), Some(answer)) => passed(answer, 200, body, shape, context),
        (Expected::Passed(status, body), Some(answer)) => passed(answer, status, body, shape, context),
    }
}

fn passed(answer: &Answer, status: u16, body: &str, shape: Shape, context: &str) {
    let body = if shape.method == "HEAD" { "" } else { body };
    let got = (answer.status, answer.text(), answer.is_complete, answer.field("proxy-status"));
    assert_eq!(got, (status, body.to_owned(), true, None), "{context}: {answer:?}");
}

/// Sent on the same connection, unless that had to be closed.
async fn next_works(
    mut client: Client,
    answer: Option<&Answer>,
    shape: Shape,
    protocol: Protocol,
    addr: std::net::SocketAddr,
    context: &str,
) {
    let was_whole =
        answer.is_some_and(|answer| answer.is_complete && !answer.fields.lists("connection", "close"));
    let stays_open = protocol == Protocol::Http2 || was_whole;
    let mut next = if stays_open { client.ask(GET, "/api/fine").await } else { None };
    // After a body that was not read to its end, the connection cannot be used.
    let must_be_the_same = stays_open && (protocol == Protocol::Http2 || shape.content == Content::None);
    assert!(next.is_some() || !must_be_the_same, "{context}: the connection is gone");
    if next.is_none() {
        next = Client::connect(protocol, addr).await.ask(GET, "/api/fine").await;
    }
    let next = next.unwrap_or_else(|| panic!("{context}: the next request got nothing"));
    assert_eq!((next.status, next.text().as_str()), (200, "fine"), "{context}, the request after it");
}

fn assert_not_reused(upstream: &RecordingUpstream, faults: &[Fault]) {
    let requests = upstream.requests();
    for (at, request) in requests.iter().enumerate() {
        let Some(number) = request.target.strip_prefix("/fault/") else { continue };
        let fault = &faults[number.parse::<usize>().unwrap()];
        let in_step = match fault.reusable {
            Reusable::Never => false,
            Reusable::AfterHead => request.method == "HEAD",
            Reusable::Always => true,
        };
        let later = requests[at + 1..].iter().find(|later| later.connection == request.connection);
        assert!(in_step || later.is_none(), "{}: {} was followed by {later:?}", fault.name, request.method);
    }
}
