use super::Key;
use crate::dice::{mix, unit};

/// The index of the place that `key` belongs to, of places with an id and a weight. One of weight 0 gets no keys. `None`
/// if there is none with a weight.
///
/// This is weighted rendezvous hashing, as in [`Hash`](struct@crate::Hash), without regard to health and load.
///
/// ```
/// let of = |key: &str, places: [(u64, u16); 2]| balance::nearest(balance::Key::of(key), places);
/// assert_eq!(of("alice", [(1, 0), (2, 5)]), Some(1));
/// assert_eq!(of("alice", [(1, 1), (2, 1)]), of("alice", [(1, 7), (2, 7)]));
/// assert_eq!(of("alice", [(1, 0), (2, 0)]), None);
/// ```
pub fn nearest(key: Key, places: impl IntoIterator<Item = (u64, u16)>) -> Option<usize> {
    let weighted = places.into_iter().enumerate().filter(|(_, (_, weight))| *weight > 0);
    let distances = weighted.map(|(index, (id, weight))| (distance(key, id, weight), index));
    let (_, index) = distances.min_by(|(one, _), (other, _)| one.total_cmp(other))?;
    Some(index)
}

/// A number that is exponentially distributed with the weight as its rate. Of several places, each has the smallest one
/// as often as its weight says.
pub(super) fn distance(key: Key, id: u64, weight: u16) -> f64 {
    let hash = mix(key.bits() ^ mix(id));
    -(-unit(hash)).ln_1p() / f64::from(weight)
}
