//! An HTTP/2 upstream that plays a script for each request.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use h2::server::SendResponse;
use h2::{Reason, RecvStream};
use http::{HeaderMap, Request, Response};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;

use super::listening::Listening;

/// It is gone when dropped.
pub struct H2Upstream {
    addr: SocketAddr,
    requests: Arc<AtomicUsize>,
    _listening: Listening,
}

/// The time in which a connection sends what it still has.
const A_MOMENT: Duration = Duration::from_millis(50);

pub enum H2Step {
    /// A head; the rest follows.
    Head(Response<()>),
    /// A head that is the whole answer.
    HeadAlone(Response<()>),
    Data(Bytes),
    /// The end of the answer.
    End,
    Trailers(HeaderMap),
    Reset(Reason),
    /// Goes on when the test calls [`Notify::notify_one`].
    AwaitSignal(Arc<Notify>),
    /// Closes the connection, a moment after what was sent. If there is unread input, that is a reset.
    Close,
    /// Drops the stream: what the client still sends is not wanted.
    Leave,
}

impl H2Upstream {
    pub async fn start(script: impl Fn(&Request<RecvStream>) -> Vec<H2Step> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        let requests = Arc::new(AtomicUsize::new(0));
        let (script, counted) = (Arc::new(script), Arc::clone(&requests));
        let listening = Listening::start(listener, move |stream, _| {
            let (script, counted) = (Arc::clone(&script), Arc::clone(&counted));
            async move { serve(stream, &*script, &counted).await }
        });
        Self { addr, requests, _listening: listening }
    }

    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// How many requests have come.
    pub fn requests(&self) -> usize {
        self.requests.load(Ordering::Relaxed)
    }
}

async fn serve(
    stream: TcpStream,
    script: &(impl Fn(&Request<RecvStream>) -> Vec<H2Step> + Send + Sync),
    requests: &AtomicUsize,
) {
    stream.set_nodelay(true).unwrap();
    let Ok(mut streams) = h2::server::handshake(stream).await else { return };
    let closing = Arc::new(Notify::new());
    loop {
        tokio::select! {
            accepted = streams.accept() => {
                let Some(Ok((request, respond))) = accepted else { return };
                requests.fetch_add(1, Ordering::Relaxed);
                let steps = script(&request);
                tokio::spawn(play(steps, request, respond, Arc::clone(&closing)));
            }
            () = closing.notified() => {
                let _what_was_sent = tokio::time::timeout(A_MOMENT, streams.accept()).await;
                return;
            }
        }
    }
}

async fn play(
    steps: Vec<H2Step>,
    request: Request<RecvStream>,
    mut respond: SendResponse<Bytes>,
    closing: Arc<Notify>,
) {
    let _received = request.into_body();
    let mut sending = None;
    for step in steps {
        match step {
            H2Step::Head(head) => sending = Some(respond.send_response(head, false).unwrap()),
            H2Step::HeadAlone(head) => drop(respond.send_response(head, true).unwrap()),
            H2Step::Data(data) => sending.as_mut().unwrap().send_data(data, false).unwrap(),
            H2Step::End => sending.as_mut().unwrap().send_data(Bytes::new(), true).unwrap(),
            H2Step::Trailers(trailers) => sending.as_mut().unwrap().send_trailers(trailers).unwrap(),
            H2Step::Reset(reason) => respond.send_reset(reason),
            H2Step::AwaitSignal(signal) => signal.notified().await,
            H2Step::Close => closing.notify_one(),
            H2Step::Leave => return,
        }
    }
    // The client ends the stream, unless the script has.
    if let Some(mut sending) = sending {
        let _ = std::future::poll_fn(|cx| sending.poll_reset(cx)).await;
    }
}
