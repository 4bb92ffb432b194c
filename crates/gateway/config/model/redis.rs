//! `[redis]`: where several gateways count together.

use std::time::Duration;

use crate::config::SecretText;
#[cfg(feature = "tls")]
use crate::config::Tls;

/// A Redis or Valkey server, in which several gateways count together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redis {
    /// Where it is: `redis://[USER:PASSWORD@]HOST[:PORT][/DATABASE]`, the same with `rediss:` for TLS, or
    /// `redis+unix:///PATH`. It may have a password.
    pub url: SecretText,
    /// How long a request waits for it; 1 ms to 10 s. Default: 5 ms.
    pub deadline: Duration,
    /// What happens to a request if it doesn't answer in time. Default: [`OnFailure::Local`].
    pub on_failure: OnFailure,
    /// With what the names of keys begin: up to 64 visible ASCII characters. Default: `gateway:`.
    pub prefix: String,
    /// By whose certificates the gateway knows it, if the URL asks for TLS. Default: `None`, which is right for others.
    #[cfg(feature = "tls")]
    pub tls: Option<Tls>,
}

#[cfg(feature = "redis")]
impl Redis {
    /// The URL for a connection within one of TLS. `None` if it asks for none.
    pub(crate) fn url_without_tls(&self) -> Option<String> {
        without_tls(self.url.expose())
    }
}

/// The URL of a server that is to be spoken to over TLS, as one without. `None` if it asks for none.
#[cfg(any(feature = "redis", feature = "tls"))]
pub(in crate::config) fn without_tls(url: &str) -> Option<String> {
    let (scheme, rest) = url.split_once(':')?;
    let is_secured = ["rediss", "valkeys"].iter().any(|secured| scheme.eq_ignore_ascii_case(secured));
    is_secured.then(|| format!("redis:{rest}"))
}

/// What happens to a request whose limit can't be asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnFailure {
    /// This gateway counts alone.
    #[default]
    Local,
    /// It passes.
    Allow,
    /// It is answered with 503.
    Deny,
}
