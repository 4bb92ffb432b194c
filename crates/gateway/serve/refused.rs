//! Requests that the listener refuses, and who answers them.

use std::fmt;

use http::{Request, Response, StatusCode, Version};
use http1::RefusedHead;

pub use http1::Fault;

/// Who answers a request whose head the listener refuses. Over HTTP/1, the connection is closed afterwards.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Refusals {
    /// The listener, with nothing but the status. The service sees only requests that were read and are within the
    /// [`Limits`](super::Limits).
    #[default]
    AnsweredHere,
    /// The service. It gets a stand-in for the request, with the extension [`Refused`]. It has to answer with an error,
    /// and must not act on the stand-in in any other way.
    PassedOn,
}

/// Why the listener refuses a request: a request extension of the stand-in ([`Refusals::PassedOn`]).
///
/// The stand-in has what could be read of the request's head. For the rest it has defaults: GET, `/`, HTTP/1.1, and no
/// fields. Over HTTP/1 it has no body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refused {
    fault: Fault,
    is_method_known: bool,
    is_target_known: bool,
}

impl Refused {
    /// What is wrong with the request.
    #[must_use]
    pub fn fault(&self) -> Fault {
        self.fault
    }

    /// The status to answer it with.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.fault.status()
    }

    /// Whether the stand-in has the request's method.
    #[must_use]
    pub fn is_method_known(&self) -> bool {
        self.is_method_known
    }

    /// Whether the stand-in has the request's target.
    #[must_use]
    pub fn is_target_known(&self) -> bool {
        self.is_target_known
    }
}

impl From<Fault> for Refused {
    /// For a request that could be read, but is refused.
    fn from(fault: Fault) -> Self {
        Self { fault, is_method_known: true, is_target_known: true }
    }
}

impl fmt::Display for Refused {
    /// What is wrong, with the key of the configuration that the request is over, if it is over one. This is for logs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match key(self.fault) {
            Some(key) => write!(f, "{} ({key})", self.fault),
            None => self.fault.fmt(f),
        }
    }
}

impl std::error::Error for Refused {}

/// The key of the configuration that would have to be raised to accept the request.
fn key(fault: Fault) -> Option<&'static str> {
    match fault {
        Fault::TargetTooLong => Some("limits.uri"),
        Fault::HeadTooLarge => Some("limits.header_section"),
        Fault::TooManyFields => Some("limits.header_fields"),
        _ => None,
    }
}

/// The stand-in for a refused request.
pub(crate) fn stand_in<B>(head: RefusedHead, body: B) -> Request<B> {
    let refused = Refused {
        fault: head.fault,
        is_method_known: head.method.is_some(),
        is_target_known: head.target.is_some(),
    };
    let mut request = Request::new(body);
    *request.method_mut() = head.method.unwrap_or_default();
    *request.uri_mut() = head.target.unwrap_or_default();
    *request.version_mut() = head.version.unwrap_or(Version::HTTP_11);
    *request.headers_mut() = head.headers;
    request.extensions_mut().insert(refused);
    request
}

/// The listener's own response to a refused request. The log names the key to raise.
pub(super) fn bare<B: Default>(fault: Fault) -> Response<B> {
    if let Some(raise) = key(fault) {
        tracing::info!(raise, "a request's head is over a limit");
    }
    let mut response = Response::new(B::default());
    *response.status_mut() = fault.status();
    response
}

#[cfg(test)]
mod tests {
    use bytes::BytesMut;
    use http::Method;
    use http1::{Limits, Server};

    use super::*;

    fn stand_in_for(head: &str) -> Request<()> {
        let mut server = Server::new(Limits { section: 256, ..Limits::REQUESTS });
        let refused = server.read_head(&mut BytesMut::from(head)).expect_err(head);
        stand_in(*refused, ())
    }

    #[test]
    fn a_stand_in_has_what_is_known() {
        for (head, method, target, fields, (is_method_known, is_target_known)) in [
            ("\n", Method::GET, "/", 0, (false, false)),
            ("PUT a HTTP/1.1\r\n\r\n", Method::PUT, "/", 0, (true, false)),
            ("PUT /a?b HTTP/1.1\r\nX: y\n\r\n", Method::PUT, "/a?b", 0, (true, true)),
            ("PUT /a HTTP/1.1\r\nX: y\r\n\r\n", Method::PUT, "/a", 1, (true, true)),
        ] {
            let request = stand_in_for(head);
            let shown = (request.method(), request.uri().to_string(), request.headers().len());
            assert_eq!(shown, (&method, target.to_owned(), fields), "{head:?}");
            let refused: &Refused = request.extensions().get().unwrap();
            assert_eq!(
                (refused.is_method_known(), refused.is_target_known()),
                (is_method_known, is_target_known)
            );
        }
    }

    #[test]
    fn an_answer_of_its_own_is_the_status_alone() {
        for fault in [Fault::BareLineFeed, Fault::UnknownCoding, Fault::TargetTooLong] {
            let response: Response<&str> = bare(fault);
            assert_eq!((response.status(), *response.body()), (fault.status(), ""));
            assert!(response.headers().is_empty());
        }
    }

    #[test]
    fn a_limit_is_named_by_its_key() {
        assert_eq!(Refused::from(Fault::MissingHost).to_string(), "there is no Host");
        let too_long = Refused::from(Fault::TargetTooLong).to_string();
        assert_eq!(too_long, "the target is longer than its limit (limits.uri)");
    }
}
