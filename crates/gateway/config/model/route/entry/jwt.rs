//! `jwt`: JSON Web Tokens.

use std::time::Duration;

use http::HeaderName;
use serde_json::Value;

use super::jwt_algorithm::JwtAlgorithm;
use super::key_set::KeySet;
use super::service_url::ServiceUrl;
#[cfg(feature = "tls")]
use crate::config::model::Tls;

/// Which JSON Web Tokens (RFC 7519) open a route.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Jwt {
    /// The keys that tokens are signed with.
    pub keys: JwtKeys,
    /// Who has to have issued a token: its claim `iss`. Default: `None`, whoever has the keys.
    pub issuer: Option<String>,
    /// For whom a token has to be: one of them has to be in its claim `aud`. Default: none; then a token that is for
    /// somebody is refused (RFC 7519 §4.1.3).
    pub audience: Vec<String>,
    /// The algorithms that a token may be signed with. Default: all that the keys are for.
    pub algorithms: Vec<JwtAlgorithm>,
    /// What a token has to say besides. Default: nothing.
    pub required: Vec<RequiredClaim>,
    /// The fields in which the upstream is told claims. What clients send in them is removed. Default: none.
    pub headers: Vec<(HeaderName, String)>,
    /// How much the clocks of issuer and gateway may differ. Default: 60 s.
    pub leeway: Duration,
    /// The cookie that holds the token of a request without `Authorization: Bearer`. Default: `None`.
    pub cookie: Option<String>,
    /// Whether the upstream gets the token too. Default: no.
    pub forward: bool,
}

/// Where the keys come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JwtKeys {
    /// A file, which has been read.
    File(KeySet),
    /// A URL, which is asked again and again.
    Url {
        /// The URL.
        url: Box<ServiceUrl>,
        /// How long keys are used before it is asked for newer ones. Default: 5 minutes.
        refresh: Duration,
        /// TLS settings for it. Default: `None`; then Mozilla's authorities are trusted.
        #[cfg(feature = "tls")]
        tls: Option<Tls>,
    },
}

/// Something that a token has to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequiredClaim {
    /// The name of the claim. If a token has none of that name, dots lead into claims that are objects.
    pub claim: String,
    /// What it has to be, or has to have if it is a list: one of these. Of a text that is a list of words, such as
    /// `scope`, it is one of the words.
    pub any_of: Vec<Value>,
}

impl From<JwtKeys> for Jwt {
    fn from(keys: JwtKeys) -> Self {
        Self {
            keys,
            issuer: None,
            audience: Vec::new(),
            algorithms: Vec::new(),
            required: Vec::new(),
            headers: Vec::new(),
            leeway: Duration::from_secs(60),
            cookie: None,
            forward: false,
        }
    }
}
