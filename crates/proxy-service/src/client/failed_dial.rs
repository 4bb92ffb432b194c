//! Who is told of dials that failed.

use std::fmt;
use std::sync::Arc;

/// Told when a connection can't be opened. By default nobody is.
#[derive(Clone, Default)]
pub(super) struct OnFailedDial {
    tell: Option<Arc<dyn Fn() + Send + Sync>>,
}

impl OnFailedDial {
    pub(super) fn telling(tell: impl Fn() + Send + Sync + 'static) -> Self {
        Self { tell: Some(Arc::new(tell)) }
    }

    pub(super) fn tell(&self) {
        if let Some(tell) = &self.tell {
            tell();
        }
    }
}

impl fmt::Debug for OnFailedDial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OnFailedDial").field("is_told", &self.tell.is_some()).finish()
    }
}
