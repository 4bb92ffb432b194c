//! `Terminators`: all listeners that speak TLS.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use arc_swap::ArcSwap;
use axum::http::{Request, Response};
use tokio::sync::watch;
use tokio::task::spawn_blocking;
use tokio::time::sleep;
use tower::Service;
use tracing::error;

use super::facts::Facts;
use super::hsts;
#[cfg(feature = "acme")]
use super::issued::Issued;
use super::terminator::Terminator;
use crate::background::Background;
#[cfg(feature = "acme")]
use crate::config::Acme;
use crate::config::{Address, Listen};
use crate::files::Files;
use crate::serve::{Arrival, RequestBody, Room, Security, Terms};

/// How often the log says which certificates expire soon.
const BETWEEN_REMINDERS: Duration = Duration::from_secs(12 * 60 * 60);

/// The terminators of all listeners that speak TLS. Clones share them.
#[derive(Clone, Debug)]
pub(crate) struct Terminators {
    current: Arc<ArcSwap<Prepared>>,
    /// Told when there are others.
    changed: watch::Sender<()>,
}

/// The terminators of a configuration that isn't in use yet.
#[derive(Debug)]
pub(crate) struct Prepared {
    current: Placed,
    /// Those of listeners that the configuration before had. Clients may have connected to them that aren't accepted yet,
    /// and nobody must be served without TLS where TLS was promised.
    departed: Placed,
}

/// Terminators, and where they are.
type Placed = Vec<(Address, Arc<Terminator>)>;

impl Terminators {
    pub(crate) fn of(listeners: &[Listen]) -> Self {
        let prepared = Prepared::of(listeners, None);
        prepared.tell_expiry();
        Self { current: Arc::new(ArcSwap::from_pointee(prepared)), changed: watch::Sender::default() }
    }

    /// How the listener on this address speaks TLS. `None` if it doesn't.
    pub(crate) fn at(&self, address: &Address) -> Option<Arc<Terminator>> {
        self.current.load().at(address).cloned()
    }

    /// What stands in the certificates of each listener, with the address that the configuration has for it.
    pub(crate) fn facts(&self) -> Vec<(Address, Facts)> {
        let current = self.current.load();
        let of = |(address, terminator): &(Address, Arc<Terminator>)| {
            terminator.facts().into_iter().map(|facts| (address.clone(), facts)).collect::<Vec<_>>()
        };
        current.current.iter().flat_map(of).collect()
    }

    /// How the listener on this address does its handshakes, of which `room` says how many may be under way.
    pub(crate) fn security(&self, address: &Address, room: &Room) -> Security {
        let (terminators, address) = (self.clone(), address.clone());
        let find_terms = move || Some(terminators.at(&address)? as Arc<dyn Terms>);
        Security::new(find_terms, room.clone())
    }

    /// Adds what a listener tells browsers of `https` to the answers of the service of one of its connections.
    pub(crate) fn telling<S, B>(
        &self,
        address: &Address,
        arrival: &Arrival,
        service: S,
    ) -> impl Service<Request<RequestBody>, Response = Response<B>, Error = S::Error, Future: Send>
    + Clone
    + Send
    + use<S, B>
    where
        S: Service<Request<RequestBody>, Response = Response<B>, Future: Send> + Clone + Send,
    {
        let terminator = arrival.secured.as_ref().and_then(|_| self.at(address));
        hsts::told(service, terminator.and_then(|terminator| terminator.hsts().cloned()))
    }

    /// The terminators of another configuration. Those of listeners that stay take over their sessions, and the
    /// certificates that were issued to them.
    pub(crate) fn prepare(&self, listeners: &[Listen]) -> Prepared {
        Prepared::of(listeners, Some(&self.current.load()))
    }

    /// From now on, handshakes are made with these.
    pub(crate) fn commit(&self, prepared: Prepared) {
        prepared.tell_expiry();
        self.current.store(Arc::new(prepared));
        self.changed.send_replace(());
    }

    /// The task that [looks after](Self::look_after) them.
    pub(crate) fn looking_after(&self) -> Background {
        let mut background = Background::default();
        background.add(self.clone().look_after());
        #[cfg(feature = "acme")]
        background.add({
            let terminators = self.clone();
            super::acme::keep_all(move || terminators.ordered(), self.changes())
        });
        background
    }

    /// Tells when there are others.
    pub(super) fn changes(&self) -> watch::Receiver<()> {
        self.changed.subscribe()
    }

    /// How the certificates of listeners are ordered, and where they are put.
    #[cfg(feature = "acme")]
    pub(super) fn ordered(&self) -> Vec<(Arc<Acme>, Issued)> {
        let current = self.current.load();
        let ordered = current.each().filter_map(|one| Some((Arc::clone(one.acme()?), one.issued().clone())));
        ordered.collect()
    }

    /// Looks after the certificates: reads them again when their files change, and writes to the log which have expired,
    /// or soon will.
    async fn look_after(self) {
        let mut changes = self.changes();
        loop {
            let current = self.current.load_full();
            if current.current.is_empty() {
                let _there_is_a_sender = changes.changed().await;
                continue;
            }
            let mut files = Files::watch(current.each().flat_map(Terminator::paths).collect());
            // They may have changed between the configuration and now.
            let mut is_due = true;
            while Arc::ptr_eq(&current, &self.current.load()) {
                if std::mem::take(&mut is_due) {
                    reread(Arc::clone(&current)).await;
                }
                tokio::select! {
                    () = files.changed() => is_due = true,
                    _there_is_a_sender = changes.changed() => {}
                    () = sleep(BETWEEN_REMINDERS) => current.tell_expiry(),
                }
            }
        }
    }
}

/// Reads the files of all certificates again, away from the workers, which must not wait for a disk.
async fn reread(current: Arc<Prepared>) {
    if spawn_blocking(move || current.each().for_each(Terminator::reread)).await.is_err() {
        error!("reading certificates again has panicked");
    }
}

impl Prepared {
    fn of(listeners: &[Listen], before: Option<&Self>) -> Self {
        let terminators = listeners.iter().filter_map(|Listen { address, tls, .. }| {
            let tls = tls.as_ref()?;
            let terminator = match before.and_then(|before| before.at(address)) {
                Some(before) => before.succeeded_by(tls),
                None => Terminator::new(tls),
            };
            Some((address.clone(), Arc::new(terminator)))
        });
        let stays = |address: &Address| listeners.iter().any(|listen| listen.address == *address);
        let before = before.iter().flat_map(|before| &before.current);
        let departed = before.filter(|(address, _)| !stays(address)).cloned().collect();
        Self { current: terminators.collect(), departed }
    }

    fn at(&self, address: &Address) -> Option<&Arc<Terminator>> {
        let mut all = self.current.iter().chain(&self.departed);
        all.find(|(at, _)| at == address).map(|(_, terminator)| terminator)
    }

    fn tell_expiry(&self) {
        self.each().for_each(|terminator| terminator.tell_expiry(SystemTime::now()));
    }

    fn each(&self) -> impl Iterator<Item = &Terminator> {
        self.current.iter().map(|(_, terminator)| &**terminator)
    }
}

#[cfg(test)]
mod tests;
