//! Refusals are seen by operators: in the access log, among the last failures, and in `explain`.

use serde_json::json;

use super::{USERS, ask, basic, configuration, users};
use crate::access_log::logged::Logged;
use crate::support::gateway::TestGateway;
use crate::support::operator::ask as ask_operator;
use crate::support::raw::RawClient;
use crate::support::recorder::{RecordingUpstream, Script};
use crate::support::within;

/// As other servers log it, for whatever reads such logs.
#[tokio::test]
async fn the_log_names_the_user_in_the_combined_format_too() {
    let upstream = RecordingUpstream::start(|_| Script::ok("in")).await;
    let (_kept, file) = users(USERS);
    let config = format!(
        "{}\n[log.access]\nformat = \"combined\"\nto = \"stdout\"\n",
        configuration(&upstream, &format!("basic_auth = {{ file = {file} }}"))
    );
    let logged = Logged::over(upstream, &[], &config).await;
    let mut client = RawClient::connect(logged.addr).await;
    assert_eq!(ask(&mut client, &basic("ann:wrong")).await.status(), 401);
    let refused = logged.raw_line("\" 401 ").await;
    assert!(refused.starts_with("127.0.0.1 - - ["), "{refused}");
    assert_eq!(ask(&mut client, &format!("{}User-Agent: me\r\n", basic("ann:secret"))).await.status(), 200);
    let line = logged.raw_line("\" 200 ").await;
    let (time, rest) = line.strip_prefix("127.0.0.1 - ann [").unwrap().split_once("] ").unwrap();
    assert_eq!(rest, "\"GET /api/x HTTP/1.1\" 200 2 \"-\" \"me\"");
    assert!(time.ends_with(" +0000") && time.len() == "29/Nov/2026:09:14:29 +0000".len(), "{time}");
}

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
