//! Requests that the upstream says it has not processed are sent again, with any method, unchanged (RFC 9113 §8.7).

use h2::Reason;
use h2::server::Builder;
use http::{HeaderMap, HeaderValue};
use proxy_service::ErrorKind;
use tokio::io::AsyncWriteExt;

use super::failures::asking;
use super::upstream::{Bare, Exchange, Upstream, read_frame, read_head};
use super::*;

fn post_bytes(length: usize) -> Request<Body> {
    let body: Vec<u8> = (0..length).map(|at| (at % 251) as u8).collect();
    Request::post("/").header("host", "test").body(Full::from(body)).unwrap()
}

async fn body_of(request: Request<Body>) -> Bytes {
    request.into_body().collect().await.unwrap().to_bytes()
}

/// The whole upload, with its trailers.
async fn upload(exchange: &mut Exchange) -> (Vec<u8>, Option<HeaderMap>) {
    let body = exchange.request.body_mut();
    let mut bytes = Vec::new();
    while let Some(data) = within("the upload", body.data()).await {
        let data = data.unwrap();
        body.flow_control().release_capacity(data.len()).unwrap();
        bytes.extend_from_slice(&data);
    }
    (bytes, within("trailers", body.trailers()).await.unwrap())
}

#[tokio::test]
async fn a_refused_upload_goes_again_from_its_beginning() {
    for length in [3, 60 << 10, 64 << 10] {
        let mut upstream = Upstream::start(Builder::new()).await;
        let proxy = proxy(http2(), &upstream.target());
        let whole = body_of(post_bytes(length)).await;
        let answer = asking(&proxy, post_bytes(length));
        let mut first = upstream.next().await;
        assert_eq!(upload(&mut first).await.0, whole);
        first.respond.send_reset(Reason::REFUSED_STREAM);
        let mut second = upstream.next().await;
        assert_eq!(second.request.headers()["content-length"], length.to_string());
        assert_eq!(upload(&mut second).await.0, whole);
        second.answer("hello");
        assert_eq!(answer.await.unwrap(), Ok(200));
        upstream.assert_no_more();
    }
}

#[tokio::test]
async fn one_that_is_refused_before_its_end_is_sent_on_to_that() {
    use http_body::Frame;
    type Frames = tokio::sync::mpsc::Receiver<Result<Frame<Bytes>, std::convert::Infallible>>;
    struct Channel(Frames);
    impl http_body::Body for Channel {
        type Data = Bytes;
        type Error = std::convert::Infallible;
        fn poll_frame(
            mut self: std::pin::Pin<&mut Self>,
            cx: &mut std::task::Context<'_>,
        ) -> std::task::Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
            self.0.poll_recv(cx)
        }
    }

    let mut upstream = Upstream::start(Builder::new()).await;
    let proxy = ProxyLayer::new(upstream.target().parse().unwrap()).layer(http2().build());
    let (frames, body) = tokio::sync::mpsc::channel(4);
    let request =
        Request::post("/").header("host", "test").header("trailer", "x-sum").body(Channel(body)).unwrap();
    let asking = tokio::spawn(async move { within("an answer", proxy.oneshot(request)).await });
    frames.send(Ok(Frame::data("one, ".into()))).await.unwrap();
    let mut first = upstream.next().await;
    assert_eq!(within("the upload", first.request.body_mut().data()).await.unwrap().unwrap(), "one, ");
    first.respond.send_reset(Reason::REFUSED_STREAM);
    let mut second = upstream.next().await;
    frames.send(Ok(Frame::data("two".into()))).await.unwrap();
    let trailers = HeaderMap::from_iter([("x-sum".parse().unwrap(), HeaderValue::from_static("8"))]);
    frames.send(Ok(Frame::trailers(trailers.clone()))).await.unwrap();
    drop(frames);
    assert_eq!(upload(&mut second).await, (b"one, two".to_vec(), Some(trailers)));
    second.answer("hello");
    assert_eq!(asking.await.unwrap().unwrap().status(), 200);
}

#[tokio::test]
async fn trailers_go_again_too() {
    let mut upstream = Upstream::start(Builder::new()).await;
    let proxy = ProxyLayer::new(upstream.target().parse().unwrap()).layer(http2().build());
    let trailers = HeaderMap::from_iter([("x-sum".parse().unwrap(), HeaderValue::from_static("3"))]);
    let sent = trailers.clone();
    let body = Full::<Bytes>::from("abc").with_trailers(Box::pin(async move { Some(Ok(sent)) }));
    let request = Request::post("/").header("host", "test").header("trailer", "x-sum").body(body).unwrap();
    let asking = tokio::spawn(async move { within("an answer", proxy.oneshot(request)).await });
    for is_refused in [true, false] {
        let mut exchange = upstream.next().await;
        assert_eq!(upload(&mut exchange).await, (b"abc".to_vec(), Some(trailers.clone())));
        match is_refused {
            true => exchange.respond.send_reset(Reason::REFUSED_STREAM),
            false => exchange.answer("hello"),
        }
    }
    assert_eq!(asking.await.unwrap().unwrap().status(), 200);
}

#[tokio::test]
async fn of_one_that_is_longer_too_much_is_gone() {
    let mut upstream = Upstream::start(Builder::new()).await;
    let proxy = proxy(http2(), &upstream.target());
    let answer = asking(&proxy, post_bytes(100 << 10));
    let mut exchange = upstream.next().await;
    assert_eq!(upload(&mut exchange).await.0.len(), 100 << 10);
    exchange.respond.send_reset(Reason::REFUSED_STREAM);
    assert_eq!(answer.await.unwrap(), Err((ErrorKind::ConnectionTerminated, false)));
    upstream.assert_no_more();
}

/// GOAWAY without an error; the last stream that was seen is `last`.
fn goaway(last: u8) -> [u8; 17] {
    let mut frame = [0; 17];
    frame.copy_from_slice(Bare::GOAWAY_0);
    frame[12] = last;
    frame
}

async fn read_upload(stream: &mut tokio::net::TcpStream) -> Vec<u8> {
    const DATA: u8 = 0;
    loop {
        let frame = read_frame(stream).await;
        if frame.kind == DATA && !frame.payload.is_empty() {
            return frame.payload;
        }
    }
}

#[tokio::test]
async fn one_that_a_goaway_leaves_out_goes_on_the_next_connection() {
    let bare = Bare::start().await;
    let proxy = proxy(http2(), &bare.target());
    let answer = asking(&proxy, post("abc"));
    let mut first = bare.accept_request().await;
    assert_eq!(read_upload(&mut first).await, b"abc");
    first.write_all(&goaway(0)).await.unwrap();
    let mut second = bare.accept_request().await;
    assert_eq!(read_upload(&mut second).await, b"abc");
    second.write_all(Bare::NO_CONTENT_1).await.unwrap();
    assert_eq!(answer.await.unwrap(), Ok(204));
}

#[tokio::test]
async fn one_that_a_goaway_counts_as_seen_never_goes_again() {
    for last in [1, 3, 255] {
        let bare = Bare::start().await;
        let proxy = proxy(http2(), &bare.target());
        let answer = asking(&proxy, post("abc"));
        let mut first = bare.accept_request().await;
        assert_eq!(read_upload(&mut first).await, b"abc");
        first.write_all(&goaway(last)).await.unwrap();
        drop(first);
        assert_eq!(answer.await.unwrap(), Err((ErrorKind::ConnectionTerminated, false)), "{last}");
        assert_eq!(proxy.connections().created, 1);
    }
}

/// The upstream allows fewer streams from now on, and then sends GOAWAY. Requests that it has seen may not be sent
/// again; each of the others is sent again once.
#[tokio::test]
async fn a_peer_that_wants_fewer_streams_and_leaves_gets_nothing_twice() {
    const ONE_STREAM: &[u8] = &[0, 0, 6, 4, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 1];
    for (last, are_seen) in [(3, [true, true]), (1, [true, false]), (0, [false, false])] {
        let bare = Bare::start().await;
        let proxy = proxy(http2(), &bare.target());
        let first = asking(&proxy, post("1"));
        let mut stream = bare.accept_request().await;
        let second = asking(&proxy, post("2"));
        read_head(&mut stream).await;
        stream.write_all(&[ONE_STREAM, &goaway(last)].concat()).await.unwrap();
        // Requests that were not seen go to another connection, while those that were can still be answered on this
        // one.
        let mut next = None;
        if last < 3 {
            let next = next.insert(bare.accept_request().await);
            if last == 0 {
                read_head(next).await;
                next.write_all(Bare::NO_CONTENT_3).await.unwrap();
            }
            next.write_all(Bare::NO_CONTENT_1).await.unwrap();
        }
        drop(stream);
        let answers = [first.await.unwrap(), second.await.unwrap()];
        for (answer, is_seen) in answers.into_iter().zip(are_seen) {
            let expected = if is_seen { Err((ErrorKind::ConnectionTerminated, false)) } else { Ok(204) };
            assert_eq!(answer, expected, "{last}");
        }
        assert_eq!(proxy.connections().created, if last < 3 { 2 } else { 1 });
    }
}

/// By default the request stays with its upstream, because a caller that takes it out of the error may not know that
/// its beginning was sent.
#[tokio::test]
async fn twice_refused_it_may_go_elsewhere() {
    for (request, may_pass_on_begun, has_request) in
        [(get("/"), false, true), (post("begun"), false, false), (post("begun"), true, true)]
    {
        let mut upstream = Upstream::start(Builder::new()).await;
        let mut layer = ProxyLayer::new(upstream.target().parse().unwrap());
        if may_pass_on_begun {
            layer = layer.pass_on_begun_bodies();
        }
        let answer = asking(&layer.layer(http2().build()), request);
        for _ in 0..2 {
            let mut exchange = upstream.next().await;
            upload(&mut exchange).await;
            exchange.respond.send_reset(Reason::REFUSED_STREAM);
        }
        assert_eq!(answer.await.unwrap(), Err((ErrorKind::ConnectionTerminated, has_request)));
        upstream.assert_no_more();
    }
}

#[tokio::test]
async fn elsewhere_it_arrives_from_its_beginning() {
    let (mut refusing, mut other) =
        (Upstream::start(Builder::new()).await, Upstream::start(Builder::new()).await);
    let proxy = |target: String| {
        let layer = ProxyLayer::new(target.parse().unwrap()).pass_on_begun_bodies();
        layer.layer(http2().build::<Body>())
    };
    let asking = tokio::spawn({
        let proxy = proxy(refusing.target());
        async move { send(&proxy, post_bytes(60 << 10)).await }
    });
    for _ in 0..2 {
        let mut exchange = refusing.next().await;
        upload(&mut exchange).await;
        exchange.respond.send_reset(Reason::REFUSED_STREAM);
    }
    let request = Request::try_from(asking.await.unwrap().unwrap_err()).unwrap();
    let proxy = proxy(other.target());
    let asking = tokio::spawn(async move { send(&proxy, request).await });
    let mut exchange = other.next().await;
    assert_eq!(upload(&mut exchange).await.0, body_of(post_bytes(60 << 10)).await);
    exchange.answer("hello");
    assert_eq!(text(asking.await.unwrap().unwrap()).await, "hello");
}
