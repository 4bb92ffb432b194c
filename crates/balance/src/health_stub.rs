//! STUB until the health branch is merged; never committed.
#![allow(dead_code, unused)]
use crate::{clock::Clock, random::Random};
pub(crate) struct Ward {
    pub(crate) clock: Clock,
}
#[derive(Default, Clone, Debug)]
pub struct Outliers;
#[derive(Default, Clone, Debug)]
pub struct SlowStart;
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Sent {
    Normally,
    OnTrial,
    AsLastResort,
}
pub(crate) enum Admission {
    Open,
    Due,
    Warming,
    Ejected,
}
#[derive(Default)]
pub(crate) struct Condition;
impl Ward {
    pub(crate) fn new(o: Option<Outliers>, s: Option<SlowStart>, clock: Clock, random: Random) -> Self {
        Self { clock }
    }
    pub(crate) fn now(&self) -> crate::clock::Moment {
        self.clock.now()
    }
    pub(crate) fn unit(&self) -> f64 {
        0.5
    }
    pub(crate) fn is_all_well(&self) -> bool {
        true
    }
    pub(crate) fn set_members(&self, n: usize) {}
}
impl Condition {
    pub(crate) fn admission(&self, ward: &Ward) -> Admission {
        Admission::Open
    }
    pub(crate) fn claim_trial(&self, ward: &Ward) -> bool {
        true
    }
    pub(crate) fn abandon_trial(&self, ward: &Ward) {}
    pub(crate) fn succeeded(&self, ward: &Ward, kind: Sent) {}
    pub(crate) fn failed(&self, ward: &Ward, kind: Sent) {}
    pub(crate) fn came_up(&self, ward: &Ward) {}
    pub(crate) fn health(&self, ward: &Ward) -> crate::health::Health {
        crate::health::Health::Available
    }
    pub(crate) fn leave(&self, ward: &Ward) {}
}
