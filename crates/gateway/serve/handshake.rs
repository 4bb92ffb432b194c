//! TLS handshakes: from a connection's first bytes to a stream on which HTTP is spoken.
//!
//! The expensive part of a handshake is a signature, which is made in one piece. A quick one is made on the worker's own
//! thread, but only a few before all other connections of the worker have their turn. A slow one is made on another
//! thread.

mod hello;
mod turns;

use std::fmt;
use std::io;
use std::sync::Arc;

use rustls::server::ClientHello;
use rustls::{ProtocolVersion, ServerConfig};
use tokio::io::AsyncWriteExt as _;
use tokio_rustls::StartHandshake;
use tokio_rustls::server::TlsStream;

use self::hello::{Unread, hello};
pub(crate) use self::turns::Signature;
pub(super) use self::turns::Turns;
use super::protocol::Protocol;
use super::secured::Secured;
use super::stream::OverSocket;

/// Says how a listener answers clients that speak TLS.
pub(crate) trait Terms: fmt::Debug + Send + Sync {
    /// The answer to a client that says this in its ClientHello. With `None`, the handshake ends with the alert
    /// `unrecognized_name` (RFC 6066 §3).
    fn for_client(&self, hello: &ClientHello<'_>) -> Option<Answer>;
}

/// How a client that speaks TLS is answered.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    /// rustls's settings. The protocols that are agreed on by ALPN may be `h2`, `http/1.1` and `http/1.0`.
    pub(crate) config: Arc<ServerConfig>,
    /// How long the signature takes.
    pub(crate) signature: Signature,
}

/// Why there is no stream.
pub(super) enum Failed<T> {
    /// The client speaks HTTP without TLS. It may be told so.
    PlainHttp(T),
    /// The client asks for a name that no certificate is for. The alert was sent.
    UnknownName(Option<String>),
    /// Something else. If there was an alert to send, it was sent.
    Broken(io::Error),
}

/// Does the whole handshake.
pub(super) async fn handshake<T: OverSocket>(
    mut stream: T,
    terms: &dyn Terms,
    turns: &Turns,
) -> Result<(Box<TlsStream<T>>, Secured), Failed<T>> {
    let accepted = match hello(&mut stream).await {
        Ok(accepted) => accepted,
        Err(Unread::PlainHttp) => return Err(Failed::PlainHttp(stream)),
        Err(Unread::Broken(error)) => return Err(Failed::Broken(error)),
    };
    let Some(Answer { config, signature }) = terms.for_client(&accepted.client_hello()) else {
        let name = accepted.client_hello().server_name().map(str::to_owned);
        // It fails only if the client is gone.
        let _ = stream.write_all(&UNRECOGNIZED_NAME).await;
        return Err(Failed::UnknownName(name));
    };
    let start = StartHandshake::from_parts(accepted, stream);
    let signed = turns.take(signature, move || start.into_stream(config)).await.map_err(Failed::Broken)?;
    let stream = signed.await.map_err(Failed::Broken)?;
    let secured = Secured::by(&stream);
    Ok((Box::new(stream), secured))
}

/// A fatal alert, `unrecognized_name`, in a record of its own (RFC 8446 §5.1 and §6).
const UNRECOGNIZED_NAME: [u8; 7] = [21, 3, 3, 0, 2, 2, 112];

impl Secured {
    fn by<T>(stream: &TlsStream<T>) -> Self {
        let (_, session) = stream.get_ref();
        let agreed = session.alpn_protocol().map(|protocol| match protocol {
            b"h2" => Protocol::Http2,
            _ => Protocol::Http1,
        });
        let version = match session.protocol_version() {
            Some(ProtocolVersion::TLSv1_2) => "TLSv1.2",
            _ => "TLSv1.3",
        };
        let certificate = session.peer_certificates().and_then(<[_]>::first);
        Self { certificate: certificate.map(|certificate| certificate.clone().into_owned()), version, agreed }
    }
}

impl<T> Failed<T> {
    /// The reason, as it is counted.
    pub(super) fn reason(&self) -> &'static str {
        match self {
            Self::PlainHttp(_) => "plain_http",
            Self::UnknownName(_) => "unknown_name",
            Self::Broken(error) => reason_of(error),
        }
    }
}

fn reason_of(error: &io::Error) -> &'static str {
    match error.get_ref().and_then(|inner| inner.downcast_ref()) {
        Some(rustls::Error::AlertReceived(_)) => "alert_received",
        Some(rustls::Error::PeerIncompatible(_) | rustls::Error::NoApplicationProtocol) => {
            "nothing_in_common"
        }
        Some(rustls::Error::NoCertificatesPresented) => "no_client_certificate",
        Some(rustls::Error::InvalidCertificate(_)) => "client_certificate_refused",
        Some(_) => "malformed",
        None => "connection_lost",
    }
}

impl<T> fmt::Display for Failed<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PlainHttp(_) => f.write_str("the client speaks HTTP without TLS"),
            Self::UnknownName(Some(name)) => write!(f, "no certificate is for {name:?}"),
            Self::UnknownName(None) => f.write_str("the client asks for no name"),
            Self::Broken(error) => error.fmt(f),
        }
    }
}
