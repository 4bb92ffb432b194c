use bytes::Bytes;
use http::{Method, Version};
use http_body_util::{BodyExt, Empty};
use tower::{ServiceBuilder, ServiceExt, service_fn};

use super::*;
use crate::error::{ErrorKind, ProxyError, Stage};

type Reply = Result<Response<Empty<Bytes>>, BoxError>;

async fn answered(
    error: fn() -> BoxError,
    request: http::request::Builder,
) -> (http::response::Parts, Bytes) {
    let failing = service_fn(move |_: Request<()>| async move { Reply::Err(error()) });
    let service = CatchErrorLayer::new().layer(failing);
    let response = service.oneshot(request.body(()).unwrap()).await.unwrap();
    let (head, body) = response.into_parts();
    (head, body.collect().await.unwrap().to_bytes())
}

fn refused() -> BoxError {
    ProxyError::new(ErrorKind::ConnectionRefused, Stage::Connect)
        .because("connect to 10.1.2.3:99 failed")
        .into()
}

#[tokio::test]
async fn an_error_is_answered_without_its_text() {
    let (head, body) = answered(refused, Request::builder()).await;
    assert_eq!(head.status, 502);
    assert_eq!(head.headers["proxy-status"], "gateway; error=connection_refused");
    assert_eq!(head.extensions.get(), Some(&ErrorKind::ConnectionRefused));
    assert_eq!(body, "Bad Gateway\n");
    assert!(!format!("{:?}", head.headers).contains("10.1.2.3"));
}

#[tokio::test]
async fn what_no_proxy_error_explains_is_503_with_retry_after() {
    let (head, body) = answered(|| "no endpoints".into(), Request::builder()).await;
    assert_eq!((head.status.as_u16(), &body[..]), (503, &b"Service Unavailable\n"[..]));
    assert_eq!(head.headers["proxy-status"], "gateway; error=destination_unavailable");
    assert_eq!(head.headers["retry-after"], "1");
}

#[tokio::test]
async fn grpc_gets_its_own_status_in_a_200() {
    let request = Request::builder().header("content-type", "application/grpc+proto");
    let (head, body) = answered(refused, request).await;
    assert_eq!(head.status, 200);
    assert_eq!(head.headers["grpc-status"], "14");
    assert_eq!(head.headers["content-type"], "application/grpc");
    assert!(body.is_empty());
    let (head, _) =
        answered(refused, Request::builder().header("content-type", "application/grpc-web")).await;
    assert_eq!(head.status, 502);
}

#[tokio::test]
async fn a_bad_request_closes_an_http1_connection() {
    let bad = || ProxyError::new(ErrorKind::BadRequest, Stage::Request).into();
    let (head, _) = answered(bad, Request::builder()).await;
    assert_eq!(
        (head.status.as_u16(), &head.headers["connection"]),
        (400, &http::HeaderValue::from_static("close"))
    );
    let (head, _) = answered(bad, Request::builder().version(Version::HTTP_2)).await;
    assert!(!head.headers.contains_key("connection"));
}

#[tokio::test]
async fn the_last_hop_answers_options_itself() {
    let last = || ProxyError::new(ErrorKind::LastHop, Stage::Request).into();
    let (head, body) = answered(last, Request::options("/")).await;
    assert_eq!((head.status.as_u16(), &*body), (200, &b""[..]));
    assert!(head.headers.contains_key("allow") && !head.headers.contains_key("proxy-status"));
}

#[tokio::test]
async fn so_does_a_connect_that_is_refused() {
    let not_allowed = || ProxyError::new(ErrorKind::MethodNotAllowed, Stage::Request).into();
    for (method, version, closes) in [
        (Method::CONNECT, Version::HTTP_11, true),
        (Method::CONNECT, Version::HTTP_2, false),
        (Method::TRACE, Version::HTTP_11, false),
    ] {
        let request = Request::builder().method(&method).uri("test:80").version(version);
        let (head, _) = answered(not_allowed, request).await;
        assert_eq!(head.status, 405, "{method} {version:?}");
        assert_eq!(head.headers.get("connection").is_some(), closes, "{method} {version:?}");
    }
}

#[tokio::test]
async fn an_inner_service_that_fails_to_get_ready_is_never_called() {
    #[derive(Clone)]
    struct NeverReady;
    impl Service<Request<()>> for NeverReady {
        type Response = Response<Empty<Bytes>>;
        type Error = BoxError;
        type Future = std::future::Ready<Reply>;
        fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
            Poll::Ready(Err("closed".into()))
        }
        fn call(&mut self, _: Request<()>) -> Self::Future {
            panic!("called though it failed to get ready")
        }
    }
    let service = ServiceBuilder::new().layer(CatchErrorLayer::new()).service(NeverReady);
    assert_eq!(service.oneshot(Request::new(())).await.unwrap().status(), 503);
}

#[tokio::test]
async fn what_a_layer_refuses_itself_is_answered_alike() {
    for request in [Request::builder(), Request::builder().header("content-type", "application/grpc")] {
        let request = request.body(()).unwrap();
        let error = ProxyError::too_many_requests("a test");
        let own = CatchErrorLayer::new().answer::<(), Empty<Bytes>>(&request, &error);
        let failing =
            service_fn(|_: Request<()>| async { Reply::Err(ProxyError::too_many_requests("a test").into()) });
        let caught = CatchErrorLayer::new().layer(failing).oneshot(request).await.unwrap();
        assert_eq!((own.status(), own.headers()), (caught.status(), caught.headers()));
        assert_eq!(own.extensions().get(), Some(&ErrorKind::TooManyRequests));
        let bodies = (own.into_body().collect().await.unwrap(), caught.into_body().collect().await.unwrap());
        assert_eq!(bodies.0.to_bytes(), bodies.1.to_bytes());
    }
}
