//! What is shown, in the shape in which it is shown. `openapi.json` describes it.

mod config;
mod connections;
mod endpoint;
mod errors;
mod history;
mod moment;
mod pools;
mod routes;
mod status;

pub(super) use self::config::{Config, Reloaded};
pub(super) use self::connections::Connections;
pub(super) use self::endpoint::Endpoint;
pub(super) use self::errors::{Errors, Failure};
pub(super) use self::history::{History, Sample};
pub(super) use self::pools::{Pool, Pools};
pub(super) use self::routes::Routes;
pub(super) use self::status::Status;
