use super::{
    Health,
    outliers::Outliers,
    state::{Phase, State},
    ward::Ward,
    window::Window,
};
use crate::{
    clock::Moment,
    sync::{AtomicU32, AtomicU64, Ordering},
};

/// The health of one endpoint, as its requests tell it. Every method takes the [`Ward`] it was made for.
///
/// The word says it all, and what it counts for in the ward belongs to whoever changed it: two that come to the same
/// conclusion at a time change it once. The counters beside it only lead up to an ejection; a count that races the
/// reset may be lost.
pub(crate) struct Condition {
    word: AtomicU64,
    /// Failures since the last success.
    in_a_row: AtomicU32,
    /// What warming has saved up for its next turn, in 2^-32 of a turn.
    credit: AtomicU32,
    recent: Option<Window>,
}

/// What an endpoint's health says to a pick.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Admission {
    /// It takes the request.
    Open,
    /// Its ejection is over: [`Condition::claim_trial`], and send on trial.
    Due,
    /// It leaves this turn to others.
    Warming,
    /// It takes none.
    Ejected,
}

/// How the request was sent whose outcome is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sent {
    Normally,
    /// After [`Condition::claim_trial`] said yes.
    OnTrial,
    /// Although it is ejected, as there was nobody else: it can come back by this, and not fall any deeper.
    AsLastResort,
}

impl Condition {
    /// Well, and all of its turns at once.
    pub(crate) fn new(ward: &Ward) -> Self {
        let rate = ward.outliers.and_then(|outliers| outliers.rate);
        Self {
            word: AtomicU64::new(0),
            in_a_row: AtomicU32::new(0),
            credit: AtomicU32::new(0),
            recent: rate.map(|rate| Window::new(rate.window)),
        }
    }

    /// Whether a pick may have it. While it warms up each call is one of its turns.
    pub(crate) fn admission(&self, ward: &Ward) -> Admission {
        self.admission_if(ward, |part| self.takes_turn(part))
    }

    /// Whether a pick may have it for want of a better one: as if it took all of its turns, and none is used up.
    pub(crate) fn admission_in_need(&self, ward: &Ward) -> Admission {
        self.admission_if(ward, |_| true)
    }

    fn admission_if(&self, ward: &Ward, takes_turn: impl Fn(u32) -> bool) -> Admission {
        let state = self.state();
        match state.phase {
            Phase::Well => Admission::Open,
            Phase::Ejected if state.at <= ward.clock.now() => Admission::Due,
            Phase::Ejected | Phase::Trial | Phase::Gone => Admission::Ejected,
            Phase::Warming => match ward.part(state.at) {
                Some(part) if !takes_turn(part) => Admission::Warming,
                Some(_) => Admission::Open,
                None => {
                    self.change(ward, state, State { phase: Phase::Well, ..state });
                    Admission::Open
                }
            },
        }
    }

    /// Makes the caller's the one request that tries an endpoint whose ejection is over. It must be followed by the
    /// outcome, sent [`Sent::OnTrial`], or by [`abandon_trial`](Self::abandon_trial).
    pub(crate) fn claim_trial(&self, ward: &Ward) -> bool {
        let (state, now) = (self.state(), ward.clock.now());
        state.phase == Phase::Ejected
            && state.at <= now
            && self.change(ward, state, State { phase: Phase::Trial, at: now, ..state })
    }

    /// The trial ended without an outcome: the next request may try at once.
    pub(crate) fn abandon_trial(&self, ward: &Ward) {
        let state = self.state();
        if state.phase == Phase::Trial {
            self.change(ward, state, State { phase: Phase::Ejected, at: Moment::default(), ..state });
        }
    }

    /// A request went well. Of an endpoint that has no failures behind it this reads one word (and the clock, for a
    /// failure rate).
    pub(crate) fn succeeded(&self, ward: &Ward, sent: Sent) {
        let state = match sent {
            Sent::Normally => return self.count_success(ward),
            Sent::OnTrial | Sent::AsLastResort => self.state(),
        };
        if state.phase == Phase::Trial || state.phase == Phase::Ejected && sent == Sent::AsLastResort {
            self.restore(ward, state);
        }
    }

    /// A request failed by the endpoint's fault: ejects it where a rule says so and there is a place. Where there is
    /// none, the next failure asks again.
    ///
    /// What was sent before the ejection has no say in it any more.
    pub(crate) fn failed(&self, ward: &Ward, sent: Sent) {
        let Some(outliers) = &ward.outliers else { return };
        let state = self.state();
        let is_out = match (sent, state.phase) {
            (Sent::Normally, Phase::Well | Phase::Warming) => self.count_failure(ward, outliers),
            (Sent::OnTrial, Phase::Trial) => true,
            _ => false,
        };
        if is_out {
            self.eject(ward, outliers, state);
        }
    }

    /// Probes found it up after it was down: ends an ejection, begins the slow start.
    #[cfg(any(test, feature = "probes"))]
    pub(crate) fn came_up(&self, ward: &Ward) {
        loop {
            let state = self.state();
            if state.phase == Phase::Gone || self.restore(ward, state) {
                return;
            }
        }
    }

    /// It was removed or drained for good: nothing changes it from here on.
    pub(crate) fn leave(&self, ward: &Ward) {
        let left = self.word.swap(State::GONE.into_word(), Ordering::AcqRel);
        ward.settle(State::from_word(left), State::GONE);
    }

    /// What to call it. A slow start that is over counts as over, also where no request has noticed yet.
    pub(crate) fn health(&self, ward: &Ward) -> Health {
        let state = self.state();
        match state.phase {
            Phase::Well => Health::Available,
            Phase::Warming if ward.part(state.at).is_none() => Health::Available,
            Phase::Warming => Health::SlowStart,
            Phase::Ejected => Health::Ejected,
            Phase::Trial => Health::Trial,
            Phase::Gone => Health::Draining,
        }
    }

    pub(super) fn state(&self) -> State {
        State::from_word(self.word.load(Ordering::Acquire))
    }

    /// From one state to another, with what they count for in the ward; says whether it did. It doesn't if there is
    /// no place for one more out, or somebody else was first.
    fn change(&self, ward: &Ward, from: State, to: State) -> bool {
        if !ward.reserve(from, to) {
            return false;
        }
        let (before, after) = (from.into_word(), to.into_word());
        let changed = self.word.compare_exchange(before, after, Ordering::AcqRel, Ordering::Relaxed).is_ok();
        let (left, entered) = if changed { (from, to) } else { (to, from) };
        ward.settle(left, entered);
        changed
    }

    fn eject(&self, ward: &Ward, outliers: &Outliers, from: State) {
        let now = ward.clock.now();
        let is_forgotten = !from.is_out() && now.since(from.at) >= outliers.max_ejection;
        let times = if is_forgotten { 1 } else { from.times.saturating_add(1) };
        let at = now + outliers.length(times, ward.random.unit());
        self.change(ward, from, State { phase: Phase::Ejected, times, at });
    }

    /// Counters first: once it takes requests again, they count.
    fn restore(&self, ward: &Ward, from: State) -> bool {
        self.in_a_row.store(0, Ordering::Relaxed);
        self.credit.store(0, Ordering::Relaxed);
        if let Some(recent) = &self.recent {
            recent.clear();
        }
        let phase = if ward.slow_start.is_some() { Phase::Warming } else { Phase::Well };
        self.change(ward, from, State { phase, at: ward.clock.now(), ..from })
    }

    fn count_success(&self, ward: &Ward) {
        // Looked at before it is written, so that cores can share it.
        if self.in_a_row.load(Ordering::Relaxed) != 0 {
            self.in_a_row.store(0, Ordering::Relaxed);
        }
        if let Some(recent) = &self.recent {
            recent.count_success(ward.clock.now());
        }
    }

    /// Says whether it was one too many.
    fn count_failure(&self, ward: &Ward, outliers: &Outliers) -> bool {
        let in_a_row = outliers
            .consecutive
            .is_some_and(|most| self.in_a_row.fetch_add(1, Ordering::Relaxed) >= most.saturating_sub(1));
        let too_often = self.recent.as_ref().zip(outliers.rate).is_some_and(|(recent, rate)| {
            let now = ward.clock.now();
            recent.count_failure(now);
            rate.is_reached(recent.counts(now))
        });
        in_a_row || too_often
    }

    /// Exactly `part` of its turns, evenly spread: those whose credit makes a whole one.
    fn takes_turn(&self, part: u32) -> bool {
        self.credit.fetch_add(part, Ordering::Relaxed).checked_add(part).is_none()
    }
}
