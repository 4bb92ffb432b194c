//! How much of a connection's memory and time its peer may take.

/// The bounds of one message, each with a [`Fault`](crate::Fault) of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// A head in bytes, from the first of its start line to the last of its empty line. At most 4 GiB, as are trailers.
    pub section: usize,
    /// The field lines of a head, and those of a trailer section.
    pub fields: usize,
    /// A request's target in bytes.
    pub target: usize,
    /// A trailer section in bytes, with its empty line.
    pub trailers: usize,
    /// The bytes of chunk extensions in one body, where each byte of content makes up for one of them. So a body may have
    /// a short extension in each chunk however long it is, but never many more bytes of extensions than of content.
    pub extensions: usize,
    /// The interim (1xx) responses to one request.
    pub interim: usize,
    /// What may wait to be read behind a request that is not answered yet, in bytes.
    pub pipelined: usize,
}

impl Limits {
    /// What a server takes from a client.
    pub const REQUESTS: Self = Self {
        section: 64 * 1024,
        fields: 100,
        target: 8 * 1024,
        trailers: 16 * 1024,
        extensions: 16 * 1024,
        interim: 16 * 1024,
        pipelined: 64 * 1024,
    };

    /// What a client takes from a server: the same, but for 256 fields.
    pub const RESPONSES: Self = Self { fields: 256, ..Self::REQUESTS };

    /// As they are kept: places in a head are numbers of 32 bits.
    pub(crate) const fn kept(mut self) -> Self {
        const LARGEST: usize = u32::MAX as usize;
        if self.section > LARGEST {
            self.section = LARGEST;
        }
        if self.trailers > LARGEST {
            self.trailers = LARGEST;
        }
        self
    }
}
