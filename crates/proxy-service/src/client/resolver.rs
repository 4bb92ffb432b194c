//! Name resolution with a limit, and an error that says that it was this.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use hyper_util::client::legacy::connect::dns::{GaiAddrs, GaiFuture, GaiResolver, Name};
use pin_project_lite::pin_project;
use tokio::time::Sleep;
use tower_service::Service;

pub(crate) use super::dial::DnsError;

/// The system's resolver (`getaddrinfo`, on tokio's blocking threads).
#[derive(Clone, Debug)]
pub(crate) struct Resolver {
    system: GaiResolver,
    limit: Duration,
}

impl Resolver {
    pub(crate) fn new(limit: Duration) -> Self {
        Self { system: GaiResolver::new(), limit }
    }
}

impl Service<Name> for Resolver {
    type Response = GaiAddrs;
    type Error = DnsError;
    type Future = Resolving;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), DnsError>> {
        self.system.poll_ready(cx).map_err(DnsError::Failed)
    }

    fn call(&mut self, name: Name) -> Resolving {
        Resolving { addresses: self.system.call(name), limit: tokio::time::sleep(self.limit) }
    }
}

pin_project! {
    pub(crate) struct Resolving {
        #[pin]
        addresses: GaiFuture,
        #[pin]
        limit: Sleep,
    }
}

impl Future for Resolving {
    type Output = Result<GaiAddrs, DnsError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        match this.addresses.poll(cx) {
            Poll::Ready(addresses) => Poll::Ready(addresses.map_err(DnsError::Failed)),
            Poll::Pending => this.limit.poll(cx).map(|()| Err(DnsError::TimedOut)),
        }
    }
}
