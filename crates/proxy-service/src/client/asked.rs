//! The parts of a request that its answer needs, and the response that is made from that answer.

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

/// The parts of a request that are needed after it was sent, to handle its answer.
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

    /// From now on the connection serves only the client of this request. If that client connection isn't known, or is
    /// that of a proxy, the connection takes no further request.
    pub(super) fn bind(&self, connection: &mut Connection) {
        match self.identity.client.as_ref().filter(|client| client.is_of_one_user()) {
            Some(client) => {
                client.bind_to(&self.endpoint);
                connection.bind(Owner::Client);
            }
            None => connection.bind(Owner::Nobody),
        }
    }

    /// Reads from the head of the answer which requests may be sent on its connection next.
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

/// Makes the response. If more of the answer is to be read, the response's body reads it from the connection. If part
/// of the request is still to be sent, or another protocol is spoken from now on, a task has the connection instead.
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
    if let Some(reason) = head.extensions.get::<http1::ReasonPhrase>().cloned() {
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
            let is_own = matches!(connection.owner(), Owner::Client | Owner::Introduced);
            let owner = identity.client.filter(|_| is_own);
            ClientBody::received_on(connection, Home::new(endpoint, owner.as_ref()))
        }
    };
    Response::from_parts(head, body)
}

/// Puts the reason phrase also into the extension in which hyper's server looks for it.
#[cold]
fn for_hyper(head: &mut response::Parts, reason: &http1::ReasonPhrase) {
    if let Ok(reason) = hyper::ext::ReasonPhrase::try_from(reason.as_bytes()) {
        head.extensions.insert(reason);
    }
}

impl Failure {
    /// The error for a request on a connection that was idle before.
    pub(super) fn on_reused_connection(self) -> ClientError {
        match self {
            Self::Died(error) => ClientError::on_reused_connection(error),
            other => other.into(),
        }
    }
}

impl From<Failure> for ClientError {
    /// The error for a request on a connection that was opened for it.
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Unsent(error) => Self::unsent(error),
            Failure::Died(error) | Failure::Failed(error) => Self::on_fresh_connection(error),
        }
    }
}
