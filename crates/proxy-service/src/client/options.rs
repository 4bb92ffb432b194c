//! What all pools of a client have in common.

use std::time::Duration;

use super::answers::AnswerLimits;
use super::dial::{Dialer, Protocols};
use super::multiplexed::Http2Options;
use super::pool::{Keeping, Limit};

/// What all pools of a client have in common.
#[derive(Debug)]
pub(super) struct Options {
    pub(super) dialer: Dialer,
    /// For what HTTP/2 can't say; none if nothing but HTTP/2 is to be spoken.
    pub(super) http1_dialer: Option<Dialer>,
    pub(super) protocols: Protocols,
    pub(super) connect_timeout: Duration,
    pub(super) keeping: Keeping,
    pub(super) answers: AnswerLimits,
    pub(super) http2: Http2Options,
    pub(super) limit: Limit,
}
