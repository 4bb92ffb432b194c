//! `Named`: counters of rare events by their names, of which there are few and all known.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

/// How many names are counted on their own. There are fewer errors than that; all further ones would be `other`.
const MOST: usize = 64;

/// Counters of rare events by name. A name takes the first free place when it comes up for the first time.
#[derive(Debug)]
pub(crate) struct Named {
    places: [(OnceLock<&'static str>, AtomicU64); MOST],
    others: AtomicU64,
}

impl Default for Named {
    fn default() -> Self {
        Self { places: [const { (OnceLock::new(), AtomicU64::new(0)) }; MOST], others: AtomicU64::new(0) }
    }
}

impl Named {
    /// Counts one. It looks through the names, which is cheap enough for what is rare.
    pub(crate) fn count(&self, name: &'static str) {
        let place = self.places.iter().find(|(taken_by, _)| *taken_by.get_or_init(|| name) == name);
        place.map_or(&self.others, |(_, count)| count).fetch_add(1, Ordering::Relaxed);
    }

    /// The names that came up, and how often.
    pub(crate) fn counts(&self) -> impl Iterator<Item = (&'static str, u64)> {
        let named = self.places.iter().map_while(|(name, count)| Some((*name.get()?, count)));
        let others = std::iter::once(("other", &self.others));
        let all = named.chain(others).map(|(name, count)| (name, count.load(Ordering::Relaxed)));
        all.filter(|(_, count)| *count > 0)
    }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    #[test]
    fn names_are_counted_whoever_comes_first() {
        let named = Named::default();
        thread::scope(|scope| {
            for names in [["a", "b"], ["b", "c"], ["c", "a"]] {
                let named = &named;
                scope.spawn(move || (0..100).for_each(|_| names.iter().for_each(|name| named.count(name))));
            }
        });
        let mut counts: Vec<_> = named.counts().collect();
        counts.sort_unstable();
        assert_eq!(counts, [("a", 200), ("b", 200), ("c", 200)]);
    }

    #[test]
    fn what_is_too_much_is_counted_together() {
        let named = Named::default();
        for number in 0..MOST + 2 {
            named.count(Box::leak(number.to_string().into_boxed_str()));
        }
        assert_eq!(named.counts().last(), Some(("other", 2)));
    }
}
