//! One request over HTTP/2.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use h2::client::ResponseFuture;
use h2::{Reason, RecvStream};
use http::header::{CONNECTION, CONTENT_LENGTH, HOST, TRANSFER_ENCODING};
use http::uri::{Authority, PathAndQuery};
use http::{Request, Response, Uri, Version, uri};
use http_body::Body;

use super::super::body::ClientBody;
use super::super::error::{ClientError, Diagnosis};
use super::super::interim::Interims;
use super::super::pool::Pool;
use super::super::sent::{Payload, Sent};
use super::connection::{Place, Stream};
use super::load::Occupied;
use super::received::{Occupancy, Received, check_size};
use super::sending::Sending;
use crate::error::ErrorKind;
use crate::target::Target;
use crate::upload::Upload;

pub(in crate::client) async fn exchange<B: Payload>(
    place: Place,
    mut request: Sent<B>,
) -> Result<Response<ClientBody>, ClientError> {
    let endpoint = Arc::clone(request.body().endpoint());
    let upload = request.body().upload().cloned();
    say_in_http2(&mut request, endpoint.target()).map_err(ClientError::on_fresh_connection)?;
    let (head, mut body) = request.into_parts();
    let (is_reused, limits) = (place.is_reused(), place.limits());
    let (opened, mut occupied) = place.open(Request::from_parts(head, ()), body.is_end_stream());
    let Stream { answer, upload: stream } = opened.map_err(|error| {
        occupied.note_answer();
        occupied.retire_connection();
        ClientError::refused(error)
    })?;
    body.keep();
    let mut exchanging =
        Exchanging { answer, sending: Sending::new(body, stream), interims: Interims::default() };
    match poll_fn(|cx| exchanging.poll_head(cx)).await {
        Ok(head) => {
            occupied.note_answer();
            check_size(head.headers(), limits).map_err(ClientError::on_fresh_connection)?;
            let occupancy = exchanging.sending.leave_to_a_task(upload, occupied);
            Ok(Received::begin(head, limits, occupancy).map(ClientBody::of_stream))
        }
        Err(error) => {
            let met = Met::with(error, &mut occupied);
            if matches!(met, Met::Refusal(_)) {
                exchanging.sending.into_body().go_home();
            }
            let want_http1 = || Pool::at(&endpoint).is_some_and(Pool::want_http1);
            Err(cut_off(upload.as_ref()).unwrap_or_else(|| met.into_error(is_reused, want_http1)))
        }
    }
}

/// A request that is being sent and has no answer yet.
struct Exchanging<B> {
    answer: ResponseFuture,
    sending: Sending<B>,
    interims: Interims,
}

impl<B: Payload> Exchanging<B> {
    /// Waits for the head of the answer, and sends the body and passes interim answers on meanwhile.
    fn poll_head(&mut self, cx: &mut Context<'_>) -> Poll<Result<Response<RecvStream>, h2::Error>> {
        while let Poll::Ready(Some(Ok(interim))) = self.answer.poll_informational(cx) {
            self.interims.receive(interim, self.sending.body());
        }
        let _may_outlast_the_answer = self.sending.poll(cx);
        ready!(self.interims.poll_passed_on(cx));
        Pin::new(&mut self.answer).poll(cx)
    }
}

impl<B: Payload> Sending<B> {
    /// The answer has begun: if part of the body is still to be sent, that is left to a task of its own. Returns what
    /// keeps the request's place on the connection while the answer is read.
    fn leave_to_a_task(mut self, upload: Option<Upload>, occupied: Occupied) -> Occupancy {
        self.body().keep_no_more();
        match upload.filter(|_| !self.is_over()) {
            Some(upload) => {
                let (answers, rests) = Occupancy::shared(occupied);
                tokio::spawn(self.finish(upload, rests));
                answers
            }
            None => Occupancy::own(occupied),
        }
    }
}

/// Turns the request into an HTTP/2 request: `Host` becomes `:authority` (RFC 9113 §8.3.1), and the fields about an
/// HTTP/1 connection are removed (§8.2.2).
fn say_in_http2<B: Payload>(request: &mut Sent<B>, target: &Target) -> Result<(), Diagnosis> {
    let headers = request.headers_mut();
    headers.remove(CONNECTION);
    headers.remove(TRANSFER_ENCODING);
    let authority = match headers.remove(HOST) {
        Some(host) if host != *target.host() => {
            Authority::try_from(host.as_bytes()).map_err(|_| NO_AUTHORITY)?
        }
        _ => target.authority().clone(),
    };
    let mut parts = uri::Parts::default();
    parts.scheme = Some(target.scheme().clone());
    parts.authority = Some(authority);
    parts.path_and_query =
        Some(request.uri().path_and_query().cloned().unwrap_or(PathAndQuery::from_static("/")));
    *request.uri_mut() = Uri::from_parts(parts).expect("a scheme, an authority and a path make a URI");
    *request.version_mut() = Version::HTTP_2;
    let length = request.body().size_hint().exact().filter(|length| *length > 0);
    if let (Some(length), false) = (length, request.headers().contains_key(CONTENT_LENGTH)) {
        request.headers_mut().insert(CONTENT_LENGTH, length.into());
    }
    Ok(())
}

const NO_AUTHORITY: Diagnosis = Diagnosis::new(ErrorKind::BadRequest, "the client's Host is no :authority");

const NO_HTTP_1: Diagnosis = Diagnosis::new(
    ErrorKind::Http1Unavailable,
    "the upstream wants HTTP/1.1 for this request, and this client is to speak HTTP/2 alone",
);

/// The error of a request whose body has failed. Its stream was reset for that, and h2's error says no more than this.
fn cut_off(upload: Option<&Upload>) -> Option<ClientError> {
    let kind = upload?.failure()?;
    Some(ClientError::on_fresh_connection(Diagnosis::new(kind, "the client's body was cut off")))
}

/// What happened to a request that got no answer.
enum Met {
    /// The upstream didn't process the request: it had no room, or was about to close the connection.
    Refusal(h2::Error),
    /// The upstream didn't process the request, because it wants it over HTTP/1.1 (HTTP_1_1_REQUIRED, RFC 9113 §7).
    WrongVersion(h2::Error),
    /// The stream of this request alone was reset.
    Reset(h2::Error),
    /// The connection ended.
    End(h2::Error),
    /// We ended the connection, since the upstream broke the protocol on it: maybe in an answer to another request.
    Violation,
}

impl Met {
    /// Classifies the error. If it isn't about this stream alone, the connection is retired at once: the task that
    /// drives the connection may see the error only later.
    fn with(error: h2::Error, occupied: &mut Occupied) -> Self {
        if error.is_reset() {
            occupied.note_answer();
        } else {
            occupied.retire_connection();
        }
        let is_refused = error.is_reset() && error.reason() == Some(Reason::REFUSED_STREAM);
        // A GOAWAY is the error only of the streams that the upstream didn't process. The others end by themselves, or
        // with the connection.
        if error.is_remote() && error.reason() == Some(Reason::HTTP_1_1_REQUIRED) {
            Self::WrongVersion(error)
        } else if error.is_remote() && (is_refused || error.is_go_away()) {
            Self::Refusal(error)
        } else if error.is_reset() {
            Self::Reset(error)
        } else if error.is_library() && occupied.is_on_shared_connection() {
            Self::Violation
        } else {
            Self::End(error)
        }
    }

    /// `want_http1` records that the upstream wants HTTP/1.1, and says whether this client may speak it.
    fn into_error(self, is_reused: bool, want_http1: impl FnOnce() -> bool) -> ClientError {
        match self {
            Self::WrongVersion(error) if want_http1() => ClientError::refused(error),
            Self::WrongVersion(_) => ClientError::on_fresh_connection(NO_HTTP_1),
            Self::Refusal(error) => ClientError::refused(error),
            Self::Violation => ClientError::on_reused_connection(ANOTHERS),
            Self::End(error) if is_reused => ClientError::on_reused_connection(error),
            // A reset shows that the connection was alive, even if it had been used before.
            Self::Reset(error) | Self::End(error) => ClientError::on_fresh_connection(error),
        }
    }
}

const ANOTHERS: Diagnosis = Diagnosis::new(
    ErrorKind::ConnectionTerminated,
    "the connection was ended for what the upstream sent on one of its streams",
);
