//! How people read which requests a route takes.

use std::fmt;

use super::matching::{ClientScheme, Matching};

impl fmt::Display for Matching {
    /// The path as it stands in the file, and then the other conditions.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.path_in_file())?;
        listed(f, " on ", &self.hosts)?;
        listed(f, " by ", &self.methods)?;
        listed(f, " from ", &self.clients)?;
        if let Some(scheme) = self.scheme {
            write!(f, " over {scheme}")?;
        }
        if let Some(regex) = self.path_regex() {
            write!(f, ", path matches {regex}")?;
        }
        self.headers.iter().try_for_each(|(name, test)| write!(f, ", header {name} {test}"))?;
        self.query.iter().try_for_each(|(name, test)| write!(f, ", query {name} {test}"))?;
        match self.priority {
            0 => Ok(()),
            priority => write!(f, ", priority {priority}"),
        }
    }
}

/// Writes a list, if it isn't empty.
fn listed<T: fmt::Display>(f: &mut fmt::Formatter<'_>, before: &str, items: &[T]) -> fmt::Result {
    let mut separator = before;
    for item in items {
        write!(f, "{separator}{item}")?;
        separator = ", ";
    }
    Ok(())
}

impl fmt::Display for ClientScheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Http => "http",
            Self::Https => "https",
        })
    }
}
