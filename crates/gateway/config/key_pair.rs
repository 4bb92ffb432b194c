//! A certificate and its key, in two files that two keys of a table name.

use std::path::PathBuf;

use rustls::Error;
use rustls::sign::CertifiedKey;

use super::context::Context;
use super::pem;
use super::provider::PROVIDER;
use super::report::{Problem, Report};
use super::section::Section;
use super::values::Value;

/// The names of the two keys.
#[derive(Clone, Copy, Debug)]
pub(super) struct Keys {
    pub(super) cert: &'static str,
    pub(super) key: &'static str,
}

/// A certificate that can be shown, and where it was read.
pub(super) struct Pair {
    pub(super) certified: CertifiedKey,
    pub(super) cert: PathBuf,
    pub(super) key: PathBuf,
}

impl Keys {
    /// Reads both files. `None` if one of the keys is missing, or can't be used; what is wrong is reported.
    pub(super) fn read(
        self,
        table: &mut Section<'_>,
        context: &Context<'_>,
        report: &mut Report,
    ) -> Option<Pair> {
        let Self { cert, key } = self;
        if table.has(cert) != table.has(key) {
            let problem = table.problem(format!("has a {cert} or a {key} alone"));
            report.error(problem.expecting(format!("{cert} and {key}, or neither")));
        }
        let chain = table
            .read(cert, report, |value| Ok((pem::path(value, context)?, pem::certificates(value, context)?)));
        let pair = table.read(key, report, |value| {
            let (path, key) = (pem::path(value, context)?, pem::private_key(value, context)?);
            let Some((cert, chain)) = chain else { return Ok(None) };
            let certified = CertifiedKey::from_der(chain, key, &PROVIDER)
                .map_err(|error| self.unusable(&error, value))?;
            Ok(Some(Pair { certified, cert, key: path }))
        });
        pair.flatten()
    }

    fn unusable(self, error: &Error, key: &Value<'_>) -> Problem {
        let Self { cert, .. } = self;
        let message = match error {
            Error::InconsistentKeys(_) => format!("this is not the key of {cert}"),
            Error::InvalidCertificate(_) => format!("the first certificate of {cert}: {error}"),
            _ => format!("this key can't be used: {error}"),
        };
        Problem::new(key.span(), message).expecting(format!("the key of the first certificate in {cert}"))
    }
}
