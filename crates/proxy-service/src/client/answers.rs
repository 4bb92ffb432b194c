//! How much the head of an answer may hold.

use http1::{Fault, Limits};

use super::error::Diagnosis;
use crate::error::{BoxError, ErrorKind};

/// What is more is no answer: 502.
#[derive(Clone, Copy, Debug)]
pub(super) struct AnswerLimits {
    /// Fields, each line one.
    pub(super) fields: usize,
    /// Bytes, with the status line.
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

/// A fault of an answer in HTTP/1; where it is over a limit, the error says which.
pub(super) fn error_of(fault: Fault) -> BoxError {
    match fault {
        Fault::HeadTooLarge => TOO_LARGE.into(),
        Fault::TooManyFields => TOO_MANY_FIELDS.into(),
        fault => fault.into(),
    }
}

/// What to raise stands in the error: options of the builder, and the gateway's keys of the same names.
pub(super) const TOO_MANY_FIELDS: Diagnosis = Diagnosis::new(
    ErrorKind::HttpResponseHeaderSectionSize,
    "the answer has more fields than response_fields allows",
);
pub(super) const TOO_LARGE: Diagnosis = Diagnosis::new(
    ErrorKind::HttpResponseHeaderSectionSize,
    "the head of the answer is larger than response_section allows",
);
