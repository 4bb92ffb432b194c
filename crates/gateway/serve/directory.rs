//! `Directory`: which listeners are open, and where.

use std::io;
use std::sync::{Arc, Weak};

use tokio::sync::watch;
use tokio::task::AbortHandle;

use super::bound::Bound;
use super::listening::Listening;
use super::sockets::Sockets;
use super::{Shutdown, SocketFile};
use crate::config::{Address, Listen};

/// Which listeners are open. Clones are the same directory.
#[derive(Clone, Debug, Default)]
pub(super) struct Directory(Arc<watch::Sender<Vec<Arc<Open>>>>);

/// A listener that serves.
#[derive(Debug)]
pub(super) struct Open {
    pub(super) listen: Listen,
    pub(super) places: Vec<Place>,
    pub(super) shutdown: Shutdown,
    pub(super) tasks: Vec<AbortHandle>,
}

/// A place where it listens.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) address: Address,
    /// Those who accept own the sockets.
    pub(super) sockets: Vec<Weak<Listening>>,
    pub(super) file: Option<Arc<SocketFile>>,
}

impl Directory {
    pub(super) fn all(&self) -> Vec<Arc<Open>> {
        self.0.borrow().clone()
    }

    /// Puts these in place of the listeners before, which are returned.
    pub(super) fn replace(&self, with: Vec<Arc<Open>>) -> Vec<Arc<Open>> {
        self.0.send_replace(with)
    }

    /// Waits until there are some.
    pub(super) async fn filled(&self) {
        // The sender lives in `self`, so the channel cannot close before the wait ends.
        let _ = self.0.subscribe().wait_for(|all| !all.is_empty()).await;
    }
}

impl Open {
    /// The same sockets, for a listener that serves in another way.
    pub(super) fn bound_again(&self, listen: Listen) -> io::Result<Bound> {
        let places = self.places.iter().map(|place| {
            let sockets = place.sockets.iter().filter_map(Weak::upgrade);
            let each = sockets.map(|socket| socket.again()).collect::<io::Result<_>>()?;
            Ok(Sockets { address: place.address.clone(), each, file: place.file.clone() })
        });
        Ok(Bound { listen, places: places.collect::<io::Result<_>>()? })
    }
}
