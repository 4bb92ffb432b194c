//! Traces: a request is part of its caller's trace, or begins one, and its spans go to a collector.
//!
//! - `context`: which trace a request belongs to, as `traceparent` says it (W3C Trace Context).
//! - `tracer`: continues or begins a trace for each request.
//! - `spans`: the spans of a request that has ended. `exporter`, `requests`: their way to the collector. With the feature
//!   `otel`.

mod context;
#[cfg(feature = "otel")]
mod exporter;
#[cfg(feature = "otel")]
mod requests;
#[cfg(feature = "otel")]
mod spans;
mod tracer;

pub(crate) use self::context::Trace;
pub(crate) use self::tracer::{Origin, Tracer};
