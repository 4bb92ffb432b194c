//! What a route asks of whoever wants to enter, in a few words.

use crate::config::Entry;
#[cfg(feature = "jwt")]
use crate::config::JwtKeys;

/// What it asks of the client's address. `None` if any will do.
pub(super) fn addresses(entry: &Entry) -> Option<String> {
    let listed =
        |networks: &[ipnet::IpNet]| networks.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    match (&entry.allow[..], &entry.deny[..]) {
        ([], []) => None,
        (allow, []) => Some(format!("lets in {}", listed(allow))),
        ([], deny) => Some(format!("keeps out {}", listed(deny))),
        (allow, deny) => Some(format!("lets in {}, but not {}", listed(allow), listed(deny))),
    }
}

/// What it asks for besides admin tokens. `None` if nothing.
pub(super) fn credentials(entry: &Entry) -> Option<String> {
    let mut asks = Vec::new();
    #[cfg(feature = "jwt")]
    if let Some(jwt) = &entry.jwt {
        asks.push(match &jwt.keys {
            JwtKeys::File(_) => "asks for a JSON Web Token".to_owned(),
            JwtKeys::Url { url, .. } => {
                format!("asks for a JSON Web Token, whose keys come from {}", url.target())
            }
        });
    }
    if let Some(basic) = &entry.basic_auth {
        asks.push(format!("asks for the password of one of {} users", basic.users.len()));
    }
    if let Some(forward) = &entry.forward_auth {
        asks.push(format!("asks {} for its consent (not now: nothing is sent)", forward.service.target()));
    }
    (!asks.is_empty()).then(|| asks.join("; "))
}
