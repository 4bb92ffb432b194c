//! A gRPC client reads `grpc-status`; an HTTP error would look like a broken proxy to it.

use crate::support::ask::{Client, POST, Protocol};
use crate::support::gateway::{TestGateway, one_pool};
use crate::support::recorder::{RecordingUpstream, Script, Step};
use crate::support::unreachable::Refusing;

const UNAVAILABLE: &str = "14";
const DEADLINE_EXCEEDED: &str = "4";
const INTERNAL: &str = "13";

#[tokio::test]
async fn errors_are_in_the_grpc_status() {
    let nobody = Refusing::new();
    expect(&format!("http://{}", nobody.addr), "", UNAVAILABLE, "connection_refused").await;

    let closing = RecordingUpstream::start(|_| Script::raw("").then(Step::Close)).await;
    expect(&closing.url(), "", UNAVAILABLE, "connection_terminated").await;

    let garbling = RecordingUpstream::start(|_| Script::raw("BANANA\r\n\r\n").then(Step::AwaitClose)).await;
    expect(&garbling.url(), "", INTERNAL, "http_protocol_error").await;

    let silent = RecordingUpstream::start(|_| Script::silence()).await;
    let head = "[timeouts]\nresponse_head = \"300ms\"";
    expect(&silent.url(), head, DEADLINE_EXCEEDED, "http_response_timeout").await;
}

async fn expect(target: &str, config: &str, grpc_status: &str, error: &str) {
    let gateway = TestGateway::start(&one_pool(target, config));
    for protocol in [Protocol::Http1, Protocol::Http2] {
        for media_type in ["application/grpc", "application/grpc+proto"] {
            let context = format!("{target}, {media_type}, {protocol:?}, {config}");
            let mut client = Client::connect(protocol, gateway.addr).await;
            let answer = client
                .ask_with(POST, "/api/pkg.Service/Method", &[("content-type", media_type)])
                .await
                .unwrap();
            answer.assert_own_grpc_error(grpc_status, error, &context);
        }
    }
}
