use std::{
    num::NonZeroU32,
    sync::{Arc, Weak},
    time::Duration,
};

use tokio::time::{Instant, sleep_until};
use tower_service::Service;

use super::{question::is_answered, rounds::Rounds};
use crate::{
    endpoint::{Endpoint, Turn},
    endpoints::Endpoints,
    error::BoxError,
    pool::Pool,
};

/// How endpoints are probed: active health checks, as nginx, HAProxy and Envoy have them.
///
/// An endpoint begins as up; it is down after `fall` probes in a row that failed, and up again after `rise` in a row that
/// did not. While it is down no request is sent to it, not even when all others are down too. Once it is up again it is
/// no longer ejected either, and begins its [`SlowStart`](crate::SlowStart).
#[derive(Clone, Copy, Debug)]
pub struct Probes {
    interval: Duration,
    timeout: Duration,
    rise: NonZeroU32,
    fall: NonZeroU32,
}

/// The interval is drawn anew for each probe, evenly, from so much less to so much more of it.
const JITTER: f64 = 0.2;

impl Probes {
    /// Every 10 s ± 20 %, with 2 s for each; 2 up, 3 down.
    pub fn new() -> Self {
        let (rise, fall) = (NonZeroU32::MIN.saturating_add(1), NonZeroU32::MIN.saturating_add(2));
        Self { interval: Duration::from_secs(10), timeout: Duration::from_secs(2), rise, fall }
    }

    /// From the beginning of one probe of an endpoint to the next, give or take a fifth; the next waits for the end of
    /// the one before it. Less than 1 ms counts as 1 ms, more than a year as a year.
    pub fn interval(self, interval: Duration) -> Self {
        let interval = interval.clamp(Duration::from_millis(1), Duration::from_secs(365 * 86_400));
        Self { interval, ..self }
    }

    /// When a probe without a result counts as failed. It is then dropped.
    pub fn timeout(self, timeout: Duration) -> Self {
        Self { timeout, ..self }
    }

    /// How many probes in a row must succeed for an endpoint that is down to be up.
    pub fn rise(self, rise: NonZeroU32) -> Self {
        Self { rise, ..self }
    }

    /// How many probes in a row must fail for an endpoint that is up to be down.
    pub fn fall(self, fall: NonZeroU32) -> Self {
        Self { fall, ..self }
    }
}

impl Default for Probes {
    fn default() -> Self {
        Self::new()
    }
}

impl<S: Send + Sync + 'static> Endpoints<S> {
    /// Probes every endpoint, those to come too, until the last clone of the balancer and of this handle is dropped.
    ///
    /// `probe` is called with an endpoint and says by its `Ok` that it is up. What it sends there is its own business: it
    /// goes past the balancer, and is neither counted nor in flight. Each endpoint is probed at once, and never by two at
    /// a time.
    ///
    /// The future is to be spawned, on tokio; dropped, it stops all probes and leaves the endpoints as they are. A `probe`
    /// that panics has failed.
    ///
    /// ```
    /// # use std::{sync::Arc, time::Duration};
    /// # use balance::{Balance, BoxError, Endpoint, Health, Probes};
    /// # use tower::service_fn;
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() {
    /// let balance = Balance::round_robin([80_u16, 81].map(|port| {
    ///     // ... the service that reaches that port ...
    /// #   port
    /// }));
    /// let endpoints = balance.endpoints();
    /// let probe = service_fn(async |endpoint: Arc<Endpoint<u16>>| match endpoint.service() {
    ///     80 => Ok(()),
    ///     _ => Err(BoxError::from("nobody is there")),
    /// });
    /// tokio::spawn(endpoints.probe(Probes::new(), probe));
    ///
    /// tokio::time::sleep(Duration::from_secs(60)).await;
    /// let health: Vec<_> = endpoints.snapshot().iter().map(|endpoint| endpoint.health()).collect();
    /// assert_eq!(health, [Health::Available, Health::Down]);
    /// # }
    /// ```
    pub fn probe<Q>(&self, probes: Probes, probe: Q) -> impl Future<Output = ()> + Send + use<S, Q>
    where
        Q: Service<Arc<Endpoint<S>>, Error: Into<BoxError>, Future: Send> + Clone + Send + 'static,
    {
        supervise(self.downgrade(), probes, probe)
    }
}

/// Sees to it that every endpoint is watched by one task, and nothing else is.
async fn supervise<S, Q>(watched: WeakPool<S>, probes: Probes, probe: Q)
where
    S: Send + Sync + 'static,
    Q: Service<Arc<Endpoint<S>>, Error: Into<BoxError>, Future: Send> + Clone + Send + 'static,
{
    let mut rounds = Rounds::new();
    while let Some(pool) = watched.upgrade() {
        let changed = pool.changed();
        let set = pool.set();
        let members = set.members().iter().filter(|member| !member.is_closed());
        rounds.attend_to(members.map(|member| (member, ())), |endpoint, ()| {
            Watch { pool: watched.clone(), endpoint, probes, probe: probe.clone(), against: 0 }.run()
        });
        drop((set, pool));
        changed.await;
    }
}

type WeakPool<S> = Weak<Pool<S, dyn Send + Sync>>;

/// The probes of one endpoint.
struct Watch<S, Q> {
    pool: WeakPool<S>,
    endpoint: Arc<Endpoint<S>>,
    probes: Probes,
    probe: Q,
    /// How many probes in a row spoke against what it is taken for, up or down.
    against: u32,
}

impl<S, Q> Watch<S, Q>
where
    Q: Service<Arc<Endpoint<S>>, Error: Into<BoxError>>,
{
    async fn run(mut self) {
        loop {
            let begun = Instant::now();
            let is_up = is_answered(&mut self.probe, &self.endpoint, self.probes.timeout).await;
            self.note(is_up);
            let spread = 1.0 + JITTER * (2.0 * self.endpoint.shared().ward.random.unit() - 1.0);
            sleep_until(begun + self.probes.interval.mul_f64(spread)).await;
        }
    }

    fn note(&mut self, is_up: bool) {
        if is_up != self.endpoint.is_down() {
            self.against = 0;
            return;
        }
        self.against += 1;
        let (to, enough) = if is_up { (Turn::Up, self.probes.rise) } else { (Turn::Down, self.probes.fall) };
        if self.against >= enough.get()
            && let Some(pool) = self.pool.upgrade()
        {
            self.against = 0;
            pool.change(&self.endpoint, |endpoint| endpoint.turn(to), |_| true);
        }
    }
}
