//! Which kinds of headers an answer has.

use http::header::{CONTENT_LOCATION, HeaderMap, HeaderName, LOCATION, REFRESH, SET_COOKIE};

use super::hop_by_hop;

/// Found in one walk over all names, since most answers have neither.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Kinds {
    /// `Connection` is one, so without any of them it names nothing either.
    pub(crate) hop_by_hop: bool,
    pub(crate) references: bool,
}

/// How a header refers to the upstream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reference {
    /// It is a reference.
    Whole,
    /// It has one behind a number.
    Refresh,
    /// It has a domain and a path.
    Cookie,
}

impl Kinds {
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let mut kinds = Self::default();
        for name in headers.keys() {
            kinds.hop_by_hop |= hop_by_hop::is_always(name);
            kinds.references |= Reference::in_header(name).is_some();
        }
        kinds
    }
}

impl Reference {
    pub(crate) fn in_header(name: &HeaderName) -> Option<Self> {
        match *name {
            LOCATION | CONTENT_LOCATION => Some(Self::Whole),
            SET_COOKIE => Some(Self::Cookie),
            REFRESH => Some(Self::Refresh),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_is_found() {
        for (names, expected) in [
            (&["date", "content-length", "x-connection"][..], (false, false)),
            (&["date", "connection"], (true, false)),
            (&["keep-alive"], (true, false)),
            (&["x-a", "location"], (false, true)),
            (&["set-cookie", "transfer-encoding"], (true, true)),
            (&["refresh"], (false, true)),
            (&["content-location"], (false, true)),
        ] {
            let headers = names.iter().map(|name| (HeaderName::from_static(name), "a".parse().unwrap()));
            let Kinds { hop_by_hop, references } = Kinds::of(&headers.collect());
            assert_eq!((hop_by_hop, references), expected, "{names:?}");
        }
    }
}
