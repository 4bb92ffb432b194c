/// Makes the service that reaches one endpoint. Any `Fn(T) -> S` is one.
pub trait NewEndpoint<T> {
    /// The service that reaches one endpoint.
    type Service;

    /// Makes the service that reaches `target`. Called once for each endpoint.
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
