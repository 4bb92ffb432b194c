//! `Reload`: reads a configuration file again, when it is asked to or when the file changes.

use std::error::Error;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use tokio::sync::Mutex;
use tokio::task::spawn_blocking;

use super::applied::Applied;
use super::error::ApplyError;
use super::handle::{Handle, LOG};
use crate::config::{Config, ConfigErrors};
use crate::files::Files;

/// Reads a configuration file and applies it to a gateway. Clones do the same.
///
/// ```no_run
/// # async fn run(gateway: gateway::Gateway) {
/// use gateway::live::Reload;
///
/// let reload = Reload::new(gateway.handle(), "gateway.toml");
/// tokio::spawn(async move { reload.on_change().await });
/// # }
/// ```
#[derive(Clone)]
pub struct Reload {
    handle: Handle,
    file: PathBuf,
    adjust: Arc<Adjust>,
    supervisor: Option<Supervisor>,
    /// Held from reading to applying, so that what was read last is applied last.
    turn: Arc<Mutex<()>>,
}

/// Who asks for reloads: what it is told before and after.
#[derive(Clone, Copy)]
struct Supervisor {
    before: fn(),
    after: fn(),
}

/// Changes a configuration before it is applied.
type Adjust = dyn Fn(&mut Config) + Send + Sync;

impl Reload {
    /// Applies this file to the gateway of this handle.
    pub fn new(handle: Handle, file: impl Into<PathBuf>) -> Self {
        let (adjust, turn) = (Arc::new(|_: &mut Config| {}), Arc::default());
        Self { handle, file: file.into(), adjust, supervisor: None, turn }
    }

    /// Changes each configuration before it is applied, for what the command line says.
    #[must_use]
    pub fn adjusted(self, adjust: impl Fn(&mut Config) + Send + Sync + 'static) -> Self {
        Self { adjust: Arc::new(adjust), ..self }
    }

    /// Calls functions before and after each reload by SIGHUP, whether it succeeds or not. A supervisor that sends the
    /// signal, such as systemd, may want to know when it is done.
    #[must_use]
    pub fn told(self, before: fn(), after: fn()) -> Self {
        Self { supervisor: Some(Supervisor { before, after }), ..self }
    }

    /// Reads the file and applies it. The log says what changed, warns of what is probably not meant, and says why a
    /// file is refused.
    ///
    /// # Errors
    /// [`ReloadError`], and then nothing has changed.
    pub async fn now(&self) -> Result<Applied, ReloadError> {
        let _turn = self.turn.lock().await;
        let config = self.read().await?;
        let warnings = config.warnings.clone();
        let applied = self.handle.apply(config).await?;
        if !applied.is_empty() {
            warnings.iter().for_each(|warning| tracing::warn!("{warning}"));
        }
        Ok(applied)
    }

    /// Reads and applies the file whenever it changes, or a file that it names, such as a certificate or a secret; also one
    /// for whose want it was refused. Runs until it is dropped.
    ///
    /// A change is noticed in the directory, so that the renames of editors and the symlinks of Kubernetes' volumes
    /// count. It is read once the files have been left alone for 200 ms.
    pub async fn on_change(&self) {
        let mut watched = self.watched(&[]).await;
        let mut files = Files::watch(watched.clone());
        // They may have changed between the start and now.
        let mut outcome = self.now().await;
        loop {
            let named = outcome.as_ref().err().map_or(&[][..], ReloadError::files);
            let now = self.watched(named).await;
            let are_others = now != watched;
            if are_others {
                files.turn_to(now.clone());
                watched = now;
            }
            // A file that wasn't watched when it was read may have changed since.
            if !are_others || outcome.is_err() {
                files.changed().await;
                tracing::info!(target: LOG, file = %self.file.display(), "files have changed");
            }
            // The log says why one is refused. The next change may mend it.
            outcome = self.now().await;
        }
    }

    /// Reads and applies the file at each SIGHUP, until the future is dropped.
    ///
    /// # Errors
    /// If the signal can't be handled.
    ///
    /// # Panics
    /// Outside a tokio runtime with I/O enabled.
    #[cfg(unix)]
    pub fn on_hangup(&self) -> std::io::Result<impl Future<Output = ()> + Send + use<>> {
        use tokio::signal::unix::{SignalKind, signal};

        let (mut hangup, reload) = (signal(SignalKind::hangup())?, self.clone());
        Ok(async move {
            while hangup.recv().await.is_some() {
                tracing::info!(target: LOG, file = %reload.file.display(), "SIGHUP");
                if let Some(Supervisor { before, .. }) = reload.supervisor {
                    before();
                }
                let _refused = reload.now().await;
                if let Some(Supervisor { after, .. }) = reload.supervisor {
                    after();
                }
            }
        })
    }

    /// Reads the file away from the workers, which must not wait for a disk.
    async fn read(&self) -> Result<Config, ReloadError> {
        let (file, adjust) = (self.file.clone(), Arc::clone(&self.adjust));
        let read = spawn_blocking(move || {
            let mut config = Config::load(file)?;
            adjust(&mut config);
            Ok::<_, ConfigErrors>(config)
        });
        match read.await {
            Ok(Ok(config)) => Ok(config),
            Ok(Err(errors)) => {
                tracing::error!(target: LOG, "refused: {errors}");
                self.handle.note_refusal(&errors.brief());
                Err(ReloadError::File(errors))
            }
            Err(_stopping) => Err(ReloadError::Apply(ApplyError::Stopped)),
        }
    }

    /// The file, those that the configuration which runs has named, and these, each once.
    async fn watched(&self, others: &[PathBuf]) -> Vec<PathBuf> {
        let mut all = vec![self.file.clone()];
        for path in self.handle.files().await.iter().chain(others) {
            if !all.contains(path) {
                all.push(path.clone());
            }
        }
        all
    }
}

impl fmt::Debug for Reload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reload").field("file", &self.file).finish_non_exhaustive()
    }
}

/// Why a file was not applied. Then nothing has changed.
#[derive(Debug)]
#[non_exhaustive]
pub enum ReloadError {
    /// The file is no configuration.
    File(ConfigErrors),
    /// The configuration can't take the place of the one that runs.
    Apply(ApplyError),
}

impl fmt::Display for ReloadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(errors) => errors.fmt(f),
            Self::Apply(error) => error.fmt(f),
        }
    }
}

impl Error for ReloadError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::File(_) => None,
            Self::Apply(error) => error.source(),
        }
    }
}

impl ReloadError {
    /// The other files that the file names, as far as it was read.
    fn files(&self) -> &[PathBuf] {
        match self {
            Self::File(errors) => errors.files(),
            Self::Apply(_) => &[],
        }
    }
}

impl From<ApplyError> for ReloadError {
    fn from(error: ApplyError) -> Self {
        Self::Apply(error)
    }
}
