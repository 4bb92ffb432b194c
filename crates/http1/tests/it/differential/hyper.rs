//! hyper's HTTP/1 server as a reader of requests.

use std::convert::Infallible;
use std::sync::mpsc;

use ::hyper::body::Incoming;
use ::hyper::server::conn::http1;
use ::hyper::service::service_fn;
use http::{Request, Response};
use http_body_util::{BodyExt as _, Empty};
use hyper_util::rt::TokioIo;
use tokio::io::AsyncWriteExt as _;

use super::{Framed, Reading};

#[tokio::main(flavor = "current_thread")]
pub(super) async fn read(bytes: &[u8]) -> Reading {
    let (mut client, server) = tokio::io::duplex(1 << 20);
    client.write_all(bytes).await.unwrap();
    client.shutdown().await.unwrap();
    let (seen, requests) = mpsc::channel();
    let service = service_fn(move |request: Request<Incoming>| {
        let seen = seen.clone();
        async move {
            let (parts, body) = request.into_parts();
            let framed = body.collect().await.ok().map(|body| Framed {
                method: parts.method.to_string(),
                target: parts.uri.to_string(),
                body: body.to_bytes().to_vec(),
            });
            let _the_reader_is_there = seen.send(framed);
            Ok::<_, Infallible>(Response::new(Empty::<bytes::Bytes>::new()))
        }
    });
    let served = http1::Builder::new().half_close(true).serve_connection(TokioIo::new(server), service).await;
    let mut ends_well = served.is_ok();
    let whole = requests.try_iter().map_while(|framed| {
        ends_well &= framed.is_some();
        framed
    });
    Reading { requests: whole.collect(), ends_well }
}
