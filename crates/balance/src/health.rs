/// Whether an endpoint takes new requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Health {
    /// It takes its share.
    Available,
    /// Down.
    Down,
    /// It was drained or removed: no new picks, and what is in flight finishes.
    Draining,
}
