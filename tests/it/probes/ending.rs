//! Probes end with the gateway: after that, no task is left that could send one.

use super::gateway;
use crate::support::recorder::{End, RecordingUpstream, Script};

#[tokio::test]
async fn a_shutdown_cuts_the_probe_that_is_under_way() {
    let upstream = RecordingUpstream::start(|_| Script::silence()).await;
    let gateway = gateway(&[upstream.url()], "path = \"/\", interval = \"100ms\", timeout = \"1h\"");
    upstream.wait_for_heads(1).await;
    gateway.shutdown.begin();
    gateway.ended().await;
    assert_eq!(upstream.next_closed().await.end, Some(End::PeerClosed));
    assert_eq!((upstream.requests().len(), upstream.connections().len()), (1, 1));
}

/// Kept connections are closed as well, so nothing could be sent any more.
#[tokio::test]
async fn a_shutdown_between_two_probes_leaves_no_connection() {
    let upstream = RecordingUpstream::start(|_| Script::ok("fine")).await;
    let gateway = gateway(&[upstream.url()], "path = \"/\", interval = \"100ms\"");
    upstream.wait_for(3).await;
    gateway.shutdown.begin();
    gateway.ended().await;
    let opened = upstream.connections().len();
    for _ in 0..opened {
        assert_eq!(upstream.next_closed().await.end, Some(End::PeerClosed));
    }
    assert_eq!(upstream.connections().len(), opened);
}
