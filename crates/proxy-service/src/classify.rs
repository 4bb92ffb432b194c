//! What an error of a client service means, read from its chain of sources.

use std::error::Error;
use std::io;

use http1::{Fault, FaultKind};

use crate::client::{ClientError, Diagnosis, DialError, DnsError, NoRoom};
use crate::error::{BoxError, ErrorKind, ProxyError, Stage};
use crate::request_body::RequestBodyError;

/// What is known of a request that got no response.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) error: ProxyError,
    /// Not one byte of the request was sent.
    pub(crate) unsent: bool,
    /// The connection took no more requests. Another one may.
    pub(crate) refused: bool,
    /// The connection ended before the response began.
    pub(crate) died: bool,
    /// It died, and it came from the pool: it may have been dead before the request was written.
    pub(crate) stale: bool,
}

impl Outcome {
    pub(crate) fn timed_out() -> Self {
        let error = ProxyError::new(ErrorKind::HttpResponseTimeout, Stage::Exchange)
            .because("no head within response_head");
        Self { error, unsent: false, refused: false, died: false, stale: false }
    }
}

pub(crate) fn outcome(error: BoxError) -> Outcome {
    let mut evidence = Evidence::default();
    let mut next: Option<&(dyn Error + 'static)> = Some(&*error);
    while let Some(link) = next {
        evidence.read(link);
        // The sources of a failed request body are about the client's connection, not the upstream's.
        next = if link.is::<RequestBodyError>() { None } else { link.source() };
    }
    let stage = if evidence.unsent { Stage::Connect } else { Stage::Exchange };
    let kind = evidence.kind.unwrap_or(ErrorKind::ConnectionTerminated);
    let died = kind == ErrorKind::ConnectionTerminated;
    let stale = died && evidence.reused;
    let Evidence { unsent, refused, .. } = evidence;
    Outcome { error: ProxyError::new(kind, stage).because(error), unsent, refused, died, stale }
}

/// Why a body was broken before it began. Its head was read, but not passed on.
pub(crate) fn broken_at_once(error: BoxError) -> ProxyError {
    let kind =
        if is_malformed(&*error) { ErrorKind::HttpProtocolError } else { ErrorKind::HttpResponseIncomplete };
    ProxyError::new(kind, Stage::ResponseBody).because(error)
}

/// Whether the upstream sent something that isn't HTTP. If not, it broke off.
fn is_malformed(error: &(dyn Error + 'static)) -> bool {
    let mut next = Some(error);
    while let Some(link) = next {
        if link.downcast_ref::<Fault>().is_some_and(|fault| fault.kind() != FaultKind::Closed) {
            return true;
        }
        let by_io = || link.downcast_ref::<io::Error>().map(io::Error::kind);
        let is_malformed = match link.downcast_ref::<h2::Error>() {
            Some(error) => error.is_library() && error.get_io().is_none(),
            // This is how a client on hyper reports malformed chunks.
            None => matches!(by_io(), Some(io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData)),
        };
        if is_malformed {
            return true;
        }
        next = link.source();
    }
    false
}

/// What the errors of a chain say. A deeper error knows better, so it replaces what was read before it.
#[derive(Default)]
struct Evidence {
    kind: Option<ErrorKind>,
    unsent: bool,
    refused: bool,
    reused: bool,
}

impl Evidence {
    fn read(&mut self, link: &(dyn Error + 'static)) {
        if let Some(error) = link.downcast_ref::<ClientError>() {
            self.unsent |= error.is_unsent();
            self.refused = error.is_refused();
            self.reused = error.is_on_reused_connection();
        } else if let Some(error) = link.downcast_ref::<DialError>() {
            self.unsent = true;
            self.kind = Some(error.kind());
        } else if let Some(error) = link.downcast_ref::<hyper::Error>() {
            self.unsent |= error.is_canceled();
            self.kind = of_hyper(error).or(self.kind);
        } else if let Some(fault) = link.downcast_ref::<Fault>() {
            self.kind = Some(of_fault(*fault));
        } else if let Some(error) = link.downcast_ref::<h2::Error>() {
            self.kind = of_h2(error).or(self.kind);
        } else if let Some(error) = link.downcast_ref::<Diagnosis>() {
            self.kind = Some(error.kind());
        } else if let Some(error) = link.downcast_ref::<RequestBodyError>() {
            self.kind = Some(error.kind());
        } else if link.is::<NoRoom>() {
            self.kind = Some(ErrorKind::ConnectionLimitReached);
        } else if let Some(error) = link.downcast_ref::<DnsError>() {
            self.kind = Some(if error.is_timeout() { ErrorKind::DnsTimeout } else { ErrorKind::DnsError });
        } else if let Some(error) = link.downcast_ref::<io::Error>() {
            self.read_io(error);
        }
    }

    fn read_io(&mut self, error: &io::Error) {
        self.kind = of_io(error.kind()).or(self.kind);
        #[cfg(feature = "tls")]
        if let Some(error) = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
            self.kind = Some(of_tls(error));
        }
    }
}

fn of_hyper(error: &hyper::Error) -> Option<ErrorKind> {
    if error.is_parse_too_large() {
        Some(ErrorKind::HttpResponseHeaderSectionSize)
    } else if error.is_parse() {
        Some(ErrorKind::HttpProtocolError)
    } else if error.is_user() {
        None
    } else {
        Some(ErrorKind::ConnectionTerminated)
    }
}

fn of_fault(fault: Fault) -> ErrorKind {
    match fault.kind() {
        FaultKind::Closed => ErrorKind::ConnectionTerminated,
        FaultKind::Malformed => ErrorKind::HttpProtocolError,
        FaultKind::TooLarge => ErrorKind::HttpResponseHeaderSectionSize,
        FaultKind::Coding => ErrorKind::HttpResponseTransferCoding,
        FaultKind::Switch => ErrorKind::HttpUpgradeFailed,
    }
}

/// If our own side ended the stream, the upstream broke the protocol.
fn of_h2(error: &h2::Error) -> Option<ErrorKind> {
    match error.get_io() {
        Some(error) => of_io(error.kind()),
        None => error.is_library().then_some(ErrorKind::HttpProtocolError),
    }
}

fn of_io(kind: io::ErrorKind) -> Option<ErrorKind> {
    match kind {
        // The last two come from Unix sockets: the file is missing, or may not be opened.
        io::ErrorKind::ConnectionRefused | io::ErrorKind::NotFound | io::ErrorKind::PermissionDenied => {
            Some(ErrorKind::ConnectionRefused)
        }
        io::ErrorKind::TimedOut => Some(ErrorKind::ConnectionTimeout),
        io::ErrorKind::HostUnreachable
        | io::ErrorKind::NetworkUnreachable
        | io::ErrorKind::NetworkDown
        | io::ErrorKind::AddrNotAvailable => Some(ErrorKind::DestinationIpUnroutable),
        io::ErrorKind::ConnectionReset
        | io::ErrorKind::ConnectionAborted
        | io::ErrorKind::BrokenPipe
        | io::ErrorKind::NotConnected
        | io::ErrorKind::UnexpectedEof => Some(ErrorKind::ConnectionTerminated),
        _ => None,
    }
}

#[cfg(feature = "tls")]
fn of_tls(error: &rustls::Error) -> ErrorKind {
    match error {
        rustls::Error::InvalidCertificate(_) | rustls::Error::NoCertificatesPresented => {
            ErrorKind::TlsCertificateError
        }
        _ => ErrorKind::TlsProtocolError,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_that_the_client_broke_off_is_not_the_upstreams_doing() {
        let broken: io::Error = io::ErrorKind::UnexpectedEof.into();
        let outcome = outcome(RequestBodyError::Broken(broken.into()).into());
        assert_eq!(outcome.error.kind(), ErrorKind::BadRequest);
        assert!(!outcome.unsent && !outcome.stale);
    }
}
