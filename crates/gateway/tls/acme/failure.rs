//! `Failure`: why there is no certificate.

use std::fmt;

use instant_acme::Error;

use super::renewal::Fault;

/// Why there is no certificate.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) fault: Fault,
    pub(super) why: String,
}

impl Failure {
    pub(super) fn refused(why: impl Into<String>) -> Self {
        Self { fault: Fault::Refused, why: why.into() }
    }

    pub(super) fn of_storage(error: &std::io::Error) -> Self {
        Self { fault: Fault::Storage, why: format!("the storage can't be used: {error}") }
    }

    /// Adds what the authority said about the names.
    pub(super) fn because(self, reasons: &str) -> Self {
        Self { why: format!("{}: {reasons}", self.why), ..self }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let fault = match &error {
            Error::Api(problem) => match (problem.r#type.as_deref(), problem.status) {
                (Some("urn:ietf:params:acme:error:rateLimited"), _) | (_, Some(429)) => Fault::RateLimited,
                (_, Some(500..)) => Fault::Unreachable,
                _ => Fault::Refused,
            },
            Error::Timeout(_) | Error::Crypto | Error::KeyRejected | Error::Unsupported(_) => Fault::Refused,
            _ => Fault::Unreachable,
        };
        Self { fault, why: chained(&error) }
    }
}

impl From<rcgen::Error> for Failure {
    fn from(error: rcgen::Error) -> Self {
        Self::refused(format!("no request for a certificate can be made: {error}"))
    }
}

/// An error with its causes.
fn chained(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |error| error.source());
    causes.fold(error.to_string(), |text, cause| {
        let cause = cause.to_string();
        if text.contains(&cause) { text } else { format!("{text}: {cause}") }
    })
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.why)
    }
}
