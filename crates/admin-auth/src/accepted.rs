use std::sync::Arc;

use http::Extensions;

use crate::token::AdminToken;

/// In the extensions of a request that a labelled token let through: which token it was.
///
/// A token without a label leaves none, because whatever goes into [`Extensions`] is boxed. One left by a gate
/// further out is removed: what stands here was always written by the innermost gate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accepted {
    label: Arc<str>,
}

impl Accepted {
    /// The token's label, as given to [`AdminToken::label`].
    #[must_use]
    pub fn label(&self) -> &str {
        &self.label
    }

    pub(crate) fn note(token: &AdminToken, extensions: &mut Extensions) {
        match token.shared_label() {
            Some(label) => extensions.insert(Self { label }),
            None => extensions.remove(),
        };
    }
}
