//! One request over HTTP/2.

use std::error::Error;
use std::sync::Arc;

use h2::Reason;
use http::header::{CONNECTION, HOST, TRANSFER_ENCODING};
use http::uri::{Authority, PathAndQuery};
use http::{Response, Uri, Version, uri};
use hyper::client::conn::TrySendError;

use super::super::Payload;
use super::super::body::ClientBody;
use super::super::connection::Sent;
use super::super::error::{ClientError, Diagnosis};
use super::super::pool::Pool;
use super::connection::{Occupied, Place};
use crate::error::ErrorKind;
use crate::target::Target;
use crate::upload::Upload;

pub(in crate::client) async fn exchange<B: Payload>(
    place: Place<B>,
    mut request: Sent<B>,
) -> Result<Response<ClientBody>, ClientError> {
    let endpoint = Arc::clone(request.body().endpoint());
    let upload = request.body().upload().cloned();
    say_in_http2(&mut request, endpoint.target()).map_err(ClientError::on_fresh_connection)?;
    let is_reused = place.is_reused();
    let (answer, mut occupied) = place.send(request);
    match answer.await {
        Ok(head) => {
            occupied.note_answer();
            Ok(head.map(|incoming| ClientBody::of_stream(incoming, occupied)))
        }
        Err(failed) => {
            let met = Met::with(failed, &mut occupied);
            let want_http1 = || endpoint.pool::<B>().is_some_and(Pool::want_http1);
            Err(cut_off(upload.as_ref()).unwrap_or_else(|| met.into_error(is_reused, want_http1)))
        }
    }
}

/// Puts into the pseudo-header fields what HTTP/1 has in `Host`, and takes out what is about its connections (RFC 9113 §8.2.2
/// and §8.3.1).
fn say_in_http2<B>(request: &mut Sent<B>, target: &Target) -> Result<(), Diagnosis> {
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
    Ok(())
}

const NO_AUTHORITY: Diagnosis = Diagnosis::new(ErrorKind::BadRequest, "the client's Host is no :authority");

const NO_HTTP_1: Diagnosis = Diagnosis::new(
    ErrorKind::Http1Unavailable,
    "the upstream wants HTTP/1.1 for this request, and this client is to speak HTTP/2 alone",
);

/// hyper resets a stream whose body fails, and then only knows that it was reset.
fn cut_off(upload: Option<&Upload>) -> Option<ClientError> {
    let kind = upload?.failure()?;
    Some(ClientError::on_fresh_connection(Diagnosis::new(kind, "the client's body was cut off")))
}

/// What a request met with instead of an answer.
enum Met {
    /// The upstream did nothing about it: it had no room, or was about to leave.
    Refusal(hyper::Error),
    /// The same, as it wants the request in HTTP/1.1 (RFC 9113 §7).
    WrongVersion(hyper::Error),
    /// It broke off this request alone.
    Reset(hyper::Error),
    /// The connection's end.
    End(hyper::Error),
}

impl Met {
    /// A connection that takes no more is given up at once, whenever its task will hear of it.
    fn with<B>(mut failed: TrySendError<Sent<B>>, occupied: &mut Occupied) -> Self {
        let never_left = failed.take_message().is_some();
        let error = failed.into_error();
        let cause = h2_error(&error);
        let is_reset = cause.is_some_and(h2::Error::is_reset);
        let is_going_away = cause.is_some_and(|cause| cause.is_go_away() && cause.is_remote());
        let reason = cause.and_then(h2::Error::reason);
        let is_refused = is_reset && reason == Some(Reason::REFUSED_STREAM);
        let wants_http1 = reason == Some(Reason::HTTP_1_1_REQUIRED);
        if is_reset {
            occupied.note_answer();
        } else {
            occupied.retire_connection();
        }
        // A stream that a GOAWAY counts as seen ends by itself, or with the connection.
        if wants_http1 && (is_reset || is_going_away) {
            Self::WrongVersion(error)
        } else if never_left || is_going_away || is_refused {
            Self::Refusal(error)
        } else if is_reset {
            Self::Reset(error)
        } else {
            Self::End(error)
        }
    }

    /// `want_http1` takes note of what the upstream wants, and says whether it can have it.
    fn into_error(self, is_reused: bool, want_http1: impl FnOnce() -> bool) -> ClientError {
        match self {
            Self::WrongVersion(error) if want_http1() => ClientError::refused(error),
            Self::WrongVersion(_) => ClientError::on_fresh_connection(NO_HTTP_1),
            Self::Refusal(error) => ClientError::refused(error),
            Self::End(error) if is_reused => ClientError::on_reused_connection(error),
            // However old, a connection that says this was alive.
            Self::Reset(error) | Self::End(error) => ClientError::on_fresh_connection(error),
        }
    }
}

fn h2_error<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a h2::Error> {
    error.downcast_ref().or_else(|| error.source().and_then(h2_error))
}
