//! A request that may not go on just any connection: it needs the connection that is bound to its client, or one that
//! becomes bound, or it asks for another protocol.

use http::Response;
use http::header::UPGRADE;

use super::super::asked::{Asked, answer};
use super::super::body::ClientBody;
use super::super::connection::Failure;
use super::super::error::{ClientError, Diagnosis};
use super::super::pool::{Age, Pool};
use super::super::sent::{Payload, Sent};
use super::Owner;
use crate::error::ErrorKind;

const NO_UPGRADE: Diagnosis = Diagnosis::new(
    ErrorKind::UpgradeUnavailable,
    "an upgrade takes HTTP/1.1, and this client is to speak HTTP/2 alone",
);

const NO_HANDSHAKE: Diagnosis = Diagnosis::new(
    ErrorKind::Http1Unavailable,
    "credentials that are for a connection take HTTP/1.1, and this client is to speak HTTP/2 alone",
);

const NO_INTRODUCTION: Diagnosis = Diagnosis::new(
    ErrorKind::Http1Unavailable,
    "a connection that begins with a client's address takes HTTP/1.1, and this client is to speak HTTP/2 alone",
);

pub(in crate::client) enum Outcome<B> {
    Answered(Response<ClientBody>),
    /// The request may go on any connection. It hasn't been sent.
    Ordinary(Sent<B>),
}

pub(in crate::client) async fn exchange<B: Payload>(
    pool: &Pool,
    asked: &Asked,
    mut request: Sent<B>,
    age: Age,
) -> Result<Outcome<B>, ClientError> {
    let is_upgrade = request.headers().contains_key(UPGRADE);
    let introduces = pool.introduces_clients();
    let client = asked.identity.client.as_ref();
    let may_reuse = !introduces || age == Age::Any || asked.identity.binds();
    while let Some(mut connection) = pool.take_own(client.filter(|_| may_reuse), &asked.endpoint).await {
        if asked.identity.is_shown {
            asked.bind(&mut connection);
        }
        match connection.exchange(&mut request).await {
            Ok(answered) => {
                return Ok(Outcome::Answered(answer(asked.clone(), answered, connection, request)));
            }
            Err(Failure::Unsent(_)) => {}
            Err(failure) => return Err(failure.on_reused_connection()),
        }
    }
    if !is_upgrade && !asked.identity.is_shown && !introduces {
        return Ok(Outcome::Ordinary(request));
    }
    let turn = pool.turn().await?;
    let unavailable = match (is_upgrade, asked.identity.is_shown) {
        (true, _) => NO_UPGRADE,
        (false, true) => NO_HANDSHAKE,
        (false, false) => NO_INTRODUCTION,
    };
    let ends = asked.identity.ends();
    let mut connection = pool.connect_in_http1(asked.endpoint.target(), ends, turn, unavailable).await?;
    match (asked.identity.is_shown, is_upgrade) {
        (true, _) => asked.bind(&mut connection),
        (false, true) => connection.end_after_this(),
        (false, false) => connection.bind(Owner::Introduced),
    }
    let answered = connection.exchange(&mut request).await?;
    Ok(Outcome::Answered(answer(asked.clone(), answered, connection, request)))
}
