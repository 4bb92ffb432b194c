//! The options that all pools of a client share.

use std::time::Duration;

use http1::HeaderCase;

use super::answers::AnswerLimits;
use super::dial::{Dialer, Protocols};
use super::failed_dial::OnFailedDial;
use super::multiplexed::Http2Options;
use super::pool::{Keeping, Limit};

/// The options that all pools of a client share.
#[derive(Debug)]
pub(super) struct Options {
    pub(super) dialer: Dialer,
    /// Opens connections that are to speak HTTP/1.1: for requests that HTTP/2 can't carry, and for endpoints that ask
    /// for HTTP/1.1. None if only HTTP/2 is to be spoken.
    pub(super) http1_dialer: Option<Dialer>,
    pub(super) protocols: Protocols,
    pub(super) connect_timeout: Duration,
    pub(super) keeping: Keeping,
    pub(super) answers: AnswerLimits,
    /// For HTTP/1 only. HTTP/2 has lower case (RFC 9113 §8.2.1).
    pub(super) header_case: HeaderCase,
    pub(super) http2: Http2Options,
    pub(super) limit: Limit,
    pub(super) on_failed_dial: OnFailedDial,
}
