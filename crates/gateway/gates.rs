//! The gates of routes. They count wrong tries, so they live on while their tokens stay the same.

use std::collections::BTreeMap;

use admin_auth::{
    AdminAuthBody, AdminAuthLayer, AdminToken, InvalidToken, Rejection, RejectionKind, TokenSet,
};
use axum::BoxError;
use axum::body::Body;
use axum::http::Response;
use bytes::Bytes;

use crate::config::{AdminTokenSpec, Config, Secret};
use crate::peer;
use crate::route::Reason;
use crate::route::entry::Guards;

/// The gates that a configuration asks for.
#[derive(Debug, Default)]
pub(crate) struct Gates {
    by_route: BTreeMap<String, Gate>,
    administrators: Option<Gate>,
    /// That of the operator's listener.
    operator: Option<Gate>,
    /// The gates of other kinds.
    guards: Guards,
}

#[derive(Clone, Debug)]
struct Gate {
    tokens: Vec<AdminTokenSpec>,
    layer: AdminAuthLayer,
}

impl Gates {
    /// Makes the gates. Those of `before` are taken over where route and tokens are the same.
    pub(crate) fn of(config: &Config, before: &Self) -> Result<Self, InvalidToken> {
        let mut by_route = BTreeMap::new();
        for route in &config.routes {
            let Some(tokens) = &route.entry.admin_tokens else { continue };
            let gate = Gate::of(tokens.clone(), before.by_route.get(&route.name))?;
            by_route.insert(route.name.clone(), gate);
        }
        let tokens = config.administrators();
        let administrators = match tokens.is_empty() {
            true => None,
            false => Some(Gate::of(tokens, before.administrators.as_ref())?),
        };
        let tokens = config.admin.as_ref().and_then(|admin| admin.admin_tokens.as_deref());
        let operator = match tokens {
            None => None,
            Some(tokens) => Some(Gate::of(numbered(tokens), before.operator.as_ref())?),
        };
        Ok(Self { by_route, administrators, operator, guards: Guards::of(config, &before.guards) })
    }

    /// The gate of the route of this name. `None` if the route is open.
    pub(crate) fn of_route(&self, name: &str) -> Option<&AdminAuthLayer> {
        self.by_route.get(name).map(|gate| &gate.layer)
    }

    /// The gates that ask for something else than an admin token.
    pub(crate) fn guards(&self) -> &Guards {
        &self.guards
    }

    /// The gate of the operator's listener. `None` if that is open.
    pub(crate) fn operator(&self) -> Option<&AdminAuthLayer> {
        self.operator.as_ref().map(|gate| &gate.layer)
    }

    /// The gate that accepts the tokens of all routes. All open routes share it, so wrong tries are counted over all of
    /// them. `None` if no route has tokens.
    pub(crate) fn administrators(&self) -> Option<&AdminAuthLayer> {
        self.administrators.as_ref().map(|gate| &gate.layer)
    }
}

impl Gate {
    fn of(tokens: Vec<AdminTokenSpec>, before: Option<&Self>) -> Result<Self, InvalidToken> {
        if let Some(same) = before.filter(|gate| gate.tokens == tokens) {
            return Ok(same.clone());
        }
        let all: Vec<AdminToken> = tokens.iter().map(token).collect::<Result<_, _>>()?;
        let set = TokenSet::new(all).expect("a gate has tokens: the configuration is checked for it");
        Ok(Self { tokens, layer: AdminAuthLayer::new(set).throttle_by(peer::client_ip) })
    }
}

/// An answer from behind a gate, or of the gate itself. That says why.
pub(crate) fn explained<B>(mut answer: Response<AdminAuthBody<B>>) -> Response<Body>
where
    B: http_body::Body<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
{
    let kind = answer.extensions().get::<Rejection>().map(Rejection::kind);
    if let Some(kind) = kind {
        answer.extensions_mut().insert(Reason(reason(kind)));
    }
    answer.map(Body::new)
}

fn reason(kind: RejectionKind) -> &'static str {
    match kind {
        RejectionKind::Missing => "admin_token_missing",
        RejectionKind::Repeated | RejectionKind::Malformed => "admin_token_malformed",
        RejectionKind::Expired => "admin_token_expired",
        RejectionKind::Throttled => "admin_token_throttled",
        _ => "admin_token_unknown",
    }
}

/// The same tokens, of which each has a name: its number if it has no label.
fn numbered(tokens: &[AdminTokenSpec]) -> Vec<AdminTokenSpec> {
    let named = (1..).zip(tokens).map(|(number, token)| {
        let label = token.label.clone().unwrap_or_else(|| format!("token {number}"));
        AdminTokenSpec { label: Some(label), ..token.clone() }
    });
    named.collect()
}

fn token(spec: &AdminTokenSpec) -> Result<AdminToken, InvalidToken> {
    let mut token = match &spec.secret {
        Secret::Plain(text) => AdminToken::new(text.expose())?,
        Secret::Sha256(digest) => AdminToken::from_sha256(*digest),
    };
    if let Some(label) = &spec.label {
        token = token.label(label.as_str());
    }
    if let Some(expiry) = spec.expires_at {
        token = token.expires_at(expiry);
    }
    Ok(token)
}
