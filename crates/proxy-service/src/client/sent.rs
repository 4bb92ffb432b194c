//! A request as it is passed to the client.

use http::Request;
use http_body::Body;

use crate::error::BoxError;
use crate::request_body::RequestBody;

pub(super) type Sent<B> = Request<RequestBody<B>>;

/// The request bodies that a client can send.
pub(super) trait Payload: Body<Data: Send, Error: Into<BoxError>> + Send + Unpin + 'static {}

impl<B> Payload for B where B: Body<Data: Send, Error: Into<BoxError>> + Send + Unpin + 'static {}

/// A request extension: the request is sent on a connection that is opened for it.
///
/// Over HTTP/1 no other request is sent on that connection. Over HTTP/2 a connection is opened unless there are as
/// many as there may be, and other requests may share it.
#[derive(Clone, Copy, Debug)]
pub struct FreshConnection;
