use std::convert::Infallible;

use axum::http::{HeaderMap, HeaderValue, Method};
use bytes::Bytes;
use http_body_util::{BodyExt as _, StreamBody};
use tokio::sync::mpsc;
use tower::{ServiceExt, service_fn};

use super::*;

type Copied = (Request<()>, Bytes);

/// What the shadow got, and what was counted.
struct Lab {
    copied: mpsc::UnboundedReceiver<Copied>,
    counted: mpsc::UnboundedReceiver<Mirrored>,
}

impl Lab {
    async fn count(&mut self) -> Mirrored {
        self.counted.recv().await.unwrap()
    }
}

/// A service that reads this many frames of each body and answers, with a shadow that answers after `takes`.
fn lab(
    frames: usize,
    takes: Duration,
    layer: impl FnOnce(MirrorLayer<()>) -> MirrorLayer<()>,
) -> (impl Service<Request<Body>, Response = Response<Body>, Error = Infallible> + Clone, Lab) {
    let (copies, copied) = mpsc::unbounded_channel();
    let (counts, counted) = mpsc::unbounded_channel();
    let shadow = service_fn(move |request: Request<Body>| {
        let copies = copies.clone();
        async move {
            let (parts, body) = request.into_parts();
            let bytes = body.collect().await.unwrap().to_bytes();
            copies.send((Request::from_parts(parts, ()), bytes)).unwrap();
            tokio::time::sleep(takes).await;
            Err::<Response<Body>, _>("nobody hears of this")
        }
    });
    let service = service_fn(move |request: Request<Body>| async move {
        let mut body = request.into_body();
        for _ in 0..frames {
            if body.frame().await.is_none() {
                break;
            }
        }
        Ok::<_, Infallible>(Response::new(Body::from("the answer")))
    });
    let options = layer(MirrorLayer::to(())).options;
    let layer = MirrorLayer { shadow, options }.counted_by(move |mirrored| counts.send(mirrored).unwrap());
    (layer.layer(service), Lab { copied, counted })
}

fn pieces(pieces: &[&'static str]) -> Request<Body> {
    let frames = pieces.iter().map(|piece| Ok::<_, Infallible>(http_body::Frame::data(Bytes::from(*piece))));
    let body = StreamBody::new(stream_of(frames.collect()));
    Request::post("/x?y").header("x-gateway-mirror", "a lie").header("a", "b").body(Body::new(body)).unwrap()
}

fn stream_of<T>(items: Vec<T>) -> impl futures_core::Stream<Item = T> {
    let mut items = items.into_iter();
    futures_util::stream::poll_fn(move |_| Poll::Ready(items.next()))
}

const ALL: usize = usize::MAX;

#[tokio::test(start_paused = true)]
async fn a_copy_is_the_request_with_a_mark() {
    let (service, mut lab) = lab(ALL, Duration::ZERO, |layer| layer);
    let response = service.oneshot(pieces(&["a", "bc"])).await.unwrap();
    assert_eq!(response.into_body().collect().await.unwrap().to_bytes(), "the answer");
    let (copy, body) = lab.copied.recv().await.unwrap();
    assert_eq!(
        (copy.method(), copy.uri().to_string().as_str(), &*body),
        (&Method::POST, "/x?y", &b"abc"[..])
    );
    assert_eq!(
        (&copy.headers()["a"], &copy.headers()["x-gateway-mirror"]),
        (&"b".parse().unwrap(), &"true".parse().unwrap())
    );
    assert_eq!(lab.count().await, Mirrored::Failed, "and the client got its answer all the same");
}

#[tokio::test(start_paused = true)]
async fn bodies_that_are_too_long_or_not_read_are_not_copied() {
    for (frames, body, expected) in [
        (ALL, &["abcd"][..], Mirrored::Failed),
        (ALL, &["abcd", "e"], Mirrored::TooLong),
        (1, &["ab", "cd"], Mirrored::Unread),
        (0, &["ab"], Mirrored::Unread),
    ] {
        let (service, mut lab) = lab(frames, Duration::ZERO, |layer| layer.max_body(4));
        service.oneshot(pieces(body)).await.unwrap();
        assert_eq!(lab.count().await, expected, "{body:?}");
        assert_eq!(lab.copied.try_recv().is_ok(), expected == Mirrored::Failed);
    }
    let (service, mut lab) = lab(ALL, Duration::ZERO, |layer| layer.max_body(4));
    service.oneshot(Request::new(Body::from("abcde"))).await.unwrap();
    assert_eq!(lab.count().await, Mirrored::TooLong, "its length is known");
}

/// Like a body of HTTP/2 with a `Content-Length`: its end is marked separately.
struct OfLength(Option<&'static str>);

impl http_body::Body for OfLength {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: std::pin::Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<http_body::Frame<Bytes>, Infallible>>> {
        Poll::Ready(self.0.take().map(|data| Ok(http_body::Frame::data(Bytes::from(data)))))
    }

    fn size_hint(&self) -> http_body::SizeHint {
        http_body::SizeHint::with_exact(self.0.map_or(0, |data| data.len() as u64))
    }
}

#[tokio::test(start_paused = true)]
async fn a_body_of_known_length_is_copied_though_nobody_asks_for_its_end() {
    let (service, mut lab) = lab(1, Duration::ZERO, |layer| layer);
    service.oneshot(Request::new(Body::new(OfLength(Some("abc"))))).await.unwrap();
    assert_eq!(lab.copied.recv().await.unwrap().1, "abc");
    assert_eq!(lab.count().await, Mirrored::Failed);
}

#[tokio::test(start_paused = true)]
async fn tunnels_are_not_copied() {
    let (service, mut lab) = lab(ALL, Duration::ZERO, |layer| layer);
    let upgrade = Request::get("/").header("upgrade", "websocket").body(Body::empty()).unwrap();
    let connect = Request::connect("a:1").body(Body::empty()).unwrap();
    for request in [upgrade, connect] {
        service.clone().oneshot(request).await.unwrap();
    }
    assert!(lab.counted.try_recv().is_err() && lab.copied.try_recv().is_err());
}

#[tokio::test(start_paused = true)]
async fn at_most_so_many_are_under_way_and_each_ends_in_time() {
    let hours = Duration::from_secs(7_200);
    let (service, mut lab) = lab(ALL, hours, |layer| layer.max_in_flight(2).timeout(Duration::from_secs(5)));
    for _ in 0..3 {
        service.clone().oneshot(Request::new(Body::empty())).await.unwrap();
    }
    assert_eq!(lab.count().await, Mirrored::Full);
    let begun = tokio::time::Instant::now();
    assert_eq!([lab.count().await, lab.count().await], [Mirrored::Failed; 2]);
    assert_eq!(begun.elapsed().as_secs(), 5);
    service.oneshot(Request::new(Body::empty())).await.unwrap();
    assert_eq!(lab.count().await, Mirrored::Failed, "there is room again");
}

/// Whatever a client says, it can't take the mark from a copy, or give it to its request.
#[tokio::test(start_paused = true)]
async fn only_copies_have_the_mark() {
    let (copies, mut copied) = mpsc::unbounded_channel();
    let (requests, mut sent) = mpsc::unbounded_channel();
    let keep = |into: mpsc::UnboundedSender<HeaderMap>| {
        service_fn(move |request: Request<Body>| {
            into.send(request.into_parts().0.headers).unwrap();
            std::future::ready(Ok::<_, Infallible>(Response::new(Body::empty())))
        })
    };
    let service = MirrorLayer::to(keep(copies)).layer(keep(requests));
    let request = Request::get("/")
        .header("connection", "close, X-Gateway-Mirror")
        .header("x_gateway.mirror", "true")
        .body(Body::empty());
    service.oneshot(request.unwrap()).await.unwrap();
    let (copy, request) = (copied.recv().await.unwrap(), sent.recv().await.unwrap());
    assert_eq!(
        (&copy["x-gateway-mirror"], &copy["connection"]),
        (&HeaderValue::from_static("true"), &HeaderValue::from_static("close"))
    );
    assert!(!copy.contains_key("x_gateway.mirror") && request.keys().all(|name| *name == "connection"));
}

#[tokio::test(start_paused = true)]
async fn credentials_for_one_connection_are_not_copied() {
    let (service, mut lab) = lab(ALL, Duration::ZERO, |layer| layer);
    for credentials in ["NTLM TlRMTVNTUAADAAAA", "Negotiate YII="] {
        let request = Request::get("/").header("authorization", credentials).body(Body::empty()).unwrap();
        service.clone().oneshot(request).await.unwrap();
    }
    assert!(lab.counted.try_recv().is_err() && lab.copied.try_recv().is_err());
}

#[tokio::test(start_paused = true)]
async fn copies_end_when_it_is_said() {
    let (hours, seconds) = (Duration::from_secs(7_200), Duration::from_secs(3));
    let (service, mut lab) = lab(ALL, hours, |layer| {
        layer.max_in_flight(1).timeout(hours).until(move || tokio::time::sleep(seconds))
    });
    for _ in 0..2 {
        let begun = tokio::time::Instant::now();
        service.clone().oneshot(Request::new(Body::empty())).await.unwrap();
        assert_eq!(lab.count().await, Mirrored::Failed);
        assert_eq!(begun.elapsed(), seconds, "and there is room again");
    }
}

#[tokio::test(start_paused = true)]
async fn a_share_is_copied() {
    let (service, mut lab) = lab(ALL, Duration::ZERO, |layer| layer.percent(10).max_in_flight(10_000));
    for _ in 0..2_000 {
        service.clone().oneshot(Request::new(Body::empty())).await.unwrap();
    }
    tokio::time::sleep(Duration::from_secs(1)).await;
    let copied = std::iter::from_fn(|| lab.copied.try_recv().ok()).count();
    assert!((120..280).contains(&copied), "{copied}");
}
