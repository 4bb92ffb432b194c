//! What dials have to do with the health of an endpoint.

use super::{
    Condition, Ward,
    state::{Life, Phase, State},
};

/// An ejection that no request tries yet, for those who dial.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ejection {
    pub(crate) life: Life,
    /// How many there were, this one included, that are not forgotten.
    pub(crate) times: u16,
    /// Whether it is known that nobody can connect.
    pub(crate) is_by_connecting: bool,
}

impl Condition {
    /// The ejection it is in, if it is in one.
    pub(crate) fn ejection(&self) -> Option<Ejection> {
        let state = self.state();
        let State { phase, times, .. } = state;
        let is_by_connecting = phase == Phase::Unreachable;
        state.is_ejected().then(|| Ejection { life: state.life(), times, is_by_connecting })
    }

    /// A dial of that life came to somebody: says whether that ends the ejection, which it does if it was for want of
    /// just that.
    pub(crate) fn was_reached(&self, ward: &Ward, life: Life) -> bool {
        let state = self.state();
        state.phase == Phase::Unreachable && state.life() == life && self.restore(ward, state)
    }

    /// A dial of that life came to nobody: then that is what the ejection is about, whatever it was for.
    pub(crate) fn was_not_reached(&self, ward: &Ward, life: Life) {
        let state = self.state();
        if state.phase == Phase::Ejected && state.life() == life {
            self.change(ward, state, State { phase: Phase::Unreachable, ..state });
        }
    }
}
