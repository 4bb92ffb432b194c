//! Any method that is a token is passed on as it is.

use super::relay;
use crate::support::relay::get;

#[tokio::test]
async fn any_token_is_a_method() {
    let relay = relay().await;
    for method in [
        "GET",
        "HEAD",
        "POST",
        "PUT",
        "PATCH",
        "DELETE",
        "OPTIONS",
        "PROPFIND",
        "M-SEARCH",
        "PURGE",
        "get",
        "Post",
        "G!T",
        "A",
        "X_Y.Z~1",
        "VERY-LONG-METHOD-NAME-THAT-NO-ONE-HAS-REGISTERED-ANYWHERE",
    ] {
        for target in ["/api/x", "/static/x", "/x"] {
            let request = get(target, &[]).replacen("GET", method, 1);
            let exchange = relay.exchange(request).await;
            assert_eq!((&*exchange.seen().method, exchange.response.status()), (method, 200), "{target}");
        }
    }
}

#[tokio::test]
async fn what_is_no_token_is_no_method() {
    let relay = relay().await;
    for method in ["G(T", "G@T", "G\u{e9}T", "", "G\"T\""] {
        assert_eq!(
            relay.exchange(get("/api/x", &[]).replacen("GET", method, 1)).await.refused(),
            400,
            "{method}"
        );
    }
}
