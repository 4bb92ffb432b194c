//! How such a tunnel ends.

use gateway::serve::Report;

use super::*;
use crate::support::raw::Closed;

const LONG: &str = "tunnel_idle = \"1h\"";

#[tokio::test]
async fn each_direction_ends_on_its_own() {
    for client_is_first in [true, false] {
        let (_gateway, Opened { mut client, mut upstream, .. }) = opened_with(LONG).await;
        if client_is_first {
            client.send(b"last words");
            client.finish();
            assert_eq!(upstream.rest().await, (b"last words".to_vec(), Closed::Fin));
            upstream.send("an answer").await;
            upstream.finish().await;
            assert_eq!(client.rest().await, (b"an answer".to_vec(), None));
        } else {
            upstream.send("last words").await;
            upstream.finish().await;
            assert_eq!(client.rest().await, (b"last words".to_vec(), None));
            client.send(b"an answer");
            client.finish();
            assert_eq!(upstream.rest().await, (b"an answer".to_vec(), Closed::Fin));
        }
    }
}

#[tokio::test]
async fn when_one_end_is_reset_so_goes_the_other() {
    let (_gateway, Opened { mut client, mut upstream, .. }) = opened_with(LONG).await;
    client.sent.send_reset(h2::Reason::CANCEL);
    upstream.rest().await;
    let (_gateway, Opened { mut client, upstream, .. }) = opened_with(LONG).await;
    upstream.reset();
    assert_eq!(client.rest().await, (Vec::new(), Some(h2::Reason::CANCEL)), "RFC 8441 section 5");
}

#[tokio::test]
async fn a_silence_ends_it() {
    let (_gateway, Opened { mut client, mut upstream, .. }) = opened_with("tunnel_idle = \"300ms\"").await;
    assert_eq!(client.rest().await, (Vec::new(), Some(h2::Reason::CANCEL)));
    assert_eq!(upstream.rest().await.0, b"");
}

/// Its connection stays, since it isn't idle.
#[tokio::test]
async fn it_is_no_idle_connection() {
    let (_gateway, Opened { mut client, mut upstream, .. }) =
        opened_with("tunnel_idle = \"1h\"\nkeep_alive = \"100ms\"\nrequest_head = \"100ms\"").await;
    tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    upstream.send("still here").await;
    assert_eq!(client.next().await.unwrap().unwrap(), "still here");
}

#[tokio::test]
async fn a_shutdown_leaves_it_its_time_and_then_says_goodbye() {
    let (gateway, Opened { mut client, mut upstream, .. }) =
        opened_with(&format!("{LONG}\nshutdown = \"2s\"")).await;
    gateway.shutdown.begin();
    let goaway = async {
        while client._requests.clone().ready().await.is_ok() {
            tokio::task::yield_now().await;
        }
    };
    within("a GOAWAY", goaway).await;
    const TEXT: &[u8] = b"\x81\x81\0\0\0\0x";
    client.send(TEXT);
    assert_eq!(upstream.bytes(TEXT.len()).await, TEXT);
    assert_eq!(client.next().await.unwrap().unwrap(), [0x88, 2, 0x03, 0xe9].as_slice());
    assert_eq!(upstream.bytes(8).await[..2], [0x88, 0x82]);
    upstream.send([0x88, 0]).await;
    client.send(&[0x88, 0x80, 0, 0, 0, 0]);
    assert_eq!(client.rest().await, (Vec::new(), None), "END_STREAM");
    upstream.rest().await;
    assert_eq!(gateway.ended().await, Report { drained: 1, aborted: 1 }, "the connection and the tunnel");
}
