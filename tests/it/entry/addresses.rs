//! `allow` and `deny`.

use super::{ask, guarded};
use crate::support::raw::RawClient;
use crate::support::recorder::{RecordingUpstream, Script};

#[tokio::test]
async fn who_is_denied_or_not_allowed_never_reaches_the_upstream() {
    let upstream = RecordingUpstream::start(|_| Script::ok("in")).await;
    let mut entered = 0;
    for (keys, from, status) in [
        ("allow = [\"127.0.0.0/8\"]", "127.0.0.1", 200),
        ("allow = [\"127.0.0.2\"]", "127.0.0.1", 403),
        ("allow = [\"127.0.0.2\"]", "127.0.0.2", 200),
        ("deny = [\"127.0.0.2\", \"10.0.0.0/8\"]", "127.0.0.2", 403),
        ("deny = [\"127.0.0.2\"]", "127.0.0.1", 200),
        ("allow = [\"127.0.0.0/8\"]\ndeny = [\"127.0.0.2\"]", "127.0.0.2", 403),
        ("allow = [\"127.0.0.2\"]\ndeny = [\"127.0.0.0/8\"]", "127.0.0.2", 403),
        ("allow = [\"::1\"]", "127.0.0.1", 403),
    ] {
        let gateway = guarded(&upstream, keys);
        let mut client = RawClient::connect_from(from.parse().unwrap(), gateway.addr).await;
        // What the client says of itself counts for nothing.
        let answer = ask(&mut client, "X-Forwarded-For: 127.0.0.2\r\nX-Real-IP: 127.0.0.2\r\n").await;
        assert_eq!(answer.status(), status, "{keys} {from}");
        assert_eq!(answer.text(), if status == 200 { "in" } else { "Forbidden\n" });
        entered += usize::from(status == 200);
        assert_eq!(upstream.requests().len(), entered);
    }
}

#[tokio::test]
async fn behind_a_trusted_proxy_it_is_the_client_that_counts() {
    let upstream = RecordingUpstream::start(|_| Script::ok("in")).await;
    let config = super::configuration(&upstream, "allow = [\"192.0.2.0/24\"]");
    let gateway =
        crate::support::gateway::TestGateway::start(&format!("trusted_proxies = [\"127.0.0.1\"]\n{config}"));
    let mut client = RawClient::connect(gateway.addr).await;
    for (chain, status) in
        [("192.0.2.7", 200), ("192.0.2.7, 198.51.100.1", 403), ("198.51.100.1, 192.0.2.7", 200)]
    {
        let answer = ask(&mut client, &format!("X-Forwarded-For: {chain}\r\n")).await;
        assert_eq!(answer.status(), status, "{chain}");
    }
    assert_eq!(ask(&mut client, "").await.status(), 403);
}
