//! `Bound`: a listener whose sockets are open, and `BindError`, why one has none.

use std::fmt;
use std::io;
use std::num::NonZeroUsize;

use super::sockets::{self, Sockets};
use crate::config::{Address, Listen};

/// The sockets of one listener.
#[derive(Debug)]
pub(super) struct Bound {
    pub(super) listen: Listen,
    /// One for each place that its address stands for: a name may have several.
    pub(super) places: Vec<Sockets>,
}

impl Bound {
    pub(super) fn bind(listen: Listen, workers: NonZeroUsize) -> Result<Self, BindError> {
        match sockets::open(&listen.address, workers) {
            Ok(places) => Ok(Self { listen, places }),
            Err(error) => Err(BindError::new(listen.address, error)),
        }
    }
}

/// A listener can't listen on its address.
#[derive(Debug)]
pub struct BindError {
    address: Address,
    error: io::Error,
}

impl BindError {
    pub(super) fn new(address: Address, error: io::Error) -> Self {
        Self { address, error }
    }

    /// The address.
    #[must_use]
    pub fn address(&self) -> &Address {
        &self.address
    }

    /// The system's error.
    #[must_use]
    pub fn io(&self) -> &io::Error {
        &self.error
    }
}

impl fmt::Display for BindError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "can't listen on {}", self.address)
    }
}

impl std::error::Error for BindError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.error)
    }
}
