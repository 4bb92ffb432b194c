//! What dials change in the health of an endpoint.

use super::{
    Condition, Ward,
    state::{Life, Phase, State},
};

/// An ejection, as far as dials have to know it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ejection {
    pub(crate) life: Life,
    /// The number of ejections that still count, this one included.
    pub(crate) times: u16,
    /// Whether it is known that no connection can be made.
    pub(crate) is_by_connecting: bool,
}

impl Condition {
    /// The present ejection, if there is one.
    pub(crate) fn ejection(&self) -> Option<Ejection> {
        let state = self.state();
        let State { phase, times, .. } = state;
        let is_by_connecting = phase == Phase::Unreachable;
        state.is_ejected().then(|| Ejection { life: state.life(), times, is_by_connecting })
    }

    /// A dial in `life` could connect. Returns whether that ended the ejection, which it does if the endpoint was
    /// ejected because it couldn't be connected to.
    pub(crate) fn was_reached(&self, ward: &Ward, life: Life) -> bool {
        let state = self.state();
        state.phase == Phase::Unreachable && state.life() == life && self.restore(ward, state)
    }

    /// A dial in `life` could not connect. From here on that is the cause of the ejection, whatever it was before.
    pub(crate) fn was_not_reached(&self, ward: &Ward, life: Life) {
        let state = self.state();
        if state.phase == Phase::Ejected && state.life() == life {
            self.change(ward, state, State { phase: Phase::Unreachable, ..state });
        }
    }
}
