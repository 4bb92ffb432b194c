//! SRV records say which hosts there are, and their ports, weights and priorities.

use super::*;
use crate::support::dns::Dnsmasq;
use crate::support::gateway::TestGateway;
use crate::support::operator::lines;

const HOSTS: &str = "127.0.0.1 a.internal\n127.0.0.2 b.internal\n127.0.0.3 c.internal";

fn record(host: &str, port: u16, priority: u16, weight: u16) -> String {
    format!("srv-host=_api._tcp.internal,{host}.internal,{port},{priority},{weight}\n")
}

#[tokio::test]
async fn the_lower_priority_gets_the_requests_and_the_next_one_takes_over() {
    let mut farm = Farm::at(&[1, 2, 3]).await;
    let port = farm.port;
    let options = format!(
        "local-ttl=1\n{}{}{}",
        record("a", port, 10, 30),
        record("b", port, 10, 10),
        record("c", port, 20, 0)
    );
    let Some(mut dns) = Dnsmasq::start(&options, HOSTS).await else { return };
    let gateway = TestGateway::start(&config(&dns.table(), "[\"srv+http://_api._tcp.internal\"]", AGAIN));
    let mut client = RawClient::connect(gateway.addr).await;
    let mut answers = Vec::new();
    for _ in 0..8 {
        answers.push(answered(&mut client).await);
    }
    let host =
        |host: &str| answers.iter().filter(|answer| answer.ends_with(&format!(" {host}:{port}"))).count();
    assert_eq!((host("a.internal"), host("b.internal")), (6, 2), "{answers:?}");

    let steady = Steady::start(gateway.addr);
    farm.close(1).await;
    farm.close(2).await;
    until_answered_by(gateway.addr, &[3]).await;
    steady.stop().await;

    // Other records: one host is gone, another has another priority.
    farm.open(1).await.unwrap();
    dns.kill().await;
    dns.restart(&format!("local-ttl=1\n{}{}", record("a", port, 5, 1), record("c", port, 5, 1))).await;
    until_answered_by(gateway.addr, &[1, 3]).await;
}

#[tokio::test]
async fn beside_others_its_priorities_are_added_to_its_own() {
    let farm = Farm::at(&[1, 2]).await;
    let options = format!("local-ttl=1\n{}", record("b", farm.port, 0, 0));
    let Some(dns) = Dnsmasq::start(&options, HOSTS).await else { return };
    let upstreams = format!(
        "[{{ url = \"srv+http://_api._tcp.internal\", priority = 1 }}, \"{}\"]",
        farm.url("127.0.0.1")
    );
    let gateway = TestGateway::start(&config(&dns.table(), &upstreams, ""));
    assert_eq!(answerers(gateway.addr, 10).await, [1].into());
    assert_eq!(lines(&gateway.handle).await.len(), 2);
}
