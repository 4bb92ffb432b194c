use crate::health::AllDown;

/// What [`Settings`](crate::Settings) say about which endpoints are in a set.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rules {
    pub(crate) all_down: AllDown,
    /// How many endpoints of a tier have to be well, in percent.
    pub(crate) tier_share: u8,
}

impl Default for Rules {
    fn default() -> Self {
        Self { all_down: AllDown::default(), tier_share: 50 }
    }
}
