//! Limits on how much memory and time a peer may use.

/// The limits of one message. Exceeding one is a [`Fault`](crate::Fault), except for `pipelined`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The size of a head in bytes, from the start line to the empty line at its end. At most 4 GiB: a larger limit
    /// counts as that, here and for `trailers`.
    pub section: usize,
    /// The number of field lines in a head, and of those in a trailer section.
    pub fields: usize,
    /// The size of a request's target in bytes.
    pub target: usize,
    /// The size of a trailer section in bytes, with the empty line at its end.
    pub trailers: usize,
    /// How many bytes of chunk extensions a body may have more than bytes of content. They are counted as the body is
    /// read, and the count never falls below 0. So a long body may have a short extension in each chunk, but no body
    /// can have many more bytes of extensions than of content.
    pub extensions: usize,
    /// The number of interim (1xx) responses to one request.
    pub interim: usize,
    /// How many bytes may be buffered that follow a request whose response isn't sent to its end yet.
    /// [`Server::room`](crate::Server::room) tells how many more may be read.
    pub pipelined: usize,
}

impl Limits {
    /// The limits for what a server accepts from a client.
    pub const REQUESTS: Self = Self {
        section: 64 * 1024,
        fields: 100,
        target: 8 * 1024,
        trailers: 16 * 1024,
        extensions: 16 * 1024,
        interim: 16 * 1024,
        pipelined: 64 * 1024,
    };

    /// The limits for what a client accepts from a server: the same, but 256 fields.
    pub const RESPONSES: Self = Self { fields: 256, ..Self::REQUESTS };

    /// The limits as a connection keeps them: at most what 32 bits can hold, since positions in a head have 32 bits.
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
