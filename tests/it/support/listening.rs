//! A listener and its connections, which are stopped all at once.

use std::future::Future;
use std::net::SocketAddr;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::{JoinHandle, JoinSet};

use super::within;

/// Accepts until it is stopped or dropped; then every connection is dropped with it, as the kernel does for a killed
/// process.
pub struct Listening {
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl Listening {
    /// `serve` is called in the order in which connections come.
    pub fn start<Served>(
        listener: TcpListener,
        serve: impl FnMut(TcpStream, SocketAddr) -> Served + Send + 'static,
    ) -> Self
    where
        Served: Future<Output = ()> + Send + 'static,
    {
        let (stop, stopped) = oneshot::channel();
        Self { stop, task: tokio::spawn(accept(listener, serve, stopped)) }
    }

    /// The sockets are closed when this returns.
    pub async fn stop(self) {
        let _ = self.stop.send(());
        within("a listener to stop", self.task).await.unwrap();
    }
}

/// Ends with all its connections once `stopped` - or dropped on the other side.
async fn accept<Served: Future<Output = ()> + Send + 'static>(
    listener: TcpListener,
    mut serve: impl FnMut(TcpStream, SocketAddr) -> Served,
    mut stopped: oneshot::Receiver<()>,
) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                let (stream, peer) = accepted.unwrap();
                connections.spawn(serve(stream, peer));
            }
            Some(_ended) = connections.join_next() => {}
            _ = &mut stopped => break,
        }
    }
    drop(listener);
    connections.shutdown().await;
}
