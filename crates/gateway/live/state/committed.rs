//! Begins to serve, and puts what was prepared in the place of what runs, which can't fail.

use std::sync::Arc;

use arc_swap::ArcSwap;

use super::State;
use super::prepared::Prepared;
use super::serving::Serving;
use crate::background::Ground;
use crate::config::Config;
use crate::edge::Stack;
use crate::live::departed::Departed;
use crate::live::generation::Current;
use crate::live::pools;
use crate::live::surface::{Parts, Surface};
use crate::pools::{measure, watch};
use crate::route::Purpose;

impl State {
    /// This can't fail.
    pub(super) fn commit(&mut self, config: Arc<Config>, prepared: Prepared) {
        let Prepared { pools, gates, stays, limits, background, surface, named, listeners, logs, .. } =
            prepared;
        self.logs.commit(logs);
        #[cfg(feature = "tls")]
        self.outside.terminators.commit(prepared.terminators);
        self.sources.look_up_by(&config.dns);
        if let Some(serving) = &self.serving {
            (serving.publish)(surface);
            if let (Some(listeners), Some(change)) = (&serving.listeners, listeners) {
                listeners.commit(change, config.timeouts.drain);
            }
        }
        self.outside.roster.store(Arc::new(named));
        let room_changed = self.outside.terms.change(&config);
        let tunnels = self.pools.commit(pools, &config);
        let before = std::mem::replace(&mut self.stays, stays);
        let departed = Departed { routes: before.left_by(&self.stays), tunnels };
        if let Some(serving) = &mut self.serving {
            self.pools.start_tasks(&config, &serving.ground);
            #[cfg(feature = "jwt")]
            gates.guards().start_tasks(&serving.ground);
            serving.see_off(departed, config.timeouts.drain);
            serving.ground.run_in(&mut serving.tasks, room_changed);
            serving.ground.run_all_in(&mut serving.tasks, background);
        } else {
            self.reading.add_all(background);
        }
        self.outside.limits.turn_to(&limits);
        self.limits = limits;
        self.gates = gates;
        self.config = config;
        self.show();
    }

    /// Makes the first generation that serves, and starts the background tasks. They run on this ground. Before that it
    /// looks for upstreams, for up to 5 s.
    pub(in crate::live) async fn start(&mut self, ground: Ground) -> Current<impl Stack + use<>> {
        self.pools.find().await;
        let surface = {
            let nothing_new = pools::Next::default();
            let (pools, queue) = (self.pools.after(&nothing_new, &self.config), self.logs.queue());
            let Self { config, gates, stays, limits, mounts, outside, .. } = &*self;
            let purpose = Purpose::Serving;
            Parts { config, pools, gates, stays, limits, mounts, outside, purpose, queue }.surface()
        };
        self.pools.start_tasks(&self.config, &ground);
        #[cfg(feature = "jwt")]
        self.gates.guards().start_tasks(&ground);
        let current = Arc::new(ArcSwap::from_pointee(surface.into_generation()));
        let publish = {
            let current = Arc::clone(&current);
            move |surface: Surface| current.store(Arc::new(surface.into_generation()))
        };
        let mut running = std::mem::take(&mut self.reading);
        running.add(watch(Arc::clone(&self.outside.roster)));
        running.add(self.outside.observed.sampling());
        running.add(measure(Arc::clone(&self.outside.roster), self.outside.paces.clone()));
        #[cfg(feature = "tls")]
        running.add_all(self.outside.terminators.looking_after());
        let tasks = ground.run(running);
        self.serving = Some(Serving { ground, publish: Box::new(publish), listeners: None, tasks });
        self.show();
        current
    }
}
