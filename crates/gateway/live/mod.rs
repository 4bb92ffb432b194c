//! The running configuration, and how another one takes its place without a request that fails.
//!
//! - `generation`: what a request goes through, behind one pointer. `Entrance` is the service of a connection, which
//!   reads that pointer for each request.
//! - `surface`: makes a generation from a configuration, its pools and its gates.
//! - `state`: everything that runs. `State::apply` prepares all that can fail, and then commits.
//! - `pools`: the pools with their background tasks; which of them stay, and which are made anew.
//! - `scene`: what onlookers know of the configuration that runs, such as the operator's listener.
//! - `terms`: what the listeners take from the configuration.
//! - `departed`: what goes on of routes and upstreams that are gone, and when it ends.
//! - `mounts`: the services that a program has added, which every generation has.
//! - `applied`, `changes`: what differs from the configuration before. `error`: why one was refused.
//! - `status`: which generation runs. `handle`: the door to all of it, one change at a time.
//! - `measured`: what Prometheus is told of the status.
//! - `rehearsal`: a generation of which only this process knows, to find out what it would do to a request.
//! - `reload`: applies a file, when it is asked to or when the file changes.

mod applied;
mod changes;
mod departed;
mod error;
mod generation;
mod handle;
mod measured;
mod mounts;
mod pools;
mod rehearsal;
mod reload;
mod scene;
mod state;
mod status;
mod surface;
mod terms;

pub use self::applied::Applied;
pub use self::changes::Changes;
pub use self::error::ApplyError;
pub(crate) use self::generation::{Entrance, trusted_now};
pub use self::handle::Handle;
pub(crate) use self::rehearsal::{Connect, Rehearsal, rehearse};
pub use self::reload::{Reload, ReloadError};
pub use self::status::{Refused, Status};
