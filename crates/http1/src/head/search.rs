//! When a head that comes in pieces is parsed.

use memchr::memchr_iter;

/// Keeps the work on a head linear in its size, however many pieces it comes in. The first piece is parsed at once,
/// since it is nearly always the whole head. Each later piece is only searched for the head's end, and the head is
/// parsed once that is there. The head is also parsed each time its size has doubled, so that a malformed one is
/// refused before its end.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Search {
    /// How many bytes have been searched without finding the end.
    searched: usize,
    /// How many bytes have been parsed and were not a whole head.
    parsed: usize,
    /// How many bytes of empty lines came before the head.
    skipped: usize,
}

impl Search {
    pub(crate) const fn new() -> Self {
        Self { searched: 0, parsed: 0, skipped: 0 }
    }

    /// Whether `bytes`, of which at most `limit` are parsed, should be parsed now. When that is so depends on the
    /// pieces. The result of parsing doesn't, since the bytes are always parsed once they hold an end or reach the
    /// limit.
    pub(crate) fn is_due(&mut self, bytes: &[u8], limit: usize) -> bool {
        let begun = bytes.get(self.searched.saturating_sub(2)..).unwrap_or_default();
        self.searched = bytes.len();
        bytes.len() >= limit.min(self.parsed.saturating_mul(2)) || has_end(begun)
    }

    /// Notes that `count` bytes were parsed and are not a whole head.
    pub(crate) fn parsed(&mut self, count: usize) {
        *self = Self { searched: count, parsed: count, ..*self };
    }

    /// Notes that `count` more bytes of empty lines were skipped before the head. Returns how many there were so far.
    pub(crate) fn skipped(&mut self, count: usize) -> usize {
        self.skipped = self.skipped.saturating_add(count);
        self.skipped
    }
}

/// Whether an empty line follows another line. Here LF alone ends a line too; parsing the head then refuses it.
fn has_end(bytes: &[u8]) -> bool {
    memchr_iter(b'\n', bytes)
        .any(|end| matches!(bytes.get(end + 1..), Some([b'\n', ..] | [b'\r', b'\n', ..])))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_is_found_however_it_is_cut() {
        for (head, end) in [("GET / HTTP/1.1\r\nA: b\r\n\r\n", 24), ("GET / HTTP/1.1\nA: b\n\n", 21)] {
            for first in 1..end {
                let mut search = Search::new();
                assert!(search.is_due(&head.as_bytes()[..first], 100));
                search.parsed(first);
                for second in first + 1..=end {
                    let is_due = search.is_due(&head.as_bytes()[..second], 100);
                    assert!(is_due || second < end, "{head:?} {first} {second}");
                    if is_due {
                        search.parsed(second);
                    }
                }
            }
        }
    }

    #[test]
    fn a_head_that_comes_byte_by_byte_is_parsed_a_few_times() {
        let head = format!("GET / HTTP/1.1\r\n{}\r\n", "A: b\r\n".repeat(1000));
        let mut search = Search::new();
        let mut parsed = 0;
        for end in 1..head.len() {
            if search.is_due(&head.as_bytes()[..end], usize::MAX) {
                search.parsed(end);
                parsed += 1;
            }
        }
        assert!(parsed < 16, "{parsed}");
        assert!(search.is_due(head.as_bytes(), usize::MAX));
    }
}
