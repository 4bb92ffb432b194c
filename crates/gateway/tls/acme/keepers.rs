//! Keepers of all listeners whose certificates are ordered.

use std::sync::Arc;

use tokio::sync::watch;
use tokio::task::JoinSet;

use super::keeper::keep;
use super::proofs::Proofs;
use super::storage::Storage;
use super::tokens::Tokens;
use crate::config::Acme;
use crate::tls::Issued;

/// A keeper that runs until this is dropped.
struct Running {
    acme: Arc<Acme>,
    issued: Issued,
    _task: JoinSet<()>,
}

/// Runs a keeper for each listener with `acme`, which are `ordered` now and after each change. One whose settings stay
/// goes on.
pub(crate) async fn keep_all(
    ordered: impl Fn() -> Vec<(Arc<Acme>, Issued)>,
    mut changes: watch::Receiver<()>,
) {
    let mut running: Vec<Running> = Vec::new();
    loop {
        let wanted = ordered();
        running.retain(|keeper| wanted.iter().any(|(acme, issued)| keeper.is_for(acme, issued)));
        for (acme, issued) in wanted {
            if !running.iter().any(|keeper| keeper.is_for(&acme, &issued)) {
                running.push(Running::start(acme, issued));
            }
        }
        if changes.changed().await.is_err() {
            return;
        }
    }
}

impl Running {
    fn start(acme: Arc<Acme>, issued: Issued) -> Self {
        let storage = Storage::at(&acme.storage);
        let proofs = Proofs { issued: issued.clone(), tokens: Tokens::in_storage(storage.clone()) };
        let mut task = JoinSet::new();
        task.spawn(keep(Arc::clone(&acme), storage, proofs));
        Self { acme, issued, _task: task }
    }

    fn is_for(&self, acme: &Acme, issued: &Issued) -> bool {
        *self.acme == *acme && self.issued.is(issued)
    }
}
