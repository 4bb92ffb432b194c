//! An upstream cannot set `x-gateway-pick` itself.

use super::told::Told;
use super::{ASKS, GATED, OPEN, TOKEN, config, get};
use crate::support::gateway::TestGateway;
use crate::support::recorder::{Answer, RecordingUpstream, Script};

#[tokio::test]
async fn its_own_field_is_replaced() {
    let lying = || {
        let lie = "http://elsewhere; index=9";
        Script::answer(Answer::new(200).header("X-Gateway-Pick", lie).header("x-gateway-pick", lie))
    };
    let one = RecordingUpstream::start(move |_| lying()).await;
    let two = RecordingUpstream::start(move |_| lying()).await;
    let gateway = TestGateway::start(&config(&one.url(), &two.url(), ""));
    for (path, upstream, index) in [(OPEN, &one, 0), (GATED, &two, 1)] {
        let response = get(gateway.addr, path, &[TOKEN, ASKS]).await;
        assert_eq!(Told::by(&response), Told::plain(&upstream.url(), index), "{path}");
    }
}
