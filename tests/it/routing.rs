//! Two upstreams behind `/api`, `/static` and `/admin`, over real sockets: which upstream answers, and what it gets to
//! see.

use crate::support::gateway::TestGateway;
use crate::support::raw::RawClient;
use crate::support::recorder::{RecordingUpstream, Script};

#[tokio::test]
async fn api_alternates_from_the_first_and_static_stays() {
    let one = RecordingUpstream::start(|_| Script::ok("one")).await;
    let two = RecordingUpstream::start(|_| Script::ok("two")).await;
    let gateway = TestGateway::over(one.addr(), two.addr());
    let mut client = RawClient::connect(gateway.addr).await;
    let mut answers = Vec::new();
    for path in ["/api/users", "/api", "/api/", "/static/x", "/api/users", "/static"] {
        answers.push(client.get(path).await.text());
    }
    assert_eq!(answers, ["one", "two", "one", "one", "two", "one"]);
    one.assert_clean();
    two.assert_clean();
}

/// An application may redirect `/docs` to `/docs/`, or back. If the gateway added or removed the slash, the client
/// would be redirected for ever.
#[tokio::test]
async fn a_route_to_a_base_path_invents_no_slash() {
    let upstream = RecordingUpstream::start(|_| Script::ok("")).await;
    let url = upstream.url();
    let gateway = TestGateway::start(&format!(
        "[pools.docs]\nupstreams = [\"{url}/docs\"]\n[pools.root]\nupstreams = [\"{url}\"]\n\
         [routes.\"/docs\"]\npool = \"docs\"\n[routes.\"/api\"]\npool = \"root\"\n"
    ));
    let mut client = RawClient::connect(gateway.addr).await;
    let targets = [
        ("/docs", "/docs"),
        ("/docs?x", "/docs?x"),
        ("/docs?", "/docs?"),
        ("/docs/", "/docs/"),
        ("/docs/?x", "/docs/?x"),
        ("/docs//", "/docs//"),
        ("/docs/a", "/docs/a"),
        ("/api", "/"),
        ("/api?x", "/?x"),
        ("/api/", "/"),
    ];
    for (asked, _) in targets {
        assert_eq!(client.get(asked).await.status(), 200, "{asked}");
    }
    let seen: Vec<String> = upstream.requests().into_iter().map(|request| request.target).collect();
    assert_eq!(seen, targets.map(|(_, arrives)| arrives));
    upstream.assert_clean();
}
