//! `jwt` with the keys of a URL.

use std::sync::{Arc, Mutex};

use serde_json::json;

use super::{ask, configuration, guarded};
use crate::support::gateway::TestGateway;
use crate::support::raw::RawClient;
use crate::support::recorder::{Answer, RecordingUpstream, Script};
use crate::support::tokens::{Signer, claims, set};
use crate::support::within;

/// Answers with what it was given last.
struct Issuer {
    server: RecordingUpstream,
    answer: Arc<Mutex<(u16, String)>>,
}

impl Issuer {
    async fn start(text: String) -> Self {
        let answer = Arc::new(Mutex::new((200, text)));
        let given = Arc::clone(&answer);
        let server = RecordingUpstream::start(move |_| {
            let (status, text) = given.lock().unwrap().clone();
            Script::answer(Answer::new(status).body(text))
        })
        .await;
        Self { server, answer }
    }

    fn rules(&self) -> String {
        format!("jwt = {{ keys_url = \"{}/jwks\", refresh = \"10s\" }}", self.server.url())
    }

    fn answers(&self, status: u16, text: String) {
        *self.answer.lock().unwrap() = (status, text);
    }
}

async fn upstream() -> RecordingUpstream {
    RecordingUpstream::start(|_| Script::ok("in")).await
}

fn bearer(signer: &Signer) -> String {
    let mut claims = claims(&json!({}));
    claims.as_object_mut().unwrap().remove("aud");
    format!("Authorization: Bearer {}\r\n", signer.sign(&claims))
}

#[tokio::test]
async fn keys_are_fetched_before_anybody_asks_and_once() {
    let signer = Signer::p256("1");
    let (issuer, upstream) = (Issuer::start(set(&[&signer])).await, upstream().await);
    let gateway = guarded(&upstream, &issuer.rules());
    issuer.server.wait_for(1).await;
    let mut client = RawClient::connect(gateway.addr).await;
    for _ in 0..5 {
        assert_eq!(ask(&mut client, &bearer(&signer)).await.status(), 200);
        assert_eq!(ask(&mut client, &bearer(&Signer::p256("unknown"))).await.status(), 401);
    }
    let [asked] = &issuer.server.requests()[..] else { panic!("{:?}", issuer.server.requests()) };
    assert_eq!((asked.method.as_str(), asked.target.as_str()), ("GET", "/jwks"));
    assert_eq!(asked.headers.one("accept"), Some("application/jwk-set+json, application/json"));
    issuer.server.assert_clean();
}

#[tokio::test]
async fn a_request_waits_for_the_first_keys() {
    let signer = Signer::p256("1");
    let hold = Arc::new(tokio::sync::Notify::new());
    let (text, held) = (set(&[&signer]), Arc::clone(&hold));
    let issuer = RecordingUpstream::start(move |_| {
        let signal = crate::support::recorder::Step::AwaitSignal(Arc::clone(&held));
        Script(vec![signal]).then(crate::support::recorder::Step::Answer(Answer::new(200).body(text.clone())))
    })
    .await;
    let upstream = upstream().await;
    let gateway = guarded(&upstream, &format!("jwt = {{ keys_url = \"{}\" }}", issuer.url()));
    issuer.wait_for_heads(1).await;
    let mut client = RawClient::connect(gateway.addr).await;
    client.send(format!("GET /api/x HTTP/1.1\r\nHost: test\r\n{}\r\n", bearer(&signer))).await;
    hold.notify_one();
    assert_eq!(client.response().await.status(), 200);
}

#[tokio::test]
async fn without_keys_nobody_enters_and_they_come_when_the_url_answers() {
    let signer = Signer::p256("1");
    let (issuer, upstream) = (Issuer::start("no keys".to_owned()).await, upstream().await);
    let gateway = guarded(&upstream, &issuer.rules());
    issuer.server.wait_for(1).await;
    let mut client = RawClient::connect(gateway.addr).await;
    let answer = within("a refusal", async {
        loop {
            // A request that comes while the URL is asked waits for the answer.
            let answer = ask(&mut client, &bearer(&signer)).await;
            if answer.status() == 503 {
                return answer;
            }
        }
    })
    .await;
    assert_eq!(answer.header("retry-after"), Some("3"));
    issuer.answers(200, set(&[&signer]));
    // It is asked again after one second.
    issuer.server.wait_for(2).await;
    within("the keys", async { while ask(&mut client, &bearer(&signer)).await.status() != 200 {} }).await;
    assert_eq!(upstream.requests().len(), 1);
}

#[tokio::test]
async fn an_issuer_may_change_its_keys_and_fail_meanwhile() {
    let (old, new) = (Signer::p256("old"), Signer::p256("new"));
    let (issuer, upstream) = (Issuer::start(set(&[&old])).await, upstream().await);
    let gateway = guarded(&upstream, &issuer.rules().replace("10s", "1s"));
    let mut client = RawClient::connect(gateway.addr).await;
    assert_eq!(ask(&mut client, &bearer(&old)).await.status(), 200);
    assert_eq!(ask(&mut client, &bearer(&new)).await.status(), 401);
    issuer.answers(500, String::new());
    issuer.server.wait_for(2).await;
    issuer.server.wait_for(3).await;
    assert_eq!(ask(&mut client, &bearer(&old)).await.status(), 200, "keys stay while the URL fails");
    issuer.answers(200, set(&[&new]));
    within("the new key", async { while ask(&mut client, &bearer(&new)).await.status() != 200 {} }).await;
    assert_eq!(ask(&mut client, &bearer(&old)).await.status(), 401, "the old one is gone");
}

#[tokio::test]
async fn keys_and_the_connection_outlive_a_reload() {
    let signer = Signer::p256("1");
    let (issuer, upstream) = (Issuer::start(set(&[&signer])).await, upstream().await);
    let config = configuration(&upstream, &issuer.rules());
    let gateway = TestGateway::start(&config);
    let mut client = RawClient::connect(gateway.addr).await;
    assert_eq!(ask(&mut client, &bearer(&signer)).await.status(), 200);
    issuer.answers(500, String::new());
    for max in 1..4 {
        gateway.apply(&format!("{config}max_body = {max}\n")).await.unwrap();
        assert_eq!(ask(&mut client, &bearer(&signer)).await.status(), 200);
    }
    // Another rule for the same keys.
    gateway.apply(&config.replace("refresh", "leeway = \"1s\", refresh")).await.unwrap();
    assert_eq!(ask(&mut client, &bearer(&signer)).await.status(), 200);
    assert_eq!(issuer.server.requests().len(), 1);
}
