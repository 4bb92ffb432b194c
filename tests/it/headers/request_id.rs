//! Request ids: the client's where it is usable, otherwise a new one, on every answer and every upstream request.

use http::Request;

use crate::support::gateway::TestGateway;
use crate::support::h2::{self, H2Client};
use crate::support::recorder::{Answer, RecordingUpstream, Script};
use crate::support::relay::{Exchange, Relay, get};

const LONGEST: usize = 128;

/// The one id that both sides got.
fn id_of(exchange: &Exchange) -> &str {
    let id = exchange.response.header("x-request-id").expect("an id on the answer");
    assert_eq!(exchange.seen().headers.one("x-request-id"), Some(id), "{exchange:#?}");
    id
}

fn is_ours(id: &str) -> bool {
    id.parse::<uuid::Uuid>().is_ok_and(|uuid| uuid.get_version_num() == 7)
}

#[tokio::test]
async fn a_usable_one_is_kept() {
    let relay = Relay::plain(|_| Script::ok("")).await;
    let longest = "x".repeat(LONGEST);
    for id in ["a", "abc-123", "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~", &longest] {
        assert_eq!(id_of(&relay.get_with(&[&format!("X-Request-ID: {id}")]).await), id);
    }
}

#[tokio::test]
async fn any_other_is_replaced() {
    let relay = Relay::plain(|_| Script::ok("")).await;
    let too_long = format!("X-Request-Id: {}", "x".repeat(LONGEST + 1));
    for lines in [
        &[][..],
        &[too_long.as_str()],
        &["X-Request-Id:"],
        &["X-Request-Id: a b"],
        &["X-Request-Id: a\tb"],
        &["X-Request-Id: \u{e9}"],
        &["X-Request-Id: one", "x-request-id: one"],
        &["X-Request-Id: one", "x-request-id: two"],
        &["X_Request_Id: one"],
    ] {
        let exchange = relay.get_with(lines).await;
        assert!(is_ours(id_of(&exchange)), "{lines:?}: {}", id_of(&exchange));
        assert!(!exchange.seen().headers.has("x_request_id"));
    }
}

#[tokio::test]
async fn ours_are_all_different() {
    let relay = Relay::plain(|_| Script::ok("")).await;
    let mut ids = std::collections::HashSet::new();
    for _ in 0..50 {
        assert!(ids.insert(id_of(&relay.get_with(&[]).await).to_owned()));
    }
}

#[tokio::test]
async fn nominating_it_takes_nothing_away() {
    let relay = Relay::plain(|_| Script::ok("")).await;
    let exchange = relay.get_with(&["X-Request-Id: mine", "Connection: x-request-id, close"]).await;
    assert_eq!(id_of(&exchange), "mine");
}

#[tokio::test]
async fn an_upstreams_own_doesnt_replace_it() {
    let answer = Answer::new(200).header("X-Request-Id", "theirs").header("x-request-id", "theirs too");
    let relay = Relay::plain(move |_| Script::answer(answer.clone())).await;
    assert_eq!(id_of(&relay.get_with(&["X-Request-Id: mine"]).await), "mine");
    assert!(is_ours(id_of(&relay.get_with(&[]).await)));
}

/// Each is answered by another part: the gate, the router, the proxy, admission, the pages, the pool.
#[tokio::test]
async fn it_is_on_every_answer() {
    let one = RecordingUpstream::start(|_| Script::ok("")).await;
    let mut dead = RecordingUpstream::start(|_| Script::ok("")).await;
    dead.kill().await;
    let gateway = TestGateway::over(one.addr(), dead.addr());
    let relay = Relay { gateway, upstream: one };
    let mut over_h2 = H2Client::connect(relay.gateway.addr).await;
    for (request, status) in [
        (get("/static/x", &[]), 200),
        (get("/admin/x", &[]), 401),
        (get("/admin/x", &["X-Admin-Token: wrong"]), 403),
        (get("/nowhere", &[]), 404),
        (get("/admin/x", &["X-Admin-Token: letmein"]), 502),
        (get("/static/../x", &[]), 400),
        (get("/static/x", &["Host: another"]), 400),
        (get("/%61dmin", &[]), 400),
        (get("/static/x", &["Expect: miracles"]), 417),
        (get("/static/x", &[]).replace("GET", "TRACE"), 405),
        (get("/readyz", &[]), 200),
        (get("/healthz", &[]), 200),
    ] {
        let with_one = request.replace("Host: test\r\n", "Host: test\r\nX-Request-Id: mine\r\n");
        let (answer, kept) =
            (relay.exchange(&request).await.response, relay.exchange(&with_one).await.response);
        assert_eq!((answer.status(), kept.status()), (status, status), "{request}");
        assert!(is_ours(answer.header("x-request-id").expect(&request)), "{request}");
        assert_eq!(kept.header("x-request-id"), Some("mine"), "{request}");
    }
    for (path, status) in [("/static/x", 200), ("/admin/x", 401), ("/nowhere", 404), ("/static/..;/x", 400)] {
        let request = Request::get(format!("http://test{path}")).header("x-request-id", "mine");
        let answer = over_h2.send(request.body(h2::empty()).unwrap()).await.unwrap();
        assert_eq!(answer.status(), status, "{path}");
        assert_eq!(answer.headers().get_all("x-request-id").iter().collect::<Vec<_>>(), ["mine"], "{path}");
    }
}
