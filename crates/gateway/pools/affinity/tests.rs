//! Tests of a whole pool: clients, the layer, the policy and a real balancer.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::future::{Ready, ready};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Body;
use axum::http::header::{COOKIE, SET_COOKIE};
use axum::http::{HeaderMap, Request, Response, StatusCode};
use balance::{
    Balance, BoxError, Clock, Endpoint, Entry, Explained, Health, Limit, OnBodyEnd, Outliers, PeakEwma,
    Picked, Policy, RoundRobin, Settings, TrackedBody,
};
use http_body_util::BodyExt as _;
use tower::{Layer, Service, ServiceExt};

use super::*;
use crate::config::{Affinity, Config};
use crate::pick::AskedWhy;

mod departures;
mod refusals;

const IDS: [u64; 3] = [70, 7, 700];
const SECRET: &str = "0123456789abcdef";

/// An upstream that answers with its id, and sets a cookie of its own. It fails while `down` is its id.
#[derive(Clone)]
struct Upstream {
    id: u64,
    down: Arc<AtomicU64>,
}

impl Service<Request<Body>> for Upstream {
    type Response = Response<Body>;
    type Error = BoxError;
    type Future = Ready<Result<Response<Body>, BoxError>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        if self.down.load(Ordering::Relaxed) == self.id {
            return ready(Err("it is down".into()));
        }
        let mut response = Response::builder().header(SET_COOKIE, "theirs=1").header("x-id", self.id);
        if let Some(cookies) = request.headers().get(COOKIE) {
            response = response.header("x-cookies", cookies);
        }
        ready(Ok(response.body(Body::from("here")).unwrap()))
    }
}

type Asks = fn(&Request<Body>) -> bool;
type Pool = Balance<Upstream, Affine<RoundRobin>, balance::NoFailover, Explained<OnBodyEnd, Asks>>;

/// A pool, the affinity service around it, and the switch that makes one of its upstreams fail.
struct Site {
    pool: Pool,
    sticky: StickyService<Pool>,
    down: Arc<AtomicU64>,
    clock: balance::Hand,
}

impl Site {
    fn new() -> Self {
        Self::named("api", &format!("secret = \"{SECRET}\""))
    }

    /// A pool of that name. `keys` are lines for its `affinity` table.
    fn named(name: &str, keys: &str) -> Self {
        let (clock, hand) = Clock::by_hand();
        let outliers = Outliers::new().consecutive(2);
        let down = Arc::default();
        let entries = IDS.map(|id| Entry::new(Upstream { id, down: Arc::clone(&down) }).id(id));
        let asks: Asks = |request| request.extensions().get::<AskedWhy>().is_some();
        let one_at_a_time = Limit::new(NonZeroU32::MIN);
        let settings = Settings::new().outliers(outliers).limit(one_at_a_time).clock(clock);
        let pool = Balance::with(settings, Affine::or(RoundRobin::new()), entries)
            .completion(Explained::when(asks, OnBodyEnd::new()));
        let sticky = AffinityLayer::new(&affinity(keys), name).layer(pool.clone());
        Self { pool, sticky, down, clock: hand }
    }

    /// Sends a request with these cookies. The response's body isn't read, so the request is in flight until it is
    /// dropped.
    async fn ask(&self, cookies: &[&str]) -> Result<Response<TrackedBody<Body, Upstream>>, BoxError> {
        let mut request = Request::new(Body::empty());
        for line in cookies {
            request.headers_mut().append(COOKIE, line.parse().unwrap());
        }
        self.sticky.clone().oneshot(request).await
    }

    async fn get(&self, cookies: &[&str]) -> Result<Answer, BoxError> {
        let (head, body) = self.ask(cookies).await?.into_parts();
        body.collect().await?;
        Ok(Answer(head.headers))
    }

    /// Makes a request without a cookie. Returns the id of the upstream that answered, and the new cookie.
    async fn regular(&self) -> (u64, String) {
        let answer = self.get(&[]).await.unwrap();
        (answer.id(), answer.cookie().unwrap())
    }

    fn endpoint(&self, id: u64) -> Arc<Endpoint<Upstream>> {
        self.pool.endpoints().snapshot().into_iter().find(|endpoint| endpoint.id() == id).unwrap()
    }

    /// Sends requests with this cookie until the upstream that it names is ejected.
    async fn eject(&self, id: u64, cookie: &str) {
        self.down.store(id, Ordering::Relaxed);
        for _ in 0..2 {
            self.get(&[cookie]).await.unwrap_err();
        }
        assert_eq!(self.endpoint(id).health(), Health::Ejected);
    }
}

#[derive(Debug)]
struct Answer(HeaderMap);

impl Answer {
    fn id(&self) -> u64 {
        self.0["x-id"].to_str().unwrap().parse().unwrap()
    }

    fn set_cookies(&self) -> Vec<&str> {
        self.0.get_all(SET_COOKIE).iter().map(|line| line.to_str().unwrap()).collect()
    }

    /// The cookie that a browser would send from now on.
    fn cookie(&self) -> Option<String> {
        let ours: Vec<&str> = self.set_cookies().into_iter().filter(|line| line.starts_with("gw=")).collect();
        assert!(ours.len() <= 1, "{ours:?}");
        Some(ours.first()?.split_once(';').unwrap().0.to_owned())
    }
}

/// Reads an `affinity` table with a cookie called `gw` and these further lines.
fn affinity(keys: &str) -> Affinity {
    let text = format!(
        "[pools.a]\nupstreams = [\"http://a\"]\n[pools.a.affinity]\ncookie = \"gw\"\n{keys}\n\
         [routes.\"/\"]\npool = \"a\"\n"
    );
    let config = Config::parse("test.toml", &text, |_| None).unwrap_or_else(|errors| panic!("{errors}"));
    config.pools[0].affinity.clone().unwrap()
}

#[tokio::test]
async fn the_first_answer_brings_a_cookie_and_the_client_stays_by_it() {
    let site = Site::new();
    for expected in IDS {
        let (id, cookie) = site.regular().await;
        assert_eq!(id, expected);
        for _ in 0..100 {
            let answer = site.get(&[&cookie]).await.unwrap();
            assert_eq!((answer.id(), answer.set_cookies()), (id, vec!["theirs=1"]));
        }
    }
}

#[tokio::test]
async fn clients_that_stay_take_no_turns_from_the_others() {
    let site = Site::new();
    let (_, cookie) = site.regular().await;
    let mut counts = BTreeMap::new();
    for _ in 0..300 {
        site.get(&[&cookie]).await.unwrap();
        *counts.entry(site.get(&[]).await.unwrap().id()).or_insert(0) += 1;
    }
    assert_eq!(counts, IDS.map(|id| (id, 100)).into());
}

#[tokio::test]
async fn ours_stands_behind_the_upstreams_own() {
    let site = Site::named("api", &format!("secret = \"{SECRET}\"\nsecure = true\nmax_age = \"1h\""));
    let answer = site.get(&[]).await.unwrap();
    let [theirs, ours] = answer.set_cookies()[..] else { panic!("{:?}", answer.set_cookies()) };
    assert_eq!(theirs, "theirs=1");
    let (value, attributes) = ours.split_once("; ").unwrap();
    assert!(value.starts_with("gw=0000000000000046."), "{value}");
    assert_eq!(attributes, "Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=3600");
}

/// The upstream gets all cookies that the client sent, even the gateway's.
#[tokio::test]
async fn the_requests_cookies_are_not_touched() {
    let site = Site::new();
    let (_, cookie) = site.regular().await;
    let line = format!("a=1;  {cookie} ;b=\"2\"");
    assert_eq!(site.get(&[&line]).await.unwrap().0["x-cookies"], line);
}

/// `Affine` has the name and the failure penalty of the policy inside.
#[test]
fn is_called_and_times_requests_as_the_policy_within() {
    fn facts(policy: impl Policy<Request<()>>) -> (&'static str, Option<Duration>) {
        (policy.name(), policy.failure_penalty())
    }
    assert_eq!(facts(Affine::or(RoundRobin::new())), facts(RoundRobin::new()));
    assert_eq!(facts(Affine::or(PeakEwma::new())), facts(PeakEwma::new()));
}
