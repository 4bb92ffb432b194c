//! Keeps one certificate valid, for as long as the gateway runs.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use rustls::sign::CertifiedKey;
use tokio::time::sleep;
use tracing::{info, warn};

use super::authority::Authority;
use super::failure::Failure;
use super::proofs::Proofs;
use super::renewal::wait_after;
use super::storage::{Lock, Storage};
use super::stored::Stored;
use crate::config::Acme;

/// How soon to look whether another gateway, which has the lock, is finished.
const WHILE_LOCKED: Duration = Duration::from_secs(2);

/// Shows the certificate for the domains as soon as there is one, orders it if there is none, and renews it. Runs until
/// it is dropped.
pub(super) async fn keep(acme: Arc<Acme>, storage: Storage, proofs: Proofs) {
    let mut keeper = Keeper { acme, storage, proofs, shown: None };
    let mut failures = 0;
    loop {
        let wait = match keeper.turn().await {
            Ok(wait) => {
                failures = 0;
                wait
            }
            Err(failure) => {
                failures += 1;
                let wait = wait_after(failure.fault, failures);
                keeper.tell(&failure, wait);
                wait
            }
        };
        sleep(wait).await;
    }
}

struct Keeper {
    acme: Arc<Acme>,
    storage: Storage,
    proofs: Proofs,
    shown: Option<Arc<CertifiedKey>>,
}

impl Keeper {
    /// Looks at the certificate in the storage, and renews it if it is time. Returns when to look again.
    async fn turn(&mut self) -> Result<Duration, Failure> {
        if let Some(wait) = self.look().await? {
            return Ok(wait);
        }
        let Some(_lock) = self.lock().await? else { return Ok(WHILE_LOCKED) };
        // Whoever had the lock before may have ordered it.
        if let Some(wait) = self.look().await? {
            return Ok(wait);
        }
        let authority = self.authority().await?;
        let issue = authority.order(&self.acme, &self.proofs).await?;
        self.storage
            .write_certificate(&self.acme, &issue)
            .await
            .map_err(|error| Failure::of_storage(&error))?;
        self.look()
            .await?
            .ok_or_else(|| Failure::refused("the authority issued a certificate that can't be used"))
    }

    /// Shows the certificate in the storage. Returns when to look again, or `None` if a new one is to be ordered.
    async fn look(&mut self) -> Result<Option<Duration>, Failure> {
        let stored =
            self.storage.certificate(&self.acme).await.map_err(|error| Failure::of_storage(&error))?;
        let Some(stored) = stored else { return Ok(None) };
        let wait = stored.validity.wait(SystemTime::now());
        self.show(stored);
        Ok(Some(wait).filter(|wait| !wait.is_zero()))
    }

    fn show(&mut self, Stored { certified, validity }: Stored) {
        if self.shown.as_ref().is_some_and(|shown| shown.cert == certified.cert) {
            return;
        }
        let (domains, renewal) = (&self.acme.domains, humantime::format_rfc3339_seconds(validity.renewal()));
        info!(?domains, %renewal, "a certificate is shown from now on");
        self.proofs.issued.add(domains, Arc::clone(&certified));
        self.shown = Some(certified);
    }

    async fn lock(&self) -> Result<Option<Lock>, Failure> {
        self.storage.try_lock().await.map_err(|error| Failure::of_storage(&error))
    }

    /// The account of the storage, or a new one.
    async fn authority(&self) -> Result<Authority, Failure> {
        let of_storage = |error| Failure::of_storage(&error);
        let stored = self.storage.account(&self.acme).await.map_err(of_storage)?;
        if let Some(credentials) = stored.and_then(|text| serde_json::from_str(&text).ok()) {
            return Authority::with(&self.acme, credentials).await;
        }
        let (authority, credentials) = Authority::open(&self.acme).await?;
        let text = serde_json::to_string(&credentials)
            .map_err(|error| Failure::refused(format!("the account can't be stored: {error}")))?;
        self.storage.write_account(&self.acme, text).await.map_err(of_storage)?;
        Ok(authority)
    }

    fn tell(&self, failure: &Failure, wait: Duration) {
        let (domains, wait) = (&self.acme.domains, humantime::format_duration(wait));
        match &self.shown {
            Some(_) => {
                warn!(?domains, why = %failure, again_in = %wait, "a certificate can't be renewed: the old one stays")
            }
            None => warn!(?domains, why = %failure, again_in = %wait, "there is no certificate yet"),
        }
    }
}
