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

/// When endpoints are dialled that were ejected because nobody could connect to them ([`Outcome::Unreachable`]).
///
/// The first dial comes 100 ms after the ejection, each further one twice as long after the last one failed, up to 1 s; all
/// of these are up to a fifth shorter, at random. With each ejection that isn't forgotten yet the first dial comes twice
/// as late, so that an endpoint that takes dials and fails requests is tried once a second at most.
///
/// [`Outcome::Unreachable`]: crate::Outcome::Unreachable
#[derive(Clone, Copy, Debug)]
pub struct Dials {
    first: Duration,
    most: Duration,
    timeout: Duration,
}

/// The part by which a wait may be shorter.
const JITTER: f64 = 0.2;

impl Dials {
    /// After 100 ms at first, after 1 s at last; 5 s for each.
    pub fn new() -> Self {
        Self {
            first: Duration::from_millis(100),
            most: Duration::from_secs(1),
            timeout: Duration::from_secs(5),
        }
    }

    /// The first dial comes `first` after the ejection, and none more than `most` after the one before it. Less than 1 ms
    /// counts as 1 ms, more than a year as a year, and `most` is at least `first`.
    pub fn after(self, first: Duration, most: Duration) -> Self {
        const YEAR: Duration = Duration::from_secs(365 * 86_400);
        let first = first.clamp(Duration::from_millis(1), YEAR);
        Self { first, most: most.clamp(first, YEAR), ..self }
    }

    /// When a dial without a result counts as failed. It is then dropped.
    pub fn timeout(self, timeout: Duration) -> Self {
        Self { timeout, ..self }
    }

    /// The wait before the dial that so many others came before, in this ejection and, one each, in earlier ones.
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
    /// Dials every endpoint that nobody can connect to, and brings it back when somebody can, until the last clone of the
    /// balancer and of this handle is dropped. No request is risked on it before that, however long it takes, unless nobody
    /// else is left.
    ///
    /// `dial` is called with an endpoint and says by its `Ok` that it can be connected to. It sends no request there, and is
    /// neither counted nor in flight. Never two of an endpoint run at a time. A `dial` that panics has failed.
    ///
    /// What an endpoint was ejected for, its last failure says: [`Outcome::Unreachable`](crate::Outcome::Unreachable) of
    /// the balancer's [`Classify`](crate::Classify). Where that was another failure, one dial at once finds out whether
    /// anybody is there at all: a server that is killed breaks off what it was at before it refuses anything. If so, the
    /// ejection stays as it is, and ends by time and trial.
    ///
    /// The future is to be spawned, on tokio; dropped, it stops all dials, and ejections end by time and trial.
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
    /// assert_eq!(second.health(), Health::Ejected, "nobody can connect, and no request tries");
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

/// Sees to it that every endpoint that is ejected is dialled by one task, and none else is.
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

/// A task is there for one ejection, whatever becomes known of that.
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

/// While this lives, no request tries those that nobody can connect to.
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
