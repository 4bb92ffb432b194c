//! Listeners that come and go while the gateway serves.

use std::sync::Arc;

use gateway::live::ApplyError;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;

use super::{Gateway, config};
use crate::support::raw::RawClient;
use crate::support::recorder::{RecordingUpstream, Script, Step};
use crate::support::tools::free_port;

#[tokio::test]
async fn one_comes_and_one_goes_and_one_stays() {
    let go_on = Arc::new(Notify::new());
    let upstream = RecordingUpstream::start({
        let go_on = Arc::clone(&go_on);
        move |request| match request.target.ends_with("/wait") {
            true => {
                let Script(answer) = Script::ok("late");
                Script(std::iter::once(Step::AwaitSignal(Arc::clone(&go_on))).chain(answer).collect())
            }
            false => Script::ok("fine"),
        }
    })
    .await;
    let [stays, goes, comes] =
        [free_port(), free_port(), free_port()].map(|port| format!("127.0.0.1:{port}"));
    let gateway = Gateway::start(&format!("[\"{stays}\", \"{goes}\"]"), &upstream);
    let mut kept = RawClient::connect(stays.parse().unwrap()).await;
    assert_eq!(kept.get("/api/x").await.status(), 200);
    let mut idle = RawClient::connect(goes.parse().unwrap()).await;
    assert_eq!(idle.get("/api/x").await.status(), 200);
    let mut asking = RawClient::connect(goes.parse().unwrap()).await;
    asking.send("GET /api/wait HTTP/1.1\r\nHost: a\r\n\r\n").await;
    upstream.wait_for_heads(3).await;

    let applied =
        gateway.handle.apply(config(&format!("[\"{stays}\", \"{comes}\"]"), &upstream)).await.unwrap();
    assert_eq!(applied.listeners.added, std::slice::from_ref(&comes));
    assert_eq!(applied.listeners.removed, std::slice::from_ref(&goes));
    assert_eq!(applied.listeners.kept, 1);

    assert_eq!(RawClient::connect(comes.parse().unwrap()).await.get("/api/x").await.status(), 200);
    assert_eq!(kept.get("/api/x").await.status(), 200, "a connection of a listener that stays is kept");
    go_on.notify_one();
    let late = asking.response().await;
    assert_eq!((late.status(), late.header("connection")), (200, Some("close")));
    let last = idle.get("/api/x").await;
    assert_eq!(
        (last.status(), last.header("connection")),
        (200, Some("close")),
        "a request on its way is answered"
    );
    while TcpStream::connect(&goes).await.is_ok() {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_port_that_is_taken_changes_nothing() {
    let upstream = RecordingUpstream::start(|_| Script::ok("fine")).await;
    let stays = format!("127.0.0.1:{}", free_port());
    let gateway = Gateway::start(&format!("\"{stays}\""), &upstream);
    assert_eq!(RawClient::connect(stays.parse().unwrap()).await.get("/api/x").await.status(), 200);
    let taken = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let taken = taken.local_addr().unwrap();
    let new = format!("127.0.0.1:{}", free_port());
    let listen = format!("[\"{new}\", \"{taken}\"]");
    let error = gateway.handle.apply(config(&listen, &upstream)).await.unwrap_err();
    assert!(matches!(error, ApplyError::Listen { .. }), "{error}");
    let said = error.to_string();
    assert!(said.contains(&format!("can't listen on {taken}")) && said.starts_with("test.toml:1:"), "{said}");
    assert!(TcpStream::connect(&new).await.is_err());
    assert_eq!(RawClient::connect(stays.parse().unwrap()).await.get("/api/x").await.status(), 200);
}

/// The sockets stay, and with them what waits in them.
#[tokio::test]
async fn one_that_serves_in_another_way_keeps_its_sockets() {
    let upstream = RecordingUpstream::start(|_| Script::ok("fine")).await;
    let address = format!("127.0.0.1:{}", free_port());
    let gateway = Gateway::start(&format!("\"{address}\""), &upstream);
    let mut before = RawClient::connect(address.parse().unwrap()).await;
    assert_eq!(before.get("/api/x").await.status(), 200);
    let listen = format!("[{{ address = \"{address}\", redirect = \"https\" }}]");
    let applied = gateway.handle.apply(config(&listen, &upstream)).await.unwrap();
    assert_eq!(applied.listeners.changed, std::slice::from_ref(&address));
    let mut client = RawClient::connect(address.parse().unwrap()).await;
    while client.get("/api/x").await.status() != 308 {
        client = RawClient::connect(address.parse().unwrap()).await;
    }
    let last = before.get("/api/x").await;
    assert_eq!((last.status(), last.header("connection")), (200, Some("close")));
}
