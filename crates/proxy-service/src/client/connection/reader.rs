//! How much of an answer's head there is room for, and reading it once more with more room.
//!
//! hyper has room for 100 fields that costs nothing; more costs two allocations for each answer. So a connection begins with as
//! little, and the first answer that doesn't fit is read once more from its beginning, by a reader that has room for all
//! that the limits allow.

use std::pin::pin;

use http::{Method, Request, Response};
use hyper::body::Incoming;
use hyper::client::conn::{TrySendError, http1};
use tokio::task::coop::unconstrained;

use super::super::Payload;
use super::super::answers::{AnswerLimits, TOO_LARGE, TOO_MANY_FIELDS};
use super::super::dial::Transport;
use super::super::exchange::Asked;
use super::super::pool::Leased;
use super::{Connection, Driver, Failure, Plain, Sent, head_of};
use crate::request_body::RequestBody;
use crate::upload::Upload;

/// How much hyper may read ahead of a client that doesn't read, or write behind for an upstream that doesn't, on each
/// connection; its own default is 408 KiB.
const BUFFER: usize = 64 * 1024;

/// hyper's own default, for which it has room on the stack.
const FIELDS_FOR_NOTHING: usize = 100;

#[derive(Clone, Copy, Debug)]
pub(in crate::client) struct Reader {
    limits: AnswerLimits,
    /// As many as there is room for.
    fields: usize,
}

impl Reader {
    /// As cheap as can be, for answers that can be read once more.
    pub(in crate::client) fn of(limits: AnswerLimits) -> Self {
        Self { limits, fields: limits.fields.min(FIELDS_FOR_NOTHING) }
    }

    pub(in crate::client) fn of_all(limits: AnswerLimits) -> Self {
        Self { limits, fields: limits.fields }
    }

    pub(super) fn builder(&self) -> http1::Builder {
        let mut builder = http1::Builder::new();
        builder.max_buf_size(self.limits.section.max(BUFFER)).max_header_size(self.limits.section);
        if self.fields != FIELDS_FOR_NOTHING {
            builder.max_headers(self.fields);
        }
        builder
    }

    /// One that has more room, if such an answer may take more.
    fn with_more_room(self, received: usize) -> Result<Self, super::super::error::Diagnosis> {
        if received >= self.limits.section {
            Err(TOO_LARGE)
        } else if self.fields >= self.limits.fields {
            Err(TOO_MANY_FIELDS)
        } else {
            Ok(Self::of_all(self.limits))
        }
    }
}

/// A request whose answer is not there, or not yet.
pub(super) enum Unanswered<B: Payload> {
    Failure(Failure<B>),
    Unread(Box<Unread>),
}

/// An answer whose head didn't fit, and the connection that it came on.
pub(super) struct Unread {
    read: http1::Parts<Leased<Transport>>,
    /// The request was on its way still: there will be no more of it.
    cuts_request: bool,
}

impl<B: Payload> Unanswered<B> {
    pub(super) fn of(
        failed: TrySendError<Sent<B>>,
        ended: Option<Plain<B>>,
        upload: Option<&Upload>,
    ) -> Self {
        match ended.filter(|_| failed.error().is_parse_too_large()) {
            Some(connection) => {
                let cuts_request = upload.is_some_and(|upload| !upload.has_ended());
                Self::Unread(Box::new(Unread { read: connection.into_parts(), cuts_request }))
            }
            None => Self::Failure(failed.into()),
        }
    }
}

impl<B: Payload> Connection<B> {
    /// The head that was too much for the reader so far.
    pub(super) async fn read_again(
        &mut self,
        unread: Box<Unread>,
        method: Method,
        asked: &Asked,
    ) -> Result<Response<Incoming>, Failure<B>> {
        let Unread { read, cuts_request } = *unread;
        let answer = read.read_buf;
        self.reader =
            self.reader.with_more_room(answer.len()).map_err(|limit| Failure::Died(limit.into()))?;
        self.is_cut |= cuts_request;
        let transport = read.io.map(|transport| transport.replaying(answer));
        let died = |error: hyper::Error| Failure::Died(error.into());
        let (requests, driver) = self.reader.builder().handshake(transport).await.map_err(died)?;
        self.requests = requests;
        self.driver = Some(Driver::Plain(driver));
        let mut stand_in = Request::new(RequestBody::none(&asked.endpoint));
        *stand_in.method_mut() = method;
        let head = pin!(unconstrained(self.requests.try_send_request(stand_in)));
        match head_of(head, &mut self.driver, None).await {
            Ok(head) => Ok(head),
            Err(Unanswered::Failure(Failure::Unsent(_, error))) => Err(died(error)),
            Err(Unanswered::Failure(failure)) => Err(failure),
            Err(Unanswered::Unread(unread)) => {
                let limit = self.reader.with_more_room(unread.read.read_buf.len()).err();
                Err(Failure::Died(limit.unwrap_or(TOO_LARGE).into()))
            }
        }
    }
}
