//! Prepares another configuration: everything that can fail, and nothing is changed yet.

use std::sync::Arc;

use super::State;
use crate::background::Background;
use crate::config::{Address, Config};
use crate::gates::Gates;
use crate::live::departed::Stays;
use crate::live::error::ApplyError;
use crate::live::pools;
use crate::live::surface::{Parts, Surface};
use crate::observe::log::Turned;
use crate::pools::NamedPool;
use crate::route::{Purpose, limits};
use crate::serve::Change;
#[cfg(feature = "tls")]
use crate::tls;

/// Everything that another configuration needs.
pub(super) struct Prepared {
    pub(super) pools: pools::Next,
    pub(super) gates: Gates,
    pub(super) stays: Stays,
    pub(super) limits: Arc<limits::Kept>,
    /// What runs for the limits that are new.
    pub(super) background: Background,
    pub(super) surface: Surface,
    pub(super) named: Vec<NamedPool>,
    #[cfg(feature = "tls")]
    pub(super) terminators: tls::Prepared,
    pub(super) listeners: Option<Change>,
    pub(super) logs: Turned,
}

impl State {
    pub(super) fn prepare(&self, config: &Config) -> Result<Prepared, ApplyError> {
        if let Some(key) = self.unchangeable(config) {
            return Err(ApplyError::needs_restart(key, config));
        }
        if let Some(prefix) = self.mounts.taken_by(config) {
            return Err(ApplyError::Taken { prefix: prefix.to_owned() });
        }
        ApplyError::if_exposed(config)?;
        let listeners = self.listeners(config)?;
        let pools = self.pools.prepare(&self.config, config, &self.outside.tunnels, &self.sources);
        let gates = Gates::of(config, &self.gates)?;
        let stays = Stays::of(config, &self.stays, &self.outside.tunnels);
        let (limits, background) = limits::Kept::of(config, &self.limits);
        let limits = Arc::new(limits);
        let logs = self.logs.prepare(&self.config.log, &config.log);
        let logs = logs.map_err(|error| ApplyError::log(error, config))?;
        let (surface, named) = {
            let (pools, queue) = (self.pools.after(&pools, config), self.logs.queue_after(&logs));
            let Self { mounts, outside, .. } = self;
            let (gates, stays, limits, purpose) = (&gates, &stays, &limits, Purpose::Serving);
            let parts = Parts { config, pools, gates, stays, limits, mounts, outside, purpose, queue };
            (parts.surface(), parts.named())
        };
        Ok(Prepared {
            pools,
            gates,
            stays,
            limits,
            background,
            surface,
            named,
            listeners,
            logs,
            #[cfg(feature = "tls")]
            terminators: self.outside.terminators.prepare(&config.listen),
        })
    }

    /// The first key that can't change while the gateway runs, and is another one.
    fn unchangeable(&self, after: &Config) -> Option<&'static str> {
        fn admin(config: &Config) -> Option<&Address> {
            config.admin.as_ref().map(|admin| &admin.listen)
        }
        let before = &self.config;
        let fixed = [
            ("workers", before.workers == after.workers),
            ("traces", before.traces == after.traces),
            ("admin", admin(before) == admin(after)),
            ("log.format", !self.logs.are_bound_to(&before.log, &after.log)),
        ];
        fixed.into_iter().find(|(_, is_same)| !is_same).map(|(key, _)| key)
    }

    /// Opens the listeners that are new, if the list is another one.
    fn listeners(&self, config: &Config) -> Result<Option<Change>, ApplyError> {
        let (before, after) = (&self.config.listen, &config.listen);
        let is_same =
            before.len() == after.len() && before.iter().zip(after).all(|(one, two)| one.serves_as(two));
        if is_same {
            return Ok(None);
        }
        if self.outside.shutdown.is_announced() {
            return Err(ApplyError::Stopped);
        }
        let listeners = self.serving.as_ref().and_then(|serving| serving.listeners.as_ref());
        let listeners = listeners.ok_or_else(|| ApplyError::needs_restart("listen", config))?;
        listeners.prepare(&config.listen).map(Some).map_err(|error| ApplyError::listen(error, config))
    }
}
