//! "Did you mean": the nearest of the names that would have been right.

/// Longer names are no slips of the finger, and comparing them would cost their product.
const LONGEST: usize = 64;

/// The candidate that fewest edits turn `written` into, if those are few enough to be a slip.
pub(super) fn nearest<'a>(written: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    if written.len() > LONGEST {
        return None;
    }
    let slips = (written.chars().count() / 3).max(1);
    candidates
        .into_iter()
        .filter(|candidate| candidate.len() <= LONGEST)
        .map(|candidate| (edits(written, candidate), candidate))
        .filter(|(distance, _)| *distance <= slips)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// Levenshtein's distance, ASCII case ignored; `row` holds the distances from what was read of `from` so far.
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
    fn suggests_slips_only() {
        let keys = ["listen", "workers", "timeouts", "pools"];
        assert_eq!(nearest("lisen", keys), Some("listen"));
        assert_eq!(nearest("pool", keys), Some("pools"));
        assert_eq!(nearest("timeout", keys), Some("timeouts"));
        assert_eq!(nearest("certificate", keys), None);
        assert_eq!(nearest(&"pools".repeat(20), keys), None);
    }
}
