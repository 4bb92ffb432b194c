//! What a guard is, and what it may say.

use std::fmt;
use std::future::Future;
use std::pin::Pin;

use axum::body::Body;
use http::header::SET_COOKIE;
use http::request::Parts;
use http::{HeaderName, HeaderValue, Request, Response};

use super::identity;
use super::rejection::Rejection;
use crate::observe::Journey;
use crate::route::admitted::Ruling;
use crate::route::entered::Entered;

/// Decides whether a request may enter.
///
/// [`GuardLayer`](super::GuardLayer) puts it in front of a service. This one lets in who knows the way:
///
/// ```
/// use gateway::route::entry::{Granted, Guard, Rejection, Verdict};
/// use http::request::Parts;
///
/// struct Password;
///
/// impl Guard for Password {
///     fn examine(&self, head: &mut Parts) -> Verdict {
///         match head.headers.remove("x-password") {
///             Some(word) if word == "swordfish" => Granted::default().into(),
///             _ => Rejection::forbidden("password").into(),
///         }
///     }
/// }
/// ```
pub trait Guard: Send + Sync + 'static {
    /// Examines the head of a request. What must not reach the service behind, it removes at once, such as the
    /// credentials that it has read.
    ///
    /// It must not block: what takes longer goes into [`Verdict::Later`].
    fn examine(&self, head: &mut Parts) -> Verdict;
}

/// What a guard says of a request.
pub enum Verdict {
    /// It may enter, or not.
    Now(Result<Granted, Rejection>),
    /// It will turn out. The request waits.
    Later(Pin<Box<dyn Future<Output = Result<Granted, Rejection>> + Send>>),
}

/// What a request gets that may enter. Default: nothing.
#[derive(Clone, Debug, Default)]
pub struct Granted {
    pub(super) fields: Vec<(HeaderName, HeaderValue)>,
    back: Vec<(HeaderName, HeaderValue)>,
    pub(super) entered: Option<Entered>,
}

impl Granted {
    /// Adds a header field to the request. The guard has to have removed what the client has sent in it.
    #[must_use]
    pub fn field(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.fields.push((name, value));
        self
    }

    /// Adds a header field to the answer: `Set-Cookie` besides those that it has, any other in place of its own.
    #[must_use]
    pub fn answer_field(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.back.push((name, value));
        self
    }

    pub(super) fn fields(self, fields: impl IntoIterator<Item = (HeaderName, HeaderValue)>) -> Self {
        fields.into_iter().fold(self, |granted, (name, value)| granted.field(name, value))
    }

    /// Says who it is, by an extension of the request.
    #[must_use]
    pub fn to(self, entered: Entered) -> Self {
        Self { entered: Some(entered), ..self }
    }
}

impl Ruling for Result<Granted, Rejection> {
    fn refusal<B>(&self, _: &Request<B>) -> Option<Response<Body>> {
        let rejection = self.as_ref().err()?;
        Some(rejection.clone().into_response().map(Body::from))
    }

    fn enter<B>(&mut self, request: &mut Request<B>) {
        let Ok(Granted { fields, entered, .. }) = self else { return };
        identity::set(request.headers_mut(), std::mem::take(fields));
        if let Some(entered) = entered.take() {
            if let Some(journey) = request.extensions().get::<Journey>() {
                journey.entered(entered.clone());
            }
            request.extensions_mut().insert(entered);
        }
    }

    fn close(self, mut answer: Response<Body>) -> Response<Body> {
        let Ok(Granted { back, .. }) = self else { return answer };
        let headers = answer.headers_mut();
        for (name, _) in back.iter().filter(|(name, _)| *name != SET_COOKIE) {
            headers.remove(name);
        }
        for (name, value) in back {
            headers.append(name, value);
        }
        answer
    }
}

impl Verdict {
    /// It will turn out.
    pub fn later(decision: impl Future<Output = Result<Granted, Rejection>> + Send + 'static) -> Self {
        Self::Later(Box::pin(decision))
    }
}

impl From<Result<Granted, Rejection>> for Verdict {
    fn from(decision: Result<Granted, Rejection>) -> Self {
        Self::Now(decision)
    }
}

impl From<Granted> for Verdict {
    fn from(granted: Granted) -> Self {
        Self::Now(Ok(granted))
    }
}

impl From<Rejection> for Verdict {
    fn from(rejection: Rejection) -> Self {
        Self::Now(Err(rejection))
    }
}

impl fmt::Debug for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Now(decision) => f.debug_tuple("Now").field(decision).finish(),
            Self::Later(_) => f.write_str("Later(..)"),
        }
    }
}
