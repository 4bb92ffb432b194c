//! The states of an endpoint, by the names that operators see.

use balance::Health;

/// All states, each with its name.
pub(crate) const STATES: [(Health, &str); 7] = [
    (Health::Available, "available"),
    (Health::SlowStart, "slow_start"),
    (Health::Trial, "trial"),
    (Health::Ejected, "ejected"),
    (Health::Down, "down"),
    (Health::Paused, "paused"),
    (Health::Draining, "draining"),
];

/// The name of a state.
pub(crate) fn state_name(health: Health) -> &'static str {
    STATES.iter().find(|(state, _)| *state == health).map_or("unknown", |(_, name)| name)
}
