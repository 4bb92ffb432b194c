//! SIGHUP, which ends a process that does not handle it.

use super::announced;
use crate::support::process::{Process, Signal};
use crate::support::raw::RawClient;

#[tokio::test]
async fn a_backend_survives_it() {
    let mut backend = Process::gateway(["backend", "0"]);
    let addr = announced(&backend).await;
    let mut client = RawClient::connect(addr).await;
    assert_eq!(client.get("/x").await.status(), 200);
    for _ in 0..3 {
        backend.signal(Signal::Hup).await;
        assert_eq!(client.get("/x").await.status(), 200, "the connection was kept");
    }
    backend.signal(Signal::Term).await;
    assert_eq!(backend.exit().await.code(), Some(0), "{:#?}", backend.lines());
}
