//! What Prometheus is told.

mod examples;
mod families;
mod listeners;
mod pools;
mod prometheus;
mod requests;
mod scraped;
