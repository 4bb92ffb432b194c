//! `basic_auth`: users with passwords.

use http::HeaderName;

use super::users::Users;

/// Who may enter with a name and a password (RFC 7617).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BasicAuth {
    /// The users.
    pub users: Users,
    /// What browsers show when they ask for the password: printable ASCII without `"` and `\`. Default: `restricted`.
    pub realm: String,
    /// The header field in which the upstream is told the user's name. What clients send in it is removed. Default:
    /// `None`.
    pub header: Option<HeaderName>,
    /// Whether the upstream gets the name and the password too. Default: no.
    pub forward: bool,
}

impl From<Users> for BasicAuth {
    fn from(users: Users) -> Self {
        Self { users, realm: "restricted".to_owned(), header: None, forward: false }
    }
}
