//! What Prometheus is told.

mod examples;
mod families;
mod listeners;
mod prometheus;
mod requests;
mod scraped;
