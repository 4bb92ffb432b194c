use std::time::Duration;

use crate::{
    clock::Moment,
    endpoint::Endpoint,
    health::{Ejected, Health},
};

/// What somebody who operates the pool may ask about an endpoint: how it is, since when and why.
///
/// The parts are read one after the other, so while the endpoint changes they need not all be of the same moment.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Details {
    /// Its health.
    pub health: Health,
    /// How long ago it got this health, as far as it is known. An endpoint whose slow start is over counts as available
    /// from the beginning of that, and one whose trial failed as ejected from its first ejection.
    pub lasting: Duration,
    /// Its ejection, if there is one. It goes on while the endpoint is paused or down.
    pub ejected: Option<Ejected>,
    /// How many ejections count for the length of the next one. They are forgotten once the endpoint was back for as
    /// long as the longest ejection.
    pub ejections: u16,
    /// How many of its requests failed since the last success, or led to its ejection. It is 0 if that ejects no
    /// endpoint.
    pub failures_in_a_row: u32,
    /// How many of its latest requests failed and how many there were, if a [rate](crate::FailureRate) is counted.
    pub recent: Option<(u64, u64)>,
    /// What part of its turns it takes while it is in its slow start, in percent.
    pub slow_start: Option<u8>,
    /// How long it takes to answer: see [`Endpoint::latency`]. `None` if that isn't measured.
    pub latency: Option<Duration>,
}

impl<S> Endpoint<S> {
    /// How it is, since when and why.
    pub fn details(&self) -> Details {
        let (ward, condition) = (&self.shared().ward, &self.condition);
        let health = self.health();
        let in_percent = || (condition.part(ward) * 100.0) as u8;
        Details {
            health,
            lasting: ward.now().since(self.since(health)),
            ejected: condition.ejected(ward),
            ejections: condition.ejections(ward),
            failures_in_a_row: condition.failures_in_a_row(),
            recent: condition.recent(ward),
            slow_start: (health == Health::SlowStart).then(in_percent),
            latency: self.latency(ward.now()),
        }
    }

    fn since(&self, health: Health) -> Moment {
        let began = match health {
            Health::Draining | Health::Paused => self.turned(),
            Health::Down => self.down_since(),
            _ => self.condition.since(&self.shared().ward),
        };
        began.max(self.inserted())
    }
}
