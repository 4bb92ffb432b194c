//! A value for each tokio runtime.

use std::sync::OnceLock;

use tokio::runtime::{Handle, Id};

/// How many runtimes can have a value. There are rarely more workers than processors. Runtimes beyond this number
/// have none.
const RUNTIMES: usize = 128;

/// Values for up to [`RUNTIMES`] runtimes. They are found without a lock, and are never moved.
pub(super) struct PerRuntime<T> {
    places: Box<[Place<T>]>,
}

type Place<T> = OnceLock<Box<(Id, T)>>;

impl<T> PerRuntime<T> {
    pub(super) fn new() -> Self {
        Self { places: (0..RUNTIMES).map(|_| OnceLock::new()).collect() }
    }

    /// The current runtime's value and its index. The value is made on first use. None outside a runtime, or if
    /// [`RUNTIMES`] other runtimes have a value.
    pub(super) fn here(&self, make: impl Fn() -> T) -> Option<(usize, &T)> {
        let runtime = Handle::try_current().ok()?.id();
        self.places.iter().enumerate().find_map(|(index, place)| {
            let (owner, value) = &**place.get_or_init(|| Box::new((runtime, make())));
            (*owner == runtime).then_some((index, value))
        })
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &T> {
        self.places.iter().map_while(Place::get).map(|place| &place.1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn runtime() -> tokio::runtime::Runtime {
        tokio::runtime::Builder::new_current_thread().build().unwrap()
    }

    fn index(places: &PerRuntime<usize>) -> Option<usize> {
        places.here(|| 7).map(|(index, _)| index)
    }

    #[test]
    fn each_runtime_has_its_own_and_keeps_it() {
        let (one, other) = (runtime(), runtime());
        let places = PerRuntime::new();
        assert_eq!(one.block_on(async { index(&places) }), Some(0));
        assert_eq!(other.block_on(async { index(&places) }), Some(1));
        assert_eq!(one.block_on(async { index(&places) }), Some(0));
        assert_eq!(places.iter().count(), 2);
    }

    #[test]
    fn there_is_none_outside_of_runtimes_or_for_one_too_many() {
        let places = PerRuntime::new();
        assert_eq!(index(&places), None);
        let runtimes: Vec<_> = (0..=RUNTIMES).map(|_| runtime()).collect();
        let indices: Vec<_> =
            runtimes.iter().filter_map(|one| one.block_on(async { index(&places) })).collect();
        assert_eq!(indices, (0..RUNTIMES).collect::<Vec<_>>());
    }
}
