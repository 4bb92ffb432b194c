//! A name is every address that it has, each an upstream, as dnsmasq says.

use std::time::Duration;

use super::*;
use crate::support::dns::Dnsmasq;
use crate::support::gateway::TestGateway;
use crate::support::operator::lines;

const SHORT: &str = "local-ttl=1";

#[tokio::test]
async fn a_record_that_is_added_gets_traffic_and_one_that_is_removed_gets_none() {
    let farm = Farm::at(&[1, 2, 3]).await;
    let Some(mut dns) = Dnsmasq::start(SHORT, "127.0.0.1 api.internal").await else { return };
    let gateway =
        TestGateway::start(&config(&dns.table(), &format!("[\"{}\"]", farm.url("api.internal")), ANY));

    let mut client = RawClient::connect(gateway.addr).await;
    let first = answered(&mut client).await;
    assert_eq!(first, format!("127.0.0.1 api.internal:{}", farm.port), "the first request, and its Host");

    let steady = Steady::start(gateway.addr);
    dns.change("127.0.0.1 api.internal\n127.0.0.2 api.internal\n127.0.0.3 api.internal").await;
    let took = until_answered_by(gateway.addr, &[1, 2, 3]).await;
    assert!(took < Duration::from_secs(4), "TTL and 1 s, on a machine that is busy: {took:?}");
    assert!(
        lines(&gateway.handle).await[1].starts_with(&format!("{} (127.0.0.2)", farm.url("api.internal")))
    );

    dns.change("127.0.0.2 api.internal\n127.0.0.3 api.internal").await;
    let took = until_answered_by(gateway.addr, &[2, 3]).await;
    assert!(took < Duration::from_secs(4), "{took:?}");
    assert_eq!(answerers(gateway.addr, 100).await, [2, 3].into());
    steady.stop().await;
}

#[tokio::test]
async fn a_name_server_that_is_gone_changes_nothing_and_nor_does_one_that_has_no_records() {
    let farm = Farm::at(&[1, 2, 3]).await;
    let Some(mut dns) = Dnsmasq::start(SHORT, "127.0.0.1 api.internal\n127.0.0.2 api.internal").await else {
        return;
    };
    let gateway =
        TestGateway::start(&config(&dns.table(), &format!("[\"{}\"]", farm.url("api.internal")), ANY));
    assert_eq!(answerers(gateway.addr, 40).await, [1, 2].into());

    let steady = Steady::start(gateway.addr);
    for step in ["no records", "no server"] {
        match step {
            "no records" => dns.change("").await,
            _ => dns.kill().await,
        }
        let until = Instant::now() + Duration::from_millis(2500);
        while Instant::now() < until {
            assert_eq!(answerers(gateway.addr, 20).await, [1, 2].into(), "{step}");
        }
    }
    dns.restart(SHORT).await;
    dns.change("127.0.0.3 api.internal").await;
    until_answered_by(gateway.addr, &[3]).await;
    steady.stop().await;
}

/// The record would hold for five minutes, but the upstream isn't there any more.
#[tokio::test]
async fn a_failed_connection_has_the_name_looked_up_at_once() {
    let mut farm = Farm::at(&[1, 2]).await;
    let Some(mut dns) = Dnsmasq::start("local-ttl=300", "127.0.0.1 api.internal").await else { return };
    let gateway =
        TestGateway::start(&config(&dns.table(), &format!("[\"{}\"]", farm.url("api.internal")), ANY));
    assert_eq!(answerers(gateway.addr, 2).await, [1].into());
    dns.change("127.0.0.2 api.internal").await;
    farm.close(1).await;
    let mut client = RawClient::connect(gateway.addr).await;
    let asking = async { while client.get("/api/x").await.status() != 200 {} };
    within("an answer from where it is now", asking).await;
    assert_eq!(answerers(gateway.addr, 2).await, [2].into());
}

#[tokio::test]
async fn once_is_one_upstream_for_the_system_to_look_up() {
    let farm = Farm::at(&[1]).await;
    let upstreams = format!("[\"{}\", \"{}\"]", farm.url("localhost"), farm.url("127.0.0.1"));
    for keys in ["resolve = \"once\"", ""] {
        let gateway = TestGateway::start(&config("", &upstreams, keys));
        assert_eq!(answerers(gateway.addr, 4).await, [1].into());
        let listed = lines(&gateway.handle).await;
        assert_eq!(listed.len(), 2, "{listed:?}");
        assert!(listed[0].starts_with(&format!("{}  weight 1", farm.url("localhost"))), "{listed:?}");
    }
}

#[tokio::test]
async fn a_thousand_records_are_used_up_to_256() {
    let farm = Farm::at(&[1]).await;
    let hosts: String =
        (0..1000).map(|n| format!("127.0.{}.{} api.internal\n", n / 250, n % 250 + 1)).collect();
    let Some(dns) = Dnsmasq::start(SHORT, &hosts).await else { return };
    let gateway =
        TestGateway::start(&config(&dns.table(), &format!("[\"{}\"]", farm.url("api.internal")), ANY));
    assert_eq!(lines(&gateway.handle).await.len(), 256);
}
