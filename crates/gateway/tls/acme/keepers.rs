//! Keepers of all listeners whose certificates are ordered.

use std::sync::Arc;

use tokio::task::JoinSet;

use super::keeper::keep;
use super::proofs::Proofs;
use super::storage::Storage;
use super::tokens::Tokens;
use crate::config::Acme;
use crate::tls::{Issued, Terminators};

/// A keeper that runs until this is dropped.
struct Running {
    acme: Arc<Acme>,
    issued: Issued,
    _task: JoinSet<()>,
}

/// Runs a keeper for each listener with `acme`, also for those of later configurations. One whose settings stay goes on.
pub(crate) async fn keep_all(terminators: Terminators) {
    let mut changes = terminators.changes();
    let mut running: Vec<Running> = Vec::new();
    loop {
        let wanted = terminators.ordered();
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
