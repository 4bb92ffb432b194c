//! The client and the upstream of each measured exchange. They only write constants and compare bytes, so that nearly
//! all instructions that are counted are those of the proxy.

use std::io;
use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// The token with which the proxies forward requests to `/admin`.
pub(crate) const TOKEN: &str = "letmein";

/// The size of a buffer. Each head is smaller.
const ROOM: usize = 4 * 1024;
const HEAD_END: &[u8] = b"\r\n\r\n";

const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\n\
    server: origin\r\n\
    date: Sun, 22 Nov 2026 12:00:00 GMT\r\n\
    content-type: text/plain; charset=utf-8\r\n\
    content-length: 6\r\n\
    \r\n\
    hello\n";

/// One request, and the bytes with which its response begins and ends.
pub(crate) struct Exchange {
    request: &'static [u8],
    begins: &'static [u8],
    ends: &'static [u8],
}

/// A GET that reaches the upstream.
pub(crate) const PROXIED: Exchange = Exchange {
    request: b"GET /api/users?id=7 HTTP/1.1\r\n\
        host: gateway.example\r\n\
        user-agent: instructions\r\n\
        accept: */*\r\n\
        accept-encoding: gzip, br\r\n\
        \r\n",
    begins: b"HTTP/1.1 200 OK\r\n",
    ends: b"\r\n\r\nhello\n",
};

/// A GET without the token that it needs, which the proxy refuses.
pub(crate) const REFUSED: Exchange = Exchange {
    request: b"GET /admin/dashboard HTTP/1.1\r\n\
        host: gateway.example\r\n\
        user-agent: instructions\r\n\
        accept: */*\r\n\
        accept-encoding: gzip, br\r\n\
        \r\n",
    begins: b"HTTP/1.1 401 Unauthorized\r\n",
    ends: b"\r\n\r\nUnauthorized\n",
};

/// The upstream. It gives the same answer to each request on each connection.
pub(crate) async fn upstream(listener: TcpListener) -> io::Result<()> {
    loop {
        let (stream, _) = listener.accept().await?;
        tokio::spawn(origin(stream));
    }
}

async fn origin(mut stream: TcpStream) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut buffer = Vec::with_capacity(ROOM);
    while read_until(&mut stream, &mut buffer, HEAD_END).await? {
        stream.write_all(ANSWER).await?;
    }
    Ok(())
}

/// The client. It makes the same exchange so many times, one after the other, over one connection.
pub(crate) async fn client(proxy: SocketAddr, exchange: &Exchange, times: u32) -> io::Result<()> {
    let mut stream = TcpStream::connect(proxy).await?;
    stream.set_nodelay(true)?;
    let mut buffer = Vec::with_capacity(ROOM);
    for _ in 0..times {
        stream.write_all(exchange.request).await?;
        let is_answered = read_until(&mut stream, &mut buffer, exchange.ends).await?;
        if !is_answered || !buffer.starts_with(exchange.begins) {
            let answer = buffer.escape_ascii();
            return Err(io::Error::other(format!("not the answer that was expected: {answer}")));
        }
    }
    Ok(())
}

/// Clears the buffer, and reads into it until it ends with `end`. Returns `false` if the connection ends before.
async fn read_until(stream: &mut TcpStream, buffer: &mut Vec<u8>, end: &[u8]) -> io::Result<bool> {
    buffer.clear();
    while !buffer.ends_with(end) {
        if stream.read_buf(buffer).await? == 0 {
            return Ok(false);
        }
    }
    Ok(true)
}
