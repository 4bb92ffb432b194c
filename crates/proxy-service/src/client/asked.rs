//! What of a request is needed once it is sent, and what comes of its answer.

use std::sync::Arc;

use http::{Response, Version, response};
use http1::Answer;
use tokio::sync::mpsc;

use super::body::ClientBody;
use super::bound::{Identity, Owner};
use super::connection::{Answered, Answering, Connection, Failure, Switched};
use super::endpoint::Endpoint;
use super::error::ClientError;
use super::pool::Home;
use super::sent::{Payload, Sent};
use crate::headers::connection_bound;
use crate::upload::Upload;

/// What of a request its answer needs.
#[derive(Clone)]
pub(super) struct Asked {
    pub(super) endpoint: Arc<Endpoint>,
    pub(super) identity: Identity,
    upload: Option<Upload>,
}

impl Asked {
    pub(super) fn of<B>(request: &mut Sent<B>) -> Self {
        let body = request.body_mut();
        Self {
            endpoint: Arc::clone(body.endpoint()),
            upload: body.upload().cloned(),
            identity: body.take_identity(),
        }
    }

    /// From now on the connection serves the client of this request alone.
    pub(super) fn bind(&self, connection: &mut Connection) {
        match &self.identity.client {
            Some(client) => {
                client.bind_to(&self.endpoint);
                connection.bind(Owner::Client);
            }
            None => connection.bind(Owner::Nobody),
        }
    }

    /// What the answer says about whom its connection may serve next.
    fn note_answer(&self, head: &response::Parts, connection: &mut Connection) {
        let is_challenging = connection_bound::has_challenge(&head.headers);
        connection.note_challenge(is_challenging);
        if is_challenging {
            self.bind(connection);
        }
        if head.version == Version::HTTP_10 {
            connection.end_after_this();
        }
    }
}

/// The answer, which takes its connection along if that isn't done yet.
pub(super) fn answer<B: Payload>(
    asked: Asked,
    answered: Answered<B::Data>,
    mut connection: Box<Connection>,
    request: Sent<B>,
) -> Response<ClientBody> {
    let Answered { answer, sending } = answered;
    let mut head = match answer {
        Answer::Interim(head) | Answer::Final(head) => head,
        Answer::Switched(mut head) => {
            let (hand, switched) = Switched::new();
            head.extensions.insert(switched);
            let answering = Answering { connection, sending, body: request.into_body() };
            tokio::spawn(answering.switch(hand));
            return Response::from_parts(head, ClientBody::none());
        }
    };
    asked.note_answer(&head, &mut connection);
    if let Some(reason) = head.extensions.remove::<http1::ReasonPhrase>() {
        for_hyper(&mut head, &reason);
    }
    let Asked { endpoint, identity, upload } = asked;
    let body = match upload.filter(|_| !sending.is_over()) {
        Some(upload) => {
            let (frames, pieces) = mpsc::channel(1);
            let left = connection.wire.left();
            let answering = Answering { connection, sending, body: request.into_body() };
            tokio::spawn(answering.run(upload, frames));
            ClientBody::relayed(pieces, left)
        }
        None => {
            let owner = identity.client.filter(|_| connection.owner() == Owner::Client);
            ClientBody::received_on(connection, Home::new(endpoint, owner.as_ref()))
        }
    };
    Response::from_parts(head, body)
}

/// A reason phrase, where a server of hyper's looks for it.
#[cold]
fn for_hyper(head: &mut response::Parts, reason: &http1::ReasonPhrase) {
    if let Ok(reason) = hyper::ext::ReasonPhrase::try_from(reason.as_bytes()) {
        head.extensions.insert(reason);
    }
}

impl Failure {
    /// On a connection that had waited in a pool.
    pub(super) fn on_reused_connection(self) -> ClientError {
        match self {
            Self::Died(error) => ClientError::on_reused_connection(error),
            other => other.into(),
        }
    }
}

impl From<Failure> for ClientError {
    /// On a fresh connection.
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Unsent(error) => Self::unsent(error),
            Failure::Died(error) | Failure::Failed(error) => Self::on_fresh_connection(error),
        }
    }
}
