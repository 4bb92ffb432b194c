//! Which part of a request is its key.

use std::collections::HashSet;

use super::{KEYS, assert_all_have_some, hashing, loopback, owner, owner_of, owners};
use crate::support::raw::RawClient;

#[tokio::test]
async fn a_header() {
    let (gateway, _upstreams) = hashing("header:x-user", "").await;
    let first = owners(&gateway, |user| format!("X-User: user-{user}")).await;
    let second = owners(&gateway, |user| format!("x-user: user-{user}")).await;
    assert_eq!(first, second);
    assert_all_have_some(&first);
}

/// A request without the header has no key, and goes to any upstream.
#[tokio::test]
async fn without_its_header_a_request_goes_anywhere() {
    let (gateway, _upstreams) = hashing("header:x-user", "").await;
    assert_all_have_some(&owners(&gateway, |_| "X-Other: same".to_owned()).await);
}

/// The address counts, the port does not.
#[tokio::test]
async fn the_peer() {
    let (gateway, _upstreams) = hashing("peer", "").await;
    let mut owners = Vec::new();
    for last in 1..=KEYS {
        let mut of_one = HashSet::new();
        for _ in 0..2 {
            let client = RawClient::connect_from(loopback(last), gateway.addr).await;
            of_one.insert(owner_of(client, "X-Forwarded-For: 10.0.0.1").await);
        }
        assert_eq!(of_one.len(), 1, "{last}");
        owners.extend(of_one);
    }
    assert_all_have_some(&owners);
}

/// Behind another proxy all clients have one peer. If that proxy is trusted, the key is the address that it reports.
#[tokio::test]
async fn the_client_that_a_trusted_peer_speaks_for() {
    let line = |client: u8| format!("X-Forwarded-For: 10.0.0.{client}");
    let (trusting, _upstreams) = hashing("peer", "trusted_proxies = [\"127.0.0.1\"]").await;
    let first = owners(&trusting, line).await;
    assert_eq!(first, owners(&trusting, line).await);
    assert_all_have_some(&first);

    let (distrusting, _upstreams) = hashing("peer", "").await;
    let owners = owners(&distrusting, line).await;
    assert!(owners.iter().all(|owner| *owner == owners[0]), "{owners:?}");
}

#[tokio::test]
async fn a_cookie() {
    let (gateway, _upstreams) = hashing("cookie:sid", "").await;
    let first = owners(&gateway, |session| format!("Cookie: sid={session}")).await;
    assert_all_have_some(&first);
    for (session, owner_before) in first.into_iter().enumerate() {
        let among_others = format!("Cookie: a=b; sid={session}; Sid=0; xsid=0");
        assert_eq!(owner(&gateway, &among_others).await, owner_before, "{among_others}");
    }
}
