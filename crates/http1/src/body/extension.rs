//! Chunk extensions (RFC 9112 §7.1.1). They are followed to find where they end, and dropped.
//!
//! What isn't in the grammar is refused: one reader ends the line there, and another one goes on.

use crate::head::is_token;

/// Blanks at the end of the line with a chunk's size, which the grammar doesn't have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Padding {
    /// In requests.
    Refused,
    /// In responses: old servers pad the size to a fixed width.
    Skipped,
}

/// How far an extension has been read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Extension {
    /// After the `;`, and blanks perhaps.
    Begun,
    Name,
    /// After blanks behind the name.
    Named,
    /// After the `=`, and blanks perhaps.
    Equals,
    Value,
    /// Inside a quoted string (RFC 9110 §5.6.4).
    Quoted,
    /// After a backslash inside a quoted string.
    Pair,
    /// After a quoted string.
    Unquoted,
    /// After blanks behind the value.
    Padded,
}

impl Extension {
    /// The state after another byte. `None` if the byte can't be there.
    pub(super) fn after(self, byte: u8) -> Option<Self> {
        use Extension::*;
        Some(match (self, byte) {
            (Quoted, b'"') => Unquoted,
            (Quoted, b'\\') => Pair,
            (Quoted | Pair, _) if byte == b'\t' || !byte.is_ascii_control() => Quoted,
            (Begun | Named | Equals | Padded, b' ' | b'\t') => self,
            (Name, b' ' | b'\t') => Named,
            (Value | Unquoted, b' ' | b'\t') => Padded,
            (Name | Named, b'=') => Equals,
            (Name | Named | Value | Unquoted | Padded, b';') => Begun,
            (Equals, b'"') => Quoted,
            (Begun | Name, _) if is_token(byte) => Name,
            (Equals | Value, _) if is_token(byte) => Value,
            _ => return None,
        })
    }

    /// Whether the line may end here.
    pub(super) fn may_end(self, padding: Padding) -> bool {
        match self {
            Self::Name | Self::Value | Self::Unquoted => true,
            Self::Named | Self::Padded => padding == Padding::Skipped,
            Self::Begun | Self::Equals | Self::Quoted | Self::Pair => false,
        }
    }
}
