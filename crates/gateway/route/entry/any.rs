//! `AnyOf`: several guards, of which one is enough.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use http::request::Parts;

use super::guard::{Granted, Guard, Verdict};
use super::rejection::Rejection;

/// Lets in whom one of several guards lets in, like nginx's `satisfy any`.
///
/// - The first that lets a request in says who it is. Those that know at once come before those that have to ask, which
///   are asked one after the other.
/// - Each takes out the credentials that it reads, and what a client has sent in the fields that it sets. So of what didn't
///   open the door nothing goes on.
/// - A client that none of them lets in gets the most telling of their answers: a failure, then that it has tried too often,
///   then a redirect, then a 401 with the challenges of all (RFC 9110 §11.6.1).
///
/// ```
/// use gateway::config::Users;
/// use gateway::route::entry::{Addresses, AnyOf, BasicAuth, GuardLayer};
///
/// let users: Users = "ann:$2y$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW".parse()?;
/// let ours = Addresses::new().allow(["10.0.0.0/8".parse()?]);
/// let layer = GuardLayer::new(AnyOf::new().or(ours).or(BasicAuth::new(users)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Default)]
pub struct AnyOf {
    guards: Vec<Arc<dyn Guard>>,
}

impl AnyOf {
    /// Lets nobody in.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Lets in whom this guard lets in, too.
    #[must_use]
    pub fn or(self, guard: impl Guard) -> Self {
        self.or_shared(Arc::new(guard))
    }

    pub(super) fn or_shared(mut self, guard: Arc<dyn Guard>) -> Self {
        self.guards.push(guard);
        self
    }
}

impl Guard for AnyOf {
    fn examine(&self, head: &mut Parts) -> Verdict {
        // Each of them, even if an earlier one has let the request in: it takes out what is not to go on.
        let verdicts: Vec<_> = self.guards.iter().map(|guard| guard.examine(head)).collect();
        let (mut refused, mut asking) = (Vec::new(), Vec::new());
        for verdict in verdicts {
            match verdict {
                Verdict::Now(Ok(granted)) => return granted.into(),
                Verdict::Now(Err(rejection)) => refused.push(rejection),
                Verdict::Later(decision) => asking.push(decision),
            }
        }
        match asking.is_empty() {
            true => Rejection::of_all(refused).into(),
            false => Verdict::later(one_of(asking, refused)),
        }
    }
}

async fn one_of(asking: Vec<Asking>, mut refused: Vec<Rejection>) -> Result<Granted, Rejection> {
    for decision in asking {
        match decision.await {
            Ok(granted) => return Ok(granted),
            Err(rejection) => refused.push(rejection),
        }
    }
    Err(Rejection::of_all(refused))
}

type Asking = Pin<Box<dyn Future<Output = Result<Granted, Rejection>> + Send>>;

impl fmt::Debug for AnyOf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AnyOf").field("guards", &self.guards.len()).finish()
    }
}

#[cfg(test)]
mod tests;
