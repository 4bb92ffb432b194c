//! Who entered: what the gates of a route have found out about the sender of a request.

use std::sync::Arc;

/// The user whom a gate of the route has let in: a request extension. The innermost gate's word counts.
///
/// A label of an admin token is told by [`admin_auth::Accepted`] instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entered {
    who: Arc<str>,
}

impl Entered {
    /// This user, with the kind of the gate before it, such as `jwt:ann`: two gates may know the same name.
    pub fn new(who: impl Into<Arc<str>>) -> Self {
        Self { who: who.into() }
    }

    /// The user without the kind of the gate, as logs have it.
    pub fn name(&self) -> &str {
        self.who.split_once(':').map_or(&*self.who, |(_, name)| name)
    }

    /// The user.
    pub fn who(&self) -> &str {
        &self.who
    }
}
