//! Tower's contract, and what a refusal looks like.

use std::future::poll_fn;
use std::net::{IpAddr, Ipv4Addr};
use std::task::Poll;
use std::time::{Duration, SystemTime};

use crate::support::{Strict, UnreadBody, request};
use admin_auth::{Accepted, AdminAuthLayer, AdminToken, Credential, Rejection, RejectionKind, TokenSet};
use http::{Request, Response, StatusCode};
use http_body::Body as _;
use http_body_util::{BodyExt, Empty};
use tokio::time::timeout;
use tower::{BoxError, Layer, Service, ServiceBuilder, ServiceExt, service_fn};

const ALICE: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));

fn right() -> AdminToken {
    AdminToken::new("right").unwrap()
}

fn expired() -> AdminToken {
    AdminToken::new("old").unwrap().label("last year").expires_at(SystemTime::now() - Duration::from_secs(1))
}

#[tokio::test]
async fn the_instance_that_became_ready_is_the_one_called() {
    let inner = Strict::default();
    let mut gate = AdminAuthLayer::new(right()).layer(inner.watch());
    for n in 1..=3 {
        let response = gate.ready().await.unwrap().call(request(&["right"])).await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        assert!(response.extensions().get::<Rejection>().is_none());
        assert_eq!(response.into_body().collect().await.unwrap().to_bytes(), "inside\n");
        assert_eq!(inner.counts(), [2 * n, n, n]);
    }
}

#[tokio::test]
async fn a_refusal_touches_neither_the_inner_service_nor_the_body() {
    let inner = Strict::default();
    let mut gate = AdminAuthLayer::new(TokenSet::from([right(), expired()])).layer(inner.watch());
    let table: [(&[&str], StatusCode, RejectionKind); 7] = [
        (&[], StatusCode::UNAUTHORIZED, RejectionKind::Missing),
        (&[""], StatusCode::UNAUTHORIZED, RejectionKind::Missing),
        (&["wrong"], StatusCode::FORBIDDEN, RejectionKind::Unknown),
        (&["old"], StatusCode::FORBIDDEN, RejectionKind::Expired),
        (&["right", "right"], StatusCode::FORBIDDEN, RejectionKind::Repeated),
        (&["right "], StatusCode::FORBIDDEN, RejectionKind::Malformed),
        (&["right,right"], StatusCode::FORBIDDEN, RejectionKind::Unknown),
    ];
    for (tokens, status, kind) in table {
        let response = gate.ready().await.unwrap().call(request(tokens)).await.unwrap();
        assert_eq!(response.status(), status, "{tokens:?}");
        let rejection = response.extensions().get::<Rejection>().unwrap();
        assert_eq!((rejection.kind(), rejection.status()), (kind, status), "{tokens:?}");
        assert_eq!(rejection.label(), (kind == RejectionKind::Expired).then_some("last year"));
    }
    assert_eq!(inner.counts(), [0, 0, 0]);
}

#[tokio::test]
async fn a_gate_without_tokens_opens_to_nobody() {
    let inner = Strict::default();
    let gate = AdminAuthLayer::new(TokenSet::from_iter([])).layer(inner.watch());
    for tokens in [&[][..], &[""], &["right"], &["undefined"]] {
        let response = gate.clone().oneshot(request(tokens)).await.unwrap();
        assert!(response.status().is_client_error());
    }
    assert_eq!(inner.counts()[..2], [0, 0]);
}

#[tokio::test]
async fn a_refusal_says_little() {
    let layer = AdminAuthLayer::new(right()).throttle_by(|extensions| extensions.get::<IpAddr>().copied());
    let bearer = layer.clone().credential(Credential::bearer());
    let (header, bearer) = (layer.layer(Strict::default()), bearer.layer(Strict::default()));
    let from_alice = |tokens| {
        let mut request = request(tokens);
        request.extensions_mut().insert(ALICE);
        request
    };
    let expect =
        async |response: Response<admin_auth::AdminAuthBody<_>>, text: &str, own: &[(&str, &str)]| {
            let common = [("cache-control", "no-store"), ("content-type", "text/plain; charset=utf-8")];
            let headers = response.headers();
            for (name, value) in own.iter().chain(&common) {
                assert_eq!(headers.get(*name).unwrap(), value);
            }
            assert_eq!(headers.len(), own.len() + common.len());
            let body = response.into_body();
            assert_eq!(body.size_hint().exact(), Some(text.len() as u64));
            assert!(!body.is_end_stream());
            assert_eq!(body.collect().await.unwrap().to_bytes(), text);
        };

    let challenge = [("www-authenticate", r#"AdminToken realm="admin""#)];
    expect(header.clone().oneshot(from_alice(&[])).await.unwrap(), "Unauthorized\n", &challenge).await;
    let challenge = [("www-authenticate", r#"Bearer realm="admin""#)];
    expect(bearer.oneshot(from_alice(&["right"])).await.unwrap(), "Unauthorized\n", &challenge).await;
    for _ in 0..10 {
        expect(header.clone().oneshot(from_alice(&["wrong"])).await.unwrap(), "Forbidden\n", &[]).await;
    }
    let response = header.oneshot(from_alice(&["wrong"])).await.unwrap();
    assert_eq!(response.status(), StatusCode::TOO_MANY_REQUESTS);
    let seconds = response.extensions().get::<Rejection>().unwrap().retry_after().unwrap().as_secs();
    assert!((50..=60).contains(&seconds), "{seconds}");
    expect(response, "Too Many Requests\n", &[("retry-after", &seconds.to_string())]).await;
}

#[tokio::test]
async fn the_inner_service_sees_the_label_and_not_the_token() {
    let inner = service_fn(async |request: Request<UnreadBody>| {
        let label = request.extensions().get::<Accepted>().map(|accepted| accepted.label().to_owned());
        let headers = request.headers().keys().map(|name| name.to_string()).collect::<Vec<_>>().join(",");
        let mut response = Response::new(Empty::<&[u8]>::new());
        response.headers_mut().insert("label", label.unwrap_or_default().parse()?);
        response.headers_mut().insert("headers", headers.parse()?);
        Ok::<_, BoxError>(response)
    });
    let layer = AdminAuthLayer::new([right(), AdminToken::new("ops-token").unwrap().label("ops")]);
    for (token, label) in [("ops-token", "ops"), ("right", "")] {
        let mut request = request(&[token]);
        for name in ["authorization", "x_admin_token", "x-request-id"] {
            request.headers_mut().insert(name, "1".parse().unwrap());
        }
        let response = layer.layer(inner).oneshot(request).await.unwrap();
        assert_eq!(response.headers()["label"], label);
        let mut headers: Vec<_> = response.headers()["headers"].to_str().unwrap().split(',').collect();
        headers.sort_unstable();
        assert_eq!(headers, ["authorization", "x-request-id"]);
    }
}

#[tokio::test]
async fn of_two_gates_the_inner_one_names_the_token() {
    let inner = service_fn(async |request: Request<UnreadBody>| {
        let named = request.extensions().get::<Accepted>().is_some();
        Ok::<_, BoxError>(Response::new(if named { "named" } else { "unnamed" }.to_owned()))
    });
    let outer = AdminAuthLayer::new(right().label("outer"));
    let own = Credential::header("x-inner-token".parse().unwrap());
    for (token, expected) in [(right().label("inner"), "named"), (right(), "unnamed")] {
        let gates = ServiceBuilder::new()
            .layer(outer.clone())
            .layer(AdminAuthLayer::new(token).credential(own.clone()))
            .service(inner);
        let mut request = request(&["right"]);
        request.headers_mut().insert("x-inner-token", "right".parse().unwrap());
        let body = gates.oneshot(request).await.unwrap().into_body().collect().await.unwrap();
        assert_eq!(body.to_bytes(), expected);
    }
}

#[tokio::test]
async fn the_inner_service_s_errors_pass() {
    let (mock, mut handle) = tower_test::mock::pair::<Request<UnreadBody>, Response<String>>();
    let gate = AdminAuthLayer::new(right()).layer(mock);
    handle.allow(1);
    let answer = tokio::spawn(gate.clone().oneshot(request(&["right"])));
    handle.next_request().await.unwrap().1.send_error("from call");
    assert_eq!(answer.await.unwrap().unwrap_err().to_string(), "from call");

    handle.send_error("from poll_ready");
    let error = gate.oneshot(request(&["right"])).await.unwrap_err();
    assert_eq!(error.to_string(), "from poll_ready");
}

/// Time is paused, so this would run out at once if the refusal waited for anything.
#[tokio::test(start_paused = true)]
async fn a_request_waits_for_the_inner_service_and_a_refusal_does_not() {
    let (mock, mut handle) = tower_test::mock::pair::<Request<UnreadBody>, Response<String>>();
    let gate = AdminAuthLayer::new(right()).layer(mock);
    handle.allow(0);
    let mut waiting = Box::pin(gate.clone().oneshot(request(&["right"])));
    poll_fn(|cx| {
        assert!(waiting.as_mut().poll(cx).is_pending());
        Poll::Ready(())
    })
    .await;
    let refused = timeout(Duration::from_secs(1), gate.oneshot(request(&["wrong"]))).await.unwrap().unwrap();
    assert_eq!(refused.status(), StatusCode::FORBIDDEN);

    handle.allow(1);
    let answer = tokio::spawn(waiting);
    let (request, respond) = handle.next_request().await.unwrap();
    assert!(request.headers().is_empty());
    respond.send_response(Response::new(String::new()));
    assert_eq!(answer.await.unwrap().unwrap().status(), StatusCode::OK);
}

#[test]
fn it_is_send_sync_and_clone_where_the_inner_service_is() {
    fn assert<T: Clone + Send + Sync + 'static>(_: &T) {}
    fn assert_future<T: Send + 'static>(_: &T) {}
    let layer = AdminAuthLayer::new(right());
    assert(&layer);
    let mut gate = layer.layer(Strict::default());
    assert(&gate);
    assert_future(&gate.call(request(&[])));
}
