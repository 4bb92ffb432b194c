//! A request is in flight until its response body ends.

use std::{
    collections::VecDeque,
    future::ready,
    num::NonZeroU32,
    pin::Pin,
    sync::{Arc, Mutex},
    task::{Context, Poll},
    time::Duration,
};

use crate::support::now;
use balance::{
    BoxError, Health, InFlight, Limit, OnBodyEnd, Outliers, Overloaded, RoundRobinLayer, Settings,
};
use http::{HeaderMap, Response};
use http_body::{Body, Frame, SizeHint};
use http_body_util::{BodyExt, Empty, Full};
use tower::{Layer, Service, service_fn};

type Frames = VecDeque<Result<Frame<&'static [u8]>, &'static str>>;

/// A body of these frames. It says that it is at its end only if `knows_its_end`.
#[derive(Clone)]
struct Scripted {
    frames: Vec<Step>,
    knows_its_end: bool,
}

#[derive(Clone, Copy)]
enum Step {
    Data,
    Trailers,
    Error,
}
use Step::{Data, Error, Trailers};

struct Playing {
    frames: Frames,
    knows_its_end: bool,
}

impl Scripted {
    fn play(&self) -> Playing {
        let frame = |step: &Step| match step {
            Data => Ok(Frame::data(&b"data"[..])),
            Trailers => Ok(Frame::trailers(HeaderMap::new())),
            Error => Err("cut off"),
        };
        Playing { frames: self.frames.iter().map(frame).collect(), knows_its_end: self.knows_its_end }
    }
}

impl Body for Playing {
    type Data = &'static [u8];
    type Error = &'static str;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<&'static [u8]>, &'static str>>> {
        Poll::Ready(self.frames.pop_front())
    }

    fn is_end_stream(&self) -> bool {
        self.knows_its_end && self.frames.is_empty()
    }
}

/// The number in flight after the head, and after each frame until the end; then the number of failures.
fn watch(frames: &[Step], knows_its_end: bool) -> (Vec<u64>, u64) {
    let script = Scripted { frames: frames.to_vec(), knows_its_end };
    let mut balance = RoundRobinLayer::new([script]).track_bodies().layer(|script: Scripted| {
        service_fn(move |(): ()| std::future::ready(Ok::<_, BoxError>(Response::new(script.play()))))
    });
    let endpoint = balance.endpoints().snapshot().remove(0);
    let mut body = now(balance.call(())).unwrap().into_body();
    let mut in_flight = vec![endpoint.in_flight()];
    while let Some(frame) = now(body.frame()) {
        in_flight.push(endpoint.in_flight());
        if frame.is_err() {
            break;
        }
    }
    in_flight.push(endpoint.in_flight());
    (in_flight, endpoint.failures())
}

#[test]
fn until_the_body_has_no_more_frames() {
    assert_eq!(watch(&[Data, Data], false), (vec![1, 1, 1, 0], 0));
    assert_eq!(watch(&[], false), (vec![1, 0], 0));
}

#[test]
fn until_trailers_which_come_last() {
    assert_eq!(watch(&[Data, Trailers], false), (vec![1, 1, 0, 0], 0));
    assert_eq!(watch(&[Trailers], false), (vec![1, 0, 0], 0));
}

#[test]
fn until_the_body_says_so_because_hyper_does_not_ask_again() {
    assert_eq!(watch(&[Data, Data], true), (vec![1, 1, 0, 0], 0));
    assert_eq!(watch(&[Data, Trailers], true), (vec![1, 1, 0, 0], 0));
    assert_eq!(watch(&[], true), (vec![0, 0], 0));
}

/// So many frames of four bytes, whose length is announced. Its end is marked separately, as in HTTP/2.
struct Announced(u64);

impl Body for Announced {
    type Data = &'static [u8];
    type Error = &'static str;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<&'static [u8]>, &'static str>>> {
        let is_left = self.0 > 0;
        self.0 = self.0.saturating_sub(1);
        Poll::Ready(is_left.then(|| Ok(Frame::data(&b"data"[..]))))
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(4 * self.0)
    }
}

/// An HTTP/1 server asks for no more then.
#[test]
fn until_as_much_has_come_as_was_announced() {
    for (frames, expected) in [(0, &[0][..]), (1, &[1, 0]), (2, &[1, 1, 0])] {
        let mut balance = RoundRobinLayer::new([()])
            .track_bodies()
            .layer(|()| service_fn(move |(): ()| ready(Ok::<_, BoxError>(Response::new(Announced(frames))))));
        let endpoint = balance.endpoints().snapshot().remove(0);
        let mut body = now(balance.call(())).unwrap().into_body();
        let mut in_flight = vec![endpoint.in_flight()];
        for _ in 0..frames {
            now(body.frame()).unwrap().unwrap();
            in_flight.push(endpoint.in_flight());
        }
        assert_eq!(in_flight, expected, "{frames}");
    }
}

/// Failures are in a row only if no good answer comes between them, however that ends.
#[test]
fn an_end_by_trailers_ends_a_row_of_failures() {
    for (between, is_ejected) in
        [(&[Data, Trailers][..], false), (&[Trailers], false), (&[Data, Error], true)]
    {
        let settings = Settings::new().outliers(Outliers::new().consecutive(2));
        let layer = RoundRobinLayer::new([(), ()]).settings(settings).track_bodies();
        let mut balance = layer.layer(|(): ()| {
            service_fn(|frames: &'static [Step]| {
                let script = Scripted { frames: frames.to_vec(), knows_its_end: false };
                std::future::ready(Ok::<_, BoxError>(Response::new(script.play())))
            })
        });
        // Two endpoints in turn: each gets one request of each kind.
        for frames in [&[Error][..], between, &[Error]] {
            for _ in 0..2 {
                let mut body = now(balance.call(frames)).unwrap().into_body();
                while let Some(Ok(frame)) = now(body.frame()) {
                    if frame.is_trailers() {
                        break;
                    }
                }
            }
        }
        let ejected =
            balance.endpoints().snapshot().iter().any(|endpoint| endpoint.health() != Health::Available);
        assert_eq!(ejected, is_ejected, "{} frames", between.len());
    }
}

#[test]
fn until_the_body_fails_which_is_the_endpoint_s_failure() {
    assert_eq!(watch(&[Data, Error], false), (vec![1, 1, 0, 0], 1));
}

#[test]
fn until_the_body_is_dropped_and_then_the_endpoint_is_drained() {
    let service =
        |(): ()| service_fn(|(): ()| async { Ok::<_, BoxError>(Response::new(Full::new(&b"data"[..]))) });
    let mut balance = RoundRobinLayer::new([()]).track_bodies().layer(service);
    let endpoints = balance.endpoints();
    let endpoint = endpoints.snapshot().remove(0);
    let response = now(balance.call(())).unwrap();
    endpoints.drain(&endpoint);
    assert_eq!(endpoint.in_flight(), 1);
    drop(response);
    assert_eq!(endpoint.in_flight(), 0);
}

#[test]
fn hints_and_head_pass_unchanged() {
    let service = |(): ()| {
        service_fn(|(): ()| async {
            let response = Response::builder().status(418).body(Full::new(&b"data"[..]));
            Ok::<_, BoxError>(response.unwrap())
        })
    };
    let mut balance = RoundRobinLayer::new([()]).track_bodies().layer(service);
    let response = now(balance.call(())).unwrap();
    assert_eq!(response.status(), 418);
    assert_eq!(response.body().size_hint().exact(), Some(4));
    assert!(!response.body().is_end_stream());
    assert_eq!(now(response.into_body().collect()).unwrap().to_bytes(), "data");
}

/// A request, or the failure that gives it back.
struct Errand;

impl TryFrom<Refused> for Errand {
    type Error = Refused;
    fn try_from(_: Refused) -> Result<Self, Refused> {
        Ok(Self)
    }
}

struct Refused;

impl From<Refused> for BoxError {
    fn from(_: Refused) -> Self {
        "refused".into()
    }
}

#[test]
fn goes_together_with_failover_in_either_order() {
    let answer = |refuses| if refuses { Err(Refused) } else { Ok(Response::new(Full::new(&b"data"[..]))) };
    let service = |refuses| service_fn(move |_: Errand| std::future::ready(answer(refuses)));
    let layer = RoundRobinLayer::new([true, false]);
    let mut balance = layer.clone().failover(1).track_bodies().layer(service);
    let endpoints = balance.endpoints().snapshot();
    let response = now(balance.call(Errand)).unwrap();
    let in_flight = || (endpoints[0].in_flight(), endpoints[1].in_flight());
    assert_eq!(in_flight(), (0, 1));
    drop(response);
    assert_eq!(in_flight(), (0, 0));

    let mut balance = layer.track_bodies().failover(1).layer(service);
    assert!(now(balance.call(Errand)).is_ok());
}

#[test]
fn without_tracking_the_response_ends_it() {
    let service =
        |(): ()| service_fn(|(): ()| async { Ok::<_, BoxError>(Response::new(Empty::<&[u8]>::new())) });
    let mut balance = RoundRobinLayer::new([()]).layer(service);
    let response: Response<Empty<&[u8]>> = now(balance.call(())).unwrap();
    assert_eq!(balance.endpoints().snapshot()[0].in_flight(), 0);
    assert_eq!(SizeHint::exact(&response.size_hint()), Some(0));
}

/// A response that switches protocols.
fn switching() -> Response<Empty<&'static [u8]>> {
    Response::builder().status(101).body(Empty::new()).unwrap()
}

#[test]
fn an_upgraded_connection_is_in_flight_until_whoever_keeps_it_lets_it_go() {
    let kept = Arc::new(Mutex::new(Vec::new()));
    let keep = {
        let kept = Arc::clone(&kept);
        move |_: &Response<Empty<&[u8]>>, in_flight: InFlight<_>| kept.lock().unwrap().push(in_flight)
    };
    let settings = Settings::new().limit(Limit::new(NonZeroU32::MIN).queue(0, Duration::ZERO));
    let service = |(): ()| service_fn(|(): ()| ready(Ok::<_, BoxError>(switching())));
    let completion = OnBodyEnd::new().upgraded(keep);
    let mut balance = RoundRobinLayer::new([()]).settings(settings).completion(completion).layer(service);
    let endpoints = balance.endpoints();
    let endpoint = endpoints.snapshot().remove(0);
    drop(now(balance.call(())).unwrap());
    assert_eq!(endpoint.in_flight(), 1);
    assert!(now(balance.call(())).unwrap_err().is::<Overloaded>(), "the limit counts it");
    kept.lock().unwrap().clear();
    assert_eq!((endpoint.in_flight(), endpoint.failures()), (0, 0));
    assert!(now(balance.call(())).is_ok());
}

#[test]
fn where_nobody_keeps_it_an_upgrade_ends_with_its_head() {
    let service = |(): ()| service_fn(|(): ()| ready(Ok::<_, BoxError>(switching())));
    let mut balance = RoundRobinLayer::new([()]).track_bodies().layer(service);
    let _response = now(balance.call(())).unwrap();
    assert_eq!(balance.endpoints().snapshot()[0].in_flight(), 0);
}
