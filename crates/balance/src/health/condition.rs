use std::time::Duration;

use super::{
    Health,
    cause::Cause,
    outliers::Outliers,
    pass::{Fault, Pass, Sent},
    state::{Phase, State},
    tally::Tally,
    ward::Ward,
};
use crate::{
    clock::Moment,
    sync::{AtomicU32, AtomicU64, Ordering},
};

/// The health of one endpoint, as its requests show it. Every method takes the [`Ward`] that the condition was made
/// for.
///
/// The whole state is one atomic word. Only the thread that changes the word changes what the ward counts, so that
/// two threads with the same conclusion change the counts once. The counters beside the word only lead up to an
/// ejection; a count that races a reset may be lost. The times beside it are written before the change that they
/// belong to.
pub(crate) struct Condition {
    word: AtomicU64,
    pub(super) tally: Tally,
    /// The part of its next turn that an endpoint in its slow start has saved up, in 2^-32 of a turn.
    credit: AtomicU32,
    /// When the last outage began, by an ejection or by probes, in nanoseconds of the clock.
    pub(super) out_since: AtomicU64,
    /// The length of the last outage that ended, in nanoseconds.
    outage: AtomicU64,
    /// Why it was last ejected for its failures.
    pub(super) cause: AtomicU64,
    /// How often it was ejected.
    pub(super) times: AtomicU64,
}

/// What the endpoint's health means for a pick.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Admission {
    /// It takes the request.
    Open,
    /// Its ejection is over: call [`Condition::claim_trial`], and send the request on trial.
    Due,
    /// It is in its slow start, and leaves this turn to the others.
    Warming,
    /// It takes no request.
    Ejected,
}

impl Condition {
    /// A healthy endpoint that takes all of its turns.
    pub(crate) fn new(ward: &Ward) -> Self {
        Self {
            word: AtomicU64::new(0),
            tally: Tally::new(ward),
            credit: AtomicU32::new(0),
            out_since: AtomicU64::new(0),
            outage: AtomicU64::new(0),
            cause: AtomicU64::new(0),
            times: AtomicU64::new(0),
        }
    }

    /// Whether a pick may take the endpoint. During its slow start each call uses one of its turns.
    pub(crate) fn admission(&self, ward: &Ward) -> Admission {
        self.admission_if(ward, |part| self.takes_turn(part))
    }

    /// Whether a pick may take the endpoint if no better one takes the request: a slow start is ignored, and no
    /// turn is used.
    pub(crate) fn admission_in_need(&self, ward: &Ward) -> Admission {
        self.admission_if(ward, |_| true)
    }

    fn admission_if(&self, ward: &Ward, takes_turn: impl Fn(u32) -> bool) -> Admission {
        let mut state = self.state();
        if ward.is_over(state) {
            self.restore(ward, state);
            state = self.state();
        }
        match state.phase {
            Phase::Well => Admission::Open,
            Phase::Ejected | Phase::Unreachable if is_due(state, ward) => Admission::Due,
            Phase::Ejected | Phase::Unreachable | Phase::Trial | Phase::SetAside | Phase::Gone => {
                Admission::Ejected
            }
            Phase::Warming => match ward.part(state.at, self.outage()) {
                Some(part) if !takes_turn(part) => Admission::Warming,
                Some(_) => Admission::Open,
                None => {
                    self.change(ward, state, State { phase: Phase::Well, ..state });
                    Admission::Open
                }
            },
        }
    }

    /// The pass for a request that is sent now.
    pub(crate) fn pass(&self, sent: Sent) -> Pass {
        Pass { sent, life: self.state().life() }
    }

    /// Claims the trial for the caller's request, if the ejection is over and no other request is on trial. The
    /// outcome must be reported or [`abandon_trial`](Self::abandon_trial) called.
    pub(crate) fn claim_trial(&self, ward: &Ward) -> Option<Pass> {
        let state = self.state();
        let trial = State { phase: Phase::Trial, at: ward.clock.now(), ..state };
        let is_claimed = is_due(state, ward) && self.change(ward, state, trial);
        is_claimed.then(|| Pass { sent: Sent::OnTrial, life: trial.life() })
    }

    /// Ends the trial without an outcome. The next request may be the next trial at once.
    pub(crate) fn abandon_trial(&self, ward: &Ward, pass: Pass) {
        let state = self.state();
        if state.phase == Phase::Trial && state.life() == pass.life {
            self.change(ward, state, State { phase: Phase::Ejected, at: Moment::default(), ..state });
        }
    }

    /// A request succeeded. Returns whether that brought the endpoint back. If the endpoint has had no failures,
    /// this reads one word (and the clock, for a failure rate).
    pub(crate) fn succeeded(&self, ward: &Ward, pass: Pass) -> bool {
        if pass.sent == Sent::Normally {
            if !self.tally.is_spotless() && self.state().life() == pass.life {
                self.tally.count_success(ward);
            }
            return false;
        }
        let state = self.state();
        let is_heard = match pass.sent {
            Sent::Normally => false,
            Sent::OnTrial => state.phase == Phase::Trial,
            // An ejection by hand holds for its time.
            Sent::AsLastResort => state.is_out() && state.phase != Phase::SetAside,
        };
        is_heard && state.life() == pass.life && self.restore(ward, state)
    }

    /// A request failed through the endpoint's fault. Ejects the endpoint if a rule says so and not too many
    /// endpoints are out, and returns whether it did. If too many are out, the next failure asks again.
    ///
    /// Requests that were sent before the present [`Life`](super::state::Life) of the endpoint don't count.
    pub(crate) fn failed(&self, ward: &Ward, pass: Pass, fault: Fault) -> bool {
        let Some(outliers) = &ward.outliers else { return false };
        let state = self.state();
        if state.life() != pass.life {
            return false;
        }
        let cause = match (pass.sent, state.phase) {
            (Sent::Normally, Phase::Well | Phase::Warming) => self.tally.count_failure(ward, outliers),
            (Sent::OnTrial, Phase::Trial) => Some(Cause::FailedTrial),
            _ => None,
        };
        cause.is_some_and(|cause| self.eject(ward, outliers, state, Why { fault, cause }))
    }

    /// Probes found the endpoint down.
    #[cfg(any(test, feature = "probes"))]
    pub(crate) fn went_down(&self, ward: &Ward) {
        if !self.state().is_out() {
            self.out_since.store(ward.clock.now().as_nanos(), Ordering::Relaxed);
        }
    }

    /// Probes found the endpoint up again. That ends an ejection, unless it is one by hand, and begins the slow start.
    #[cfg(any(test, feature = "probes"))]
    pub(crate) fn came_up(&self, ward: &Ward) {
        loop {
            let state = self.state();
            let stays = matches!(state.phase, Phase::Gone | Phase::SetAside);
            if stays || self.restore(ward, state) {
                return;
            }
        }
    }

    /// The endpoint was removed or drained. Nothing changes its condition after this.
    pub(crate) fn leave(&self, ward: &Ward) {
        let left = self.word.swap(State::GONE.into_word(), Ordering::AcqRel);
        ward.settle(State::from_word(left), State::GONE);
    }

    /// The health to show. A slow start that is over counts as over, even if no request has noticed yet.
    pub(crate) fn health(&self, ward: &Ward) -> Health {
        let state = self.state();
        match state.phase {
            Phase::Well => Health::Available,
            Phase::Warming if ward.part(state.at, self.outage()).is_none() => Health::Available,
            Phase::Warming => Health::SlowStart,
            Phase::SetAside if ward.is_over(state) => Health::Available,
            Phase::Ejected | Phase::Unreachable | Phase::SetAside => Health::Ejected,
            Phase::Trial => Health::Trial,
            Phase::Gone => Health::Draining,
        }
    }

    pub(super) fn state(&self) -> State {
        State::from_word(self.word.load(Ordering::Acquire))
    }

    /// Changes the state, and the counts of the ward with it. Returns whether it did: it doesn't if too many
    /// endpoints are out, or if another thread was faster.
    pub(super) fn change(&self, ward: &Ward, from: State, to: State) -> bool {
        if !ward.reserve(from, to) {
            return false;
        }
        let (before, after) = (from.into_word(), to.into_word());
        let changed = self.word.compare_exchange(before, after, Ordering::AcqRel, Ordering::Relaxed).is_ok();
        let (left, entered) = if changed { (from, to) } else { (to, from) };
        ward.settle(left, entered);
        changed
    }

    fn eject(&self, ward: &Ward, outliers: &Outliers, from: State, why: Why) -> bool {
        let now = ward.clock.now();
        self.cause.store(why.cause.into_word(), Ordering::Relaxed);
        if !from.is_out() {
            self.out_since.store(now.as_nanos(), Ordering::Relaxed);
        }
        let is_forgotten = !from.is_out() && now.since(from.at) >= outliers.max_ejection;
        let times = if is_forgotten { 1 } else { from.times.saturating_add(1) };
        let at = now + outliers.length(times, ward.random.unit());
        let phase = match why.fault {
            Fault::Connecting => Phase::Unreachable,
            Fault::Other => Phase::Ejected,
        };
        let ejects = self.change(ward, from, State { phase, times, at });
        if ejects {
            self.times.fetch_add(1, Ordering::Relaxed);
        }
        ejects
    }

    /// The counters are reset first: as soon as the endpoint takes requests again, these count.
    pub(super) fn restore(&self, ward: &Ward, from: State) -> bool {
        self.tally.clear();
        self.credit.store(0, Ordering::Relaxed);
        let at = ward.clock.now();
        let out_since = Moment::from_nanos(self.out_since.load(Ordering::Relaxed));
        self.outage.store(at.since(out_since).as_nanos() as u64, Ordering::Relaxed);
        let phase = if ward.slow_start.is_some() { Phase::Warming } else { Phase::Well };
        self.change(ward, from, State { phase, at, ..from })
    }

    /// How long the last outage lasted.
    pub(super) fn outage(&self) -> Duration {
        Duration::from_nanos(self.outage.load(Ordering::Relaxed))
    }

    /// Whether the endpoint takes this turn: it takes exactly `part` of its turns, evenly spread.
    fn takes_turn(&self, part: u32) -> bool {
        self.credit.fetch_add(part, Ordering::Relaxed).checked_add(part).is_none()
    }
}

/// Why an endpoint is ejected.
struct Why {
    fault: Fault,
    cause: Cause,
}

/// Whether a request may be sent on trial. If endpoints are dialled, none is risked on one that can't be connected
/// to.
fn is_due(state: State, ward: &Ward) -> bool {
    let is_for_requests = match state.phase {
        Phase::Ejected => true,
        Phase::Unreachable => !ward.is_dialled(),
        Phase::Well | Phase::Warming | Phase::Trial | Phase::SetAside | Phase::Gone => false,
    };
    is_for_requests && state.at <= ward.clock.now()
}
