//! What an operator sees of a gateway that runs. The rooms above write it, and it knows none of them.
//!
//! - `request`: one request, from the edge until its answer has ended.
//! - `audience`: who hears of it then.
//! - `access_log`: its line. `observed`: what is counted and kept. That is `metrics`, `history` of the last 15 minutes,
//!   and `failures`.
//! - `log`: the way of lines out of the process.

mod access_log;
mod audience;
pub(crate) mod failures;
pub(crate) mod history;
pub mod log;
pub mod metrics;
mod observed;
mod request;
mod traces;

pub(crate) use self::access_log::{AccessLog, Wants};
pub(crate) use self::audience::Audience;
pub(crate) use self::metrics::RouteMeter;
pub(crate) use self::observed::Observed;
pub(crate) use self::request::{Asked, Journey, Record, error_name};
pub(crate) use self::traces::{Origin, Trace, Tracer};
