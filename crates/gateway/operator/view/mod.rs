//! What is shown, in the shape in which it is shown. `openapi.json` describes it.

mod endpoint;
mod moment;
mod pools;
mod routes;
mod status;

pub(super) use self::pools::{Pool, Pools};
pub(super) use self::routes::Routes;
pub(super) use self::status::Status;
