//! What a route's pattern has captured of a path.

use std::ops::Range;

use crate::config::MOST_CAPTURES;

/// Where in a path the names of a pattern were found: up to 16 places, in the order of the names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Captures {
    /// A path has less than 64 KiB, since an `http::Uri` has.
    places: [(u16, u16); MOST_CAPTURES],
    count: u8,
}

impl Captures {
    /// The place of the name with this index, in bytes of the path. A group of a regular expression that took no part in
    /// the match has an empty place.
    #[must_use]
    pub fn place(&self, index: usize) -> Option<Range<usize>> {
        let (begin, end) = self.places.get(..usize::from(self.count))?.get(index)?;
        Some(usize::from(*begin)..usize::from(*end))
    }

    /// The bytes of a path at that place. They are as the client sent them: nothing is decoded.
    #[must_use]
    pub fn of<'p>(&self, path: &'p str, index: usize) -> Option<&'p str> {
        path.get(self.place(index)?)
    }

    pub(super) fn push(&mut self, place: Range<usize>) {
        let within = |place: usize| u16::try_from(place).unwrap_or(u16::MAX);
        if let Some(free) = self.places.get_mut(usize::from(self.count)) {
            *free = (within(place.start), within(place.end));
            self.count += 1;
        }
    }

    pub(super) fn pop(&mut self) {
        self.count = self.count.saturating_sub(1);
    }
}
