//! A route's limits, each as a Tower layer with its own options.
//!
//! - `rate/`: how often requests may come ([`RateLimitLayer`]), here or for several gateways.
//! - `concurrency`: how many may be in flight ([`ConcurrencyLayer`]).
//! - `buffer/`: how much of a body is read before an upstream is asked ([`BufferLayer`]), and [`Replay`].
//! - `deadline`: how long a request may take ([`DeadlineLayer`]).
//! - `kept`: what outlives another configuration. `mount`: puts the layers around a route. `measured`: for Prometheus.

mod buffer;
mod concurrency;
mod deadline;
mod kept;
mod measured;
mod mount;
mod rate;

pub use self::buffer::{BufferLayer, Buffered, BufferedRequest, Memory, Replay};
pub use self::concurrency::{ConcurrencyLayer, Concurrent, Entry};
pub use self::deadline::DeadlineLayer;
pub(crate) use self::kept::Kept;
pub(crate) use self::measured::MeasuredLimits;
pub(crate) use self::mount::{before_upstream, by_sender, by_user, in_time, treated};
#[cfg(feature = "redis")]
pub use self::rate::Common;
pub use self::rate::{Counter, RateLimitLayer, RateLimited, Verdict};
