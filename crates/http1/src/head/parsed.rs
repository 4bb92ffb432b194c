//! A head as httparse has parsed it: where its parts are in the buffer.
//!
//! httparse's result borrows the buffer, but then the head is split off the buffer. So the positions are kept as
//! numbers.

use std::mem::MaybeUninit;
use std::ops::Range;

use http::Version;
use httparse::{Header, Status};
use memchr::memchr_iter;

use crate::Fault;

/// Up to this many fields need no allocation.
const INLINE: usize = 64;

/// A range of bytes in the buffer.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Span {
    start: u32,
    end: u32,
}

impl Span {
    /// Where `part` is in `whole`. It must be a slice of that.
    pub(super) fn of(part: &[u8], whole: &[u8]) -> Self {
        let start = (part.as_ptr() as usize).wrapping_sub(whole.as_ptr() as usize);
        // This doesn't overflow: the limits allow no head larger than 32 bits can tell.
        Self { start: start as u32, end: (start + part.len()) as u32 }
    }

    pub(super) fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }

    pub(super) fn len(self) -> usize {
        self.range().len()
    }
}

#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Field {
    pub(super) name: Span,
    pub(super) value: Span,
}

/// Where the fields of a head are.
pub(super) struct Fields {
    inline: [Field; INLINE],
    count: usize,
    /// All fields, if there are more than `INLINE`.
    spilled: Vec<Field>,
}

impl Fields {
    pub(super) fn new() -> Self {
        Self { inline: [Field::default(); INLINE], count: 0, spilled: Vec::new() }
    }

    pub(super) fn as_slice(&self) -> &[Field] {
        if self.spilled.is_empty() {
            self.inline.get(..self.count).unwrap_or_default()
        } else {
            &self.spilled
        }
    }

    /// Records where the fields are. Checks that each begins after CR LF, since httparse also accepts LF alone.
    ///
    /// # Errors
    /// [`Fault::BareLineFeed`] if a line ends in LF alone.
    fn record(&mut self, headers: &[Header<'_>], head: &[u8]) -> Result<(), Fault> {
        let mut are_lines_whole = head.ends_with(b"\r\n\r\n");
        let fields = headers.iter().map(|header| {
            let name = Span::of(header.name.as_bytes(), head);
            are_lines_whole &= ends_in_crlf(head, name.start as usize);
            Field { name, value: Span::of(header.value, head) }
        });
        if headers.len() <= INLINE {
            self.count = headers.len();
            for (place, field) in self.inline.iter_mut().zip(fields) {
                *place = field;
            }
        } else {
            self.spilled = fields.collect();
        }
        if are_lines_whole { Ok(()) } else { Err(Fault::BareLineFeed) }
    }
}

fn ends_in_crlf(head: &[u8], end: usize) -> bool {
    end.checked_sub(2).and_then(|start| head.get(start..end)) == Some(b"\r\n")
}

/// The version HTTP/1.`minor`. httparse accepts only 0 and 1.
pub(super) fn version(minor: u8) -> Version {
    if minor == 0 { Version::HTTP_10 } else { Version::HTTP_11 }
}

/// A start line, which httparse parses together with the fields.
pub(super) trait Parse: Sized {
    /// Parses a head at the beginning of `bytes`.
    fn parse<'h, 'b>(
        bytes: &'b [u8],
        room: &'h mut [MaybeUninit<Header<'b>>],
    ) -> Result<Status<Whole<'h, 'b, Self>>, Failed>;
}

/// A head that was parsed.
pub(super) struct Whole<'h, 'b, L> {
    pub(super) length: usize,
    pub(super) line: L,
    pub(super) headers: &'h [Header<'b>],
}

/// Why a head can't be parsed.
pub(super) enum Failed {
    NoRoom,
    Fault(Fault),
}

/// Parses a head: its length and its start line. None if it isn't complete yet. `limit` is the most fields that it may
/// have.
pub(super) fn parse<L: Parse>(
    bytes: &[u8],
    limit: usize,
    fields: &mut Fields,
) -> Result<Option<(usize, L)>, Fault> {
    let mut room = [const { MaybeUninit::uninit() }; INLINE];
    let room = room.get_mut(..limit.min(INLINE)).unwrap_or_default();
    match parse_into::<L>(bytes, room, fields) {
        Err(Failed::NoRoom) if limit > INLINE => {
            let lines = memchr_iter(b'\n', bytes).count() + 1;
            let mut room = Vec::with_capacity(lines.min(limit));
            let room = room.spare_capacity_mut();
            let room = room.get_mut(..lines.min(limit)).unwrap_or_default();
            parse_into::<L>(bytes, room, fields)
        }
        done => done,
    }
    .map_err(|failed| match failed {
        Failed::NoRoom => Fault::TooManyFields,
        Failed::Fault(fault) => fault,
    })
}

fn parse_into<'b, L: Parse>(
    bytes: &'b [u8],
    room: &mut [MaybeUninit<Header<'b>>],
    fields: &mut Fields,
) -> Result<Option<(usize, L)>, Failed> {
    match L::parse(bytes, room)? {
        Status::Partial => Ok(None),
        Status::Complete(Whole { length, line, headers }) => {
            let head = bytes.get(..length).unwrap_or_default();
            fields.record(headers, head).map_err(Failed::Fault)?;
            Ok(Some((length, line)))
        }
    }
}
