//! One request: on a connection from the pool or a new one.

use std::sync::Arc;

use http::header::UPGRADE;
use http::{Request, Response, Uri};
use hyper::body::Incoming;

use super::body::ClientBody;
use super::bound::{self, Identity, Outcome};
use super::connection::{Connection, Failure, Sent};
use super::endpoint::Endpoint;
use super::error::ClientError;
use super::multiplexed;
use super::pool::{Age, Opened};
use super::{FreshConnection, Options, Payload};
use crate::request_body::RequestBody;
use crate::upload::Upload;

const NO_PLACE: &str = "the upstream takes no streams on a new connection";

/// What isn't done for each request is boxed, so that not each needs room for it.
pub(super) async fn exchange<B: Payload>(
    client: Arc<Options>,
    mut request: Request<RequestBody<B>>,
) -> Result<Response<ClientBody>, ClientError> {
    let mut asked = Asked::of(&mut request);
    if asked.endpoint.pool_of::<B>(&client).is_none() {
        asked.endpoint = Arc::new(Endpoint::for_once(Arc::clone(asked.endpoint.target())));
    }
    let endpoint = Arc::clone(&asked.endpoint);
    let pool = endpoint.pool_of::<B>(&client).expect("an endpoint of our own has our pool");
    let wants_fresh = request.extensions_mut().remove::<FreshConnection>().is_some();
    make_origin_form(request.uri_mut());
    if asked.identity.binds() || request.headers().contains_key(UPGRADE) {
        match Box::pin(bound::exchange(pool, &asked, request)).await? {
            Outcome::Answered(answer) => return Ok(answer),
            Outcome::Ordinary(ordinary) => request = ordinary,
        }
    }
    let age = if wants_fresh { Age::New } else { Age::Any };
    if let Some(place) = pool.place(&endpoint, age).await? {
        return multiplexed::exchange(place, request).await;
    }
    let turn = pool.turn().await?;
    while let Some(mut connection) = (!wants_fresh).then(|| pool.take()).flatten() {
        match connection.exchange(request, &asked).await {
            Ok(head) => {
                connection.begin_turn(turn);
                return Ok(answer(asked, head, connection));
            }
            Err(Failure::Unsent(unsent, _)) => request = *unsent,
            Err(Failure::Died(error)) => return Err(ClientError::on_reused_connection(error)),
        }
    }
    let opened = Box::pin(pool.connect(endpoint.target(), turn)).await?;
    let mut connection = match opened {
        Opened::Http1(connection) => connection,
        Opened::Http2(connection) => {
            let place = pool.share(connection, &endpoint).ok_or_else(|| ClientError::refused(NO_PLACE))?;
            return multiplexed::exchange(place, request).await;
        }
    };
    if wants_fresh {
        connection.wear.wear_out();
    }
    let head = connection.exchange(request, &asked).await?;
    Ok(answer(asked, head, connection))
}

/// What of a request its answer needs.
#[derive(Clone)]
pub(super) struct Asked {
    pub(super) endpoint: Arc<Endpoint>,
    pub(super) identity: Identity,
    pub(super) upload: Option<Upload>,
}

impl Asked {
    fn of<B>(request: &mut Sent<B>) -> Self {
        let body = request.body_mut();
        Self {
            endpoint: Arc::clone(body.endpoint()),
            upload: body.upload().cloned(),
            identity: body.take_identity(),
        }
    }
}

/// The answer, which takes its connection along if that isn't done yet.
pub(super) fn answer<B: Payload>(
    asked: Asked,
    head: Response<Incoming>,
    mut connection: Box<Connection<B>>,
) -> Response<ClientBody> {
    let Asked { endpoint, identity, upload } = asked;
    connection.note_answer(&head, &identity, &endpoint);
    if let Some(upload) = upload.filter(|upload| !upload.has_ended()) {
        // Whoever sends before they read would wait for ever if only reading the answer drove the connection.
        tokio::spawn(connection.finish(upload));
        return head.map(ClientBody::driven_elsewhere);
    }
    head.map(|incoming| ClientBody::received_on(connection, endpoint, incoming))
}

/// What HTTP/1 has in its request line (RFC 9112 §3.2.1); of all else HTTP/2 takes the target's.
fn make_origin_form(uri: &mut Uri) {
    *uri = uri.path_and_query().cloned().map(Uri::from).unwrap_or_default();
}

impl<B> From<Failure<B>> for ClientError {
    /// On a fresh connection.
    fn from(failure: Failure<B>) -> Self {
        match failure {
            Failure::Unsent(_, error) => Self::unsent(error),
            Failure::Died(error) => Self::on_fresh_connection(error),
        }
    }
}
