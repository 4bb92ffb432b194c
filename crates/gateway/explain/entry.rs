//! What a route asks of whoever wants to enter, in a few words.

use ipnet::IpNet;

#[cfg(feature = "jwt")]
use crate::config::JwtKeys;
use crate::config::{Entry, Satisfy};

/// What it asks of the client's address. `None` if any will do.
pub(super) fn addresses(entry: &Entry) -> Option<String> {
    let allow = if entry.satisfy == Satisfy::All { &entry.allow[..] } else { &[] };
    match (allow, &entry.deny[..]) {
        ([], []) => None,
        (allow, []) => Some(format!("lets in {}", listed(allow))),
        ([], deny) => Some(format!("keeps out {}", listed(deny))),
        (allow, deny) => Some(format!("lets in {}, but not {}", listed(allow), listed(deny))),
    }
}

/// What it asks for besides admin tokens. `None` if nothing.
pub(super) fn credentials(entry: &Entry) -> Option<String> {
    let mut asks = Vec::new();
    if entry.satisfy == Satisfy::Any && !entry.allow.is_empty() {
        asks.push(format!("asks for an address in {}", listed(&entry.allow)));
    }
    #[cfg(feature = "jwt")]
    if let Some(jwt) = &entry.jwt {
        asks.push(match &jwt.keys {
            JwtKeys::File(_) => "asks for a JSON Web Token".to_owned(),
            JwtKeys::Url { url, .. } => {
                format!(
                    "asks for a JSON Web Token, whose keys come from {} (not now: nothing is fetched)",
                    url.target()
                )
            }
        });
    }
    if let Some(basic) = &entry.basic_auth {
        asks.push(format!("asks for the password of one of {} users", basic.users.len()));
    }
    if let Some(forward) = &entry.forward_auth {
        asks.push(format!("asks {} for its consent (not now: nothing is sent)", forward.service.target()));
    }
    let separator = if entry.satisfy == Satisfy::All { "; " } else { "; or " };
    (!asks.is_empty()).then(|| asks.join(separator))
}

fn listed(networks: &[IpNet]) -> String {
    networks.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// What can't be told without asking others. The request goes on as if they let it in.
pub(super) fn unknown(entry: &Entry) -> impl Iterator<Item = String> {
    #[cfg(feature = "jwt")]
    let token = entry.jwt.as_ref().and_then(|jwt| match &jwt.keys {
        JwtKeys::File(_) => None,
        JwtKeys::Url { url, .. } => Some(format!(
            "Whether its token is valid can't be told: the keys come from {}, and nothing is sent for this answer. It goes \
             on as if it were.",
            url.target()
        )),
    });
    #[cfg(not(feature = "jwt"))]
    let token = None;
    let service = entry.forward_auth.as_ref().map(|forward| {
        format!(
            "Whether {} consents can't be told: nothing is sent for this answer. It goes on as if it did.",
            forward.service.target()
        )
    });
    token.into_iter().chain(service)
}
