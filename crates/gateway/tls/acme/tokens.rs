//! `Tokens`: the pages that prove to an authority that a name is ours (HTTP-01, RFC 8555 §8.3).

use std::collections::BTreeSet;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use axum::Router;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::routing::get;

use super::storage::Storage;
use crate::config::{Challenge, Listen};

/// The path that the pages are below.
pub(crate) const PREFIX: &str = "/.well-known/acme-challenge";

/// The longest token that is looked for. Authorities make them of some 43 characters.
const LONGEST: usize = 128;

/// The pages of one storage. Each is a file in it, because the authority may come to any of the gateways that share it.
#[derive(Clone, Debug)]
pub(super) struct Tokens(Storage);

impl Tokens {
    pub(super) fn in_storage(storage: Storage) -> Self {
        Self(storage)
    }

    /// Shows the page of this token until it is [withdrawn](Self::withdraw).
    pub(super) async fn show(&self, token: &str, authorization: &str) -> io::Result<()> {
        if !is_token(token) {
            return Err(io::Error::other("the authority's token has characters that no token has"));
        }
        self.0.write_token(token, authorization).await
    }

    pub(super) fn withdraw(&self, token: &str) {
        self.0.remove_token(token);
    }

    async fn page(&self, token: &str) -> Option<String> {
        if is_token(token) { self.0.token(token).await } else { None }
    }
}

/// The pages of all listeners that prove their names by HTTP-01, to be nested below [`PREFIX`]. `None` if there is no
/// such listener.
pub(crate) fn pages(listeners: &[Listen]) -> Option<Router> {
    let ordered = listeners.iter().filter_map(|listen| listen.tls.as_ref()?.acme.as_ref());
    let over_http = ordered.filter(|acme| acme.challenge == Challenge::Http01);
    let storages: BTreeSet<&PathBuf> = over_http.map(|acme| &acme.storage).collect();
    let all: Arc<[Tokens]> =
        storages.into_iter().map(|storage| Tokens::in_storage(Storage::at(storage))).collect();
    if all.is_empty() {
        return None;
    }
    let page = async move |Path(token): Path<String>| {
        for tokens in &*all {
            if let Some(page) = tokens.page(&token).await {
                return Ok(page);
            }
        }
        Err((StatusCode::NOT_FOUND, "Not Found\n"))
    };
    Some(Router::new().route("/{token}", get(page)))
}

/// Whether this may be a token (RFC 8555 §8.3: base64url). Nothing else becomes the name of a file.
fn is_token(text: &str) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    (1..=LONGEST).contains(&text.len()) && text.bytes().all(is_allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_but_a_token_becomes_a_file() {
        for token in ["LoqXcYV8q5ONbJQxbmR7SCTNo3tiAXDfowyjxAjEuX0", "a-_9"] {
            assert!(is_token(token), "{token}");
        }
        for text in ["", "..", "a/b", "a\\b", "a.pem", "%2e", "a b", "ü", "a\0", &"a".repeat(129)] {
            assert!(!is_token(text), "{text:?}");
        }
    }
}
