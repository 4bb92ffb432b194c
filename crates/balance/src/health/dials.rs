use std::{
    future::poll_fn,
    pin::pin,
    sync::{Arc, Weak},
    task::Poll,
    time::Duration,
};

use tokio::time::sleep;
use tower_service::Service;

use super::{Ejection, question::is_answered, rounds::Rounds};
use crate::{
    dice::Dice, endpoint::Endpoint, endpoints::Endpoints, error::BoxError, pool::Pool, shared::Shared,
    sync::Notified,
};

/// When endpoints are dialled that were ejected because they can't be connected to ([`Outcome::Unreachable`]).
/// Feature `probes`.
///
/// The first dial comes 100 ms after the ejection. After each dial that fails the pause doubles, up to 1 s. Each
/// pause is up to a fifth shorter, at random. For each earlier ejection that still counts, the first pause is twice
/// as long, so that an endpoint that accepts connections and then fails requests is dialled at most once a second.
///
/// [`Outcome::Unreachable`]: crate::Outcome::Unreachable
#[derive(Clone, Copy, Debug)]
pub struct Dials {
    first: Duration,
    most: Duration,
    timeout: Duration,
}

/// The part by which a pause may be shorter.
const JITTER: f64 = 0.2;

impl Dials {
    /// The first dial after 100 ms, later ones at most 1 s apart, each with a timeout of 5 s.
    pub fn new() -> Self {
        Self {
            first: Duration::from_millis(100),
            most: Duration::from_secs(1),
            timeout: Duration::from_secs(5),
        }
    }

    /// The first dial comes `first` after the ejection, and each later one at most `most` after the last. `first`
    /// is at least 1 ms, `most` at least `first`, and both are at most a year.
    pub fn after(self, first: Duration, most: Duration) -> Self {
        const YEAR: Duration = Duration::from_secs(365 * 86_400);
        let first = first.clamp(Duration::from_millis(1), YEAR);
        Self { first, most: most.clamp(first, YEAR), ..self }
    }

    /// How long a dial may take. Then it is dropped, and has failed.
    pub fn timeout(self, timeout: Duration) -> Self {
        Self { timeout, ..self }
    }

    /// The pause before a dial, after `before` others: those of this ejection, and one for each earlier ejection
    /// that still counts.
    fn wait(&self, before: u32, random: &Dice) -> Duration {
        let doubled = 1_u32.checked_shl(before).unwrap_or(u32::MAX);
        self.first.saturating_mul(doubled).min(self.most).mul_f64(1.0 - JITTER * random.unit())
    }
}

impl Default for Dials {
    fn default() -> Self {
        Self::new()
    }
}

impl<S: Send + Sync + 'static> Endpoints<S> {
    /// Dials each endpoint that can't be connected to, and brings it back when a dial succeeds, until the last
    /// clone of the balancer and of this handle is dropped. Until a dial succeeds no request is sent to the
    /// endpoint, unless no other endpoint is left. Feature `probes`.
    ///
    /// `dial` is called with an endpoint and returns `Ok` if it could connect. It should send no request, and is
    /// neither counted nor in flight. No two dials of an endpoint run at the same time. A `dial` that panics has
    /// failed.
    ///
    /// The balancer's [`Classify`](crate::Classify) says which failures are
    /// [`Outcome::Unreachable`](crate::Outcome::Unreachable). If the failure that ejected an endpoint was another
    /// one, the endpoint is dialled once, at once: a server that is killed breaks off its requests before it
    /// refuses connections. If that dial succeeds, the ejection goes on, and ends after its time by a trial.
    ///
    /// Spawn the future on tokio. When it is dropped, all dials stop, and ejections end after their time by a
    /// trial.
    ///
    /// ```
    /// # use std::{future::ready, sync::{Arc, atomic::{AtomicBool, Ordering}}, time::Duration};
    /// # use balance::{Balance, BoxError, Dials, Endpoint, Health, OnResponse, Outcome, Outliers, RoundRobin, Settings};
    /// # use tower::{ServiceExt, service_fn};
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() {
    /// # static LISTENS: AtomicBool = AtomicBool::new(false);
    /// let connect = |port: u16| if port == 80 || LISTENS.load(Ordering::Relaxed) { Ok(()) } else { Err("refused") };
    /// let services = [80_u16, 81].map(|port| (service_fn(move |()| ready(connect(port).map(|()| port))), 1));
    /// let balance = Balance::with(Settings::new().outliers(Outliers::new()), RoundRobin::new(), services)
    ///     .completion(OnResponse::judged_by(|result: Result<&u16, &&str>| match result {
    ///         Ok(_) => Outcome::Success,
    ///         Err(&"refused") => Outcome::Unreachable,
    ///         Err(_) => Outcome::Failure,
    ///     }));
    ///
    /// let second = balance.endpoints().snapshot().remove(1);
    /// let dial = service_fn(move |_: Arc<Endpoint<_>>| ready(connect(81)));
    /// tokio::spawn(balance.endpoints().dial(Dials::new(), dial));
    ///
    /// for _ in 0..10 {
    ///     let _ = balance.clone().oneshot(()).await;
    /// }
    /// tokio::time::sleep(Duration::from_secs(60)).await;
    /// assert_eq!(second.health(), Health::Ejected, "no connection can be made, and no request tries");
    /// LISTENS.store(true, Ordering::Relaxed);
    /// tokio::time::sleep(Duration::from_secs(1)).await;
    /// assert_eq!(second.health(), Health::Available);
    /// # }
    /// ```
    pub fn dial<Q>(&self, dials: Dials, dial: Q) -> impl Future<Output = ()> + Send + use<S, Q>
    where
        Q: Service<Arc<Endpoint<S>>, Error: Into<BoxError>, Future: Send> + Clone + Send + 'static,
    {
        supervise(self.downgrade(), dials, dial)
    }
}

/// Runs one task for each endpoint that is ejected.
async fn supervise<S, Q>(pool: Weak<Pool<S, dyn Send + Sync>>, dials: Dials, dial: Q)
where
    S: Send + Sync + 'static,
    Q: Service<Arc<Endpoint<S>>, Error: Into<BoxError>, Future: Send> + Clone + Send + 'static,
{
    let Some(_dialling) = pool.upgrade().map(|pool| Dialling::begin(pool.shared())) else { return };
    let mut rounds = Rounds::new();
    while let Some(pool) = pool.upgrade() {
        let (changed, ejected) = (pool.changed(), pool.ejected());
        let set = pool.set();
        let members = set.members().iter();
        let out = members.filter_map(|member| Some((member, member.condition.ejection()?)));
        rounds.attend_to(out.map(|(member, ejection)| (member, Reason(ejection))), |endpoint, reason| {
            Caller { endpoint, ejection: reason.0, dials, dial: dial.clone() }.run()
        });
        drop((set, pool));
        either(changed, ejected).await;
    }
}

/// A task dials for one ejection. It goes on when the cause of that ejection becomes known.
#[derive(Clone, Copy)]
struct Reason(Ejection);

impl PartialEq for Reason {
    fn eq(&self, other: &Self) -> bool {
        self.0.life == other.0.life
    }
}

/// The dials of one endpoint during one ejection.
struct Caller<S, Q> {
    endpoint: Arc<Endpoint<S>>,
    ejection: Ejection,
    dials: Dials,
    dial: Q,
}

impl<S, Q> Caller<S, Q>
where
    Q: Service<Arc<Endpoint<S>>>,
{
    async fn run(mut self) {
        let mut before = u32::from(self.ejection.times).saturating_sub(1);
        if self.ejection.is_by_connecting {
            self.wait(before).await;
            before += 1;
        }
        while self.endpoint.is_in(self.ejection) {
            if is_answered(&mut self.dial, &self.endpoint, self.dials.timeout).await {
                return self.endpoint.was_reached(self.ejection);
            }
            self.endpoint.was_not_reached(self.ejection);
            self.wait(before).await;
            before += 1;
        }
    }

    async fn wait(&mut self, before: u32) {
        sleep(self.dials.wait(before, &self.endpoint.shared().ward.random)).await;
    }
}

/// As long as this exists, no request is sent on trial to endpoints that can't be connected to.
struct Dialling(Arc<Shared>);

impl Dialling {
    fn begin(shared: &Arc<Shared>) -> Self {
        shared.ward.begin_to_dial();
        Self(Arc::clone(shared))
    }
}

impl Drop for Dialling {
    fn drop(&mut self) {
        self.0.ward.stop_dialling();
    }
}

async fn either(one: Notified, other: Notified) {
    let (mut one, mut other) = (pin!(one), pin!(other));
    poll_fn(|cx| match one.as_mut().poll(cx) {
        Poll::Ready(()) => Poll::Ready(()),
        Poll::Pending => other.as_mut().poll(cx),
    })
    .await;
}

#[cfg(test)]
#[cfg(not(loom))]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_the_most_and_are_up_to_a_fifth_shorter() {
        let (dials, random) = (Dials::new(), Dice::seeded(1));
        for (before, millis) in
            [(0, 100), (1, 200), (2, 400), (3, 800), (4, 1_000), (31, 1_000), (u32::MAX, 1_000)]
        {
            let due = Duration::from_millis(millis);
            let waits: Vec<_> = (0..100).map(|_| dials.wait(before, &random)).collect();
            assert!(waits.iter().all(|wait| (due * 4 / 5..=due).contains(wait)), "{before}: {waits:?}");
            assert!(waits.iter().max() > waits.iter().min(), "{before}");
        }
    }

    #[test]
    fn no_setting_makes_them_run_wild_or_stop() {
        let wait = |first, most| Dials::new().after(first, most).wait(u32::MAX, &Dice::seeded(1));
        assert!(wait(Duration::ZERO, Duration::ZERO) >= Duration::from_micros(800));
        assert!(wait(Duration::MAX, Duration::ZERO) <= Duration::from_secs(365 * 86_400));
    }
}
