//! `[admin]`: the operator's listener.

use super::address::Address;
use crate::config::secret::AdminTokenSpec;

/// The operator's listener, which is apart from those for clients.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Admin {
    /// Where it listens. Default: `127.0.0.1:9900`.
    pub listen: Address,
    /// The tokens that open it; never an empty list. Default: `None`, whoever reaches it may do everything. A file in
    /// which other machines can reach it must have some.
    pub admin_tokens: Option<Vec<AdminTokenSpec>>,
    /// The names, in lower case, by which clients may ask for it, besides `localhost` and addresses. Default: none.
    pub hosts: Vec<String>,
    /// Which pools have to be usable for the gateway to be ready. Default: [`ReadyPools::All`].
    pub ready: ReadyPools,
}

/// Which of the pools that routes forward to have to have an endpoint that takes requests, for the gateway to be ready.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ReadyPools {
    /// Each of them.
    #[default]
    All,
    /// At least one of them.
    Any,
    /// None: the pools don't count.
    None,
}

impl Admin {
    /// Whether other machines can reach it, and nobody needs a token.
    #[must_use]
    pub fn is_exposed(&self) -> bool {
        self.admin_tokens.is_none() && !self.listen.is_local()
    }
}

/// A listener without tokens.
impl From<Address> for Admin {
    fn from(listen: Address) -> Self {
        Self { listen, admin_tokens: None, hosts: Vec::new(), ready: ReadyPools::default() }
    }
}
