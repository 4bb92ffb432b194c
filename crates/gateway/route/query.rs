//! A query as pairs of names and values. Nothing is decoded but to compare names.

/// A pair, as it stands between two `&`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Pair<'q> {
    pub(crate) whole: &'q str,
}

/// The pairs of a query, in their order. An empty query has none.
pub(crate) fn pairs(query: &str) -> impl Iterator<Item = Pair<'_>> {
    let pairs = (!query.is_empty()).then(|| query.split('&'));
    pairs.into_iter().flatten().map(|whole| Pair { whole })
}

/// The first value of this name, as it was sent. A name without `=` has an empty value.
pub(crate) fn find<'q>(query: &'q str, name: &str) -> Option<&'q str> {
    pairs(query).find(|pair| pair.is(name)).map(Pair::value)
}

impl<'q> Pair<'q> {
    pub(crate) fn value(self) -> &'q str {
        self.whole.split_once('=').map_or("", |(_, value)| value)
    }

    /// Whether an application reads its name as this one: with `%XX` decoded, and `+` for a space.
    pub(crate) fn is(self, name: &str) -> bool {
        let own = self.whole.split_once('=').map_or(self.whole, |(name, _)| name);
        own == name
            || own.contains(['%', '+'])
                && form_urlencoded::parse(own.as_bytes()).next().is_some_and(|(own, _)| own == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_of_that_name_as_it_was_sent() {
        for (query, name, found) in [
            ("a=1&b=2", "b", Some("2")),
            ("a=1&a=2", "a", Some("1")),
            ("a", "a", Some("")),
            ("a=", "a", Some("")),
            ("a=b=c", "a", Some("b=c")),
            ("a=%zz+%41", "a", Some("%zz+%41")),
            ("%61d%6Din=1", "admin", Some("1")),
            ("a+b=1", "a b", Some("1")),
            ("a%20b=1", "a b", Some("1")),
            ("%zz=1", "%zz", Some("1")),
            ("%c3%a9=1", "é", Some("1")),
            ("&&a=1", "a", Some("1")),
            ("A=1", "a", None),
            ("aa=1", "a", None),
            ("b=a=1", "a", None),
            ("", "a", None),
            ("", "", None),
            ("&", "", Some("")),
        ] {
            assert_eq!(find(query, name), found, "{query} {name}");
        }
    }
}
