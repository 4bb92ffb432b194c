//! The limits on the head of an answer, and the errors for a head that exceeds them.

use http1::{Fault, Limits};

use super::error::Diagnosis;
use crate::error::{BoxError, ErrorKind};

/// An answer whose head exceeds one of these limits isn't passed on: the client gets a 502.
#[derive(Clone, Copy, Debug)]
pub(super) struct AnswerLimits {
    /// How many fields; each field line counts as one.
    pub(super) fields: usize,
    /// How many bytes, including the status line.
    pub(super) section: usize,
}

impl Default for AnswerLimits {
    fn default() -> Self {
        Self { fields: 256, section: 64 * 1024 }
    }
}

impl From<AnswerLimits> for Limits {
    fn from(limits: AnswerLimits) -> Self {
        Self { fields: limits.fields, section: limits.section, ..Self::RESPONSES }
    }
}

/// The error for an answer in HTTP/1 that can't be read. If the answer exceeds a limit, the error names that limit.
pub(super) fn error_of(fault: Fault) -> BoxError {
    match fault {
        Fault::HeadTooLarge => TOO_LARGE.into(),
        Fault::TooManyFields => TOO_MANY_FIELDS.into(),
        fault => fault.into(),
    }
}

/// Each text names the limit to raise: an option of the builder, and a key of the gateway with the same name.
pub(super) const TOO_MANY_FIELDS: Diagnosis = Diagnosis::new(
    ErrorKind::HttpResponseHeaderSectionSize,
    "the answer has more fields than response_fields allows",
);
pub(super) const TOO_LARGE: Diagnosis = Diagnosis::new(
    ErrorKind::HttpResponseHeaderSectionSize,
    "the head of the answer is larger than response_section allows",
);
