//! Shares of a route's requests for several pools.

mod cookie;

use std::fmt;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::body::Body;
use axum::http::{HeaderName, Request};
use balance::Dice;
use tower::util::Oneshot;
use tower::{Service, ServiceExt};

use self::cookie::Visitor;
pub use self::cookie::{SplitCookie, SplitCookieFuture, SplitCookieLayer};
use crate::config::SplitBy;

/// Sends each request to one of several services, as often as their weights say.
///
/// Requests with the same key go to the same service; one without a key goes by chance. This is weighted rendezvous
/// hashing ([`balance::nearest`]), so services are told apart by their names, and another weight moves no more keys than
/// it has to.
///
/// ```
/// use axum::body::Body;
/// use axum::http::{Request, Response};
/// use gateway::route::Split;
/// use tower::{ServiceExt, service_fn};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let answer = |name: &'static str| {
///     let answer = move || Ok::<_, std::convert::Infallible>(Response::new(Body::from(name)));
///     service_fn(move |_: Request<Body>| std::future::ready(answer()))
/// };
/// let by_user = |request: &Request<Body>| request.headers().get("x-user").map(balance::stable_hash);
/// let shares = [("blue", 95, answer("blue")), ("green", 5, answer("green"))];
/// let split = Split::new(shares).expect("there are weights").by(by_user);
/// let response = split.oneshot(Request::new(Body::empty())).await;
/// # assert!(response.is_ok());
/// # }
/// ```
#[derive(Clone)]
pub struct Split<S> {
    shares: Arc<[Share<S>]>,
    /// One of them, for a pick that finds none.
    any: S,
    key: Arc<KeyOf>,
    chance: Arc<Dice>,
}

struct Share<S> {
    id: u64,
    weight: u16,
    service: S,
}

type KeyOf = dyn Fn(&Request<Body>) -> Option<u64> + Send + Sync;

impl<S: Clone> Split<S> {
    /// Shares for services by their names and weights. A service of weight 0 gets no requests. `None` if all weights are
    /// 0.
    pub fn new<'n>(shares: impl IntoIterator<Item = (&'n str, u16, S)>) -> Option<Self> {
        let of = |(name, weight, service)| Share { id: balance::stable_hash(name), weight, service };
        let shares: Vec<_> = shares.into_iter().map(of).collect();
        let any = shares.iter().find(|share| share.weight > 0)?.service.clone();
        Some(Self { shares: shares.into(), any, key: Arc::new(|_| None), chance: Arc::default() })
    }

    /// Requests for which `key` returns the same number stay together.
    #[must_use]
    pub fn by(self, key: impl Fn(&Request<Body>) -> Option<u64> + Send + Sync + 'static) -> Self {
        Self { key: Arc::new(key), ..self }
    }

    /// Requests with the same value of this header stay together.
    #[must_use]
    pub fn by_header(self, name: HeaderName) -> Self {
        self.by(of_header(name))
    }

    /// Requests of a client stay together, by the cookie of a [`SplitCookieLayer`] in front:
    ///
    /// ```
    /// # use std::convert::Infallible;
    /// # use axum::body::Body;
    /// # use axum::http::{Request, Response};
    /// # use gateway::route::{Split, SplitCookieLayer};
    /// # use tower::{Layer, service_fn};
    /// # let blue = service_fn(async |_: Request<Body>| Ok::<_, Infallible>(Response::new(Body::from("blue"))));
    /// # let green = blue.clone();
    /// let split = Split::new([("blue", 95, blue), ("green", 5, green)]).ok_or("no weights")?;
    /// let cookie = SplitCookieLayer::new("share").ok_or("no name")?;
    /// let service = cookie.layer(split.by_visitor());
    /// # Ok::<(), &'static str>(())
    /// ```
    #[must_use]
    pub fn by_visitor(self) -> Self {
        self.by(|request| request.extensions().get().map(|Visitor(key)| *key))
    }

    pub(super) fn configured(self, by: &SplitBy) -> Self {
        match by {
            SplitBy::Chance => self,
            SplitBy::Cookie(_) => self.by_visitor(),
            SplitBy::Header(name) => self.by_header(name.clone()),
        }
    }

    fn pick(&self, request: &Request<Body>) -> S {
        let key = (self.key)(request).unwrap_or_else(|| self.chance.next_u64());
        let shares = self.shares.iter().map(|share| (share.id, share.weight));
        let picked = balance::nearest(key.into(), shares).and_then(|index| self.shares.get(index));
        picked.map_or_else(|| self.any.clone(), |share| share.service.clone())
    }
}

fn of_header(name: HeaderName) -> impl Fn(&Request<Body>) -> Option<u64> {
    move |request| request.headers().get(&name).map(|value| balance::stable_hash(value.as_bytes()))
}

impl<S> Service<Request<Body>> for Split<S>
where
    S: Service<Request<Body>> + Clone,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Oneshot<S, Request<Body>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        self.pick(&request).oneshot(request)
    }
}

impl<S> fmt::Debug for Split<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let weights = self.shares.iter().map(|share| share.weight);
        f.debug_tuple("Split").field(&weights.collect::<Vec<_>>()).finish()
    }
}

#[cfg(test)]
mod tests;
