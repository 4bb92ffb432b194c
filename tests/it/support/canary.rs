//! Secrets that a test can look for, and a capture of everything that is logged.

use std::io;
use std::sync::{Arc, Mutex};

use tracing::level_filters::LevelFilter;
use tracing::subscriber::DefaultGuard;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::fmt::format::FmtSpan;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::reload;
use uuid::Uuid;

/// A string that occurs nowhere else: letters, digits and `-`, so no escaping hides it.
pub fn canary(kind: &str) -> String {
    format!("canary-{kind}-{}", Uuid::now_v7().simple())
}

/// All log output since the capture was installed, at every level and with the fields of every span.
#[derive(Clone, Debug, Default)]
pub struct Capture(Arc<Mutex<Vec<u8>>>);

impl Capture {
    /// Captures what this thread logs while the guard lives: for tests on a current-thread runtime.
    pub fn on_this_thread() -> (Self, DefaultGuard) {
        let capture = Self::default();
        let guard = tracing::subscriber::set_default(capture.clone().subscriber());
        (capture, guard)
    }

    /// Captures what all threads of this process log while the guard lives: for a test beside which no other runs.
    ///
    /// # Panics
    /// If it was called before in this process.
    #[allow(dead_code, reason = "for `tests/alone`")]
    pub fn everywhere() -> (Self, Everywhere) {
        let capture = Self::default();
        let (filter, level) = reload::Layer::new(LevelFilter::TRACE);
        tracing::subscriber::set_global_default(capture.clone().subscriber().with(filter)).unwrap();
        (capture, Everywhere(Box::new(move || level.reload(LevelFilter::OFF).unwrap())))
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap()).into_owned()
    }

    /// The captured lines with `needle` in them.
    pub fn lines_with(&self, needle: &str) -> Vec<String> {
        self.text().lines().filter(|line| line.contains(needle)).map(str::to_owned).collect()
    }

    /// # Panics
    /// If `secret` was logged, or if nothing was logged, because that would prove nothing.
    pub fn assert_never_logged(&self, secret: &str) {
        assert!(!self.text().is_empty(), "nothing was logged at all");
        let found = self.lines_with(secret);
        assert!(found.is_empty(), "logged: {found:#?}");
    }

    fn subscriber(self) -> impl tracing::Subscriber + Send + Sync {
        tracing_subscriber::fmt()
            .with_max_level(LevelFilter::TRACE)
            .with_span_events(FmtSpan::NEW | FmtSpan::CLOSE)
            .with_ansi(false)
            .with_writer(self)
            .finish()
    }
}

/// Ends a capture of all threads when it is dropped: from then on nothing is logged.
pub struct Everywhere(Box<dyn Fn()>);

impl Drop for Everywhere {
    fn drop(&mut self) {
        (self.0)();
    }
}

impl io::Write for Capture {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Capture {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}
