//! `Informational`: interim (1xx) answers, from anything that handles a request to its client.

use std::error::Error;
use std::fmt;
use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use http::header::CONTENT_LENGTH;
use http::{HeaderMap, Response, StatusCode};
use tokio::sync::Semaphore;

use crate::headers::hop_by_hop;

/// Sends interim (1xx) answers to the client before the answer to its request (RFC 9110 §15.2): a request extension
/// that the server puts into each request.
///
/// [`ProxyService`](crate::ProxyService) passes the interim answers of its upstream on through it, if its client is the
/// [`Client`](crate::Client) of this crate. Any layer or handler may send some of its own. A handler of axum does it
/// like this:
///
/// ```
/// use axum::Extension;
/// use http::header::LINK;
/// use http::{HeaderMap, HeaderValue, StatusCode};
/// use proxy_service::Informational;
///
/// async fn page(client: Option<Extension<Informational>>) -> &'static str {
///     if let Some(Extension(client)) = client {
///         let style = HeaderValue::from_static("</style.css>; rel=preload; as=style");
///         let hints = HeaderMap::from_iter([(LINK, style)]);
///         let _it_is_only_a_hint = client.send(StatusCode::EARLY_HINTS, hints).await;
///     }
///     "the page, which takes its time"
/// }
/// # let _: axum::Router = axum::Router::new().route("/", axum::routing::get(page));
/// ```
///
/// A server makes one with [`new`](Self::new). A clone is one more reference to the same.
#[derive(Clone)]
pub struct Informational(Arc<Line<dyn InformationalSender>>);

struct Line<S: ?Sized> {
    /// Who has it may use the sender.
    turn: Semaphore,
    sender: S,
}

/// A server's end of [`Informational`].
///
/// Only one task at a time calls it for a request. First it waits for room, and then it sends.
pub trait InformationalSender: Send + Sync + 'static {
    /// Waits until there is room for one interim answer. What waits here makes others wait as well: so an upstream or a
    /// handler can't fill the memory of the server faster than the client reads.
    ///
    /// # Errors
    /// [`InformationalError::Answered`] if the request has its answer already.
    fn poll_room(&self, cx: &mut Context<'_>) -> Poll<Result<(), InformationalError>>;

    /// Sends an interim answer. It is called right after [`poll_room`](Self::poll_room) was ready, in the same task.
    ///
    /// If the client can't take interim answers, since it speaks HTTP/1.0 (RFC 9110 §15.2), it is dropped.
    ///
    /// # Errors
    /// As [`poll_room`](Self::poll_room).
    fn send(&self, interim: Response<()>, cx: &mut Context<'_>) -> Result<(), InformationalError>;
}

/// Why an interim answer was not sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum InformationalError {
    /// The status is not 1xx, or it is 101. That one switches the protocol, and so it is the answer itself.
    NotInterim,
    /// The request has its answer already, or its client is gone.
    Answered,
}

impl Informational {
    /// What `sender` sends goes to the client of one request.
    pub fn new(sender: impl InformationalSender) -> Self {
        Self(Arc::new(Line { turn: Semaphore::const_new(1), sender }))
    }

    /// Whether there is no clone of it, so that nobody else can send anything through it. A server may then put it into
    /// its next request.
    #[must_use]
    pub fn is_unshared(&mut self) -> bool {
        Arc::get_mut(&mut self.0).is_some()
    }

    /// Sends an interim answer, as soon as there is room for it. Several that are sent at the same time go one after
    /// the other.
    ///
    /// Fields about the connection or the length of a body are removed, as an interim answer has none (RFC 9110 §7.6.1
    /// and §8.6). To a client of HTTP/1.0 nothing is sent, which is no error.
    ///
    /// A `100 Continue` need not be sent: a server sends it by itself when the body that waits for it is read.
    ///
    /// # Errors
    /// [`InformationalError::NotInterim`] if `status` isn't 1xx or is 101, [`InformationalError::Answered`] if the
    /// request has its answer already.
    pub async fn send(&self, status: StatusCode, mut headers: HeaderMap) -> Result<(), InformationalError> {
        if !status.is_informational() || status == StatusCode::SWITCHING_PROTOCOLS {
            return Err(InformationalError::NotInterim);
        }
        hop_by_hop::strip(&mut headers);
        headers.remove(CONTENT_LENGTH);
        let mut interim = Response::new(());
        *interim.status_mut() = status;
        *interim.headers_mut() = headers;

        let Line { turn, sender } = &*self.0;
        let _turn = turn.acquire().await.expect("nobody closes it");
        let mut interim = Some(interim);
        poll_fn(|cx| {
            ready!(sender.poll_room(cx))?;
            Poll::Ready(interim.take().map_or(Ok(()), |interim| sender.send(interim, cx)))
        })
        .await
    }
}

impl fmt::Debug for Informational {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Informational").finish_non_exhaustive()
    }
}

impl fmt::Display for InformationalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotInterim => "the status is none of an interim answer",
            Self::Answered => "the request is answered already",
        })
    }
}

impl Error for InformationalError {}
