//! Priorities and backups in the configuration.

use super::*;
use crate::support::gateway::TestGateway;

#[tokio::test]
async fn a_backup_is_used_while_the_others_are_out_and_no_longer() {
    let mut farm = Farm::at(&[1, 2, 3]).await;
    let upstreams = format!(
        "[\"{}\", {{ url = \"{}\", priority = 1 }}, {{ url = \"{}\", backup = true }}]",
        farm.url("127.0.0.1"),
        farm.url("127.0.0.2"),
        farm.url("127.0.0.3"),
    );
    let gateway = TestGateway::start(&config("", &upstreams, AGAIN));
    assert_eq!(answerers(gateway.addr, 10).await, [1].into());
    let steady = Steady::start(gateway.addr);
    farm.close(1).await;
    until_answered_by(gateway.addr, &[2]).await;
    farm.close(2).await;
    until_answered_by(gateway.addr, &[3]).await;
    farm.open(1).await.unwrap();
    until_answered_by(gateway.addr, &[1]).await;
    steady.stop().await;
}
