//! How a gateway ends: requests and tunnels have one deadline.

use std::pin::pin;
use std::time::Duration;

use proxy_service::Tunnels;

use crate::serve::{Report, Shutdown};

/// What can end before a gateway does, and what ends it.
pub(crate) struct Ending {
    pub(crate) tunnels: Tunnels,
    pub(crate) shutdown: Shutdown,
    /// How long a shutdown may last.
    pub(crate) limit: Duration,
}

/// What became of the tunnels.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct EndedTunnels {
    /// Those that were open when the shutdown began.
    open: usize,
    /// Those that were still open when it was over, also if they opened in between.
    cut_off: usize,
}

impl Ending {
    /// Waits for `serving`, which ends with the shutdown, and then for the tunnels. Those that are still open when the
    /// shutdown may last no longer are closed.
    pub(crate) async fn of<R>(self, serving: impl Future<Output = R>) -> (R, EndedTunnels) {
        let Self { tunnels, shutdown, limit } = self;
        // A request that is still being served may open a tunnel. So the tunnels come last.
        let mut all = pin!(async {
            let served = serving.await;
            tunnels.drained().await;
            served
        });
        let open = tokio::select! {
            served = &mut all => return (served, EndedTunnels::default()),
            () = shutdown.begun() => tunnels.count(),
        };
        let (served, cut_off) = tokio::select! {
            served = &mut all => (served, 0),
            () = shutdown.over(limit) => {
                let cut_off = tunnels.count();
                tunnels.close();
                (all.await, cut_off)
            }
        };
        (served, EndedTunnels { open, cut_off })
    }
}

impl EndedTunnels {
    /// Adds them to the report on the connections of requests. In that report, a connection that became a tunnel after
    /// the shutdown had begun is one that has ended in order.
    pub(crate) fn added_to(self, Report { drained, aborted }: Report) -> Report {
        let drained = (drained + self.open).saturating_sub(self.cut_off);
        Report { drained, aborted: aborted + self.cut_off }
    }
}
