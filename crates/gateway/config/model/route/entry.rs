//! Who may enter a route.

use crate::config::secret::AdminTokenSpec;

/// Who may enter a route. Default: everyone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entry {
    /// The tokens that open the route's gate; never an empty list. Default: `None`, no gate.
    pub admin_tokens: Option<Vec<AdminTokenSpec>>,
}

impl Entry {
    /// Whether not everyone may enter.
    pub fn is_gated(&self) -> bool {
        self.admin_tokens.is_some()
    }
}
