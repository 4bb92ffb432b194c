/// The endpoints that were already asked for one request, by their index in the [`Set`](crate::Set).
///
/// A set of up to 64 endpoints needs no allocation. A larger one needs one, for the first endpoint that is passed
/// over.
#[derive(Clone, Debug, Default)]
pub struct Passed {
    first: u64,
    rest: Vec<u64>,
    len: usize,
}

impl Passed {
    /// Whether the endpoint at `index` was already asked, and must not be picked again.
    pub fn contains(&self, index: usize) -> bool {
        let word = match index / 64 {
            0 => self.first,
            n => self.rest.get(n - 1).copied().unwrap_or(0),
        };
        word & bit(index) != 0
    }

    /// How many endpoints were already asked.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether this is the request's first pick.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The index of the `n`-th endpoint, counted from 0, among those that were not asked yet. If none was asked,
    /// that is `n`. Takes a step for every 64 endpoints.
    ///
    /// `n` has to be less than the number of endpoints that are left: of `e` endpoints, `e - len` are.
    pub fn nth_open(&self, n: usize) -> usize {
        if self.is_empty() {
            return n;
        }
        let mut left = n;
        let mut begin = 0;
        for word in std::iter::once(&self.first).chain(&self.rest) {
            let open = word.count_zeros() as usize;
            if left < open {
                return begin + nth_zero(*word, left);
            }
            left -= open;
            begin += 64;
        }
        begin + left
    }

    /// Marks `index`. Returns false if it was marked before.
    pub(crate) fn insert(&mut self, index: usize) -> bool {
        let word = match index / 64 {
            0 => Some(&mut self.first),
            n => {
                self.rest.resize(self.rest.len().max(n), 0);
                self.rest.get_mut(n - 1)
            }
        };
        let fresh = word.is_some_and(|word| {
            let before = *word;
            *word |= bit(index);
            before != *word
        });
        self.len += usize::from(fresh);
        fresh
    }
}

fn bit(index: usize) -> u64 {
    1 << (index % 64)
}

/// The position of the `n`-th 0, counted from 0 and from the lowest bit.
fn nth_zero(word: u64, n: usize) -> usize {
    let without_lowest = |zeros: u64, _| zeros & zeros.wrapping_sub(1);
    (0..n).fold(!word, without_lowest).trailing_zeros() as usize
}

#[cfg(test)]
#[cfg(not(loom))]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn is_a_set_of_indices(indices in prop::collection::vec(0..300_usize, 0..200)) {
            let (mut passed, mut model) = (Passed::default(), HashSet::new());
            for index in indices {
                prop_assert_eq!(passed.insert(index), model.insert(index));
            }
            prop_assert_eq!(passed.len(), model.len());
            prop_assert_eq!(passed.is_empty(), model.is_empty());
            for index in 0..400 {
                prop_assert_eq!(passed.contains(index), model.contains(&index));
            }
            let open = (0..400).filter(|index| !model.contains(index));
            for (n, index) in open.enumerate() {
                prop_assert_eq!(passed.nth_open(n), index);
            }
        }
    }
}
