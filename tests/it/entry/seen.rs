//! Refusals are seen by operators: in the access log, among the last failures, and in `explain`.

use serde_json::json;

use super::{USERS, ask, basic, configuration, users};
use crate::support::gateway::TestGateway;
use crate::support::operator::ask as ask_operator;
use crate::support::raw::RawClient;
use crate::support::recorder::{RecordingUpstream, Script};
use crate::support::within;

#[tokio::test]
async fn the_last_failures_say_why() {
    let upstream = RecordingUpstream::start(|_| Script::ok("in")).await;
    let service = RecordingUpstream::start(|_| Script::status(403)).await;
    let (_kept, file) = users(USERS);
    let config = format!(
        "{}\n[routes.\"/net\"]\npool = \"api\"\ndeny = [\"127.0.0.1\"]\n\
         [routes.\"/asked\"]\npool = \"api\"\nforward_auth = {{ url = \"{}\" }}\n\
         [routes.\"/token\"]\npool = \"api\"\nadmin_tokens = [\"0123456789abcdef\"]\n",
        configuration(&upstream, &format!("basic_auth = {{ file = {file} }}")),
        service.url(),
    );
    let gateway = TestGateway::on_workers(1, &config, |gateway| gateway);
    let mut client = RawClient::connect(gateway.addr).await;
    assert_eq!(client.get("/net/x").await.status(), 403);
    assert_eq!(client.get("/asked/x").await.status(), 403);
    assert_eq!(client.get("/token/x").await.status(), 401);
    assert_eq!(ask(&mut client, "").await.status(), 401);
    assert_eq!(ask(&mut client, &basic("ann:wrong")).await.status(), 401);
    assert_eq!(ask(&mut client, &basic("ann:secret")).await.status(), 200);
    let errors = within("the refusals to be noted", async {
        loop {
            let errors = ask_operator(&gateway.handle, "/api/v1/errors").await.json();
            if errors["errors"].as_array().is_some_and(|errors| errors.len() == 5) {
                return errors;
            }
        }
    })
    .await;
    let seen: Vec<_> =
        errors["errors"].as_array().unwrap().iter().map(|error| (&error["route"], &error["error"])).collect();
    assert_eq!(
        seen,
        [
            (&json!("/api"), &json!("credentials_wrong")),
            (&json!("/api"), &json!("credentials_missing")),
            (&json!("/token"), &json!("admin_token_missing")),
            (&json!("/asked"), &json!("forward_auth_refused")),
            (&json!("/net"), &json!("address_denied")),
        ]
    );
    let metrics = ask_operator(&gateway.handle, "/metrics").await.text;
    for line in [
        "gateway_request_errors_total{route=\"/net\",error=\"address_denied\"} 1",
        "gateway_request_errors_total{route=\"/api\",error=\"credentials_wrong\"} 1",
    ] {
        assert!(metrics.contains(line), "{line} in {metrics}");
    }
}
