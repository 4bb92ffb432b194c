use std::sync::Arc;

use http::Extensions;

use crate::token::AdminToken;

/// Names the token that let a request through. It is in the extensions of requests that a token with a label let
/// through.
///
/// A token without a label leaves none, so that no allocation is needed. One that an outer gate left is removed:
/// the one that is here was always written by the innermost gate.
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
