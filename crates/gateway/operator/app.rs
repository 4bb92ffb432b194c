//! `Operator`: which path leads where, and who is let in.

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::get;

use super::desk::Desk;
use super::problem::Problem;
use super::{api, events, gate, guard, health, metrics, page};
use crate::live::{Handle, Reload};
use crate::serve::Shutdown;

/// Makes the operator's app of a gateway.
///
/// Who is let in is what the gateway's configuration says in `[admin]`, at each request: its tokens, and the names by which
/// it may be asked for. Without tokens everybody is let in, so then it must be mounted where only operators come.
///
/// ```no_run
/// # async fn run(gateway: gateway::Gateway) -> std::io::Result<()> {
/// use gateway::operator::Operator;
/// use gateway::serve::{Limits, Shutdown, bind, serve};
///
/// let app = Operator::of(gateway.handle()).router();
/// let listener = bind(([127, 0, 0, 1], 9900).into())?;
/// tokio::spawn(serve(listener, move |_peer| app.clone(), Limits::default(), Shutdown::new()));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct Operator {
    desk: Desk,
}

impl Operator {
    /// Of this gateway.
    pub fn of(handle: Handle) -> Self {
        Self { desk: Desk::of(handle) }
    }

    /// Has operators reload the configuration by this. Without it there is nothing to reload.
    pub fn reloading(mut self, reload: Reload) -> Self {
        self.desk.reload = Some(reload);
        self
    }

    /// Says that the gateway is the demo.
    pub fn of_the_demo(mut self) -> Self {
        self.desk.is_demo = true;
        self
    }

    /// Ends the answers that go on for ever, `/events`, when this shutdown begins: that of its listener.
    pub fn until(mut self, shutdown: Shutdown) -> Self {
        self.desk.closing = Some(shutdown);
        self
    }

    /// The app.
    pub fn router(self) -> Router {
        let Self { desk } = self;
        let gated = api::router()
            .route("/events", events::events())
            .route("/metrics", get(metrics::metrics))
            .route_layer(from_fn_with_state(desk.clone(), gate::admit));
        let open = Router::new().route("/livez", get(health::live)).route("/readyz", get(health::ready));
        open.merge(gated)
            .merge(page::pages())
            .fallback(async || Problem::NOT_FOUND)
            .method_not_allowed_fallback(async || Problem::METHOD_NOT_ALLOWED)
            .layer(from_fn_with_state(desk.clone(), guard::guard))
            .with_state(desk)
    }
}
