//! The life of one connection: which protocol, serve it, close it.

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
use super::activity::{Activity, Streams};
use super::delivered::Delivery;
use super::drive::{End, drive};
use super::entrance::Entrance;
use super::head_awaited::HeadAwaited;
use super::io::Io;
use super::linger::{Input, linger};
use super::request_body::RequestBody;
use super::shutdown::Begun;
use super::sniff::{Protocol, sniff};
use super::{Limits, Linger};

/// hyper refuses a smaller buffer.
const SMALLEST_BUFFER: usize = 8 * 1024;

/// For a client that does nothing but send: long enough to see the GOAWAY, not to keep the thread busy with throwing away.
const FLOOD: Linger = Linger { idle: Duration::from_millis(100), total: Duration::from_millis(300) };

/// What all connections of a listener have in common.
#[derive(Debug)]
pub(super) struct Connections {
    limits: Limits,
    http1: http1::Builder,
}

/// A connection without hyper. In a box, so that moving it from one future into another leaves nothing behind.
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
            // Switches on the hook that `HeadAwaited` is; the time itself is the `Activity`'s.
            .header_read_timeout(limits.keep_alive_idle)
            // A client that shuts down its sending side has left: TCP does not tell the one from the other, and a
            // request whose client left is to be cancelled at once.
            .half_close(false);
        Self { limits, http1 }
    }

    /// Serves one connection to its end. An `async fn` would hold all of this twice for as long as that takes.
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

    /// From one time of idling to the next. What it takes to serve the connection is in a box, which a parked one does
    /// without.
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

    /// What is left of the connection if it is to be parked.
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
        let input = if end == End::Unreadable || activity.is_content_unread() {
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
        // Window updates and acknowledgements of what was sent last are still on their way.
        self.close(&io, Input::Expected).await;
    }

    async fn close(&self, io: &Io, input: Input) {
        if let Some(stream) = io.finished() {
            linger(stream, input, &self.limits.linger).await;
        }
    }
}

/// A connection that hyper took for upgraded at its end, although it wasn't; `None` if it was.
async fn given_back(activity: &Activity) -> Option<(Io, Bytes)> {
    let Some(refused) = activity.take_refused_upgrade() else {
        activity.upgraded();
        return None;
    };
    let parts = refused.await.ok()?.downcast::<TokioIo<Io>>().ok()?;
    let mut io = parts.io.into_inner();
    // What hyper does at any other end.
    io.shutdown().await.ok()?;
    Some((io, parts.read_buf))
}

/// Waits for the client of a parked connection to go on; `false` when the connection is to be closed instead: the client
/// left or said nothing for too long, or the shutdown began.
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
    // Room for all of them, so that uploads that nobody reads stall no other.
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
        // What Rapid Reset (CVE-2023-44487) and MadeYouReset (CVE-2025-8671) may cost before the connection goes.
        .max_pending_accept_reset_streams(20)
        .max_local_error_reset_streams(100)
        .keep_alive_interval(PING)
        .keep_alive_timeout(PING);
    builder
}
