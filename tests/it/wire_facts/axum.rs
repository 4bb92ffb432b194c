//! axum, which composes the app, and whose `Body` goes through all of it.

use axum::Router;
use axum::body::{Body, HttpBody as _};
use axum::http::{Request, Uri};
use axum::routing::any;
use tower::ServiceExt as _;

/// The listener frames an answer by what its body says of itself, and asks no header.
#[test]
fn a_body_tells_its_size_and_its_end() {
    for (body, size, is_end) in [
        (Body::empty(), Some(0), true),
        (Body::default(), Some(0), true),
        (Body::from("abc"), Some(3), false),
        (Body::new(Body::from("abc")), Some(3), false),
    ] {
        assert_eq!((body.size_hint().exact(), body.is_end_stream()), (size, is_end));
    }
}

/// So the gateway takes prefixes off itself (`crates/gateway/table/taken_off.rs`).
#[tokio::test]
async fn nested_services_see_a_bare_prefix_and_double_slashes_changed() {
    for (asked, seen) in [("/api/x", "/x"), ("/api", "/"), ("/api/", "/"), ("/api//x", "/x")] {
        let app = Router::new().nest_service("/api", any(async |uri: Uri| uri.to_string()));
        let answer = app.oneshot(Request::get(asked).body(Body::empty()).unwrap()).await.unwrap();
        let told = axum::body::to_bytes(answer.into_body(), 100).await.unwrap();
        assert_eq!(told, seen, "{asked}");
    }
}
