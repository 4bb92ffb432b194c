//! "Did you mean": finds the valid name that is nearest to an unknown one.

use super::foreign;
use super::schema::tables_with;

/// Longer names are not compared: they are hardly typing errors, and the time grows with the product of both lengths.
const LONGEST: usize = 64;

/// The candidate that `written` becomes with the fewest edits, if those are at most a third of its length; or the one that
/// it is the first word of.
pub(super) fn nearest<'a>(written: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    if written.len() > LONGEST {
        return None;
    }
    let slips = (written.chars().count() / 3).max(1);
    let candidates: Vec<&str> =
        candidates.into_iter().filter(|candidate| candidate.len() <= LONGEST).collect();
    let nearest = candidates
        .iter()
        .map(|candidate| (edits(written, candidate), *candidate))
        .filter(|(distance, _)| *distance <= slips)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate);
    nearest.or_else(|| begun(written, &candidates))
}

/// The only candidate that begins with `written` as a word of its own, as `client_ip` does with `client`.
fn begun<'a>(written: &str, candidates: &[&'a str]) -> Option<&'a str> {
    let goes_on = |candidate: &&&str| {
        candidate.strip_prefix(written).is_some_and(|rest| rest.starts_with(['_', '.', '-']))
    };
    let mut begun = candidates.iter().filter(goes_on).copied();
    begun.next().filter(|_| !written.is_empty() && begun.next().is_none())
}

/// What is probably meant by a key that isn't known: what another proxy's is here, or the nearest of those that are known.
pub(super) fn key(written: &str, known: &[&str]) -> Option<String> {
    let translated = foreign::ours(written).iter().find(|ours| known.contains(ours)).copied();
    let meant = translated.or_else(|| nearest(written, known.iter().copied()));
    meant.map(|meant| format!("did you mean {meant}?"))
}

/// Where a key belongs that isn't known here, or what it is called there.
pub(super) fn elsewhere(written: &str) -> Option<String> {
    let mut names = std::iter::once(written).chain(foreign::ours(written).iter().copied());
    names.find_map(|name| {
        let tables = tables_with(name);
        (!tables.is_empty()).then(|| format!("{name} is a key of {}", tables.join(" and of ")))
    })
}

/// The Levenshtein distance, with ASCII case ignored. `row` has the distances between the part of `from` that was read
/// and each beginning of `to`.
fn edits(from: &str, to: &str) -> usize {
    let mut row: Vec<usize> = (1..=to.chars().count()).collect();
    for (index, removed) in from.chars().enumerate() {
        let mut diagonal = index;
        let mut left = index + 1;
        for (cell, added) in row.iter_mut().zip(to.chars()) {
            let replaced = diagonal + usize::from(!removed.eq_ignore_ascii_case(&added));
            diagonal = *cell;
            left = replaced.min(left + 1).min(*cell + 1);
            *cell = left;
        }
    }
    row.pop().unwrap_or_else(|| from.chars().count())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_insertions_removals_and_replacements() {
        for (from, to, distance) in [
            ("", "", 0),
            ("", "abc", 3),
            ("abc", "", 3),
            ("kitten", "sitting", 3),
            ("adress", "address", 1),
            ("LISTEN", "listen", 0),
            ("flaw", "lawn", 2),
        ] {
            assert_eq!(edits(from, to), distance, "{from} -> {to}");
        }
    }

    #[test]
    fn keys_of_other_proxies_and_of_other_tables_are_known() {
        assert_eq!(key("proxy_pass", &["host", "pool"]).as_deref(), Some("did you mean pool?"));
        assert_eq!(key("servers", &["upstreams", "health"]).as_deref(), Some("did you mean upstreams?"));
        assert_eq!(key("certificate", &["cert", "certificates"]).as_deref(), Some("did you mean cert?"));
        assert_eq!(key("proxy_pass", &["upstreams"]), None);
        assert_eq!(elsewhere("add_prefix").as_deref(), Some("add_prefix is a key of a route"));
        assert_eq!(
            elsewhere("proxy_pass").as_deref(),
            Some("pool is a key of a route and of mirror of a route")
        );
        assert_eq!(elsewhere("nothing"), None);
    }

    #[test]
    fn suggests_slips_only() {
        let keys = ["listen", "workers", "timeouts", "pools"];
        assert_eq!(nearest("lisen", keys), Some("listen"));
        assert_eq!(nearest("pool", keys), Some("pools"));
        assert_eq!(nearest("timeout", keys), Some("timeouts"));
        assert_eq!(nearest("certificate", keys), None);
        let values = ["client_ip", "request_id", "tls.subject", "tls.version"];
        assert_eq!(nearest("client", values), Some("client_ip"));
        for several in ["tls", "cli", ""] {
            assert_eq!(nearest(several, values), None, "{several}");
        }
        assert_eq!(nearest(&"pools".repeat(20), keys), None);
    }
}
