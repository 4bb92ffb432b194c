//! Two administrators at once, many times: neither is ever taken for the other.

use crate::support::{UnreadBody, request};
use admin_auth::{Accepted, AdminAuthLayer, AdminToken};
use http::{Request, Response, StatusCode};
use tokio::task::JoinSet;
use tower::{BoxError, Layer, ServiceExt, service_fn};

const ROUNDS: usize = 25_000;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn concurrent_requests_keep_their_own_identity() {
    let tokens = ["alice", "bob"].map(|name| AdminToken::new(format!("{name}-secret")).unwrap().label(name));
    let gate = AdminAuthLayer::new(tokens).layer(service_fn(async |mut request: Request<UnreadBody>| {
        let mut response = Response::new(String::new());
        response.extensions_mut().insert(request.extensions_mut().remove::<Accepted>());
        Ok::<_, BoxError>(response)
    }));
    let admins = [
        ("alice-secret", Some("alice")),
        ("bob-secret", Some("bob")),
        ("bob-secret", Some("bob")),
        ("carol-secret", None),
    ];
    let mut tasks = JoinSet::new();
    for (secret, expected) in admins {
        let gate = gate.clone();
        tasks.spawn(async move {
            for _ in 0..ROUNDS {
                let response = gate.clone().oneshot(request(&[secret])).await.unwrap();
                let seen = response.extensions().get::<Option<Accepted>>().and_then(Option::as_ref);
                assert_eq!(seen.map(Accepted::label), expected);
                assert_eq!(response.status() == StatusCode::OK, expected.is_some());
            }
        });
    }
    tasks.join_all().await;
}
