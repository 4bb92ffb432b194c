//! Connections that end while they are made, and streams that are still open after their answers.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};

use h2::Reason;
use http_body::Frame;
use proxy_service::ErrorKind;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::failures::asking;
use super::upstream::{Bare, Upstream};
use super::*;

/// An upstream that takes no requests: it closes each connection at once. Counts them.
async fn leaver(is_polite: bool) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let target = format!("http://{}", listener.local_addr().unwrap());
    let count = Arc::new(AtomicUsize::new(0));
    let counting = Arc::clone(&count);
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            counting.fetch_add(1, Ordering::Relaxed);
            tokio::spawn(async move {
                let last = if is_polite { Bare::GOAWAY_0 } else { &[] };
                stream.write_all(&[Bare::SETTINGS, last].concat()).await.unwrap();
                match is_polite {
                    true => _ = stream.read_to_end(&mut Vec::new()).await,
                    // With its preface unread, this is a reset.
                    false => drop(stream),
                }
            });
        }
    });
    (target, count)
}

#[tokio::test]
async fn who_leaves_before_the_first_request_is_not_dialled_for_ever() {
    let (target, count) = leaver(true).await;
    let proxy = proxy(http2(), &target);
    assert_eq!(asking(&proxy, post("abc")).await.unwrap(), Err((ErrorKind::ConnectionTerminated, true)));
    assert_eq!(count.load(Ordering::Relaxed), 2, "once more, and no more");
    // For a while no connection is made.
    let begun = std::time::Instant::now();
    assert_eq!(asking(&proxy, post("abc")).await.unwrap(), Err((ErrorKind::ConnectionTerminated, true)));
    assert!(begun.elapsed() > Duration::from_millis(100) || count.load(Ordering::Relaxed) == 2);
    for _ in 0..50 {
        assert!(asking(&proxy, get("/")).await.unwrap().is_err());
        tokio::time::sleep(Duration::from_millis(4)).await;
    }
    assert!(count.load(Ordering::Relaxed) <= 8, "{count:?}");
}

#[tokio::test]
async fn nor_is_who_leaves_without_a_word() {
    let (target, count) = leaver(false).await;
    let proxy = proxy(http2(), &target);
    let failed = asking(&proxy, get("/")).await.unwrap().unwrap_err();
    assert_eq!(failed, (ErrorKind::ConnectionTerminated, true));
    assert!(count.load(Ordering::Relaxed) <= 3, "{count:?}");
}

/// Sends a little, and then nothing more.
struct Endless {
    begun: bool,
}

impl http_body::Body for Endless {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        match std::mem::replace(&mut self.begun, true) {
            false => Poll::Ready(Some(Ok(Frame::data("abc".into())))),
            true => Poll::Pending,
        }
    }
}

/// The upload ends when the answer does, and the stream has its place until then.
#[tokio::test]
async fn an_upload_that_outlives_its_answer_keeps_its_place() {
    let mut upstream = Upstream::with_streams(1).await;
    let proxy: ProxyService<Client<Endless>> =
        ProxyLayer::new(upstream.target().parse().unwrap()).layer(http2().build());
    let ask = |path: &str| {
        let request = Request::post(path).header("host", "test").body(Endless { begun: false }).unwrap();
        let proxy = proxy.clone();
        tokio::spawn(async move { within("an answer", proxy.oneshot(request)).await.unwrap() })
    };
    let first = ask("/1");
    let mut exchange = upstream.next().await;
    let early = Response::builder().status(204).body(()).unwrap();
    exchange.respond.send_response(early, true).unwrap();
    let answer = first.await.unwrap();
    assert_eq!(proxy.connections().idle, 0, "the upload goes on");

    let second = ask("/2");
    let elsewhere = upstream.next().await;
    assert_eq!(elsewhere.connection, 2);
    drop(answer);
    let body = exchange.request.body_mut();
    assert_eq!(within("the upload", body.data()).await.unwrap().unwrap(), "abc");
    assert_eq!(within("its end", body.data()).await.unwrap().unwrap_err().reason(), Some(Reason::CANCEL));
    within("the place", async {
        while proxy.connections().idle == 0 {
            tokio::task::yield_now().await;
        }
    })
    .await;
    elsewhere.answer("hello");
    assert_eq!(second.await.unwrap().status(), 200);
}
