//! The same for an upstream that speaks HTTP/2: an answer that breaks off is passed on as far as it came.

use std::sync::Arc;

use h2::Reason;
use http::Response;
use tokio::sync::Notify;

use super::broken::post;
use crate::support::ask::{Client, Protocol};
use crate::support::gateway::TestGateway;
use crate::support::h2_upstream::{H2Step, H2Upstream};

const FIRST: &str = "the first piece";

fn head() -> H2Step {
    H2Step::Head(Response::builder().status(201).body(()).unwrap())
}

fn head_with_length(length: usize) -> H2Step {
    H2Step::Head(Response::builder().status(201).header("content-length", length).body(()).unwrap())
}

fn first() -> H2Step {
    H2Step::Data(FIRST.into())
}

/// By name: the steps, and how much of the body must come. `None` if 502 is also right, because the end may be known
/// together with the head.
fn script(name: &str, signal: &Arc<Notify>) -> (Vec<H2Step>, Option<&'static str>) {
    let read = || H2Step::AwaitSignal(Arc::clone(signal));
    match name {
        "RST_STREAM after the head" => (vec![head(), read(), H2Step::Reset(Reason::CANCEL)], Some("")),
        "RST_STREAM after data" => {
            (vec![head(), first(), read(), H2Step::Reset(Reason::INTERNAL_ERROR)], Some(FIRST))
        }
        "RST_STREAM without an error" => {
            (vec![head(), first(), read(), H2Step::Reset(Reason::NO_ERROR)], Some(FIRST))
        }
        "the connection ends after the head" => (vec![head(), read(), H2Step::Close], Some("")),
        "the connection ends after data" => (vec![head(), first(), read(), H2Step::Close], Some(FIRST)),
        "less than its length, late" => {
            (vec![head_with_length(100), first(), read(), H2Step::End], Some(FIRST))
        }
        "less than its length" => (vec![head_with_length(100), first(), H2Step::End], None),
        "more than its length" => (vec![head_with_length(2), first(), H2Step::End], None),
        other => panic!("{other}"),
    }
}

const NAMES: [&str; 8] = [
    "RST_STREAM after the head",
    "RST_STREAM after data",
    "RST_STREAM without an error",
    "the connection ends after the head",
    "the connection ends after data",
    "less than its length, late",
    "less than its length",
    "more than its length",
];

#[tokio::test]
async fn the_client_gets_what_came() {
    const ROUNDS: usize = 3;
    let signal = Arc::new(Notify::new());
    let told = Arc::clone(&signal);
    let upstream = H2Upstream::start(move |request| {
        let number: usize = request.uri().path().rsplit('/').next().unwrap().parse().unwrap();
        script(NAMES[number], &told).0
    })
    .await;
    let gateway = TestGateway::start(&format!(
        "[pools.two]\nupstreams = [\"http://{}\"]\nprotocol = \"http2\"\n[routes.\"/\"]\npool = \"two\"\n",
        upstream.addr()
    ));
    for (number, name) in NAMES.into_iter().enumerate() {
        let (steps, came) = script(name, &signal);
        let waits = steps.iter().any(|step| matches!(step, H2Step::AwaitSignal(_)));
        for protocol in [Protocol::Http1, Protocol::Http2] {
            for round in 0..ROUNDS {
                let context = format!("{name} {protocol:?} {round}");
                let client = Client::connect(protocol, gateway.addr).await;
                let signal = waits.then_some(&*signal);
                let answer =
                    post(client, &format!("/broken/{number}"), came.unwrap_or_default(), signal).await;
                let answer = answer.unwrap_or_else(|| panic!("{context}: not one byte"));
                if came.is_none() && answer.status == 502 {
                    assert!(answer.is_complete, "{context}");
                    continue;
                }
                assert_eq!((answer.status, answer.is_complete), (201, false), "{context}: {answer:?}");
                if let Some(came) = came {
                    assert_eq!(answer.text(), came, "{context}");
                }
            }
        }
    }
    assert_eq!(upstream.requests(), NAMES.len() * 2 * ROUNDS, "each ran once");
}
