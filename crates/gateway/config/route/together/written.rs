//! Routes as they stand in the file.

use std::ops::Range;

use crate::config::model::Route;

/// A route, and what is needed of the file to compare it with the others.
#[derive(Debug)]
pub(in crate::config) struct Written {
    /// The place of its path.
    pub(in crate::config) span: Range<usize>,
    pub(in crate::config) route: Route,
    pub(in crate::config) openness: Openness,
}

/// Whether a route says that it is to be open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::config) enum Openness {
    /// It says nothing of it.
    #[default]
    Unsaid,
    /// `open = true`: also where a gated route is above.
    Meant,
}
