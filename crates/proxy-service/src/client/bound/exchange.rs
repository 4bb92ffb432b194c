//! A request that may not go on just any connection: it goes on its client's own, on one that becomes that, or asks for
//! another protocol.

use http::header::UPGRADE;
use http::{Response, StatusCode};

use super::super::Payload;
use super::super::body::ClientBody;
use super::super::connection::{Connection, Failure, Sent};
use super::super::error::{ClientError, Diagnosis};
use super::super::exchange::{Asked, answer};
use super::super::pool::Pool;
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
    /// It may go on any connection.
    Ordinary(Sent<B>),
}

pub(in crate::client) async fn exchange<B: Payload>(
    pool: &Pool<B>,
    asked: &Asked,
    mut request: Sent<B>,
) -> Result<Outcome<B>, ClientError> {
    let is_upgrade = request.headers().contains_key(UPGRADE);
    while let Some(connection) = pool.take_own(asked).await {
        match send(connection, asked, request).await {
            Ok(answer) => return Ok(Outcome::Answered(answer)),
            Err(Failure::Unsent(unsent, _)) => request = *unsent,
            Err(Failure::Died(error)) => return Err(ClientError::on_reused_connection(error)),
        }
    }
    if !is_upgrade && !asked.identity.is_shown {
        return Ok(Outcome::Ordinary(request));
    }
    let turn = pool.turn().await?;
    let unavailable = if is_upgrade { NO_UPGRADE } else { NO_HANDSHAKE };
    let mut connection = pool.connect_in_http1(asked.endpoint.target(), turn, unavailable).await?;
    match asked.identity.is_shown {
        true => connection.bind(&asked.identity, &asked.endpoint),
        false => connection.end_after_this(),
    }
    Ok(Outcome::Answered(send(connection, asked, request).await?))
}

async fn send<B: Payload>(
    mut connection: Box<Connection<B>>,
    asked: &Asked,
    request: Sent<B>,
) -> Result<Response<ClientBody>, Failure<B>> {
    if request.headers().contains_key(UPGRADE) {
        connection.allow_upgrade();
    }
    let head = connection.exchange(request, asked).await?;
    if head.status() == StatusCode::SWITCHING_PROTOCOLS {
        tokio::spawn(connection.hand_over());
        return Ok(head.map(ClientBody::driven_elsewhere));
    }
    Ok(answer(asked.clone(), head, connection))
}
