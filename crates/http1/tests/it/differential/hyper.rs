//! hyper's HTTP/1 as a reader.

use std::convert::Infallible;
use std::sync::mpsc;

use ::hyper::body::Incoming;
use ::hyper::client;
use ::hyper::server::conn::http1;
use ::hyper::service::service_fn;
use http::{Request, Response};
use http_body_util::{BodyExt as _, Empty};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::reading::{Framed, Reading};

#[tokio::main(flavor = "current_thread")]
pub(super) async fn read_requests(bytes: &[u8]) -> Reading {
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
    Reading { messages: whole.collect(), ends_well }
}

#[tokio::main(flavor = "current_thread")]
pub(super) async fn read_response(bytes: &[u8]) -> Reading {
    let (client, mut server) = tokio::io::duplex(1 << 20);
    let bytes = bytes.to_vec();
    tokio::spawn(async move {
        let mut request = [0; 64];
        let _some_of_it_has_come = server.read(&mut request).await.unwrap();
        server.write_all(&bytes).await.unwrap();
        server.shutdown().await.unwrap();
    });
    let refused = Reading { messages: Vec::new(), ends_well: false };
    let Ok((mut requests, connection)) = client::conn::http1::handshake(TokioIo::new(client)).await else {
        return refused;
    };
    tokio::spawn(connection);
    let request = Request::get("/").body(Empty::<bytes::Bytes>::new()).unwrap();
    let Ok(response) = requests.send_request(request).await else { return refused };
    let target = response.status().as_str().to_owned();
    let Ok(body) = response.into_body().collect().await else { return refused };
    let framed = Framed { method: "GET".to_owned(), target, body: body.to_bytes().to_vec() };
    Reading { messages: vec![framed], ends_well: true }
}
