//! `satisfy = "any"`.

use super::{USERS, ask, ask_once, basic, guarded, users};
use crate::support::gateway::TestGateway;
use crate::support::raw::RawClient;
use crate::support::recorder::{Answer, RecordingUpstream, Script};

async fn upstream() -> RecordingUpstream {
    RecordingUpstream::start(|_| Script::ok("in")).await
}

/// From which of the two loopback addresses the gateway is asked.
async fn ask_from(address: [u8; 4], gateway: &TestGateway, fields: &str) -> u16 {
    let mut client = RawClient::connect_from(address.into(), gateway.addr).await;
    ask(&mut client, fields).await.status()
}

#[tokio::test]
async fn an_address_or_a_password_and_deny_always_holds() {
    let upstream = upstream().await;
    let (_kept, file) = users(USERS);
    let gateway = guarded(
        &upstream,
        &format!(
            "satisfy = \"any\"\nallow = [\"127.0.0.1\", \"127.0.0.3\"]\ndeny = [\"127.0.0.3\"]\n\
             basic_auth = {{ file = {file}, header = \"x-user\", forward = true }}"
        ),
    );
    let (ours, others, denied) = ([127, 0, 0, 1], [127, 0, 0, 2], [127, 0, 0, 3]);
    let (right, wrong) = (basic("ann:secret"), basic("ann:wrong"));
    let forged = "X-User: root\r\nX_User: root\r\n";
    for (address, fields, status) in [
        (ours, "", 200),
        (ours, wrong.as_str(), 200),
        (others, right.as_str(), 200),
        (others, wrong.as_str(), 401),
        (others, "", 401),
        (denied, right.as_str(), 403),
    ] {
        assert_eq!(ask_from(address, &gateway, &format!("{fields}{forged}")).await, status, "{fields}");
    }
    let seen = upstream.requests();
    let told: Vec<_> =
        seen.iter().map(|seen| (seen.headers.one("x-user"), seen.headers.has("authorization"))).collect();
    // A password that was not checked doesn't go on, though right ones do.
    assert_eq!(told, [(None, false), (None, false), (Some("ann"), true)]);
    assert!(seen.iter().all(|seen| !seen.headers.has("x_user")));
}

#[tokio::test]
async fn wrong_passwords_are_counted_where_something_else_may_open() {
    let upstream = upstream().await;
    let (_kept, file) = users(USERS);
    let service = RecordingUpstream::start(|asked| {
        Script::status(if asked.headers.has("x-session") { 204 } else { 401 })
    })
    .await;
    let keys = format!(
        "satisfy = \"any\"\nbasic_auth = {{ file = {file} }}\nforward_auth = {{ url = \"{}\" }}",
        service.url()
    );
    let gateway = guarded(&upstream, &keys);
    let mut guesser = RawClient::connect(gateway.addr).await;
    for guess in 0..10 {
        assert_eq!(ask(&mut guesser, &basic(&format!("ann:{guess}"))).await.status(), 401, "{guess}");
    }
    assert_eq!(ask(&mut guesser, &basic("ann:secret")).await.status(), 429);
    assert_eq!(ask(&mut guesser, &format!("X-Session: 1\r\n{}", basic("ann:secret"))).await.status(), 200);
    assert!(service.requests().iter().all(|asked| !asked.headers.has("authorization")));
}

#[tokio::test]
async fn a_service_may_show_the_way_to_its_login() {
    let upstream = upstream().await;
    let (_kept, file) = users(USERS);
    let service = RecordingUpstream::start(|_| {
        Script::answer(Answer::new(302).header("Location", "https://id.example/login"))
    })
    .await;
    let keys = format!(
        "satisfy = \"any\"\nbasic_auth = {{ file = {file} }}\nforward_auth = {{ url = \"{}\" }}",
        service.url()
    );
    let gateway = guarded(&upstream, &keys);
    let answer = ask_once(&gateway, "").await;
    assert_eq!((answer.status(), answer.header("location")), (302, Some("https://id.example/login")));
    assert_eq!(ask_once(&gateway, &basic("ann:secret")).await.status(), 200);
}

#[cfg(feature = "jwt")]
#[tokio::test]
async fn a_password_or_a_token_opens_and_both_are_asked_for() {
    use serde_json::json;

    use super::file;
    use crate::support::tokens::{Signer, now, set};

    let signer = Signer::ed25519("ed");
    let upstream = upstream().await;
    let (_users, passwords) = users(USERS);
    let (_keys, keys) = file("jwks.json", &set(&[&signer]));
    let gateway = guarded(
        &upstream,
        &format!(
            "satisfy = \"any\"\nbasic_auth = {{ file = {passwords}, header = \"x-user\" }}\n\
             jwt = {{ keys_file = {keys}, headers = {{ \"x-user\" = \"sub\", \"x-tenant\" = \"tenant\" }} }}"
        ),
    );
    let token = signer.sign(&json!({ "sub": "eve", "tenant": "t", "exp": now() + 300 }));
    let bearer = format!("Authorization: Bearer {token}\r\n");
    for (fields, status) in [
        (String::new(), 401),
        (basic("ann:wrong"), 401),
        (bearer.replace("Bearer ey", "Bearer xx"), 401),
        (format!("{bearer}{}", basic("ann:secret")), 401),
        (basic("ann:secret"), 200),
        (bearer, 200),
    ] {
        let answer = ask_once(&gateway, &format!("{fields}X-User: root\r\nX-Tenant: root\r\n")).await;
        assert_eq!(answer.status(), status, "{fields}");
        let challenges = answer.headers().all("www-authenticate");
        let schemes: Vec<_> = challenges.iter().filter_map(|line| line.split(' ').next()).collect();
        assert_eq!(schemes, if status == 401 { vec!["Bearer", "Basic"] } else { vec![] }, "{fields}");
    }
    let told = |header: &str| -> Vec<Option<String>> {
        upstream.requests().iter().map(|seen| seen.headers.one(header).map(str::to_owned)).collect()
    };
    assert_eq!(told("x-user"), [Some("ann".to_owned()), Some("eve".to_owned())]);
    assert_eq!(told("x-tenant"), [None, Some("t".to_owned())]);
    assert_eq!(told("authorization"), [None, None]);
}
