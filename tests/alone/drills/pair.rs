//! The gateway over two upstreams in one pool.

use std::collections::HashSet;
use std::ops::Range;
use std::time::Instant;

use super::{CONNECTIONS, ENOUGH, length};
use crate::support::ask::Shape;
use crate::support::faulty::{FaultyUpstream, Mode};
use crate::support::gateway::TestGateway;
use crate::support::load::{Load, Outcome};

pub(crate) struct Pair {
    pub(crate) upstreams: [FaultyUpstream; 2],
    gateway: TestGateway,
}

impl Pair {
    /// Two upstreams behind a gateway that waits a second for a response head. `pool` holds the keys of the pool
    /// besides `upstreams`.
    pub(crate) async fn start(pool: &str) -> Self {
        let upstreams =
            [FaultyUpstream::start(Mode::Normal).await, FaultyUpstream::start(Mode::Normal).await];
        let [one, two] = [&upstreams[0], &upstreams[1]].map(FaultyUpstream::addr);
        let gateway = TestGateway::start(&format!(
            "[timeouts]\nresponse_head = \"1s\"\n\
             [pools.api]\nupstreams = [\"http://{one}\", \"http://{two}\"]\n{pool}\n\
             [routes.\"/api\"]\npool = \"api\"\n"
        ));
        Self { upstreams, gateway }
    }

    pub(crate) fn load(&self, shapes: &'static [Shape]) -> Load {
        Load::of(shapes, self.gateway.addr, CONNECTIONS)
    }

    /// The first upstream turns bad under load and is ejected: after [`ENOUGH`] more answers it gets no request any
    /// more.
    pub(crate) async fn turns(&self, mode: Mode, shapes: &'static [Shape]) -> Outcome {
        let load = self.load(shapes);
        load.more(ENOUGH).await;
        self.upstreams[0].turn(mode);
        load.more(ENOUGH).await;
        let ejected = Instant::now();
        tokio::time::sleep(length()).await;
        let asked = self.upstreams[0].count(&(ejected..Instant::now()));
        assert_eq!(asked, 0, "requests to an upstream that should have been ejected");
        load.stop().await
    }

    /// The part of all requests in that time that came to this upstream; `None` if there were no requests.
    pub(crate) fn share(&self, upstream: usize, time: Range<Instant>) -> Option<f64> {
        let [one, two] = [0, 1].map(|upstream| self.upstreams[upstream].count(&time));
        let all = one + two;
        (all > 0).then(|| [one, two][upstream] as f64 / all as f64)
    }

    /// How many requests with that method were sent more than once, to one upstream or to both.
    pub(crate) fn sent_again(&self, method: &str) -> usize {
        let mut seen = HashSet::new();
        let arrivals = self.upstreams.iter().flat_map(FaultyUpstream::arrivals);
        arrivals.filter(|arrival| arrival.method == method && !seen.insert(arrival.id)).count()
    }
}
