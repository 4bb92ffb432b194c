//! Retries and failover never take a handshake to an upstream that does not know of it.

use super::authenticating::{LastStep, Manners, Upstream};
use super::{User, gateway};
use crate::support::unreachable::Refusing;

const RETRIES: &str =
    "failover = 1\n[pools.app.retries]\nattempts = 1\nstatuses = [503]\nper_try_timeout = \"5s\"";

async fn manners(at_the_last_step: LastStep) -> Upstream {
    Upstream::with(Manners { at_the_last_step, ..Manners::default() }).await
}

#[tokio::test]
async fn the_last_step_goes_to_the_endpoint_of_the_first_or_nowhere() {
    for (last_step, status) in [(LastStep::Busy, 503), (LastStep::HangUp, 502)] {
        let upstreams = [manners(last_step).await, manners(last_step).await];
        let gateway = gateway(&[&upstreams[0], &upstreams[1]], RETRIES);
        let mut alice = User::connect(&gateway, "alice").await;
        let challenge = alice.hello("").await;
        assert_eq!(alice.answer(&challenge).await.status(), status);
        let endpoints = upstreams.iter().filter(|upstream| !upstream.seen().is_empty()).count();
        assert_eq!(endpoints, 1);
    }
}

/// The first step belongs to no connection yet, so it may be sent to any upstream.
#[tokio::test]
async fn the_first_step_goes_where_somebody_is() {
    let (refusing, upstream) = (Refusing::new(), Upstream::new().await);
    let targets = [format!("http://{}", refusing.addr), upstream.target()];
    let config = format!("[pools.app]\nupstreams = {targets:?}\n[routes.\"/app\"]\npool = \"app\"\n");
    let gateway = crate::support::gateway::TestGateway::start(&config);
    let mut alice = User::connect(&gateway, "alice").await;
    for _ in 0..3 {
        let challenge = alice.hello("").await;
        assert_eq!(alice.answer(&challenge).await.text(), "alice on 0");
    }
}
