//! Who gets the header, and who does not.

use super::told::Told;
use super::{ASKS, GATED, OPEN, TOKEN, config, get, pair, without_tokens};
use crate::support::gateway::TestGateway;
use crate::support::recorder::RecordingUpstream;

#[tokio::test]
async fn administrators_are_told_on_a_route_of_either_kind() {
    let [one, two] = pair().await;
    let gateway = TestGateway::start(&config(&one.url(), &two.url(), ""));
    for path in [OPEN, GATED] {
        for (index, upstream) in [&one, &two].into_iter().enumerate() {
            let response = get(gateway.addr, path, &[TOKEN, ASKS]).await;
            assert_eq!(response.status(), 200);
            assert_eq!(Told::by(&response), Told::plain(&upstream.url(), index), "{path}");
        }
    }
}

#[tokio::test]
async fn the_policy_s_name_is_that_of_the_configuration() {
    let [one, two] = pair().await;
    for (policy, name) in [
        ("\"round-robin\"", "round-robin"),
        ("\"least-loaded\"", "least-loaded"),
        ("\"peak-ewma\"", "peak-ewma"),
        ("\"random\"", "random"),
        ("{ hash = \"peer\" }", "hash"),
    ] {
        let gateway = TestGateway::start(&config(&one.url(), &two.url(), &format!("balance = {policy}")));
        let response = get(gateway.addr, GATED, &[TOKEN, ASKS]).await;
        let [index, upstream] = if response.text() == "one" { [0, 0] } else { [1, 1] };
        let url = [one.url(), two.url()][upstream].clone();
        assert_eq!(Told::by(&response), Told::plain(&url, index).policy(name));
    }
}

/// Only an administrator may ask, on the open route too.
#[tokio::test]
async fn others_who_ask_are_refused() {
    let [one, two] = pair().await;
    let gateway = TestGateway::start(&config(&one.url(), &two.url(), ""));
    for path in [OPEN, GATED] {
        for (lines, status) in [
            (&[ASKS][..], 401),
            (&[ASKS, "X-Admin-Token: "], 401),
            (&[ASKS, "X-Admin-Token: letmeout"], 403),
            (&[ASKS, TOKEN, TOKEN], 403),
        ] {
            let response = get(gateway.addr, path, lines).await;
            assert_eq!(response.status(), status, "{path} {lines:?}");
            assert!(!response.headers().has("x-gateway-pick"), "{path} {lines:?}: {response:?}");
        }
    }
    assert_eq!((one.requests().len(), two.requests().len()), (0, 0));
}

#[tokio::test]
async fn who_does_not_ask_is_not_told() {
    let [one, two] = pair().await;
    let gateway = TestGateway::start(&config(&one.url(), &two.url(), ""));
    for (path, lines) in [(OPEN, &[][..]), (OPEN, &[TOKEN]), (GATED, &[TOKEN])] {
        let response = get(gateway.addr, path, lines).await;
        assert_eq!(response.status(), 200, "{path} {lines:?}");
        assert!(!response.headers().has("x-gateway-pick"), "{path} {lines:?}: {response:?}");
    }
}

/// Without administrators nobody can ask: the header of the request is ignored.
#[tokio::test]
async fn without_tokens_nobody_is_told_and_nobody_refused() {
    let [one, two] = pair().await;
    let gateway = TestGateway::start(&without_tokens(&one.url(), &two.url(), ""));
    for lines in [&[ASKS][..], &[ASKS, TOKEN]] {
        let response = get(gateway.addr, OPEN, lines).await;
        assert_eq!(response.status(), 200, "{lines:?}");
        assert!(!response.headers().has("x-gateway-pick"), "{lines:?}: {response:?}");
    }
    assert_eq!([&one, &two].map(forwarded), [[""; 0]; 2]);
}

/// Neither the header that asks nor the token reaches an upstream, whoever sends it.
#[tokio::test]
async fn upstreams_never_hear_the_question() {
    let [one, two] = pair().await;
    let gateway = TestGateway::start(&config(&one.url(), &two.url(), ""));
    for path in [OPEN, GATED] {
        for lines in [&[TOKEN, ASKS][..], &[TOKEN, ASKS, ASKS], &[TOKEN]] {
            assert_eq!(get(gateway.addr, path, lines).await.status(), 200, "{path} {lines:?}");
        }
    }
    assert_eq!(one.requests().len() + two.requests().len(), 6);
    assert_eq!([&one, &two].map(forwarded), [[""; 0]; 2]);
}

/// The fields that an upstream got and should not have got.
fn forwarded(upstream: &RecordingUpstream) -> Vec<String> {
    let fields = upstream.requests().into_iter().flat_map(|request| request.headers.0);
    let names = fields.map(|(name, _)| name.to_ascii_lowercase());
    names.filter(|name| ["x-gateway-pick", "x-admin-token"].contains(&name.as_str())).collect()
}
