//! Opens the sockets, for clients and for operators.

use std::num::NonZeroUsize;

use super::failure::{Failure, taken};
use crate::config::{Admin, Config};
use crate::serve::{Handover, Inherited, Listeners};

/// What happens if somebody else listens where operators connect to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum IfTaken {
    /// The gateway doesn't start.
    Refuse,
    /// There is a warning, and no operator's side. For the demo: it is there to be tried, and another may run already.
    DoWithout,
}

/// The sockets of a gateway.
pub(super) struct Opened {
    pub(super) listeners: Listeners,
    /// Those for operators, if there are to be any.
    pub(super) operators: Option<Listeners>,
}

impl Opened {
    /// Opens the sockets, or takes those of the process before.
    pub(super) fn open(
        config: &Config,
        inherited: &mut Inherited,
        if_taken: IfTaken,
    ) -> Result<Self, Failure> {
        let operators = match &config.admin {
            Some(admin) => operators(admin, inherited, if_taken)?,
            None => None,
        };
        let listeners = Listeners::bind_beside(inherited, config.listen.clone(), config.workers)
            .map_err(|error| taken("gateway", error.address(), error.io(), "--listen ADDR"))?;
        Ok(Self { listeners, operators })
    }

    /// By which another process can take them over, once they serve.
    pub(super) fn handover(&self) -> Handover {
        let clients = self.listeners.handover();
        match &self.operators {
            Some(operators) => clients.beside(operators.handover()),
            None => clients,
        }
    }
}

fn operators(
    admin: &Admin,
    inherited: &mut Inherited,
    if_taken: IfTaken,
) -> Result<Option<Listeners>, Failure> {
    match Listeners::bind_first(inherited, [admin.listen.clone()], NonZeroUsize::MIN) {
        Ok(listeners) => Ok(Some(listeners)),
        Err(error) if if_taken == IfTaken::DoWithout => {
            let (address, error) = (error.address(), error.io());
            tracing::warn!(target: "gateway", %address, %error, "there is no operator's page; --admin ADDR has it elsewhere");
            Ok(None)
        }
        Err(error) => Err(taken("operator's listener", error.address(), error.io(), "--admin ADDR")),
    }
}
