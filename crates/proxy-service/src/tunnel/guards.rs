//! What lives for as long as a tunnel does.

use std::fmt;

use tokio::sync::mpsc;

/// How many guards a tunnel holds.
const MOST: usize = 8;

/// An extension of each response that switches protocols: its tunnel, which goes on after that response has ended, and can
/// hold what counts or limits whatever goes on.
///
/// ```
/// # use proxy_service::Tunnel;
/// /// A place among so many, which is given back by being dropped.
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

/// The tunnel's side: what is held ends with this.
pub(crate) struct Guards {
    _held: mpsc::Receiver<Guard>,
}

impl Tunnel {
    pub(crate) fn new() -> (Self, Guards) {
        let (guards, held) = mpsc::channel(MOST);
        (Self { guards }, Guards { _held: held })
    }

    /// Keeps `guard` until the tunnel ends, and drops it then. At once if it has ended already, or holds eight.
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
