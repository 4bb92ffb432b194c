//! The operator's side of a gateway: what is wrong, since when, where, and what can be done now.
//!
//! [`Operator`] makes an axum app from the [`Handle`](crate::live::Handle) of a gateway. The binary serves it on a
//! listener of its own, with [`attend`]; a program may mount it wherever it likes.
//!
//! - `app`, `api`: which path leads where.
//! - `guard`, `gate`, `reached`: who is let in. `audit`: who did what.
//! - `view`: what is shown, in the shape in which it is shown.
//! - `events`: what changes, as it changes.
//! - `health`, `readiness`: whether the gateway is alive, and takes requests.
//! - `page`: the same for people, in a browser.
//! - `listener`: serves it on a thread of its own.

mod answer;
mod api;
mod app;
mod audit;
mod desk;
mod events;
mod gate;
mod guard;
mod health;
mod listener;
mod metrics;
mod page;
mod problem;
mod reached;
mod readiness;
mod view;

pub use self::app::Operator;
pub use self::listener::{Attended, attend};
