//! A balancer whose caller has another place for requests that no endpoint takes.

mod attempts;

pub use self::attempts::Returning;

use std::{
    fmt,
    pin::Pin,
    task::{Context, Poll, ready},
};

use pin_project_lite::pin_project;
use tower_service::Service;

use crate::{
    completion::Completion, error::BoxError, failover::Unsent, future::ResponseFuture, policy::Policy,
    recover::Recover, service::Balance,
};

/// A [`Balance`] that gives a request back if no endpoint took it, so that the caller can send it to another pool.
///
/// It is made by [`Balance::giving_back`]. Requests are not sent to ejected endpoints if there is no other, as they are
/// otherwise: they are given back.
///
/// A request stays, with its error, once something of it may have been sent: also to an endpoint that was given up, and
/// before a retry. It stays as well if an endpoint didn't take it and isn't to blame for that
/// ([`Neutral`](crate::Outcome::Neutral)), as when no connection to it is free.
pub struct GivingBack<B> {
    balance: B,
}

/// The error of [`GivingBack`].
pub enum Unserved<Req> {
    /// No endpoint took the request, and nothing of it was sent. With it comes [`NoEndpoints`](crate::NoEndpoints) or
    /// [`Overloaded`](crate::Overloaded), or the error of the last endpoint that failed to become ready.
    GivenBack(Req, BoxError),
    /// Something of it may have been sent.
    Failed(BoxError),
}

impl<S, P, F, C> Balance<S, P, F, C> {
    /// Gives a request back to the caller if no endpoint took it: see [`GivingBack`].
    ///
    /// ```
    /// # use std::future::{Ready, ready};
    /// # use balance::{Balance, BoxError, Unserved};
    /// # use tower::{ServiceExt, service_fn};
    /// # struct Failed;
    /// # impl TryFrom<Failed> for &'static str {
    /// #     type Error = Failed;
    /// #     fn try_from(failed: Failed) -> Result<Self, Failed> { Err(failed) }
    /// # }
    /// # impl From<Failed> for BoxError {
    /// #     fn from(_: Failed) -> Self { "it broke".into() }
    /// # }
    /// # tokio_test::block_on(async {
    /// let answer = service_fn(|request: &'static str| -> Ready<Result<(), Failed>> { ready(Ok(())) });
    /// let empty = Balance::round_robin([answer; 0]).giving_back();
    /// let error = empty.oneshot("hello").await.unwrap_err();
    /// assert!(matches!(error, Unserved::GivenBack("hello", why) if why.is::<balance::NoEndpoints>()));
    /// # });
    /// ```
    pub fn giving_back(self) -> GivingBack<Balance<S, P, Returning<F>, C>> {
        let Self { pool, recover, completion } = self;
        GivingBack { balance: Balance { pool, recover: Returning::after(recover), completion } }
    }
}

impl<Req, S, P, F, C> Service<Req> for GivingBack<Balance<S, P, Returning<F>, C>>
where
    S: Service<Req, Error: Into<BoxError> + Unsent<Req>> + Clone,
    P: Policy<Req>,
    F: Recover<Req, S::Response, S::Error>,
    C: Completion<Req, S::Response, S::Error, S>,
{
    type Response = C::Response;
    type Error = Unserved<Req>;
    type Future = GivingBackFuture<ResponseFuture<Req, S, P, Returning<F>, C>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Unserved<Req>>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Req) -> Self::Future {
        GivingBackFuture { inner: self.balance.call(request) }
    }
}

pin_project! {
    /// The response future of [`GivingBack`].
    #[must_use = "futures do nothing unless polled"]
    pub struct GivingBackFuture<F> {
        #[pin]
        inner: F,
    }
}

impl<Req, S, P, F, C> Future for GivingBackFuture<ResponseFuture<Req, S, P, F, C>>
where
    S: Service<Req, Error: Into<BoxError>> + Clone,
    P: Policy<Req>,
    F: Recover<Req, S::Response, S::Error>,
    C: Completion<Req, S::Response, S::Error, S>,
{
    type Output = Result<C::Response, Unserved<Req>>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut inner = self.project().inner;
        Poll::Ready(ready!(inner.as_mut().poll(cx)).map_err(|error| match inner.take_unsent() {
            Some(request) => Unserved::GivenBack(request, error),
            None => Unserved::Failed(error),
        }))
    }
}

/// Forgets the request.
impl<Req> From<Unserved<Req>> for BoxError {
    fn from(unserved: Unserved<Req>) -> Self {
        match unserved {
            Unserved::GivenBack(_, error) | Unserved::Failed(error) => error,
        }
    }
}

impl<B: Clone> Clone for GivingBack<B> {
    fn clone(&self) -> Self {
        Self { balance: self.balance.clone() }
    }
}

impl<B: fmt::Debug> fmt::Debug for GivingBack<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("GivingBack").field(&self.balance).finish()
    }
}

impl<F> fmt::Debug for GivingBackFuture<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GivingBackFuture").finish_non_exhaustive()
    }
}

impl<Req> fmt::Debug for Unserved<Req> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::GivenBack(_, error) => f.debug_tuple("GivenBack").field(error).finish_non_exhaustive(),
            Self::Failed(error) => f.debug_tuple("Failed").field(error).finish(),
        }
    }
}
