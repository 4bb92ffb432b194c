//! Follows the sources of a pool's upstreams.

use std::collections::{HashMap, HashSet};
use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::{AbortHandle, JoinSet};
use tokio::time::{sleep, timeout};

use super::listed::Listed;
use super::members::Members;
use crate::config::{Location, Upstream};
use crate::discovery::{Asked, Source, Sources};

/// How long the first look at upstreams may take. Those that were not found until then are found later.
const FIRST_LOOK: Duration = Duration::from_secs(5);
/// How long after a bug in it a source is followed again.
const AFTER_A_PANIC: Duration = Duration::from_secs(1);

/// Looks for the endpoints of one pool's upstreams. Cheap to clone.
#[derive(Clone, Debug)]
pub(super) struct Looking {
    pub(super) members: Arc<Members>,
    pub(super) sources: Sources,
    pub(super) asked: Asked,
}

impl Looking {
    /// Upstreams for the pool's list, with the endpoints of those that it doesn't know yet.
    pub(super) async fn look_up(&self, upstreams: &[Upstream]) -> Vec<Listed> {
        let mut looking = JoinSet::new();
        let mut listed: Vec<Listed> = upstreams.iter().map(Listed::of).collect();
        let unknown =
            upstreams.iter().enumerate().filter(|(_, upstream)| !self.members.knows(&upstream.location));
        for (index, upstream) in unknown {
            if let Some(mut source) = self.sources.of(&upstream.location, &self.asked) {
                looking.spawn(async move {
                    let found = source.look().await;
                    (index, found, source)
                });
            }
        }
        let all = async {
            while let Some(looked) = looking.join_next().await {
                let Ok((index, found, source)) = looked else { continue };
                if let Some(listed) = listed.get_mut(index) {
                    (listed.found, listed.source) = (found, Some(Box::new(source)));
                }
            }
        };
        let _those_that_are_late_come_later = timeout(FIRST_LOOK, all).await;
        listed
    }

    /// Finds the endpoints of the upstreams that the pool lists, before it gets requests.
    pub(super) async fn begin(self) {
        let listed = self.look_up(&self.members.upstreams()).await;
        self.members.list(listed);
    }

    /// Follows the sources of all upstreams that the pool lists, for as long as the future is polled.
    pub(super) async fn follow(self) {
        let mut following = Following::default();
        loop {
            following.all_of(&self);
            tokio::select! {
                () = self.members.changed() => {}
                () = following.one_has_panicked() => sleep(AFTER_A_PANIC).await,
            }
        }
    }
}

/// A task for each source.
#[derive(Default)]
struct Following {
    tasks: JoinSet<()>,
    by_location: HashMap<Location, AbortHandle>,
}

impl Following {
    /// Begins to follow those that the pool lists, and ends with the others.
    fn all_of(&mut self, pool: &Looking) {
        let listed: HashSet<Location> = pool.members.upstreams().into_iter().map(|it| it.location).collect();
        self.by_location.retain(|location, task| {
            let stays = listed.contains(location) && !task.is_finished();
            if !stays {
                task.abort();
            }
            stays
        });
        for location in listed {
            if self.by_location.contains_key(&location) {
                continue;
            }
            let members = Arc::clone(&pool.members);
            let task = if let Some(source) = members.take_source(&location) {
                self.tasks.spawn(go_on(*source, location.clone(), members))
            } else if let Some(source) = pool.sources.of(&location, &pool.asked) {
                self.tasks.spawn(look_again(source, location.clone(), members))
            } else {
                continue;
            };
            self.by_location.insert(location, task);
        }
    }

    /// Completes if one has ended by itself.
    async fn one_has_panicked(&mut self) {
        while let Some(ended) = self.tasks.join_next().await {
            if ended.is_err_and(|error| error.is_panic()) {
                return;
            }
        }
        pending().await
    }
}

async fn look_again(mut source: Source, location: Location, members: Arc<Members>) {
    loop {
        if let Some(found) = source.look().await {
            members.found(&location, &found);
        }
        source.due().await;
    }
}

/// Follows a source that has just looked.
async fn go_on(mut source: Source, location: Location, members: Arc<Members>) {
    source.due().await;
    look_again(source, location, members).await;
}
