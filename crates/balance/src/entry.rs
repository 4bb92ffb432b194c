/// What an endpoint begins as: its service, and what is known of it.
#[derive(Clone, Debug)]
pub struct Entry<S> {
    pub(crate) service: S,
    pub(crate) weight: u16,
    pub(crate) id: Option<u64>,
}

impl<S> Entry<S> {
    /// Of weight 1.
    pub fn new(service: S) -> Self {
        Self { service, weight: 1, id: None }
    }

    /// Its share against the others'. Weight 0 takes no picks until it is raised.
    pub fn weight(self, weight: u16) -> Self {
        Self { weight, ..self }
    }

    /// What it is known by wherever requests are mapped to endpoints by a hash. The same id gets the same keys, whatever
    /// the order of the endpoints and in every process; two of the same id get the same keys too, and share none of them
    /// well. Without one it is the number of endpoints that the balancer had been given before.
    pub fn id(self, id: u64) -> Self {
        Self { id: Some(id), ..self }
    }
}

impl<S> From<(S, u16)> for Entry<S> {
    fn from((service, weight): (S, u16)) -> Self {
        Self::new(service).weight(weight)
    }
}
