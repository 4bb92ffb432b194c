//! The seed's topology, over real sockets: who answers what, and what the upstream gets to see.

mod support;

use support::gateway::TestGateway;
use support::raw::RawClient;
use support::recorder::{RecordingUpstream, Script};

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
