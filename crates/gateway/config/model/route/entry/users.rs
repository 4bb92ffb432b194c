//! `Users`: names, each with the hash of a password.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use super::password::{InvalidPassword, Password};

/// Users and the hashes of their passwords, as a file of `htpasswd` has them: `NAME:HASH` in each line. Empty lines, and
/// those that begin with `#`, mean nothing.
///
/// A hash is bcrypt (`$2y$...`, by `htpasswd -B`) or Argon2 (`$argon2id$...`, RFC 9106).
///
/// ```
/// use gateway::config::Users;
///
/// let users: Users = "ann:$2y$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW".parse()?;
/// assert_eq!(users.len(), 1);
///
/// let error = "ann:secret".parse::<Users>().unwrap_err();
/// assert_eq!(error.line(), 1);
/// # Ok::<(), gateway::config::InvalidUsers>(())
/// ```
#[derive(Clone)]
pub struct Users(Arc<Table>);

struct Table {
    by_name: BTreeMap<Box<str>, Password>,
    /// The hash that takes longest to check.
    costliest: Password,
}

/// Why a text has no [`Users`]. It shows nothing of the text but the number of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidUsers {
    line: usize,
    why: &'static str,
    expected: &'static str,
}

const LINE: &str = "NAME:HASH in each line, as `htpasswd -B` writes it";

impl Users {
    /// How many users there are; at least one.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "it is never empty")]
    pub fn len(&self) -> usize {
        self.0.by_name.len()
    }

    /// Whether this is the password of the user of that name. It takes as long if there is no such user, and as long as
    /// the hash was made to take: up to a second. So it should not run on a thread that serves requests.
    #[must_use]
    pub fn verify(&self, name: &str, password: &[u8]) -> bool {
        match self.0.by_name.get(name) {
            Some(own) => own.verify(password),
            None => {
                let _nobodys = self.0.costliest.verify(password);
                false
            }
        }
    }
}

impl FromStr for Users {
    type Err = InvalidUsers;

    fn from_str(text: &str) -> Result<Self, InvalidUsers> {
        let mut by_name = BTreeMap::new();
        for (line, text) in (1..).zip(text.lines()) {
            let text = text.trim_end();
            if text.is_empty() || text.starts_with('#') {
                continue;
            }
            let refuse = |why, expected| InvalidUsers { line, why, expected };
            let (name, hash) = text.split_once(':').ok_or_else(|| refuse("has no colon", LINE))?;
            if name.is_empty() || !name.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
                return Err(refuse("has no name of a user", "a name in printable ASCII"));
            }
            let password: Password =
                hash.parse().map_err(|InvalidPassword { why, expected }| refuse(why, expected))?;
            if by_name.insert(name.into(), password).is_some() {
                return Err(refuse("names a user for the second time", "one line for each user"));
            }
        }
        let costliest = by_name.values().max_by_key(|password| password.cost()).cloned();
        let nobody = InvalidUsers { line: 0, why: "has no users", expected: LINE };
        let costliest = costliest.ok_or(nobody)?;
        Ok(Self(Arc::new(Table { by_name, costliest })))
    }
}

impl PartialEq for Users {
    fn eq(&self, other: &Self) -> bool {
        self.0.by_name == other.0.by_name
    }
}

impl Eq for Users {}

impl fmt::Debug for Users {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Users").field("len", &self.len()).finish_non_exhaustive()
    }
}

impl InvalidUsers {
    /// The number of the line, from 1 on; 0 if it is the text as a whole.
    #[must_use]
    pub fn line(&self) -> usize {
        self.line
    }

    /// What was expected instead.
    #[must_use]
    pub fn expected(&self) -> &'static str {
        self.expected
    }
}

impl fmt::Display for InvalidUsers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => f.write_str(self.why),
            line => write!(f, "line {line} {}", self.why),
        }
    }
}

impl std::error::Error for InvalidUsers {}

#[cfg(test)]
mod tests;
