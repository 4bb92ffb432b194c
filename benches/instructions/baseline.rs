//! A minimal proxy, written by hand on hyper and hyper-util, which the gateway is compared with.
//!
//! It does only what is necessary. Don't make it better or worse, since the pins are ratios to it.

use std::net::SocketAddr;

use bytes::Bytes;
use http::header::{CONNECTION, HOST, HeaderValue};
use http::uri::{Authority, Parts, Scheme};
use http::{Request, Response, StatusCode, Uri};
use http_body_util::{Either, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::client::legacy::{Client, connect::HttpConnector};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::{TcpListener, TcpStream};

use crate::BoxError;
use crate::ends::TOKEN;

type Answer = Response<Either<Incoming, Full<Bytes>>>;

#[derive(Clone)]
struct Proxy {
    client: Client<HttpConnector, Incoming>,
    upstream: Authority,
}

/// Forwards requests below `/api` to `upstream`, and requests below `/admin` if they have the token. It serves until a
/// connection can't be accepted.
pub(crate) async fn serve(listener: TcpListener, upstream: SocketAddr) -> Result<(), BoxError> {
    let client = Client::builder(TokioExecutor::new()).build_http();
    let proxy = Proxy { client, upstream: upstream.to_string().parse()? };
    loop {
        let (stream, peer) = listener.accept().await?;
        tokio::spawn(connection(stream, peer, proxy.clone()));
    }
}

async fn connection(stream: TcpStream, peer: SocketAddr, proxy: Proxy) -> Result<(), BoxError> {
    stream.set_nodelay(true)?;
    let peer: HeaderValue = peer.ip().to_string().parse()?;
    let service = service_fn(|request| proxy.answer(request, &peer));
    Ok(http1::Builder::new().serve_connection(TokioIo::new(stream), service).await?)
}

impl Proxy {
    async fn answer(&self, request: Request<Incoming>, peer: &HeaderValue) -> Result<Answer, BoxError> {
        let is_refused = request.uri().path().starts_with("/admin")
            && request.headers().get("x-admin-token").is_none_or(|token| token != TOKEN);
        if is_refused {
            let unauthorized = Response::builder().status(StatusCode::UNAUTHORIZED);
            return Ok(unauthorized.body(Either::Right(Full::from("Unauthorized\n")))?);
        }
        self.forward(request, peer).await
    }

    async fn forward(&self, mut request: Request<Incoming>, peer: &HeaderValue) -> Result<Answer, BoxError> {
        *request.uri_mut() = self.below(request.uri())?;
        request.headers_mut().remove(CONNECTION);
        request.headers_mut().remove(HOST);
        request.headers_mut().insert("x-forwarded-for", peer.clone());
        let mut response = self.client.request(request).await?;
        response.headers_mut().remove(CONNECTION);
        Ok(response.map(Either::Left))
    }

    /// The URI for the upstream, without the first segment of the path, which names the route.
    fn below(&self, uri: &Uri) -> Result<Uri, BoxError> {
        let path = uri.path_and_query().map_or("/", |path| path.as_str());
        let rest = path.match_indices('/').nth(1).map_or("/", |(at, _)| path.split_at(at).1);
        let mut parts = Parts::default();
        parts.scheme = Some(Scheme::HTTP);
        parts.authority = Some(self.upstream.clone());
        parts.path_and_query = Some(rest.parse()?);
        Ok(Uri::from_parts(parts)?)
    }
}
