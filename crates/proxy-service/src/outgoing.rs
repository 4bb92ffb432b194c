//! The request that goes upstream, made from the one that came without changing it: if it turns out that not a byte of
//! it was sent, the original is still whole.

use http::header::EXPECT;
use http::request::Parts;
use http::{Request, StatusCode, Version};
use http_body::Body;
use tokio::sync::{mpsc, oneshot};

use crate::client::{FreshConnection, Identity};
use crate::error::{ErrorKind, ProxyError, Stage};
use crate::headers;
use crate::headers::connection_bound::has_connection_bound_credentials;
use crate::headers::framing::BodyLength;
use crate::inbound::Inbound;
use crate::peer::Peer;
use crate::prefix::TakenOff;
use crate::request_body::{Limits, RequestBody, Whole};
use crate::rewrite;
use crate::route::RouteOptions;
use crate::settings::Settings;
use crate::upgrade::Upgrade;
use crate::upload::{Upload, Word, words};

/// What the future keeps of a request that is on its way.
#[derive(Debug)]
pub(crate) struct Kept<B> {
    pub(crate) body: KeptBody<B>,
    /// The body's progress, if there is one to send.
    pub(crate) upload: Option<Upload>,
    /// The line to a body that waits for the upstream's word.
    pub(crate) held: Option<mpsc::Sender<Word>>,
    /// The protocol asked for, and the client's half of the tunnel.
    pub(crate) upgrade: Option<Upgrade>,
    /// It means nothing to any other endpoint.
    pub(crate) is_tied: bool,
}

/// The body, for as long as it may be sent again.
#[derive(Debug)]
pub(crate) enum KeptBody<B> {
    /// There is nothing in it to send, so it stayed here.
    Empty(Whole<B>),
    /// It comes home if the client drops it before it is touched, or the upstream did nothing about it.
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

/// # Errors
/// A client-side [`ProxyError`] for a request that must not be forwarded.
pub(crate) fn prepare<B: Body + Unpin>(
    parts: &Parts,
    body: Whole<B>,
    settings: &Settings,
) -> Result<(Request<RequestBody<B>>, Kept<B>), ProxyError> {
    // 2 inbound facts, the upgrade half
    let inbound = Inbound::read(parts, RouteOptions::upgrades_of(parts, &settings.upgrades))?;
    let length = BodyLength::of(&body);
    let max_body = max_body(parts, length)?;
    // 3 rewrite the uri
    let TakenOff { prefix, remainder } = TakenOff::of(parts, &settings.original_uri);
    let uri = rewrite::uri(settings.target(), &parts.uri, remainder)?;
    // 4 request headers: hop-by-hop, host, forwarded, via, framing
    let headers = headers::request(parts, &inbound, prefix, length, settings)?;
    // 5 version, rejoin
    let upload = (length != BodyLength::None).then(Upload::default);
    let (held, held_for) = match upload.is_some() && headers.contains_key(EXPECT) {
        true => Some(words()).unzip(),
        false => (None, None),
    };
    let limits = Limits { idle: settings.timeouts.body_idle, max_body, held_for };
    let (body, kept) = match &upload {
        Some(upload) => {
            let (body, home) = RequestBody::new(body, upload, limits, &settings.endpoint);
            (body, KeptBody::Sent(home))
        }
        None => (RequestBody::none(&settings.endpoint), KeptBody::Empty(body)),
    };
    let peer = parts.extensions.get::<Peer>();
    if peer.is_none() {
        settings.no_peer.warn(settings.target());
    }
    let identity = identity(parts, &inbound, peer);
    let is_tied = identity.is_tied_to(&settings.endpoint);
    let mut request = Request::new(body.of(identity));
    *request.method_mut() = parts.method.clone();
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
    Ok((request, Kept { body: kept, upload, held, upgrade, is_tied }))
}

/// Whose the request is, as far as that binds connections.
fn identity(parts: &Parts, inbound: &Inbound, peer: Option<&Peer>) -> Identity {
    Identity {
        client: peer.and_then(Peer::connection).cloned(),
        is_shown: inbound.has_credentials && has_connection_bound_credentials(&parts.headers),
    }
}

fn max_body(parts: &Parts, length: BodyLength) -> Result<u64, ProxyError> {
    let max = RouteOptions::max_body_of(parts);
    match length {
        BodyLength::Exactly(length) if length > max => {
            Err(ProxyError::new(ErrorKind::ContentTooLarge, Stage::Request)
                .because("its Content-Length is larger than max_body"))
        }
        _ => Ok(max),
    }
}
