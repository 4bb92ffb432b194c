//! The chunked transfer coding (RFC 9112 §7.1).
//!
//! A line ends in CR LF; LF alone is refused. Chunk extensions are dropped.

use bytes::{Buf, Bytes, BytesMut};
use http::HeaderMap;

use super::content::take;
use super::extension::{Extension, Padding};
use super::trailers::Trailers;
use crate::{Fault, Limits};

/// The most hexadecimal digits of a size: with more it could need more than 64 bits.
const MOST_DIGITS: u8 = 16;

/// How far a chunked body has been read.
#[derive(Debug)]
pub(crate) struct Chunks {
    at: At,
    padding: Padding,
    /// The bytes of extensions that came, minus the bytes of content, never below 0.
    overhead: u64,
}

#[derive(Clone, Copy, Debug)]
enum At {
    Size {
        so_far: u64,
        digits: u8,
    },
    Blanks {
        size: u64,
    },
    Extension {
        size: u64,
        read: Extension,
    },
    /// The CR of a chunk's first line has come.
    SizeLf {
        size: u64,
    },
    Data {
        left: u64,
    },
    DataCr,
    DataLf,
    Trailers(Trailers),
}

/// What was read from the bytes that are there.
pub(super) enum Step {
    More,
    Data(Bytes),
    End(HeaderMap),
}

impl Default for At {
    fn default() -> Self {
        Self::Size { so_far: 0, digits: 0 }
    }
}

impl Chunks {
    pub(super) fn new(padding: Padding) -> Self {
        Self { at: At::default(), padding, overhead: 0 }
    }

    pub(super) fn read(&mut self, buffer: &mut BytesMut, limits: &Limits) -> Result<Step, Fault> {
        loop {
            match &mut self.at {
                At::Data { left } => {
                    if buffer.is_empty() {
                        return Ok(Step::More);
                    }
                    let data = take(buffer, left);
                    self.overhead = self.overhead.saturating_sub(data.len() as u64);
                    if *left == 0 {
                        self.at = At::DataCr;
                    }
                    return Ok(Step::Data(data));
                }
                At::Trailers(trailers) => {
                    return Ok(trailers.read(buffer, limits)?.map_or(Step::More, Step::End));
                }
                _ => {
                    if !self.read_line(buffer, limits)? {
                        return Ok(Step::More);
                    }
                }
            }
        }
    }

    /// Takes the end of a body without trailers, if that comes next; says whether it did. The end usually comes
    /// together with the last content. Taking it at once saves the caller another read.
    pub(super) fn takes_end(&mut self, buffer: &mut BytesMut) -> bool {
        const END: &[u8] = b"\r\n0\r\n\r\n";
        let is_next = matches!(self.at, At::DataCr) && buffer.starts_with(END);
        if is_next {
            buffer.advance(END.len());
        }
        is_next
    }

    /// The fault of a body if the connection ends here.
    pub(super) fn cut(&self, buffer: &BytesMut, limits: &Limits) -> Fault {
        match &self.at {
            At::Trailers(trailers) => trailers.cut(buffer, limits),
            _ => Fault::CutBody,
        }
    }

    /// Reads the bytes between the content of two chunks. False if more bytes are needed.
    fn read_line(&mut self, buffer: &mut BytesMut, limits: &Limits) -> Result<bool, Fault> {
        let mut read = 0;
        for byte in buffer.iter() {
            self.at = self.after(*byte, limits)?;
            read += 1;
            if matches!(self.at, At::Data { .. } | At::Trailers(_)) {
                buffer.advance(read);
                return Ok(true);
            }
        }
        buffer.clear();
        Ok(false)
    }

    fn after(&mut self, byte: u8, limits: &Limits) -> Result<At, Fault> {
        Ok(match (self.at, byte) {
            (At::Size { digits: MOST_DIGITS, .. }, _) if byte.is_ascii_hexdigit() => {
                return Err(Fault::InvalidChunkSize);
            }
            (At::Size { so_far, digits }, _) if byte.is_ascii_hexdigit() => {
                At::Size { so_far: so_far << 4 | u64::from(value(byte)), digits: digits + 1 }
            }
            (At::Size { digits: 0, .. }, _) => return Err(Fault::InvalidChunkSize),
            (At::Size { so_far: size, .. }, b'\r') => At::SizeLf { size },
            (At::Blanks { size }, b'\r') if self.padding == Padding::Skipped => At::SizeLf { size },
            (At::Extension { size, read }, b'\r') if read.may_end(self.padding) => At::SizeLf { size },
            (At::Size { so_far: size, .. } | At::Blanks { size }, b';') => {
                self.count(limits)?;
                At::Extension { size, read: Extension::Begun }
            }
            (At::Size { so_far: size, .. } | At::Blanks { size }, b' ' | b'\t') => {
                self.count(limits)?;
                At::Blanks { size }
            }
            (At::Extension { size, read }, _) => {
                self.count(limits)?;
                At::Extension { size, read: read.after(byte).ok_or(Fault::InvalidChunkExtension)? }
            }
            (At::SizeLf { size: 0 }, b'\n') => At::Trailers(Trailers::new()),
            (At::SizeLf { size }, b'\n') => At::Data { left: size },
            (At::DataCr, b'\r') => At::DataLf,
            (At::DataLf, b'\n') => At::default(),
            (At::DataCr | At::DataLf, _) => return Err(Fault::UnendedChunk),
            _ => return Err(Fault::InvalidChunkSize),
        })
    }

    fn count(&mut self, limits: &Limits) -> Result<(), Fault> {
        self.overhead += 1;
        if self.overhead > limits.extensions as u64 { Err(Fault::ChunkExtensionsTooLarge) } else { Ok(()) }
    }
}

fn value(digit: u8) -> u8 {
    match digit {
        b'0'..=b'9' => digit - b'0',
        _ => (digit | 0x20) - b'a' + 10,
    }
}
