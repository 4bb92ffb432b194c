//! `[redis]`: where several gateways count together.

use std::time::Duration;

use crate::config::SecretText;

/// A Redis or Valkey server, in which several gateways count together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redis {
    /// Where it is: `redis://[USER:PASSWORD@]HOST[:PORT][/DATABASE]` or `redis+unix:///PATH`. It may have a password.
    pub url: SecretText,
    /// How long a request waits for it; 1 ms to 10 s. Default: 5 ms.
    pub deadline: Duration,
    /// What happens to a request if it doesn't answer in time. Default: [`OnFailure::Local`].
    pub on_failure: OnFailure,
    /// With what the names of keys begin: up to 64 visible ASCII characters. Default: `gateway:`.
    pub prefix: String,
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
