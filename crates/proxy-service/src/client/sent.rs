//! A request as the client is given it.

use http::Request;
use http_body::Body;

use crate::error::BoxError;
use crate::request_body::RequestBody;

pub(super) type Sent<B> = Request<RequestBody<B>>;

/// What request bodies a client can send.
pub(super) trait Payload: Body<Data: Send, Error: Into<BoxError>> + Send + Unpin + 'static {}

impl<B> Payload for B where B: Body<Data: Send, Error: Into<BoxError>> + Send + Unpin + 'static {}

/// A request extension: send this on a connection made for it, which nothing else is sent on; over HTTP/2 on one that is
/// made now, unless there are as many as there may be, and that others may share.
#[derive(Clone, Copy, Debug)]
pub struct FreshConnection;
