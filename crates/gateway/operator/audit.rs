//! The audit log: who did what, from where, and what came of it.

use std::convert::Infallible;
use std::fmt;

use admin_auth::Accepted;
use axum::extract::FromRequestParts;
use axum::http::Extensions;
use axum::http::request::Parts;

use super::problem::Problem;
use super::reached::Reached;

/// The target of its lines.
const AUDIT: &str = "audit";

/// Who asks for something, and from where.
#[derive(Clone, Debug)]
pub(super) struct Actor {
    /// The label of the token, or its number.
    who: String,
    from: String,
}

impl Actor {
    pub(super) fn of(extensions: &Extensions) -> Self {
        let who = extensions.get::<Accepted>().map_or("anybody", Accepted::label).to_owned();
        let from = match extensions.get::<Reached>() {
            None => "unknown".to_owned(),
            Some(Reached { peer: None, .. }) => "a Unix socket".to_owned(),
            Some(Reached { peer: Some(peer), .. }) => peer.to_string(),
        };
        Self { who, from }
    }

    /// Writes a line on what was asked for, and what came of it.
    pub(super) fn note<T>(&self, action: &dyn fmt::Display, outcome: &Result<T, Problem>) {
        let Self { who, from } = self;
        match outcome {
            Ok(_) => tracing::info!(target: AUDIT, %who, %from, %action, outcome = "done"),
            Err(problem) => {
                tracing::warn!(target: AUDIT, %who, %from, %action, outcome = "refused", why = problem.detail());
            }
        }
    }
}

impl<S: Sync> FromRequestParts<S> for Actor {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::of(&parts.extensions))
    }
}
