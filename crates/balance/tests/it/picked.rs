//! Why a request went where it went, for a caller that asks.

use std::{
    future::{Ready, ready},
    num::NonZeroU32,
    task::{Context, Poll},
};

use balance::{Balance, BoxError, Explained, Limit, OnBodyEnd, Picked, RoundRobin, Settings, Skipped, Why};
use http::{Request, Response};
use http_body_util::Full;
use tower::{Service, ServiceExt};

type Body = Full<&'static [u8]>;

/// Ready or not.
#[derive(Clone)]
struct Upstream(Option<()>);

impl Service<Request<()>> for Upstream {
    type Response = Response<Body>;
    type Error = BoxError;
    type Future = Ready<Result<Response<Body>, BoxError>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.0.map_or(Poll::Pending, |()| Poll::Ready(Ok(())))
    }

    fn call(&mut self, _: Request<()>) -> Self::Future {
        ready(Ok(Response::new(Full::new(b"here"))))
    }
}

fn asks(request: &Request<()>) -> bool {
    request.headers().contains_key("why")
}

fn why() -> Request<()> {
    Request::builder().header("why", "1").body(()).unwrap()
}

#[tokio::test]
async fn is_in_the_response_of_those_who_ask_and_of_nobody_else() {
    let upstreams = [Upstream(None), Upstream(Some(()))];
    let balance = Balance::round_robin(upstreams).completion(Explained::when(asks, OnBodyEnd::new()));
    let silent = balance.clone().oneshot(Request::new(())).await.unwrap();
    assert!(silent.extensions().get::<Picked>().is_none());
    balance.endpoints().insert(Upstream(None));
    let told = balance.oneshot(why()).await.unwrap();
    let picked = told.extensions().get::<Picked>().unwrap();
    assert_eq!((picked.index, picked.id, picked.version, picked.attempt), (1, 1, 1, 1));
    assert_eq!(picked.policy, "round-robin");
    let not_ready = |index, id| Skipped { index, id, why: Why::NotReady };
    assert_eq!(picked.skipped, [not_ready(2, 2), not_ready(0, 0)]);
}

#[tokio::test]
async fn one_that_is_full_is_named() {
    let settings = Settings::new().limit(Limit::new(NonZeroU32::MIN));
    let upstreams = [Upstream(Some(())), Upstream(Some(()))].map(|upstream| (upstream, 1));
    let balance = Balance::with(settings, RoundRobin::new(), upstreams)
        .completion(Explained::when(asks, OnBodyEnd::new()));
    let unread = balance.clone().oneshot(why()).await.unwrap();
    drop(balance.clone().oneshot(why()).await.unwrap());
    // The body of the first response is still unread, and it is the turn of that endpoint.
    let told = balance.oneshot(why()).await.unwrap();
    let picked = told.extensions().get::<Picked>().unwrap();
    assert_eq!(picked.index, 1);
    assert_eq!(picked.skipped.iter().map(|skipped| skipped.why).collect::<Vec<_>>(), [Why::Full]);
    drop(unread);
}

/// A request that waits may search many times, and still each endpoint is named once.
#[tokio::test]
async fn a_long_wait_makes_no_long_list() {
    let balance = Balance::round_robin([Upstream(None), Upstream(None)])
        .completion(Explained::when(asks, OnBodyEnd::new()));
    let endpoints = balance.endpoints();
    let mut waiting = tokio_test::task::spawn(balance.oneshot(why()));
    assert!(waiting.poll().is_pending());
    for _ in 0..100 {
        let passing = endpoints.insert(Upstream(None));
        assert!(waiting.poll().is_pending());
        endpoints.remove(&passing);
        assert!(waiting.poll().is_pending());
    }
    endpoints.insert(Upstream(Some(())));
    let told = waiting.await.unwrap();
    let skipped = &told.extensions().get::<Picked>().unwrap().skipped;
    assert_eq!(skipped.iter().map(|skipped| skipped.id).collect::<Vec<_>>(), [0, 1]);
}
