/// Which requests may be sent twice, and which results ask for it.
pub trait RetryRule<Req, Res, E> {
    /// What to send should `request` have to be sent again; `None` if it mustn't be.
    ///
    /// Asked before each sending but the last, so an answer of `Some` is paid for by every request.
    fn copy(&self, request: &Req) -> Option<Req>;

    /// Whether `result` is one to try again elsewhere.
    fn is_retryable(&self, result: Result<&Res, &E>) -> bool;
}
