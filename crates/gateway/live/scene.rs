//! What is known of the configuration that runs by those who look on, such as the operator's listener: behind one pointer,
//! so that they wait for nobody who applies another one.

use std::sync::Arc;

use admin_auth::AdminAuthLayer;
use arc_swap::ArcSwap;

use crate::config::Config;

/// The configuration that runs, as onlookers see it.
#[derive(Clone, Debug)]
pub(crate) struct Scene {
    pub(crate) config: Arc<Config>,
    /// The gate of the operator's listener. `None` if it is open to whoever reaches it.
    pub(crate) gate: Option<AdminAuthLayer>,
    /// Whether requests are served. Before that, upstreams are looked for.
    pub(crate) is_serving: bool,
}

/// The one that is current.
pub(crate) type Scenes = Arc<ArcSwap<Scene>>;
