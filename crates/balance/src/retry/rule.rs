/// Decides which requests may be sent twice, and which results call for it.
pub trait RetryRule<Req, Res, E> {
    /// A copy of `request` to send again if necessary; `None` if it must not be sent twice.
    ///
    /// It is called before each try but the last. So each request pays for its copy, even if it succeeds at once.
    fn copy(&self, request: &Req) -> Option<Req>;

    /// Whether the request should be tried elsewhere after `result`.
    fn is_retryable(&self, result: Result<&Res, &E>) -> bool;
}
