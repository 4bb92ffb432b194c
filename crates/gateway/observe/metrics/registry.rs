//! `Metrics`: all that is measured, as text.

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{prometheus_text, text};
use prometheus_client::registry::Registry;

use super::of_log::OwnLog;
use super::of_process::OwnProcess;

/// All that is measured.
#[derive(Debug)]
pub(crate) struct Metrics {
    registry: Registry,
}

impl Metrics {
    /// Begins with what is known of every process.
    pub(crate) fn new() -> Self {
        Self { registry: Registry::default() }.with(OwnProcess::default()).with(OwnLog)
    }

    pub(crate) fn with(mut self, measured: impl Collector) -> Self {
        self.registry.register_collector(Box::new(measured));
        self
    }

    /// All values as they are now.
    pub(crate) fn text(&self, exposition: Exposition) -> String {
        let mut written = String::new();
        let result = match exposition {
            Exposition::OpenMetrics => text::encode(&mut written, &self.registry),
            Exposition::Plain => prometheus_text::encode(&mut written, &self.registry),
        };
        result.expect("writing to a string can't fail");
        written
    }
}

/// A format in which metrics are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Exposition {
    /// OpenMetrics 1.0.
    OpenMetrics,
    /// The text format of Prometheus, which every scraper reads.
    #[default]
    Plain,
}

impl Exposition {
    /// The format for a scraper that sends this in `Accept` (RFC 9110 §12.5.1): OpenMetrics, if it names it. Scrapers
    /// that name it prefer it.
    #[must_use]
    pub fn accepted_by(accept: &str) -> Self {
        let mut types = accept.split(',').map(|each| each.split(';').next().unwrap_or_default().trim());
        match types.any(|each| each.eq_ignore_ascii_case("application/openmetrics-text")) {
            true => Self::OpenMetrics,
            false => Self::Plain,
        }
    }

    /// The `Content-Type` of the text.
    #[must_use]
    pub fn content_type(self) -> &'static str {
        match self {
            Self::OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
            Self::Plain => prometheus_text::CONTENT_TYPE,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scraper_gets_the_format_that_it_names() {
        let prometheus = "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,text/plain;version=0.0.4;q=0.5,*/*;q=0.2";
        for (accept, format) in [
            (prometheus, Exposition::OpenMetrics),
            ("text/plain, Application/OpenMetrics-Text", Exposition::OpenMetrics),
            ("text/plain;version=0.0.4", Exposition::Plain),
            ("*/*", Exposition::Plain),
            ("", Exposition::Plain),
        ] {
            assert_eq!(Exposition::accepted_by(accept), format, "{accept}");
        }
    }
}
