/// An error that may hold the request, if no byte of it was sent.
///
/// You don't implement this trait: implement std's `impl TryFrom<E> for Req { type Error = E; .. }` for your error
/// `E`. The crate that defines the error needn't know this one.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot give back a `{Req}` that was not sent, so it cannot be sent elsewhere",
    note = "`failover` needs `impl TryFrom<{Self}> for {Req}` with `Error = {Self}`"
)]
pub trait Unsent<Req>: Sized {
    /// The request as it was before the call, or the error itself if any part of the request may have been sent.
    fn into_unsent(self) -> Result<Req, Self>;
}

impl<Req, E> Unsent<Req> for E
where
    Req: TryFrom<E, Error = E>,
{
    fn into_unsent(self) -> Result<Req, Self> {
        self.try_into()
    }
}

/// The error of an endpoint is the answer: no request goes on to another endpoint.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct NoFailover;

/// A request that an endpoint gives back unsent goes on to another endpoint, never to the same one twice.
///
/// `failover(n)` on the layer or on the [`Balance`](crate::Balance) sets this. The balancer is then a service only
/// if the endpoint's error is [`Unsent`].
#[derive(Clone, Copy, Debug)]
pub struct Failover {
    pub(crate) left: u32,
}

impl Failover {
    /// Goes on to at most `n` further endpoints.
    pub(crate) fn new(n: u32) -> Self {
        Self { left: n }
    }
}
