//! One connection from accept to close: finds out its protocol, serves it, parks it while it is idle, and closes it.

use std::convert::Infallible;
use std::error::Error;
use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::HttpService;
use hyper_util::rt::TokioIo;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tower::Service;

use super::accept::Permit;
use super::activity::Activity;
use super::drive::{End, drive};
use super::entrance::Entrance;
use super::head_awaited::HeadAwaited;
use super::io::Io;
use super::linger::{Input, linger};
use super::request_body::RequestBody;
use super::shutdown::Begun;
use super::sniff::{Protocol, sniff};
use super::{HeaderCase, Limits, Options, http2};

/// The smallest buffer that hyper accepts.
const SMALLEST_BUFFER: usize = 8 * 1024;

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
    pub(super) fn new(Options { limits, header_case, .. }: Options) -> Self {
        let mut http1 = http1::Builder::new();
        http1
            .title_case_headers(header_case == HeaderCase::Title)
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
            let Ok(Ok(Some((protocol, opening)))) = sniffed else { return };
            if protocol == Protocol::Http2 {
                drop(activity);
                return Box::pin(http2::serve(stream, opening, permit, service, self.limits, begun)).await;
            }
            let service = Entrance::new(service, Arc::clone(&activity), self.limits);
            let io = Io::new(stream, opening, Arc::clone(&activity), self.limits.write_stall, permit);
            self.http1(Box::new(Bare { io, service }), &activity, begun).await;
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
