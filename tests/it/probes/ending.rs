//! Probes end with the gateway: after that, no task is left that could send one.

use gateway::config::Config;
use gateway::serve::{Shutdown, bind};

use super::gateway;
use crate::support::process::{Signal, Stream};
use crate::support::recorder::{End, RecordingUpstream, Script};
use crate::support::running::Running;

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

/// A probe is the gateway's own request. That nobody sent it is nothing to warn of.
#[tokio::test]
async fn probes_that_succeed_leave_the_log_empty() {
    let upstream = RecordingUpstream::start(|_| Script::ok("fine")).await;
    let config = format!(
        "[pools.api]\nupstreams = [\"{}\"]\nhealth = {{ path = \"/\", interval = \"100ms\" }}\n\
         [routes.\"/api\"]\npool = \"api\"\n",
        upstream.url()
    );
    let mut gateway = Running::start(&config, "warn").await;
    upstream.wait_for(3).await;
    gateway.process.signal(Signal::Term).await;
    assert!(gateway.process.exit().await.success());
    assert_eq!(gateway.process.text(Stream::Err), "");
}

/// What runs in the background is the gateway's, and nobody has to keep a handle for it.
#[tokio::test]
async fn probes_go_on_without_a_handle() {
    let upstream = RecordingUpstream::start(|_| Script::ok("fine")).await;
    let config = format!(
        "[pools.api]\nupstreams = [\"{}\"]\nhealth = {{ path = \"/\", interval = \"100ms\" }}\n\
         [routes.\"/api\"]\npool = \"api\"\n",
        upstream.url()
    );
    let config = Config::parse("gateway.toml", config, |_| None).unwrap();
    let shutdown = Shutdown::new();
    let gateway = gateway::app(config, shutdown.clone()).unwrap();
    let serving = tokio::spawn(gateway.serve(bind(([127, 0, 0, 1], 0).into()).unwrap()));
    upstream.wait_for(3).await;
    shutdown.begin();
    serving.await.unwrap();
}
