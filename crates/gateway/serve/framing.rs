//! Finds heads of HTTP/1 requests that announce their body in more than one way, so that they can be refused.
//!
//! If a request has both `Content-Length` and `Transfer-Encoding`, or two equal `Content-Length`, hyper drops a field,
//! and code after hyper can't see it any more. RFC 9112 sections 6.1 and 6.3 allow a server to reject such requests. A
//! gateway should, because a proxy in front of it may have chosen the other field, and so see another end of the body.
//! The code here follows the raw bytes of a connection from head to head, and skips the bodies.
//!
//! Its only effect is that a request is refused. If it isn't sure that it reads a line as hyper does, it stops, and
//! refuses the request with that line or the next one. If the bytes aren't HTTP, hyper answers 400 and closes the
//! connection.

#[cfg(test)]
mod tests;

use memchr::memchr;

/// How many bytes of a line are kept: enough for `transfer-encoding:`, for a chunk's size, and for a length after some
/// blanks.
const LINE_START: usize = 64;

/// Follows the bytes that one client sends.
#[derive(Debug, Default)]
pub(super) struct Framing {
    expecting: Expecting,
    line: LineStart,
    body: Body,
    heads: u64,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Expecting {
    #[default]
    RequestLine,
    Field,
    /// So many bytes of a body, or of a chunk and its CR LF.
    Bytes {
        left: u64,
        then: Then,
    },
    ChunkSize,
    Trailer,
    /// Nothing more, since the connection will be closed.
    Nothing,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Then {
    RequestLine,
    ChunkSize,
}

/// The body that a head has announced so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Body {
    #[default]
    Unannounced,
    Length(u64),
    Chunked,
}

/// The number of a request on its connection, from 0. Its head announces the body in two ways, or it comes after a body
/// that could not be followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ambiguous(pub(super) u64);

impl Framing {
    /// Reads the next bytes of the connection. Returns the first ambiguous request, and reads nothing after it.
    pub(super) fn follow(&mut self, mut bytes: &[u8]) -> Option<Ambiguous> {
        while !bytes.is_empty() {
            bytes = match self.expecting {
                Expecting::Nothing => return None,
                Expecting::Bytes { left, then } => self.skip(bytes, left, then),
                _ => {
                    let rest = self.read_line(bytes);
                    if self.expecting == Expecting::Nothing {
                        return Some(Ambiguous(self.heads));
                    }
                    rest
                }
            };
        }
        None
    }

    /// How many requests were received to their last bytes.
    pub(super) fn requests_received(&self) -> u64 {
        match self.expecting {
            Expecting::RequestLine | Expecting::Field => self.heads,
            _ => self.heads.saturating_sub(1),
        }
    }

    /// Reads a line. Most lines come in one piece, and are not copied.
    fn read_line<'a>(&mut self, bytes: &'a [u8]) -> &'a [u8] {
        let Some((line, rest)) = memchr(b'\n', bytes).and_then(|end| bytes.split_at_checked(end + 1)) else {
            self.line.append(bytes);
            return &[];
        };
        let after = if self.line.is_empty() {
            self.after(Line::whole(line))
        } else {
            self.line.append(line);
            let line = std::mem::take(&mut self.line);
            self.after(line.as_line())
        };
        self.expecting = after.unwrap_or(Expecting::Nothing);
        rest
    }

    fn skip<'a>(&mut self, bytes: &'a [u8], left: u64, then: Then) -> &'a [u8] {
        let skipped = usize::try_from(left).map_or(bytes.len(), |left| left.min(bytes.len()));
        self.expecting = match (left.saturating_sub(skipped as u64), then) {
            (0, Then::RequestLine) => Expecting::RequestLine,
            (0, Then::ChunkSize) => Expecting::ChunkSize,
            (left, then) => Expecting::Bytes { left, then },
        };
        bytes.get(skipped..).unwrap_or_default()
    }

    /// What is expected after `line`. `None` if that isn't certain.
    fn after(&mut self, line: Line<'_>) -> Option<Expecting> {
        Some(match self.expecting {
            // RFC 9112 section 2.2: empty lines before a request line are ignored.
            Expecting::RequestLine if line.is_empty() => Expecting::RequestLine,
            Expecting::RequestLine => Expecting::Field,
            Expecting::Field if line.is_empty() => self.head_read(),
            Expecting::Field => {
                self.body = self.body.announced(line.start)?;
                Expecting::Field
            }
            // hyper takes a bare line feed for a line's end in heads only.
            Expecting::ChunkSize | Expecting::Trailer if !line.ends_in_crlf => return None,
            Expecting::ChunkSize => match number(line.start, 16)? {
                0 => Expecting::Trailer,
                size => Expecting::Bytes { left: size.saturating_add(2), then: Then::ChunkSize },
            },
            Expecting::Trailer if line.is_empty() => Expecting::RequestLine,
            unchanged => unchanged,
        })
    }

    fn head_read(&mut self) -> Expecting {
        self.heads += 1;
        match std::mem::take(&mut self.body) {
            Body::Chunked => Expecting::ChunkSize,
            Body::Unannounced | Body::Length(0) => Expecting::RequestLine,
            Body::Length(left) => Expecting::Bytes { left, then: Then::RequestLine },
        }
    }
}

impl Body {
    /// The body after one more field of the head. `None` if the field announces the body a second time, or has a length
    /// that can't be read.
    fn announced(self, field: &[u8]) -> Option<Self> {
        if let Some(value) = value_of("content-length:", field) {
            let length = number(value.trim_ascii_start(), 10)?;
            (self == Self::Unannounced).then_some(Self::Length(length))
        } else if value_of("transfer-encoding:", field).is_some() {
            // hyper refuses a request whose last coding is another one.
            (!matches!(self, Self::Length(_))).then_some(Self::Chunked)
        } else {
            Some(self)
        }
    }
}

fn value_of<'a>(name: &str, line: &'a [u8]) -> Option<&'a [u8]> {
    let (start, value) = line.split_at_checked(name.len())?;
    start.eq_ignore_ascii_case(name.as_bytes()).then_some(value)
}

/// The number at the beginning of `text`. `None` if no other character follows: only the start of a line is kept, so
/// the number may be longer.
fn number(text: &[u8], radix: u32) -> Option<u64> {
    let end = text.iter().position(|byte| !char::from(*byte).is_digit(radix))?;
    let digits = std::str::from_utf8(text.get(..end)?).ok()?;
    u64::from_str_radix(digits, radix).ok()
}

#[derive(Clone, Copy, Debug)]
struct Line<'a> {
    /// The first bytes of the line, with its end if the line is short enough.
    start: &'a [u8],
    ends_in_crlf: bool,
}

impl<'a> Line<'a> {
    fn whole(line: &'a [u8]) -> Self {
        Self { start: line.get(..LINE_START).unwrap_or(line), ends_in_crlf: line.ends_with(b"\r\n") }
    }

    fn is_empty(self) -> bool {
        matches!(self.start, b"\n" | b"\r\n")
    }
}

/// The start of a line that is received in several reads.
#[derive(Debug)]
struct LineStart {
    bytes: [u8; LINE_START],
    len: usize,
    last_two: [u8; 2],
}

impl LineStart {
    fn is_empty(&self) -> bool {
        self.len == 0
    }

    fn append(&mut self, bytes: &[u8]) {
        let kept = bytes.len().min(LINE_START - self.len);
        if let (Some(free), Some(kept)) = (self.bytes.get_mut(self.len..self.len + kept), bytes.get(..kept)) {
            free.copy_from_slice(kept);
        }
        self.len += kept;
        self.last_two = match *bytes {
            [.., last_but_one, last] => [last_but_one, last],
            [last] => [self.last_two[1], last],
            [] => self.last_two,
        };
    }

    fn as_line(&self) -> Line<'_> {
        let start = self.bytes.get(..self.len).unwrap_or_default();
        Line { start, ends_in_crlf: self.last_two == *b"\r\n" }
    }
}

impl Default for LineStart {
    fn default() -> Self {
        Self { bytes: [0; LINE_START], len: 0, last_two: [0; 2] }
    }
}
