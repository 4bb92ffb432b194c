//! What an operator sees of a gateway that runs. The rooms above write it, and it knows none of them.
//!
//! - `request`: one request, from the edge until its answer has ended.
//! - `audience`: who hears of it then.
//! - `access_log`: its line. `observed`, `route_meter`: what is counted.
//! - `log`: the way of lines out of the process.

mod access_log;
mod audience;
pub mod log;
mod observed;
mod request;
mod route_meter;

pub(crate) use self::access_log::{AccessLog, Wants};
pub(crate) use self::audience::Audience;
pub(crate) use self::observed::Observed;
pub(crate) use self::request::{Asked, Journey, Record};
pub(crate) use self::route_meter::RouteMeter;
