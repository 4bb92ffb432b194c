//! How a gateway ends: requests and tunnels have one deadline.

use std::pin::pin;
use std::time::Duration;

use proxy_service::Tunnels;

use crate::serve::{LiveOptions, Report, Shutdown};

/// What can end before a gateway does, and what ends it.
pub(crate) struct Ending {
    pub(crate) tunnels: Tunnels,
    pub(crate) shutdown: Shutdown,
    /// They say how long a shutdown may last.
    pub(crate) options: LiveOptions,
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
    /// Waits for `serving`, which ends with the shutdown, and then for the tunnels. Those that are still open near the
    /// end of the shutdown are told to close, and cut at its end.
    pub(crate) async fn of<R>(self, serving: impl Future<Output = R>) -> (R, EndedTunnels) {
        let Self { tunnels, shutdown, options } = self;
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
        let limit = options.load().limits.shutdown;
        let goodbye = goodbye_of(limit);
        let (served, cut_off) = tokio::select! {
            served = &mut all => (served, 0),
            () = shutdown.over(limit.saturating_sub(goodbye)) => {
                let cut_off = tunnels.count();
                tunnels.close();
                let served = tokio::select! {
                    served = &mut all => served,
                    () = shutdown.over(goodbye) => {
                        tunnels.cut();
                        all.await
                    }
                };
                (served, cut_off)
            }
        };
        (served, EndedTunnels { open, cut_off })
    }
}

/// How much of a shutdown is for goodbyes: its last tenth, a second at most. So they don't make it longer, and the
/// HTTP/2 connections that carry some of them are still there.
fn goodbye_of(limit: Duration) -> Duration {
    (limit / 10).min(Duration::from_secs(1))
}

impl EndedTunnels {
    /// Adds them to the report on the connections of requests. In that report, a connection that became a tunnel after
    /// the shutdown had begun is one that has ended in order.
    pub(crate) fn added_to(self, Report { drained, aborted }: Report) -> Report {
        let drained = (drained + self.open).saturating_sub(self.cut_off);
        Report { drained, aborted: aborted + self.cut_off }
    }
}
