//! Which `Host` an upstream sees.

use crate::support::h2::H2Client;
use crate::support::recorder::Script;
use crate::support::relay::{Relay, get};

const PRESERVING: &str = "[routes.\"/api\"]\npool = \"plain\"\nhost = \"preserve\"\n\
                          [routes.\"/target\"]\npool = \"plain\"\nhost = \"target\"";

#[tokio::test]
async fn the_targets_own_or_the_clients() {
    let relay = Relay::start("", PRESERVING, |_| Script::ok("")).await;
    let own = relay.upstream.addr().to_string();
    for (host, preserved) in
        [("test", "test"), ("Test.Example:8443", "Test.Example:8443"), ("[::1]:80", "[::1]:80")]
    {
        for (path, expected) in [("/api/x", preserved), ("/target/x", &own)] {
            let exchange =
                relay.exchange(get(path, &[]).replace("Host: test", &format!("Host: {host}"))).await;
            assert_eq!(exchange.seen().headers.one("host"), Some(expected), "{path} {host}");
            assert_eq!(exchange.seen().headers.one("x-forwarded-host"), Some(host));
        }
    }
    // HTTP/1.0 requests need none.
    let none = relay.exchange("GET /api/x HTTP/1.0\r\n\r\n").await;
    assert_eq!(none.seen().headers.one("host"), Some(&*own));
    assert!(!none.seen().headers.has("x-forwarded-host"));
}

#[tokio::test]
async fn over_h2_it_is_the_authority() {
    let relay = Relay::start("", PRESERVING, |_| Script::ok("")).await;
    let mut client = H2Client::connect(relay.gateway.addr).await;
    client.get("/api/x").await;
    client.get("/target/x").await;
    let seen = relay.upstream.requests();
    assert_eq!(seen[0].headers.one("host"), Some("test"));
    assert_eq!(seen[1].headers.one("host"), Some(&*relay.upstream.addr().to_string()));
}
