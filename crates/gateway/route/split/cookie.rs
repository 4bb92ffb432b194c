//! The cookie that keeps a client with its share.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use axum::http::header::SET_COOKIE;
use axum::http::{HeaderMap, HeaderValue, Request, Response};
use balance::Dice;
use pin_project_lite::pin_project;
use tower::{Layer, Service};

use crate::config::{Affinity, SameSite, Secure, is_cookie_name};
use crate::{cookies, peer, pools};

/// The number in a client's cookie: a request extension.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Visitor(pub(super) u64);

/// Gives each client a number by chance, in a cookie for its session. The number says nothing of the shares: these are
/// found by it. A client may choose another one, as it could choose another value of a header.
///
/// It goes around a [`Split`](super::Split) that is made [by visitor](super::Split::by_visitor). The cookie is `Secure` if
/// the [`Peer`](proxy_service::Peer) came over TLS.
#[derive(Clone, Debug)]
pub struct SplitCookieLayer {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    cookie: Affinity,
    chance: Dice,
}

impl SplitCookieLayer {
    /// A cookie of this name. `None` if it is no name of a cookie: 1 to 256 letters, digits and ``!#$%&'*+-.^_`|~``.
    pub fn new(name: &str) -> Option<Self> {
        let cookie = Affinity {
            cookie: name.to_owned(),
            secret: None,
            max_age: None,
            secure: Secure::Auto,
            same_site: SameSite::Lax,
        };
        is_cookie_name(name).then(|| Self { shared: Arc::new(Shared { cookie, chance: Dice::new() }) })
    }
}

impl Shared {
    /// The number in the request's cookie, if it is one of ours: 16 hexadecimal digits.
    fn known(&self, headers: &HeaderMap) -> Option<u64> {
        let digits = cookies::find(headers, &self.cookie.cookie).filter(|value| value.len() == 16)?;
        let is_ours = digits.iter().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'));
        let digits = std::str::from_utf8(digits).ok().filter(|_| is_ours)?;
        u64::from_str_radix(digits, 16).ok()
    }
}

impl<S> Layer<S> for SplitCookieLayer {
    type Service = SplitCookie<S>;

    fn layer(&self, inner: S) -> SplitCookie<S> {
        SplitCookie { inner, shared: Arc::clone(&self.shared) }
    }
}

/// The service of a [`SplitCookieLayer`].
#[derive(Clone, Debug)]
pub struct SplitCookie<S> {
    inner: S,
    shared: Arc<Shared>,
}

impl<S, A, B> Service<Request<A>> for SplitCookie<S>
where
    S: Service<Request<A>, Response = Response<B>>,
{
    type Response = Response<B>;
    type Error = S::Error;
    type Future = SplitCookieFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<A>) -> Self::Future {
        let known = self.shared.known(request.headers());
        let number = known.unwrap_or_else(|| self.shared.chance.next_u64());
        let set_cookie = known.is_none().then(|| {
            pools::set_cookie_line(&self.shared.cookie, &format!("{number:016x}"), &peer::scheme(&request))
        });
        request.extensions_mut().insert(Visitor(number));
        SplitCookieFuture { inner: self.inner.call(request), set_cookie }
    }
}

pin_project! {
    /// The future of a [`SplitCookie`]. It adds `Set-Cookie` to the answer to a client that has no number yet.
    #[derive(Debug)]
    #[must_use = "futures do nothing unless polled"]
    pub struct SplitCookieFuture<F> {
        #[pin]
        inner: F,
        set_cookie: Option<HeaderValue>,
    }
}

impl<F, B, E> Future for SplitCookieFuture<F>
where
    F: Future<Output = Result<Response<B>, E>>,
{
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let mut response = ready!(this.inner.poll(cx))?;
        if let Some(line) = this.set_cookie.take() {
            response.headers_mut().append(SET_COOKIE, line);
        }
        Poll::Ready(Ok(response))
    }
}
