//! A request that may not go on just any connection: it needs the connection that is bound to its client, or one that
//! becomes bound, or it asks for another protocol.

use http::Response;
use http::header::UPGRADE;

use super::super::asked::{Asked, answer};
use super::super::body::ClientBody;
use super::super::connection::Failure;
use super::super::error::{ClientError, Diagnosis};
use super::super::pool::Pool;
use super::super::sent::{Payload, Sent};
use crate::error::ErrorKind;

const NO_UPGRADE: Diagnosis = Diagnosis::new(
    ErrorKind::UpgradeUnavailable,
    "an upgrade takes HTTP/1.1, and this client is to speak HTTP/2 alone",
);

const NO_HANDSHAKE: Diagnosis = Diagnosis::new(
    ErrorKind::Http1Unavailable,
    "credentials that are for a connection take HTTP/1.1, and this client is to speak HTTP/2 alone",
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
) -> Result<Outcome<B>, ClientError> {
    let is_upgrade = request.headers().contains_key(UPGRADE);
    while let Some(mut connection) = pool.take_own(asked.identity.client.as_ref(), &asked.endpoint).await {
        match connection.exchange(&mut request).await {
            Ok(answered) => {
                return Ok(Outcome::Answered(answer(asked.clone(), answered, connection, request)));
            }
            Err(Failure::Unsent(_)) => {}
            Err(failure) => return Err(failure.on_reused_connection()),
        }
    }
    if !is_upgrade && !asked.identity.is_shown {
        return Ok(Outcome::Ordinary(request));
    }
    let turn = pool.turn().await?;
    let unavailable = if is_upgrade { NO_UPGRADE } else { NO_HANDSHAKE };
    let mut connection = pool.connect_in_http1(asked.endpoint.target(), turn, unavailable).await?;
    match asked.identity.is_shown {
        true => asked.bind(&mut connection),
        false => connection.end_after_this(),
    }
    let answered = connection.exchange(&mut request).await?;
    Ok(Outcome::Answered(answer(asked.clone(), answered, connection, request)))
}
