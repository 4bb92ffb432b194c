//! The same with a client that speaks HTTP/2.

use http::Request;

use super::authenticating::Upstream;
use super::{User, gateway};
use crate::support::h2::{Collected, H2Client, collect, empty};

async fn get(client: &mut H2Client, credentials: Option<&str>) -> Collected {
    let mut request = Request::get("http://test/app/").body(empty()).unwrap();
    if let Some(credentials) = credentials {
        request.headers_mut().insert("authorization", credentials.parse().unwrap());
    }
    collect(client.send(request).await.unwrap()).await
}

#[tokio::test]
async fn a_handshake_over_http2() {
    let mut upstream = Upstream::new().await;
    let gateway = gateway(&[&upstream], "");
    let mut alice = H2Client::connect(gateway.addr).await;
    let mut bob = User::connect(&gateway, "bob").await;
    let asked = get(&mut alice, Some("Negotiate hello:alice")).await;
    assert_eq!(asked.headers["www-authenticate"], "Negotiate challenge:0");
    assert_eq!(bob.get("/open").await, "nobody on 1");
    assert_eq!(get(&mut alice, Some("Negotiate answer:0:alice")).await.body, b"alice on 0");
    assert_eq!(bob.get("/open").await, "nobody on 1");
    assert_eq!(get(&mut alice, None).await.body, b"alice on 0");
    alice.leave().await.unwrap();
    upstream.until_closed(0).await;
}
