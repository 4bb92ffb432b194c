//! Connections that the program makes itself.

use std::fmt;
use std::io;
use std::pin::Pin;
use std::sync::Arc;

use tokio::io::{AsyncRead, AsyncWrite};

use crate::target::Target;

/// The bytes of a connection in both directions, whatever carries them.
pub trait ByteStream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> ByteStream for T {}

type Connecting = Pin<Box<dyn Future<Output = io::Result<Box<dyn ByteStream>>> + Send>>;

/// How the program connects to upstreams, in place of TCP and Unix sockets.
#[derive(Clone)]
pub(crate) struct OwnDial(Arc<dyn Fn(&Target) -> Connecting + Send + Sync>);

impl OwnDial {
    pub(crate) fn new<F, C>(connect: F) -> Self
    where
        F: Fn(&Target) -> C + Send + Sync + 'static,
        C: Future<Output = io::Result<Box<dyn ByteStream>>> + Send + 'static,
    {
        Self(Arc::new(move |target| Box::pin(connect(target))))
    }

    pub(super) async fn connect(&self, target: &Target) -> io::Result<Box<dyn ByteStream>> {
        (self.0)(target).await
    }
}

impl fmt::Debug for OwnDial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OwnDial").finish_non_exhaustive()
    }
}
