//! What is kept until a tunnel ends.

use std::fmt;

use tokio::sync::mpsc;

/// How many guards a tunnel keeps.
const MOST: usize = 8;

/// A handle to a tunnel: an extension of each response that switches protocols.
///
/// The tunnel goes on after that response has ended. What counts or limits requests can go on as long, with
/// [`hold`](Self::hold):
/// ```
/// # use proxy_service::Tunnel;
/// /// One of a limited number of places. Dropping it frees the place.
/// struct Place;
///
/// fn hold_until_the_end<B>(response: &http::Response<B>, place: Place) {
///     if let Some(tunnel) = response.extensions().get::<Tunnel>() {
///         tunnel.hold(place);
///     }
/// }
/// ```
#[derive(Clone)]
pub struct Tunnel {
    guards: mpsc::Sender<Guard>,
}

type Guard = Box<dyn Send>;

/// The tunnel's side. The guards are dropped with it.
pub(crate) struct Guards {
    _held: mpsc::Receiver<Guard>,
}

impl Tunnel {
    pub(crate) fn new() -> (Self, Guards) {
        let (guards, held) = mpsc::channel(MOST);
        (Self { guards }, Guards { _held: held })
    }

    /// Keeps `guard` until the tunnel ends, then drops it. Drops it at once if the tunnel has ended already, or keeps
    /// eight guards.
    pub fn hold(&self, guard: impl Send + 'static) {
        let _dropped_if_refused = self.guards.try_send(Box::new(guard));
    }
}

impl fmt::Debug for Tunnel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tunnel").field("has_ended", &self.guards.is_closed()).finish()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[test]
    fn a_guard_lives_until_the_tunnel_ends_and_no_longer() {
        let (tunnel, guards) = Tunnel::new();
        let held = Arc::new(());
        tunnel.hold(Arc::clone(&held));
        assert_eq!(Arc::strong_count(&held), 2);
        drop(guards);
        assert_eq!(Arc::strong_count(&held), 1, "though a handle to the tunnel is still there");
        tunnel.hold(Arc::clone(&held));
        assert_eq!(Arc::strong_count(&held), 1);
    }

    #[test]
    fn it_holds_eight_at_most_whether_or_not_the_response_lives_on() {
        let (tunnel, guards) = Tunnel::new();
        let held = Arc::new(());
        (0..20).for_each(|_| tunnel.hold(Arc::clone(&held)));
        drop(tunnel);
        assert_eq!(Arc::strong_count(&held), 1 + MOST);
        drop(guards);
        assert_eq!(Arc::strong_count(&held), 1);
    }
}
