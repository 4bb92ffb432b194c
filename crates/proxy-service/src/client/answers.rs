//! How much the head of an answer may hold.

use super::error::Diagnosis;
use crate::error::ErrorKind;

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

/// What to raise stands in the error: options of the builder, and the gateway's keys of the same names.
pub(super) const TOO_MANY_FIELDS: Diagnosis = Diagnosis::new(
    ErrorKind::HttpResponseHeaderSectionSize,
    "the answer has more fields than response_fields allows",
);
pub(super) const TOO_LARGE: Diagnosis = Diagnosis::new(
    ErrorKind::HttpResponseHeaderSectionSize,
    "the head of the answer is larger than response_section allows",
);
