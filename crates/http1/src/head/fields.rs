//! Turns field lines into a [`HeaderMap`], and notes what they say about the framing of the message.

use bytes::Bytes;
use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use httparse::{EMPTY_HEADER, Status};
use memchr::memchr_iter;

use super::diagnosis;
use super::parsed::{Field, Span};
use crate::Fault;

/// Room for the fields that a proxy adds, so that the map needn't grow for them.
const ROOM_FOR_MORE: usize = 4;

/// What the fields say about the message and its connection.
#[derive(Debug, Default)]
pub(crate) struct Noted {
    pub(crate) length: Option<u64>,
    pub(crate) coding: Option<Coding>,
    /// `Connection: close`, `keep-alive` and `upgrade`, on any of its lines.
    pub(crate) closes: bool,
    pub(crate) keeps_alive: bool,
    pub(crate) upgrades: bool,
    pub(crate) has_upgrade: bool,
    pub(crate) has_host: bool,
    pub(crate) expects: bool,
    /// `TE: trailers` (RFC 9110 §10.1.4).
    pub(crate) takes_trailers: bool,
    /// The first field of a request that is refused for what it means.
    pub(crate) fault: Option<Fault>,
}

/// A `Transfer-Encoding`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Coding {
    Chunked,
    /// Others, with `chunked` as the last one.
    UnknownInChunks,
    /// Without `chunked` as the last one, so that it doesn't say where the body ends.
    Unended,
}

impl Coding {
    fn of(value: &[u8]) -> Self {
        let last = value.rsplit(|byte| *byte == b',').next().unwrap_or_default();
        if !last.trim_ascii().eq_ignore_ascii_case(b"chunked") {
            Self::Unended
        } else if last.len() < value.len() {
            Self::UnknownInChunks
        } else {
            Self::Chunked
        }
    }
}

/// Makes the map. Values are slices of `head`. A name that http doesn't know is copied, since http has no safe way to
/// make a name from a slice.
///
/// # Errors
/// A [`Fault`] for a field that may come only once but comes again, and for a name or a value that can't be read.
pub(super) fn collect(
    head: &Bytes,
    fields: &[Field],
    noted: &mut Noted,
    note: impl Fn(&mut Noted, &HeaderName, &HeaderValue) -> Result<(), Fault>,
) -> Result<HeaderMap, Fault> {
    let mut map = HeaderMap::new();
    map.try_reserve(fields.len() + ROOM_FOR_MORE).map_err(|_| Fault::TooManyFields)?;
    for field in fields {
        let name = head.get(field.name.range()).unwrap_or_default();
        let name = HeaderName::from_bytes(name).map_err(|_| Fault::InvalidFieldName)?;
        let value = value(head, field.value)?;
        note(noted, &name, &value)?;
        map.try_append(name, value).map_err(|_| Fault::TooManyFields)?;
    }
    Ok(map)
}

/// The value of a field. httparse has checked it, except for one thing: in responses it lets a folded value through
/// (RFC 9112 §5.2).
fn value(head: &Bytes, span: Span) -> Result<HeaderValue, Fault> {
    let value = head.slice(span.range());
    HeaderValue::from_maybe_shared(value).or_else(|_| unfolded(head.get(span.range()).unwrap_or_default()))
}

/// Replaces each fold by one space, "prior to interpreting the field value or forwarding the message" (RFC 9112 §5.2).
fn unfolded(value: &[u8]) -> Result<HeaderValue, Fault> {
    let mut unfolded = Vec::with_capacity(value.len());
    for line in value.split_inclusive(|byte| *byte == b'\n') {
        let text = match line.strip_suffix(b"\n") {
            Some(text) => text.strip_suffix(b"\r").ok_or(Fault::BareLineFeed)?,
            None => line,
        };
        if !unfolded.is_empty() {
            unfolded.push(b' ');
        }
        unfolded.extend_from_slice(text.trim_ascii());
    }
    HeaderValue::try_from(unfolded).map_err(|_| Fault::InvalidFieldValue)
}

impl Noted {
    /// Notes a field that means the same in requests and in responses.
    pub(super) fn note(&mut self, name: &HeaderName, value: &HeaderValue) -> Result<(), Fault> {
        match *name {
            header::CONTENT_LENGTH => {
                let length = number(value.as_bytes()).ok_or(Fault::InvalidLength)?;
                if self.length.replace(length).is_some() {
                    return Err(Fault::RepeatedLength);
                }
            }
            header::TRANSFER_ENCODING => {
                let coding = Coding::of(value.as_bytes());
                if self.coding.replace(coding).is_some() {
                    return Err(Fault::RepeatedCoding);
                }
            }
            header::CONNECTION => self.note_connection(value.as_bytes()),
            header::UPGRADE => self.has_upgrade = true,
            header::TE => self.takes_trailers |= lists(value.as_bytes(), b"trailers"),
            _ => {}
        }
        Ok(())
    }

    /// Notes the options of a `Connection` field: a list of tokens, whose case doesn't matter (RFC 9110 §7.6.1).
    pub(crate) fn note_connection(&mut self, value: &[u8]) {
        if matches!(value, b"keep-alive" | b"Keep-Alive") {
            self.keeps_alive = true;
            return;
        }
        for option in value.split(|byte| *byte == b',') {
            let option = option.trim_ascii();
            self.closes |= option.eq_ignore_ascii_case(b"close");
            self.keeps_alive |= option.eq_ignore_ascii_case(b"keep-alive");
            self.upgrades |= option.eq_ignore_ascii_case(b"upgrade");
        }
    }
}

/// Whether a list has this member, whose case doesn't matter.
fn lists(list: &[u8], member: &[u8]) -> bool {
    list.split(|byte| *byte == b',').any(|one| one.trim_ascii().eq_ignore_ascii_case(member))
}

/// A number of digits and nothing else (RFC 9110 §8.6). None if it isn't one, or needs more than 64 bits.
fn number(text: &[u8]) -> Option<u64> {
    if text.is_empty() {
        return None;
    }
    text.iter().try_fold(0_u64, |number, digit| {
        let digit = digit.is_ascii_digit().then(|| u64::from(digit - b'0'))?;
        number.checked_mul(10)?.checked_add(digit)
    })
}

/// Parses a trailer section at the beginning of `bytes`: its length and its fields. None if it isn't complete yet.
/// `limit` is the most fields that it may have.
///
/// # Errors
/// The [`Fault`] of the first line that can't be read.
pub(crate) fn trailers(bytes: &[u8], limit: usize) -> Result<Option<(usize, HeaderMap)>, Fault> {
    let lines = memchr_iter(b'\n', bytes).count() + 1;
    let mut room = vec![EMPTY_HEADER; lines.min(limit)];
    let (length, headers) = match httparse::parse_headers(bytes, &mut room) {
        Ok(Status::Complete(parsed)) => parsed,
        Ok(Status::Partial) => return Ok(None),
        Err(error) => return Err(diagnosis::of_trailers(bytes, error)),
    };
    let section = bytes.get(..length).unwrap_or_default();
    if memchr_iter(b'\n', section).any(|end| !section.get(..end).is_some_and(|line| line.ends_with(b"\r"))) {
        return Err(Fault::BareLineFeed);
    }
    let section = Bytes::copy_from_slice(section);
    let spans: Vec<Field> = headers
        .iter()
        .map(|header| Field {
            name: Span::of(header.name.as_bytes(), bytes),
            value: Span::of(header.value, bytes),
        })
        .collect();
    let map = collect(&section, &spans, &mut Noted::default(), |_, _, _| Ok(()))?;
    Ok(Some((length, map)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers() {
        for (text, expected) in [
            ("0", Some(0)),
            ("005", Some(5)),
            ("18446744073709551615", Some(u64::MAX)),
            ("18446744073709551616", None),
            ("", None),
            ("+1", None),
            ("-1", None),
            ("1 ", None),
            ("1,1", None),
            ("0x1", None),
            ("1_0", None),
            ("\u{661}", None),
        ] {
            assert_eq!(number(text.as_bytes()), expected, "{text:?}");
        }
    }

    #[test]
    fn folds_become_one_space() {
        for (folded, expected) in [
            ("a\r\n b", Ok("a b")),
            ("a \t\r\n\t\t b\r\n \r\n c", Ok("a b  c")),
            ("a\n b", Err(Fault::BareLineFeed)),
            ("a\r\n b\n c", Err(Fault::BareLineFeed)),
        ] {
            let expected = expected.map(HeaderValue::from_static);
            assert_eq!(unfolded(folded.as_bytes()), expected, "{folded:?}");
        }
    }
}
