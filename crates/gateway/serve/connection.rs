//! One connection from accept to close: finds out its protocol, serves it, parks it while it is idle, and closes it.

use std::convert::Infallible;
use std::error::Error;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use hyper::body::Incoming;
use hyper::server::conn::{http1, http2};
use hyper::service::HttpService;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tower::Service;

use super::accept::Permit;
use super::activity::Activity;
use super::delivered::Delivery;
use super::drive::{End, drive};
use super::entrance::Entrance;
use super::head_awaited::HeadAwaited;
use super::io::Io;
use super::linger::{Input, linger};
use super::request_body::RequestBody;
use super::shutdown::Begun;
use super::sniff::{Protocol, sniff};
use super::streams::Streams;
use super::{Limits, Linger};

/// The smallest buffer that hyper accepts.
const SMALLEST_BUFFER: usize = 8 * 1024;

/// The limits for lingering after a client that used up its budget of frames. It is long enough for the client to read
/// the GOAWAY, and short enough that its frames don't keep the thread busy.
const FLOOD: Linger = Linger { idle: Duration::from_millis(100), total: Duration::from_millis(300) };

/// What all connections of a listener have in common.
#[derive(Debug)]
pub(super) struct Connections {
    limits: Limits,
    http1: http1::Builder,
}

/// What remains of a connection while it is parked, when hyper's part has ended. It is kept in a box, so that a future
/// that passes it on doesn't keep the space for it.
struct Bare<S> {
    io: Io,
    service: S,
}

impl Connections {
    pub(super) fn new(limits: Limits) -> Self {
        let mut http1 = http1::Builder::new();
        http1
            .max_headers(limits.header_fields)
            .max_header_size(limits.header_section_bytes)
            .max_buf_size(limits.header_section_bytes.max(SMALLEST_BUFFER))
            // With this, hyper starts the timer `HeadAwaited`. The time has no effect; `Activity` has the deadlines.
            .header_read_timeout(limits.keep_alive_idle)
            // A client that closes its direction of the connection counts as gone. In TCP, the two look the same, and a
            // request whose client is gone must be cancelled at once.
            .half_close(false);
        Self { limits, http1 }
    }

    /// Serves one connection to its end. This isn't an `async fn`, because the future of one would hold the arguments
    /// twice.
    pub(super) fn serve<S, B>(
        self: Arc<Self>,
        mut stream: TcpStream,
        permit: Permit,
        service: S,
        mut begun: Begun,
    ) -> impl Future<Output = ()> + Send
    where
        S: Service<Request<RequestBody>, Response = Response<B>, Error = Infallible> + Clone + Send + 'static,
        S::Future: Send + 'static,
        B: Body + Default + Send + 'static,
        B::Data: Send,
        B::Error: Into<Box<dyn Error + Send + Sync>>,
    {
        let activity = Arc::new(Activity::new(&self.limits));
        async move {
            let sniffed = tokio::select! {
                biased;
                sniffed = timeout(self.limits.request_head, sniff(&mut stream)) => sniffed,
                () = begun.wait() => return,
            };
            let Ok(Ok(Some(sniffed))) = sniffed else { return };
            let protocol = sniffed.0;
            let delivery = match protocol {
                Protocol::Http1 => Delivery::Http1(Arc::clone(&activity)),
                Protocol::Http2 => Delivery::Http2 { patience: self.limits.write_stall },
            };
            let service = Entrance::new(service, Arc::clone(&activity), delivery, self.limits);
            let io = Io::new(stream, sniffed, Arc::clone(&activity), self.limits.write_stall, permit);
            let bare = Box::new(Bare { io, service });
            match protocol {
                Protocol::Http1 => self.http1(bare, &activity, begun).await,
                Protocol::Http2 => Box::pin(self.http2(*bare, &activity, &mut begun)).await,
            }
        }
    }

    /// Serves an HTTP/1 connection, and parks it whenever it is idle. What hyper needs is in a box, which is freed
    /// while the connection is parked.
    async fn http1<S>(&self, mut bare: Box<Bare<S>>, activity: &Arc<Activity>, mut begun: Begun)
    where
        S: HttpService<Incoming, Error = Infallible> + Clone,
        S::ResBody: 'static,
        <S::ResBody as Body>::Error: Into<Box<dyn Error + Send + Sync>>,
    {
        while let Some(parked) = Box::pin(self.http1_until_idle(*bare, activity, &mut begun)).await {
            if !is_spoken_to(&parked.io, activity, &mut begun).await {
                return;
            }
            bare = parked;
        }
    }

    /// Serves an HTTP/1 connection until it ends or is idle. Returns what remains of it if it has to be parked.
    async fn http1_until_idle<S>(
        &self,
        Bare { io, service }: Bare<S>,
        activity: &Arc<Activity>,
        begun: &mut Begun,
    ) -> Option<Box<Bare<S>>>
    where
        S: HttpService<Incoming, Error = Infallible> + Clone,
        S::ResBody: 'static,
        <S::ResBody as Body>::Error: Into<Box<dyn Error + Send + Sync>>,
    {
        let mut builder = self.http1.clone();
        builder.timer(HeadAwaited(Arc::clone(activity)));
        let again = service.clone();
        let mut connection = builder.serve_connection(TokioIo::new(io), service).with_upgrades();
        let end = drive(Pin::new(&mut connection), &self.limits, activity, begun).await;
        let (mut io, unread) = match connection.into_parts() {
            Some(parts) => (parts.io.into_inner(), parts.read_buf),
            None => given_back(activity).await?,
        };
        if end == End::Complete && activity.is_parked() {
            io.put_back(&unread);
            return Some(Box::new(Bare { io, service: again }));
        }
        let input = if end == End::Unreadable || activity.requests.is_content_unread() {
            Input::Expected
        } else {
            Input::Complete
        };
        if end == End::Broken {
            io.break_off().await;
        }
        self.close(&io, input).await;
        None
    }

    async fn http2<S>(&self, Bare { mut io, service }: Bare<S>, activity: &Arc<Activity>, begun: &mut Begun)
    where
        S: HttpService<Incoming, Error = Infallible>,
        S::Future: Send + 'static,
        S::ResBody: Send + 'static,
        <S::ResBody as Body>::Data: Send,
        <S::ResBody as Body>::Error: Into<Box<dyn Error + Send + Sync>>,
    {
        activity.no_streams();
        let connection = http2_builder(&self.limits, Streams(Arc::clone(activity)))
            .serve_connection(TokioIo::new(&mut io), service);
        drive(pin!(connection), &self.limits, activity, begun).await;
        if let Some(stream) = io.goaway().await {
            linger(stream, Input::Expected, &FLOOD).await;
            return;
        }
        // The client may still send window updates and acknowledgements for the last frames.
        self.close(&io, Input::Expected).await;
    }

    async fn close(&self, io: &Io, input: Input) {
        if let Some(stream) = io.finished() {
            linger(stream, input, &self.limits.linger).await;
        }
    }
}

/// Gets a connection back that hyper treats as upgraded, although the upgrade was refused. `None` if it was upgraded.
async fn given_back(activity: &Activity) -> Option<(Io, Bytes)> {
    let Some(refused) = activity.take_refused_upgrade() else {
        activity.upgraded();
        return None;
    };
    let parts = refused.await.ok()?.downcast::<TokioIo<Io>>().ok()?;
    let mut io = parts.io.into_inner();
    // hyper does this itself when any other connection ends.
    io.shutdown().await.ok()?;
    Some((io, parts.read_buf))
}

/// Waits for the next bytes on a parked connection. Returns `false` if the connection has to be closed: the client
/// closed it, sent nothing for too long, or the shutdown began.
async fn is_spoken_to(io: &Io, activity: &Activity, begun: &mut Begun) -> bool {
    tokio::select! {
        biased;
        spoken_to = io.spoken_to() => spoken_to,
        () = activity.expired() => false,
        () = begun.wait() => false,
    }
}

fn http2_builder(limits: &Limits, streams: Streams) -> http2::Builder<Streams> {
    const STREAMS: u32 = 100;
    const STREAM_WINDOW: u32 = 64 * 1024;
    // As large as the windows of all streams, so that uploads that nobody reads don't stop the other streams.
    const CONNECTION_WINDOW: u32 = STREAMS * STREAM_WINDOW;
    const FRAME: u32 = 16 * 1024;
    const SEND_BUFFER: usize = 64 * 1024;
    const PING: Duration = Duration::from_secs(20);

    let header_list = u32::try_from(limits.header_section_bytes).unwrap_or(u32::MAX);
    let mut builder = http2::Builder::new(streams);
    builder
        .timer(TokioTimer::new())
        .max_concurrent_streams(STREAMS)
        .initial_stream_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
        .max_frame_size(FRAME)
        .max_send_buf_size(SEND_BUFFER)
        .max_header_list_size(header_list)
        // After so many resets, the connection is closed: Rapid Reset (CVE-2023-44487), MadeYouReset (CVE-2025-8671).
        .max_pending_accept_reset_streams(20)
        .max_local_error_reset_streams(100)
        .keep_alive_interval(PING)
        .keep_alive_timeout(PING);
    builder
}
