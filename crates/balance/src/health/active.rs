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

/// How endpoints are probed: active health checks, as nginx, HAProxy and Envoy have them. Feature `probes`.
///
/// A new endpoint is up. It is down after `fall` probes in a row have failed, and up again after `rise` probes in a
/// row have succeeded. While it is down it gets no request; [`AllDown`](crate::AllDown) says what happens when all
/// endpoints are down. When it is up again it is no longer ejected either, and its [`SlowStart`](crate::SlowStart)
/// begins.
#[derive(Clone, Copy, Debug)]
pub struct Probes {
    interval: Duration,
    timeout: Duration,
    rise: NonZeroU32,
    fall: NonZeroU32,
}

/// Each interval is drawn anew, evenly from this part less to this part more.
const JITTER: f64 = 0.2;

impl Probes {
    /// A probe every 10 s ± 20 %, each with a timeout of 2 s. An endpoint is up after 2 and down after 3.
    pub fn new() -> Self {
        let (rise, fall) = (NonZeroU32::MIN.saturating_add(1), NonZeroU32::MIN.saturating_add(2));
        Self { interval: Duration::from_secs(10), timeout: Duration::from_secs(2), rise, fall }
    }

    /// The time from the beginning of a probe to the beginning of the next, give or take a fifth. If a probe takes
    /// longer, the next one begins when it ends. The shortest interval is 1 ms and the longest a year.
    pub fn interval(self, interval: Duration) -> Self {
        let interval = interval.clamp(Duration::from_millis(1), Duration::from_secs(365 * 86_400));
        Self { interval, ..self }
    }

    /// How long a probe may take. Then it is dropped, and has failed.
    pub fn timeout(self, timeout: Duration) -> Self {
        Self { timeout, ..self }
    }

    /// How many probes in a row must succeed until an endpoint that is down is up.
    pub fn rise(self, rise: NonZeroU32) -> Self {
        Self { rise, ..self }
    }

    /// How many probes in a row must fail until an endpoint that is up is down.
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
    /// Probes all endpoints, and those that are added later, until the last clone of the balancer and of this
    /// handle is dropped. Feature `probes`.
    ///
    /// `probe` is called with an endpoint and returns `Ok` if that is up. Its requests don't go through the
    /// balancer: they are neither counted nor in flight. The first probe of an endpoint begins at once, and no two
    /// probes of an endpoint run at the same time.
    ///
    /// Spawn the future on tokio. When it is dropped, all probes stop and the endpoints stay as they are. A `probe`
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
    ///     _ => Err(BoxError::from("connection refused")),
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

/// Runs one task for each endpoint.
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
    /// How many probes in a row contradicted the present state, up or down.
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
