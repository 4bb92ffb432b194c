//! Name servers that misbehave.

use super::*;
use crate::support::dns::{Reply, Scripted};
use crate::support::gateway::TestGateway;

fn over(dns: &Scripted, farm: &Farm) -> TestGateway {
    let table = format!("[dns]\nservers = [\"{}\"]\n", dns.addr);
    TestGateway::start(&config(&table, &format!("[\"{}\"]", farm.url("api.example")), ""))
}

#[tokio::test]
async fn what_was_found_last_outlives_every_kind_of_failure() {
    let farm = Farm::at(&[1, 2]).await;
    let dns = Scripted::start(Reply::Addresses(vec![address(1)], 0)).await;
    let gateway = over(&dns, &farm);
    let steady = Steady::start(gateway.addr);
    assert_eq!(answerers(gateway.addr, 2).await, [1].into());
    let [servfail, nxdomain, refused] = [2, 3, 5];
    for reply in [
        Reply::Code(servfail),
        Reply::Code(nxdomain),
        Reply::Code(refused),
        Reply::Addresses(Vec::new(), 0),
        Reply::Silence,
    ] {
        dns.turn(reply.clone());
        dns.is_asked(2).await;
        assert_eq!(answerers(gateway.addr, 20).await, [1].into(), "{reply:?}");
    }
    dns.turn(Reply::Addresses(vec![address(2)], 0));
    until_answered_by(gateway.addr, &[2]).await;
    steady.stop().await;
}

/// Records that hold for no time at all are asked for once a second, and not with each request.
#[tokio::test]
async fn a_ttl_of_0_is_a_second() {
    let farm = Farm::at(&[1]).await;
    let dns = Scripted::start(Reply::Addresses(vec![address(1)], 0)).await;
    let gateway = over(&dns, &farm);
    answerers(gateway.addr, 1).await;
    let (began, before) = (Instant::now(), dns.asked());
    while began.elapsed() < Duration::from_secs(2) {
        answerers(gateway.addr, 50).await;
    }
    let asked = dns.asked() - before;
    assert!((2..=6).contains(&asked), "A and AAAA, each once a second: {asked}");
}

/// The gateway starts without it, and finds the upstream when it answers.
#[tokio::test]
async fn a_name_server_that_is_silent_does_not_keep_it_from_starting() {
    let farm = Farm::at(&[1]).await;
    let dns = Scripted::start(Reply::Silence).await;
    let gateway = over(&dns, &farm);
    let mut client = RawClient::connect(gateway.addr).await;
    assert_eq!(client.get("/api/x").await.status(), 503);
    dns.turn(Reply::Addresses(vec![address(1)], 60));
    let asking = async { while client.get("/api/x").await.status() != 200 {} };
    within("the upstream to be found", asking).await;
}
