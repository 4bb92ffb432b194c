use crate::{
    endpoint::Endpoint,
    health::{Admission, Sent},
    picked::Why,
};

/// What endpoints are made do with: first only those that are well; should none of them take the request now then also
/// those whose slow start would have spared them; and ejected ones rather than none.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Standard {
    Well,
    SlowStart,
    AnyAtAll,
}

impl Standard {
    pub(super) const FROM_THE_BEST: [Self; 3] = [Self::Well, Self::SlowStart, Self::AnyAtAll];

    /// The standard for those that are waited for: the turn of a slow start was theirs when they were asked first.
    pub(super) fn while_waiting(self) -> Self {
        self.max(Self::SlowStart)
    }

    /// As what `endpoint` may be sent a request, should it be ready.
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
