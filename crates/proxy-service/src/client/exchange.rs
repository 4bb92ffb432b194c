//! One request: it is sent on a connection from the pool, or on a new one.

use std::sync::Arc;

use http::Response;
use http::header::UPGRADE;

use super::asked::{Asked, answer};
use super::body::ClientBody;
use super::bound::{self, Outcome};
use super::connection::Failure;
use super::endpoint::Endpoint;
use super::error::ClientError;
use super::multiplexed;
use super::options::Options;
use super::pool::{Age, Opened, Pool};
use super::sent::{FreshConnection, Payload, Sent};

const NO_PLACE: &str = "the upstream takes no streams on a new connection";

/// Sends a request and waits for the head of its answer. The futures of steps that only some requests need are boxed,
/// so that the future of each request doesn't need room for them.
pub(super) async fn exchange<B: Payload>(
    client: Arc<Options>,
    mut request: Sent<B>,
) -> Result<Response<ClientBody>, ClientError> {
    let mut asked = Asked::of(&mut request);
    if Pool::of(&asked.endpoint, &client).is_none() {
        asked.endpoint = Arc::new(Endpoint::for_once(asked.endpoint.target().clone()));
    }
    let endpoint = Arc::clone(&asked.endpoint);
    let pool = Pool::of(&endpoint, &client).expect("an endpoint of our own has our pool");
    let wants_fresh = request.extensions_mut().remove::<FreshConnection>().is_some();
    let age = if wants_fresh { Age::New } else { Age::Any };
    if asked.identity.binds() || request.headers().contains_key(UPGRADE) || pool.introduces_clients() {
        let outcome = Box::pin(bound::exchange(pool, &asked, request, age)).await?;
        match outcome {
            Outcome::Answered(answer) => return Ok(answer),
            Outcome::Ordinary(ordinary) => request = ordinary,
        }
    }
    let place = pool.place(&endpoint, age).await?;
    if let Some(place) = place {
        return multiplexed::exchange(place, request).await;
    }
    let turn = pool.turn().await?;
    while let Some(mut connection) = (!wants_fresh).then(|| pool.take()).flatten() {
        match connection.exchange(&mut request).await {
            Ok(answered) => {
                connection.begin_turn(turn);
                return Ok(answer(asked, answered, connection, request));
            }
            Err(Failure::Unsent(_)) => {}
            Err(failure) => return Err(failure.on_reused_connection()),
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
    let answered = connection.exchange(&mut request).await?;
    Ok(answer(asked, answered, connection, request))
}
