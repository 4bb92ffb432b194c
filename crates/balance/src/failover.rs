/// An error that may still hold the request, if not one byte of it was sent.
///
/// Not implemented by hand: an error `E` that can give back a `Req` says so with std's
/// `impl TryFrom<E> for Req { type Error = E; .. }`, without knowing this crate.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot give back a `{Req}` that was not sent, so it cannot be sent elsewhere",
    note = "`failover` needs `impl TryFrom<{Self}> for {Req}` with `Error = {Self}`"
)]
pub trait Unsent<Req>: Sized {
    /// The request as it was handed over, or the error itself if any of it may have been sent.
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

/// An endpoint's error is the answer.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct NoFailover;

/// A request that an endpoint gives back unsent goes on to another, never to the same one twice.
///
/// Set by `failover(n)` on the layer or on the [`Balance`](crate::Balance), which is then a service only for errors
/// that are [`Unsent`].
#[derive(Clone, Copy, Debug)]
pub struct Failover {
    pub(crate) left: u32,
}

impl Failover {
    /// To at most `n` further endpoints.
    pub(crate) fn new(n: u32) -> Self {
        Self { left: n }
    }
}
