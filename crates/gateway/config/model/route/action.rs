//! What a route does with its requests.

/// What a route does with its requests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// It forwards them to the pool with this index in [`Config::pools`](crate::config::Config::pools).
    Pool(usize),
}

impl Action {
    /// The pools that requests may go to, as indices into [`Config::pools`](crate::config::Config::pools).
    pub fn pools(&self) -> impl Iterator<Item = usize> + use<> {
        match self {
            Self::Pool(index) => std::iter::once(*index),
        }
    }

    /// The same, with 0 for the number of each pool.
    pub(crate) fn without_numbers(&self) -> Self {
        match self {
            Self::Pool(_) => Self::Pool(0),
        }
    }
}
