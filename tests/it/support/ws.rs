//! A WebSocket client: the blocking one of tungstenite. Its async API needs the traits of `futures` to send a message.

use std::net::{SocketAddr, TcpStream};

use tokio_tungstenite::tungstenite;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::handshake::HandshakeError;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

use super::PATIENCE;

pub use tokio_tungstenite::tungstenite::http::{Request, Response};
pub use tokio_tungstenite::tungstenite::{Error, Message};

pub type Socket = tungstenite::WebSocket<TcpStream>;

/// What the gateway says when it ends a WebSocket.
pub fn going_away() -> Message {
    Message::Close(Some(CloseFrame { code: CloseCode::Away, reason: "".into() }))
}

/// Opens `ws://addr{path}` and lets `talk` use it on a thread of its own, so that it may block. `Err` is the answer of
/// a server that doesn't upgrade.
///
/// # Panics
/// If there is no answer, or if anything takes too long.
pub async fn session<T: Send + 'static>(
    addr: SocketAddr,
    path: &str,
    talk: impl FnOnce(&mut Socket) -> T + Send + 'static,
) -> Result<T, Box<Response<Option<Vec<u8>>>>> {
    let request = format!("ws://{addr}{path}").into_client_request().unwrap();
    session_with(addr, request, talk).await
}

/// As [`session`], with a request of one's own.
pub async fn session_with<T: Send + 'static>(
    addr: SocketAddr,
    request: Request<()>,
    talk: impl FnOnce(&mut Socket) -> T + Send + 'static,
) -> Result<T, Box<Response<Option<Vec<u8>>>>> {
    let on_its_thread = move || {
        let stream = TcpStream::connect(addr).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_write_timeout(Some(PATIENCE)).unwrap();
        match tungstenite::client(request, stream) {
            Ok((mut socket, _response)) => Ok(talk(&mut socket)),
            Err(HandshakeError::Failure(Error::Http(response))) => Err(response),
            Err(error) => panic!("no WebSocket handshake: {error}"),
        }
    };
    tokio::task::spawn_blocking(on_its_thread).await.unwrap()
}
