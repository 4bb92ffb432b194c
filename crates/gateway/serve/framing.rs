//! Finding the request heads that announce their body in more than one way.
//!
//! hyper settles `Content-Length` beside `Transfer-Encoding`, and an equal second `Content-Length`, by dropping a field
//! without a trace, so nothing behind it can refuse them (RFC 9112 sections 6.1 and 6.3 let a server reject both;
//! a gateway should, because whoever stood in front of it may have settled it the other way). This follows the raw
//! bytes of an HTTP/1 connection from head to head, past the bodies.
//!
//! It only ever makes a request be refused. Where the bytes are no HTTP it may lose its way; hyper then answers 400 and
//! closes.

#[cfg(test)]
mod tests;

use memchr::memchr;

/// Long enough for `transfer-encoding:`, a chunk's size, and a length after some blanks.
const LINE_START: usize = 64;

/// Follows what one client sends.
#[derive(Debug, Default)]
pub(super) struct Framing {
    expecting: Expecting,
    line: LineStart,
    head: Head,
    heads: u64,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Expecting {
    #[default]
    RequestLine,
    Field,
    /// That many bytes of a body, or of a chunk and its CR LF.
    Bytes {
        left: u64,
        then: Then,
    },
    ChunkSize,
    Trailer,
    /// Nothing more: the connection is to be closed.
    Nothing,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Then {
    RequestLine,
    ChunkSize,
}

#[derive(Debug, Default)]
struct Head {
    lengths: usize,
    length: u64,
    chunked: bool,
}

/// A head with two framings: the number of the request on its connection, from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ambiguous(pub(super) u64);

impl Framing {
    /// Takes the next bytes of the connection. Tells of the first ambiguous head, and stops there.
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

    /// A line that came in one piece, as most do, is read where it is.
    fn read_line<'a>(&mut self, bytes: &'a [u8]) -> &'a [u8] {
        let Some((line, rest)) = memchr(b'\n', bytes).and_then(|end| bytes.split_at_checked(end + 1)) else {
            self.line.append(bytes);
            return &[];
        };
        if self.line.is_empty() {
            self.line_read(start_of(line));
        } else {
            self.line.append(line);
            let line = std::mem::take(&mut self.line);
            self.line_read(line.as_bytes());
        }
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

    fn line_read(&mut self, line: &[u8]) {
        let line = without_end(line);
        self.expecting = match self.expecting {
            // RFC 9112 section 2.2: empty lines before a request line are ignored.
            Expecting::RequestLine if line.is_empty() => Expecting::RequestLine,
            Expecting::RequestLine => Expecting::Field,
            Expecting::Field if line.is_empty() => self.head_read(),
            Expecting::Field => {
                self.head.field(line);
                Expecting::Field
            }
            Expecting::ChunkSize => match chunk_size(line) {
                0 => Expecting::Trailer,
                size => Expecting::Bytes { left: size.saturating_add(2), then: Then::ChunkSize },
            },
            Expecting::Trailer if line.is_empty() => Expecting::RequestLine,
            unchanged => unchanged,
        };
    }

    fn head_read(&mut self) -> Expecting {
        let head = std::mem::take(&mut self.head);
        if head.lengths + usize::from(head.chunked) > 1 {
            return Expecting::Nothing;
        }
        self.heads += 1;
        match head {
            Head { chunked: true, .. } => Expecting::ChunkSize,
            Head { length: 0, .. } => Expecting::RequestLine,
            Head { length, .. } => Expecting::Bytes { left: length, then: Then::RequestLine },
        }
    }
}

impl Head {
    fn field(&mut self, line: &[u8]) {
        if let Some(value) = value_of("content-length:", line) {
            self.lengths += 1;
            self.length = digits(value.trim_ascii(), 10);
        } else if value_of("transfer-encoding:", line).is_some() {
            // hyper lets no other last coding through.
            self.chunked = true;
        }
    }
}

fn value_of<'a>(name: &str, line: &'a [u8]) -> Option<&'a [u8]> {
    let (start, value) = line.split_at_checked(name.len())?;
    start.eq_ignore_ascii_case(name.as_bytes()).then_some(value)
}

/// RFC 9112 section 7.1: hexadecimal digits, then perhaps blanks and extensions.
fn chunk_size(line: &[u8]) -> u64 {
    digits(line, 16)
}

/// The number that `text` begins with. One that does not fit, or is none, is hyper's to refuse.
fn digits(text: &[u8], radix: u32) -> u64 {
    text.iter().map_while(|byte| char::from(*byte).to_digit(radix)).fold(0, |number: u64, digit| {
        number.saturating_mul(u64::from(radix)).saturating_add(u64::from(digit))
    })
}

/// As much of a line as matters.
fn start_of(line: &[u8]) -> &[u8] {
    line.get(..LINE_START).unwrap_or(line)
}

/// hyper takes a bare line feed for a line's end (RFC 9112 section 2.2).
fn without_end(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.strip_suffix(b"\r").unwrap_or(line)
}

/// The start of a line that was cut into reads.
#[derive(Debug)]
struct LineStart {
    bytes: [u8; LINE_START],
    len: usize,
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
    }

    fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or_default()
    }
}

impl Default for LineStart {
    fn default() -> Self {
        Self { bytes: [0; LINE_START], len: 0 }
    }
}
