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
                    let (rest, complete) = self.line.take(bytes);
                    if complete {
                        self.line_read();
                        if self.expecting == Expecting::Nothing {
                            return Some(Ambiguous(self.heads));
                        }
                    }
                    rest
                }
            };
        }
        None
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

    fn line_read(&mut self) {
        let line = std::mem::take(&mut self.line);
        let line = line.as_bytes();
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

/// The first bytes of a line, however it was cut into reads.
#[derive(Debug)]
struct LineStart {
    bytes: [u8; LINE_START],
    len: usize,
}

impl LineStart {
    /// Takes bytes up to and including a line feed; returns the rest, and whether there was one.
    fn take<'a>(&mut self, bytes: &'a [u8]) -> (&'a [u8], bool) {
        let end = bytes.iter().position(|byte| *byte == b'\n');
        let (line, rest) = bytes.split_at(end.map_or(bytes.len(), |end| end + 1));
        let kept = line.len().min(LINE_START - self.len);
        if let (Some(free), Some(kept)) = (self.bytes.get_mut(self.len..self.len + kept), line.get(..kept)) {
            free.copy_from_slice(kept);
        }
        self.len += kept;
        (rest, end.is_some())
    }

    /// Without its line end. hyper takes a bare line feed for one (RFC 9112 section 2.2).
    fn as_bytes(&self) -> &[u8] {
        let line = self.bytes.get(..self.len).unwrap_or_default();
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        line.strip_suffix(b"\r").unwrap_or(line)
    }
}

impl Default for LineStart {
    fn default() -> Self {
        Self { bytes: [0; LINE_START], len: 0 }
    }
}
