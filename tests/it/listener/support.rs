//! A small application behind the listener, and clients that send raw bytes.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use gateway::serve::{Limits, Report, RequestBody, Shutdown, bind, serve};
use http_body_util::BodyExt as _;
use hyper::body::{Bytes, Frame};
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;

/// Longer than anything here takes, so that a hang becomes a failure.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) struct Served {
    pub(crate) address: SocketAddr,
    pub(crate) shutdown: Shutdown,
    pub(crate) app: App,
    report: JoinHandle<Report>,
}

/// What a test and the application tell each other.
#[derive(Clone)]
pub(crate) struct App {
    /// One permit for every connection accepted.
    pub(crate) accepted: Arc<Semaphore>,
    /// One permit for every request that waits in `/wait`.
    pub(crate) waiting: Arc<Semaphore>,
    /// One permit lets one of these requests go on.
    pub(crate) go: Arc<Semaphore>,
    /// One permit for every request of `/wait`, or body of `/endless`, that was dropped.
    pub(crate) dropped: Arc<Semaphore>,
}

pub(crate) async fn start(limits: Limits) -> Served {
    start_at("127.0.0.1:0", limits).await
}

pub(crate) async fn start_at(address: &str, limits: Limits) -> Served {
    let listener = bind(address.parse().unwrap()).unwrap();
    let address = listener.local_addr().unwrap();
    let none = || Arc::new(Semaphore::new(0));
    let app = App { accepted: none(), waiting: none(), go: none(), dropped: none() };
    let shutdown = Shutdown::new();
    let make_service = {
        let app = app.clone();
        move |peer: SocketAddr| {
            app.accepted.add_permits(1);
            let app = app.clone();
            tower::service_fn(move |request| app.clone().answer(peer, request))
        }
    };
    let report = tokio::spawn(serve(listener, make_service, limits, shutdown.clone()));
    Served { address, shutdown, app, report }
}

impl Served {
    pub(crate) async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    /// One exchange on a connection of its own, up to the end of the connection.
    pub(crate) async fn exchange(&self, request: impl AsRef<[u8]>) -> String {
        let mut client = self.connect().await;
        client.write_all(request.as_ref()).await.unwrap();
        read_to_end(&mut client).await
    }

    pub(crate) async fn report(self) -> Report {
        within_patience(self.report).await.unwrap()
    }
}

impl App {
    async fn answer(
        self,
        peer: SocketAddr,
        request: Request<RequestBody>,
    ) -> Result<Response<Body>, Infallible> {
        let path = request.uri().path().to_owned();
        Ok(match path.as_str() {
            "/echo" => Response::new(Body::from(request.into_body().collect().await.unwrap().to_bytes())),
            "/peer" => Response::new(Body::from(peer.to_string())),
            "/panic" => panic!("asked to"),
            "/cut" => Response::new(Body::new(Cut::Data)),
            "/endless" => Response::new(Body::new(Endless(Dropped(self.dropped)))),
            "/upgrade" => {
                tokio::spawn(echo(hyper::upgrade::on(request)));
                let mut switching = Response::new(Body::empty());
                *switching.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
                switching
            }
            "/refuse" => {
                let mut refused = Response::new(Body::from("no"));
                *refused.status_mut() = StatusCode::FORBIDDEN;
                refused
            }
            "/wait" => {
                let _dropped = Dropped(self.dropped);
                self.waiting.add_permits(1);
                self.go.acquire().await.unwrap().forget();
                Response::new(Body::from("waited"))
            }
            path => Response::new(Body::from(path.to_owned())),
        })
    }
}

async fn echo(upgrade: hyper::upgrade::OnUpgrade) {
    let tunnel = TokioIo::new(upgrade.await.unwrap());
    let (mut reader, mut writer) = tokio::io::split(tunnel);
    tokio::io::copy(&mut reader, &mut writer).await.unwrap();
    writer.shutdown().await.unwrap();
}

/// A body that breaks off after its first bytes went out.
enum Cut {
    Data,
    Pause,
    Error,
}

impl http_body::Body for Cut {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: std::pin::Pin<&mut Self>,
        cx: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<Frame<Bytes>, std::io::Error>>> {
        match *self {
            Self::Data => {
                *self = Self::Pause;
                std::task::Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(b"some")))))
            }
            Self::Pause => {
                *self = Self::Error;
                cx.waker().wake_by_ref();
                std::task::Poll::Pending
            }
            Self::Error => std::task::Poll::Ready(Some(Err(std::io::Error::other("cut")))),
        }
    }
}

/// A body without an end.
struct Endless(#[expect(dead_code, reason = "tells when it is dropped")] Dropped);

impl http_body::Body for Endless {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        std::task::Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(&[0; 16 * 1024])))))
    }
}

struct Dropped(Arc<Semaphore>);

impl Drop for Dropped {
    fn drop(&mut self) {
        self.0.add_permits(1);
    }
}

pub(crate) async fn within_patience<F: Future>(future: F) -> F::Output {
    tokio::time::timeout(PATIENCE, future).await.expect("hangs")
}

/// Waits until what the semaphore counts has happened `times` times.
pub(crate) async fn happened(what: &Semaphore, times: u32) {
    within_patience(what.acquire_many(times)).await.unwrap().forget();
}

/// Everything up to the end of the connection, which must be an orderly one.
pub(crate) async fn read_to_end(client: &mut TcpStream) -> String {
    let mut answer = Vec::new();
    within_patience(client.read_to_end(&mut answer)).await.unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

/// Everything up to the first `end`.
pub(crate) async fn read_until(client: &mut TcpStream, end: &str) -> String {
    let mut answer = Vec::new();
    while !answer.ends_with(end.as_bytes()) {
        let byte = within_patience(client.read_u8()).await;
        answer.push(byte.unwrap_or_else(|error| {
            panic!("{error} before {end:?}, after {:?}", String::from_utf8_lossy(&answer))
        }));
    }
    String::from_utf8(answer).unwrap()
}

/// Sends `request` and reads on until the first `end`.
pub(crate) async fn ask(client: &mut TcpStream, request: &str, end: &str) -> String {
    client.write_all(request.as_bytes()).await.unwrap();
    read_until(client, end).await
}

pub(crate) fn get(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: a\r\n\r\n")
}

pub(crate) fn get_and_close(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
}

pub(crate) const fn millis(millis: u64) -> Duration {
    Duration::from_millis(millis)
}
