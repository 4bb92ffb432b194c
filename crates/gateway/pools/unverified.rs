//! Pools with `verify = false`: the log warns of them once an hour, so that a temporary setting isn't forgotten.

use std::time::Duration;

use crate::config::Pool;

const EVERY: Duration = Duration::from_secs(60 * 60);

#[cfg(feature = "tls")]
pub(super) fn is_unverified(pool: &Pool) -> bool {
    pool.tls.as_ref().is_some_and(|tls| !tls.is_verified)
}

#[cfg(not(feature = "tls"))]
pub(super) fn is_unverified(_: &Pool) -> bool {
    false
}

/// Logs a warning for this pool once an hour. The warning at the start is one of the configuration.
pub(super) async fn remind(pool: String) {
    loop {
        tokio::time::sleep(EVERY).await;
        tracing::warn!(
            target: "gateway::tls",
            pool,
            "the certificates of its upstreams are not verified: verify = false"
        );
    }
}

#[cfg(test)]
mod tests {
    use std::io::{self, Write};
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Log(Arc<Mutex<Vec<u8>>>);

    impl Log {
        fn lines(&self) -> usize {
            let log = self.0.lock().unwrap();
            String::from_utf8_lossy(&log).lines().filter(|line| line.contains("pool=\"lab\"")).count()
        }
    }

    impl Write for Log {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[tokio::test(start_paused = true)]
    async fn once_an_hour_the_pool_is_named() {
        let log = Log::default();
        let writer = log.clone();
        let _guard = tracing::subscriber::set_default(
            tracing_subscriber::fmt().with_ansi(false).with_writer(move || writer.clone()).finish(),
        );
        let _reminding = tokio::spawn(remind("lab".to_owned()));
        let minute = Duration::from_secs(60);
        for (later, lines) in [(minute, 0), (EVERY, 1), (EVERY, 2)] {
            tokio::time::sleep(later).await;
            assert_eq!(log.lines(), lines);
        }
    }
}
