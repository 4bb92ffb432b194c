//! What a route is: which requests it takes, and the layers that it puts around its pool or answer.
//!
//! Each of the layers can be used alone, as a Tower layer in a program of your own.

mod action;
pub mod answers;
mod backing;
mod chain;
pub mod entered;
pub mod entry;
pub mod limits;
mod matching;
mod mount;
mod original;
mod reason;

pub(crate) use self::backing::{Backing, Purpose};
pub use self::chain::{Answering, Chain};
pub(crate) use self::matching::Verdict;
pub use self::matching::{Captures, Matched, Matcher, Rule};
pub(crate) use self::mount::{mount, unrouted};
pub use self::original::Original;
pub use self::reason::Reason;
