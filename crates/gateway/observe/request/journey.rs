//! `Journey`: what inner layers tell about a request.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::story::Story;
use crate::observe::metrics::RouteMeter;
use crate::route::entered::Entered;

/// What inner layers tell about a request: an extension of each request.
#[derive(Clone, Debug)]
pub(crate) struct Journey(Arc<Story>);

impl Journey {
    pub(super) fn of(story: &Arc<Story>) -> Self {
        Self(Arc::clone(story))
    }

    /// Notes the route that takes the request, which is in flight there from now on.
    pub(crate) fn through(&self, route: &Arc<RouteMeter>) {
        if self.0.route.set(Arc::clone(route)).is_ok() {
            route.begin();
        }
    }

    /// Notes whom a gate of the route has let in. The outermost gate's word stays.
    pub(crate) fn entered(&self, user: Entered) {
        let _the_first_stays = self.0.user.set(user);
    }

    /// Counts that the request is sent to an endpoint.
    pub(crate) fn count_try(&self) {
        self.0.tries.fetch_add(1, Ordering::Relaxed);
    }

    /// Counts bytes of the request's body that an inner layer has taken.
    pub(crate) fn count_in(&self, bytes: usize) {
        self.0.bytes_in.fetch_add(bytes as u64, Ordering::Relaxed);
    }
}
