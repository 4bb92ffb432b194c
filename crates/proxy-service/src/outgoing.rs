//! The request that goes upstream: a changed copy of the one that came. The original stays whole, because it is given
//! back if nothing of the copy was sent.

use http::header::EXPECT;
use http::request::Parts;
use http::{Request, StatusCode, Version};
use http_body::Body;
use http1::BodySize;
use tokio::sync::{mpsc, oneshot};

use crate::client::{FreshConnection, Identity};
use crate::error::{ErrorKind, ProxyError, Stage};
use crate::extended_connect::method_for_upstream;
use crate::headers;
use crate::headers::connection_bound::has_connection_bound_credentials;
use crate::headers::framing;
use crate::inbound::Inbound;
use crate::informational::Informational;
use crate::peer::Peer;
use crate::prefix::TakenOff;
use crate::received::Received;
use crate::request_body::{Limits, RequestBody, Whole};
use crate::rewrite;
use crate::settings::Settings;
use crate::timeouts::Timeouts;
use crate::upgrade::Upgrade;
use crate::upload::{Upload, Word, words};

/// What the future keeps while a request is on its way.
#[derive(Debug)]
pub(crate) struct Kept<B> {
    pub(crate) body: KeptBody<B>,
    /// How far the body has come; none if there is no body to send.
    pub(crate) upload: Option<Upload>,
    /// Tells a held-back body what the upstream says to `Expect: 100-continue`.
    pub(crate) held: Option<mpsc::Sender<Word>>,
    /// The protocol that the client asked for, and the client's half of the tunnel.
    pub(crate) upgrade: Option<Upgrade>,
    /// It is a step of a handshake with this endpoint, so it may not go to another.
    pub(crate) is_tied: bool,
    /// The time limits of its route.
    pub(crate) timeouts: Timeouts,
}

/// The body, as long as it may be sent again.
#[derive(Debug)]
pub(crate) enum KeptBody<B> {
    /// It is empty, so it was not sent.
    Empty(Whole<B>),
    /// It comes back if the client drops it unread, or if the upstream did not process the request.
    Sent(oneshot::Receiver<Whole<B>>),
}

impl<B> KeptBody<B> {
    pub(crate) fn come_home(self) -> Option<Whole<B>> {
        match self {
            Self::Empty(body) => Some(body),
            Self::Sent(mut home) => home.try_recv().ok(),
        }
    }
}

/// Makes the request that goes upstream.
///
/// # Errors
/// A [`ProxyError`] on the client's side for a request that must not be forwarded.
pub(crate) fn prepare<B: Body + Unpin>(
    parts: &Parts,
    body: Whole<B>,
    settings: &Settings,
) -> Result<(Request<RequestBody<B>>, Kept<B>), ProxyError> {
    // Step 2: read and check the request.
    let received = Received::from(parts);
    let upgrades = received.route.upgrades_or(&settings.upgrades);
    let inbound = Inbound::read(parts, upgrades, received.route.checked_before())?;
    let length = framing::size_of(&body);
    let max_body = max_body(received, length)?;
    // Step 3: the upstream's URI.
    let TakenOff { prefix, remainder } = TakenOff::of(received, &settings.original_uri);
    let uri = rewrite::uri(settings.target(), &parts.uri, remainder)?;
    // Step 4: the headers.
    let headers = headers::request(received, &inbound, prefix, length, settings)?;
    // Step 5: put it together, always as HTTP/1.1.
    let upload = (length != BodySize::None).then(Upload::default);
    let (held, held_for) = match upload.is_some() && headers.contains_key(EXPECT) {
        true => Some(words()).unzip(),
        false => (None, None),
    };
    let timeouts = received.route.timeouts_over(settings.timeouts);
    let limits = Limits { idle: timeouts.body_idle, max_body, held_for };
    let (body, kept) = match &upload {
        Some(upload) => {
            let (body, home) = RequestBody::new(body, upload, limits, &settings.endpoint);
            (body, KeptBody::Sent(home))
        }
        None => (RequestBody::none(&settings.endpoint), KeptBody::Empty(body)),
    };
    if received.peer.is_none() {
        settings.no_peer.warn(settings.target());
    }
    let identity = identity(received, &inbound);
    let is_tied = identity.is_tied_to(&settings.endpoint);
    let informational = parts.extensions.get::<Informational>().cloned();
    let mut request = Request::new(body.of(identity).telling(informational));
    *request.method_mut() = method_for_upstream(&parts.method).clone();
    *request.uri_mut() = uri;
    *request.version_mut() = Version::HTTP_11;
    *request.headers_mut() = headers;
    if let Some(held) = held.clone() {
        hyper::ext::on_informational(&mut request, move |interim| {
            if interim.status() == StatusCode::CONTINUE {
                let _body_may_be_gone = held.try_send(Word::Continue);
            }
        });
    }
    let upgrade = inbound.upgrade;
    if upgrade.is_some() {
        request.extensions_mut().insert(FreshConnection);
    }
    Ok((request, Kept { body: kept, upload, held, upgrade, is_tied, timeouts }))
}

/// Which client connection the request came over, and whether its credentials are bound to that connection.
fn identity(received: Received<'_>, inbound: &Inbound) -> Identity {
    Identity {
        client: received.peer.and_then(Peer::connection).cloned(),
        is_shown: inbound.has_credentials && has_connection_bound_credentials(&received.parts.headers),
    }
}

fn max_body(received: Received<'_>, length: BodySize) -> Result<u64, ProxyError> {
    let max = received.route.longest_body();
    match length {
        BodySize::Exactly(length) if length > max => {
            Err(ProxyError::new(ErrorKind::ContentTooLarge, Stage::Request)
                .because("its Content-Length is larger than max_body"))
        }
        _ => Ok(max),
    }
}
