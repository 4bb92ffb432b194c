//! Bytes in pieces.

use arbitrary::Arbitrary;

/// How long each piece is, in turn; none is a byte at a time.
#[derive(Arbitrary, Debug)]
pub struct Cuts(u8, u8, u8);

/// Cuts `bytes` into pieces.
pub fn cut(bytes: &[u8], cuts: Cuts) -> Vec<&[u8]> {
    let lengths = [cuts.0, cuts.1, cuts.2].map(|length| usize::from(length).max(1));
    let mut pieces = Vec::new();
    let mut rest = bytes;
    for length in lengths.iter().cycle() {
        if rest.is_empty() {
            break;
        }
        let (piece, others) = rest.split_at(rest.len().min(*length));
        pieces.push(piece);
        rest = others;
    }
    pieces
}
