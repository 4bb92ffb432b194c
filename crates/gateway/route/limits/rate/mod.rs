//! How often requests may come: `RateLimitLayer`, and what it counts with.
//!
//! - `key`: whose requests are counted together. `decision`: what a limit says, and how the answer says it.
//! - `cells`: the table of all keys. `limiter`: governor's GCRA on it.
//! - `common`: the same in Redis, for several gateways; `script` and `connection` are its parts.
//! - `counter`: one limit with all that belongs to it, as it outlives a reload.
//! - `layer`: the Tower layer. `said`: what one limit says of a request; `verdict`: what all of them say.

mod cells;
#[cfg(feature = "redis")]
mod common;
#[cfg(not(feature = "redis"))]
#[path = "alone.rs"]
mod common;
mod counter;
mod decision;
mod key;
mod layer;
mod limiter;
mod said;
mod verdict;

#[cfg(feature = "redis")]
pub use self::common::Common;
#[cfg(not(feature = "redis"))]
pub(crate) use self::common::Common;
pub use self::counter::Counter;
pub use self::layer::{RateLimitLayer, RateLimited};
pub use self::verdict::Verdict;

#[cfg(test)]
mod tests;
