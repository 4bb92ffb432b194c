/// Makes the service that reaches one endpoint: any `Fn(T) -> S`.
pub trait NewEndpoint<T> {
    /// The service of one endpoint.
    type Service;

    /// The service that reaches `target`, made once, when the endpoint is.
    fn new_endpoint(&self, target: T) -> Self::Service;
}

impl<T, S, M> NewEndpoint<T> for M
where
    M: Fn(T) -> S,
{
    type Service = S;

    fn new_endpoint(&self, target: T) -> S {
        self(target)
    }
}
