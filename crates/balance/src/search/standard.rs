use crate::{
    endpoint::Endpoint,
    health::{Admission, Sent},
    picked::Why,
};

/// Which endpoints are good enough for a request. First these are healthy endpoints, and those in a slow start in
/// their turns. If none of them takes the request now, endpoints in a slow start may take it in any turn. If none
/// of these does either, ejected endpoints may take it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Standard {
    Well,
    SlowStart,
    AnyAtAll,
}

impl Standard {
    pub(super) const FROM_THE_BEST: [Self; 3] = [Self::Well, Self::SlowStart, Self::AnyAtAll];

    /// The standard for endpoints that are waited for. One in a slow start was asked in its turn, and isn't asked
    /// for another.
    pub(super) fn while_waiting(self) -> Self {
        self.max(Self::SlowStart)
    }

    /// How a request may be sent to `endpoint`, once that is ready.
    pub(super) fn admits<S>(self, endpoint: &Endpoint<S>) -> Result<Sent, Why> {
        let ward = &endpoint.shared().ward;
        if ward.is_all_well() {
            return Ok(Sent::Normally);
        }
        let admission = match self {
            Self::Well => endpoint.condition.admission(ward),
            Self::SlowStart | Self::AnyAtAll => endpoint.condition.admission_in_need(ward),
        };
        match admission {
            Admission::Open => Ok(Sent::Normally),
            Admission::Due => Ok(Sent::OnTrial),
            Admission::Ejected if self == Self::AnyAtAll => Ok(Sent::AsLastResort),
            Admission::Ejected => Err(Why::Ejected),
            Admission::Warming => Err(Why::SlowStart),
        }
    }
}
