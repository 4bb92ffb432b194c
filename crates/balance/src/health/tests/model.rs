//! Compares any sequence of events with a model that is written without atomics.

use std::time::Duration;

use proptest::prelude::*;

use super::Pool;
use crate::{
    Health, Outliers, SlowStart,
    health::{
        Admission, Fault, Pass,
        Sent::{Normally, OnTrial},
    },
};

const ROW: u32 = 2;
const BASE: u64 = 1_000;
const MOST: u64 = 3_000;
const WARM_UP: u64 = 2_000;

#[derive(Clone, Copy, Debug)]
enum Event {
    Ask,
    Succeed,
    Fail,
    Claim,
    TrialSucceeds,
    TrialFails,
    TrialEnds,
    FailConnecting,
    Reach,
    ReachNobody,
    GoDown,
    ComeUp,
    SetAside(u64),
    Resume,
    Leave,
    Wait(u64),
}

/// What an endpoint should be like. Times are in milliseconds.
#[derive(Clone, Copy, Debug)]
struct Model {
    phase: Phase,
    in_a_row: u32,
    times: u64,
    restored: u64,
    out_since: u64,
    /// The length of its slow start.
    warm_up: u64,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Phase {
    Well,
    Warming,
    /// It ends between these two times, as the jitter decides.
    Ejected(u64, u64),
    /// The same, for an endpoint that can't be connected to.
    Unreachable(u64, u64),
    Trial,
    /// By hand, until this time.
    SetAside(u64),
    Gone,
}

impl Model {
    const WELL: Self =
        Self { phase: Phase::Well, in_a_row: 0, times: 0, restored: 0, out_since: 0, warm_up: 0 };

    fn is_out(&self) -> bool {
        matches!(self.phase, Phase::Ejected(..) | Phase::Unreachable(..) | Phase::Trial | Phase::SetAside(_))
    }

    fn fail(&mut self, now: u64, has_place: bool, phase: fn(u64, u64) -> Phase) {
        if !matches!(self.phase, Phase::Well | Phase::Warming) {
            return;
        }
        self.in_a_row += 1;
        if self.in_a_row >= ROW {
            // This is noted before it is known whether there is a place. An endpoint that gets no place comes back
            // from no outage either.
            self.out_since = now;
        }
        if self.in_a_row >= ROW && has_place {
            if now - self.restored >= MOST {
                self.times = 0;
            }
            self.eject(now, phase);
        }
    }

    fn eject(&mut self, now: u64, phase: fn(u64, u64) -> Phase) {
        self.times += 1;
        let due = (BASE * self.times).min(MOST);
        self.phase = phase(now + due * 9 / 10, now + (due * 11 / 10).min(MOST));
    }

    fn restore(&mut self, now: u64, slow_start: bool) {
        let phase = if slow_start { Phase::Warming } else { Phase::Well };
        let warm_up = (now - self.out_since).min(WARM_UP);
        *self = Self { phase, in_a_row: 0, restored: now, warm_up, ..*self };
    }

    fn health(&self, now: u64) -> Health {
        match self.phase {
            Phase::Warming if now - self.restored < self.warm_up => Health::SlowStart,
            Phase::Well | Phase::Warming => Health::Available,
            Phase::SetAside(until) if until <= now => Health::Available,
            Phase::SetAside(_) => Health::Ejected,
            Phase::Ejected(..) | Phase::Unreachable(..) => Health::Ejected,
            Phase::Trial => Health::Trial,
            Phase::Gone => Health::Draining,
        }
    }

    fn may_answer(&self, admission: Admission, now: u64) -> bool {
        match self.phase {
            Phase::Well => admission == Admission::Open,
            Phase::Warming if now - self.restored < self.warm_up => {
                matches!(admission, Admission::Open | Admission::Warming)
            }
            Phase::Warming => admission == Admission::Open,
            Phase::Ejected(earliest, latest) | Phase::Unreachable(earliest, latest) => match admission {
                Admission::Due => now >= earliest,
                Admission::Ejected => now < latest,
                Admission::Open | Admission::Warming => false,
            },
            Phase::SetAside(_) | Phase::Trial | Phase::Gone => admission == Admission::Ejected,
        }
    }
}

fn events() -> impl Strategy<Value = Vec<(usize, Event)>> {
    let event = prop_oneof![
        4 => Just(Event::Ask),
        2 => Just(Event::Succeed),
        8 => Just(Event::Fail),
        6 => Just(Event::Claim),
        2 => Just(Event::TrialSucceeds),
        2 => Just(Event::TrialFails),
        1 => Just(Event::TrialEnds),
        4 => Just(Event::FailConnecting),
        2 => Just(Event::Reach),
        2 => Just(Event::ReachNobody),
        1 => Just(Event::GoDown),
        1 => Just(Event::ComeUp),
        3 => (0..2_000_u64).prop_map(Event::SetAside),
        1 => Just(Event::Resume),
        1 => Just(Event::Leave),
        6 => (0..2_000_u64).prop_map(Event::Wait),
    ];
    prop::collection::vec((0..6_usize, event), 0..300)
}

proptest! {
    #[test]
    fn every_sequence_follows_the_model(members in 1..=6_usize, slow_start: bool, share in 0..=100_u8, events in events()) {
        let millis = Duration::from_millis;
        let outliers = Outliers::new().consecutive(ROW).ejection(millis(BASE), millis(MOST)).max_share(share);
        let pool = Pool::new(members, outliers, slow_start.then(|| SlowStart::over(millis(WARM_UP))));
        let mut models = vec![Model::WELL; members];
        let mut trials: Vec<Option<Pass>> = vec![None; members];
        let places = members * usize::from(share) / 100;
        let mut now = 0;
        for (index, event) in events {
            let (condition, ward) = (&pool.conditions[index % members], &pool.ward);
            let has_place = models.iter().filter(|model| model.is_out()).count() < places;
            let model = &mut models[index % members];
            let on_trial = model.phase == Phase::Trial;
            let last = trials[index % members];
            // If there was no trial yet, the outcome of one can only be a mistake of the caller.
            let trial = || last.unwrap_or_else(|| condition.pass(OnTrial));
            match event {
                Event::Ask => {
                    if matches!(model.phase, Phase::SetAside(until) if until <= now) {
                        model.restore(now, slow_start);
                    }
                    let admission = condition.admission(ward);
                    prop_assert!(model.may_answer(admission, now), "{model:?} says {admission:?} at {now}");
                    if model.phase == Phase::Warming && now - model.restored >= model.warm_up {
                        model.phase = Phase::Well;
                    }
                }
                Event::Succeed => {
                    condition.succeed_now(ward);
                    model.in_a_row = 0;
                }
                Event::Fail => {
                    condition.fail_now(ward);
                    model.fail(now, has_place, Phase::Ejected);
                }
                Event::FailConnecting => {
                    condition.failed(ward, condition.pass(Normally), Fault::Connecting);
                    model.fail(now, has_place, Phase::Unreachable);
                }
                Event::Reach => {
                    let ejection = condition.ejection();
                    let is_out = matches!(model.phase, Phase::Ejected(..) | Phase::Unreachable(..));
                    prop_assert_eq!(ejection.is_some(), is_out);
                    let is_back = ejection.is_some_and(|ejection| condition.was_reached(ward, ejection.life));
                    prop_assert_eq!(is_back, matches!(model.phase, Phase::Unreachable(..)));
                    if is_back {
                        model.restore(now, slow_start);
                    }
                }
                Event::ReachNobody => {
                    if let Some(ejection) = condition.ejection() {
                        condition.was_not_reached(ward, ejection.life);
                    }
                    if let Phase::Ejected(earliest, latest) = model.phase {
                        model.phase = Phase::Unreachable(earliest, latest);
                    }
                }
                Event::Claim => {
                    let trial = condition.claim_trial(ward);
                    let claimed = trial.is_some();
                    trials[index % members] = trial.or(trials[index % members]);
                    let may = model.may_answer(if claimed { Admission::Due } else { Admission::Ejected }, now);
                    let is_ejected = matches!(model.phase, Phase::Ejected(..) | Phase::Unreachable(..));
                    prop_assert!(if is_ejected { may } else { !claimed }, "{model:?}: {claimed} at {now}");
                    if claimed {
                        model.phase = Phase::Trial;
                    }
                }
                Event::TrialSucceeds => {
                    condition.succeeds(ward, trial());
                    if on_trial {
                        model.restore(now, slow_start);
                    }
                }
                Event::TrialFails => {
                    condition.fails(ward, trial());
                    if on_trial {
                        model.eject(now, Phase::Ejected);
                    }
                }
                Event::TrialEnds => {
                    condition.abandon_trial(ward, trial());
                    if on_trial {
                        model.phase = Phase::Ejected(now, now);
                    }
                }
                Event::GoDown => {
                    condition.went_down(ward);
                    if !model.is_out() {
                        model.out_since = now;
                    }
                }
                Event::ComeUp => {
                    condition.came_up(ward);
                    if !matches!(model.phase, Phase::Gone | Phase::SetAside(_)) {
                        model.restore(now, slow_start);
                    }
                }
                Event::SetAside(time) => {
                    let is_there = condition.set_aside(ward, millis(time));
                    prop_assert_eq!(is_there, model.phase != Phase::Gone);
                    if is_there {
                        model.out_since = if model.is_out() { model.out_since } else { now };
                        model.phase = Phase::SetAside(now + time);
                    }
                }
                Event::Resume => {
                    condition.was_paused(ward);
                    condition.was_resumed(ward);
                    if model.phase != Phase::Gone {
                        model.out_since = if model.is_out() { model.out_since } else { now };
                        model.restore(now, slow_start);
                    }
                }
                Event::Leave => {
                    condition.leave(ward);
                    model.phase = Phase::Gone;
                }
                Event::Wait(time) => {
                    pool.hand.advance(millis(time));
                    now += time;
                }
            }
            for (condition, model) in pool.conditions.iter().zip(&models) {
                prop_assert_eq!(condition.health(ward), model.health(now), "{:?} at {}", model, now);
            }
            let out = models.iter().filter(|model| model.is_out()).count();
            let unwell = out + models.iter().filter(|model| model.phase == Phase::Warming).count();
            let by_hand = models.iter().filter(|model| matches!(model.phase, Phase::SetAside(_))).count();
            prop_assert!(out - by_hand <= places);
            prop_assert_eq!(pool.ward.counted(), (out as u64, unwell as u64));
            prop_assert_eq!(pool.states(), (out as u64, unwell as u64));
            prop_assert_eq!(pool.ward.is_all_well(), unwell == 0);
        }
    }
}
