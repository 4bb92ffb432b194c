//! `basic_auth`.

use tokio::process::Command;

use super::{USERS, ask, ask_once, basic, guarded, users};
use crate::support::raw::RawClient;
use crate::support::recorder::{RecordingUpstream, Script};
use crate::support::tools::require;

#[tokio::test]
async fn users_enter_with_their_passwords_and_the_upstream_does_not_see_those() {
    let upstream = RecordingUpstream::start(|_| Script::ok("in")).await;
    let (_kept, file) = users(USERS);
    let keys = format!("basic_auth = {{ file = {file}, realm = \"files\", header = \"x-user\" }}");
    let mut entered = 0;
    for (fields, status) in [
        (String::new(), 401),
        (basic("ann:secret"), 200),
        (basic("bob:open sesame"), 200),
        (basic("ann:secret").replace("Basic", "bASIC"), 200),
        (basic("ann:open sesame"), 401),
        (basic("ann:Secret"), 401),
        (basic("ann:"), 401),
        (basic("Ann:secret"), 401),
        (basic("eve:secret"), 401),
        (basic("ann"), 401),
        ("Authorization: Basic\r\n".to_owned(), 401),
        ("Authorization: Basic %%%\r\n".to_owned(), 401),
        ("Authorization: Bearer YW5uOnNlY3JldA==\r\n".to_owned(), 401),
        (basic("ann:secret").repeat(2), 401),
        ("Authorization: Basic YW5uOnNlY3JldA==, Basic YW5uOnNlY3JldA==\r\n".to_owned(), 401),
        (basic(&format!("ann:{}", "a".repeat(4096))), 401),
    ] {
        // A gateway of its own, or the wrong tries would add up.
        let gateway = guarded(&upstream, &keys);
        let forged = "X-User: root\r\nX_User: root\r\nConnection: X-User\r\n";
        let answer = ask_once(&gateway, &format!("{fields}{forged}")).await;
        assert_eq!(answer.status(), status, "{fields:.60}");
        let challenge = (status == 401).then_some("Basic realm=\"files\", charset=\"UTF-8\"");
        assert_eq!(answer.header("www-authenticate"), challenge, "{fields:.60}");
        if status == 200 {
            let request = upstream.requests()[entered].clone();
            let user = if fields == basic("bob:open sesame") { "bob" } else { "ann" };
            assert_eq!(request.headers.all("x-user"), [user]);
            assert!(!request.headers.has("x_user") && !request.headers.has("authorization"), "{request:?}");
            entered += 1;
        }
    }
    assert_eq!(upstream.requests().len(), entered);
    upstream.assert_clean();
}

#[tokio::test]
async fn the_password_goes_on_if_that_is_asked_for() {
    let upstream = RecordingUpstream::start(|_| Script::ok("in")).await;
    let (_kept, file) = users(USERS);
    let gateway = guarded(&upstream, &format!("basic_auth = {{ file = {file}, forward = true }}"));
    assert_eq!(ask_once(&gateway, &basic("ann:secret")).await.status(), 200);
    assert_eq!(upstream.requests()[0].headers.one("authorization"), Some("Basic YW5uOnNlY3JldA=="));
}

#[tokio::test]
async fn ten_wrong_passwords_lock_one_client_out() {
    let upstream = RecordingUpstream::start(|_| Script::ok("in")).await;
    let (_kept, file) = users(USERS);
    let gateway = guarded(&upstream, &format!("basic_auth = {{ file = {file} }}"));
    let mut guesser = RawClient::connect(gateway.addr).await;
    assert_eq!(ask(&mut guesser, &basic("ann:secret")).await.status(), 200);
    for guess in 0..10 {
        assert_eq!(ask(&mut guesser, "").await.status(), 401, "no password is no try");
        assert_eq!(ask(&mut guesser, &basic(&format!("ann:{guess}"))).await.status(), 401, "{guess}");
    }
    for credentials in ["ann:wrong", "ann:secret", "bob:open sesame"] {
        let answer = ask(&mut guesser, &basic(credentials)).await;
        assert_eq!(answer.status(), 429, "{credentials}");
        let seconds: u64 = answer.header("retry-after").unwrap().parse().unwrap();
        assert!((1..=60).contains(&seconds), "{seconds}");
    }
    let mut other = RawClient::connect_from([127, 0, 0, 2].into(), gateway.addr).await;
    assert_eq!(ask(&mut other, &basic("ann:secret")).await.status(), 200);
    assert_eq!(upstream.requests().len(), 2);
}

#[tokio::test]
async fn curl_sends_what_is_asked_for() {
    let Some(curl) = require("curl") else { return };
    let upstream = RecordingUpstream::start(|_| Script::ok("in")).await;
    let (_kept, file) = users(USERS);
    let gateway = guarded(&upstream, &format!("basic_auth = {{ file = {file} }}"));
    for (user, printed) in
        [("ann:secret", "in 200"), ("bob:open sesame", "in 200"), ("ann:wrong", "Unauthorized\n 401")]
    {
        let mut command = Command::new(&curl);
        // `--anyauth` asks without a password first, and reads the challenge.
        command
            .args(["-s", "--anyauth", "-u", user, "-w", " %{http_code}"])
            .arg(format!("http://{}/api/x", gateway.addr));
        let output = command.output().await.unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stdout), printed, "{user}");
    }
}
