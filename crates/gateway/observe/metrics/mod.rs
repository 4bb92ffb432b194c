//! Metrics, as Prometheus reads them.
//!
//! - `slot`, `durations`, `named`, `classes`: counters that any thread writes without a lock, and the classes that keep
//!   their number bounded.
//! - `route`, `recent`: what is counted of a route's requests. `of_routes` finds the meters, and writes what they have counted.
//! - `listener`: what is counted of a listener's connections. `of_listeners` writes it.
//! - `of_process`, `of_runtimes`, `of_log`: what the system, tokio and the log say, read when Prometheus asks.
//! - `family`: name, type, unit and labels of a metric. `registry`: all of them, as text.
//!
//! Rooms above this one add what they know, as collectors of `prometheus-client`.

mod classes;
mod durations;
mod family;
mod listener;
mod named;
mod of_listeners;
mod of_log;
mod of_process;
mod of_routes;
mod of_runtimes;
mod recent;
mod registry;
mod route;
mod slot;

#[cfg(test)]
pub(crate) use self::durations::Durations;
pub(crate) use self::durations::Tally;
#[cfg(test)]
pub(crate) use self::family::written_by;
pub(crate) use self::family::{Family, Of};
pub(crate) use self::listener::{ListenerCounts, ListenerMeter, OpenConnection};
pub(crate) use self::of_listeners::Listeners;
pub(crate) use self::of_routes::Routes;
pub(crate) use self::of_runtimes::Runtimes;
pub(crate) use self::recent::Recent;
pub use self::registry::Exposition;
pub(crate) use self::registry::Metrics;
pub(crate) use self::route::{Counted, Outcome, RouteMeter};
