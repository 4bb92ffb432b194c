use crate::{dice::Dice, health::Ward, queue::Queue, resent::Resent, settings::Settings, sync::Notify};

/// What all endpoints of a pool share, whichever set they are in.
pub(crate) struct Shared {
    pub(crate) ward: Ward,
    pub(crate) queue: Queue,
    pub(crate) resent: Resent,
    /// Wakes requests that wait because no endpoint was ready, and streams of targets that are followed. Nothing
    /// else uses it.
    pub(crate) changed: Notify,
    /// Wakes the task that dials, when an endpoint is ejected.
    pub(crate) ejected: Notify,
    /// Wakes those that wait for an endpoint to be drained.
    pub(crate) drained: Notify,
}

impl Shared {
    pub(crate) fn new(settings: Settings) -> Self {
        let Settings { clock, seed, outliers, slow_start, limit, rules: _ } = settings;
        let random = seed.map_or_else(Dice::new, Dice::seeded);
        Self {
            ward: Ward::new(outliers, slow_start, clock, random),
            queue: Queue::new(limit),
            resent: Resent::default(),
            changed: Notify::default(),
            ejected: Notify::default(),
            drained: Notify::default(),
        }
    }
}
