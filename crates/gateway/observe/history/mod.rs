//! The last 15 minutes: a sample each second, and what the last ten seconds of each route were like.
//!
//! - `samples`: the ring of samples. One task writes it, anybody may read it.
//! - `window`: the last seconds of one route.
//! - `sampler`: the task. It reads the meters once a second, so that requests do nothing for any of this.

mod sampler;
mod samples;
mod window;

pub(crate) use self::sampler::sampling;
pub(crate) use self::samples::{History, Sample};
