//! One request as an operator sees it: what was asked, which way it went, and how it ended.
//!
//! - `asked`: what the edge knew when it came.
//! - `story`: that, and what was learned since. `Journey` is the end at which inner layers add to it, `Record` the one
//!   at which the edge ends it, exactly once.
//! - `finished`: the whole of it, for the [`Audience`](super::Audience). `stages`, `ended`: parts of it.

mod asked;
mod ended;
mod finished;
mod journey;
mod record;
mod stages;
mod story;

pub(crate) use self::asked::Asked;
#[cfg(test)]
pub(crate) use self::ended::Ended;
pub(crate) use self::finished::{Finished, error_name};
pub(crate) use self::journey::Journey;
pub(crate) use self::record::Record;
#[cfg(test)]
pub(crate) use self::stages::Stages;
