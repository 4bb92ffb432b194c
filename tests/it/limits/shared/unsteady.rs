//! A server that is there, and loses every connection.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

use super::{Redis, config, status};
use crate::support::gateway::TestGateway;
use crate::support::tools::free_port;
use crate::support::within;

/// The port of a relay to this Redis that breaks each connection off at its first decision. It tells of each connection.
async fn unsteady(redis: u16, connected: mpsc::UnboundedSender<Instant>) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let _ = connected.send(Instant::now());
            let server = TcpStream::connect(SocketAddr::from((Ipv4Addr::LOCALHOST, redis))).await.unwrap();
            relay(client, server).await;
        }
    });
    port
}

async fn relay(mut client: TcpStream, mut server: TcpStream) {
    let (mut question, mut answer) = (vec![0; 4096], vec![0; 4096]);
    loop {
        tokio::select! {
            Ok(length @ 1..) = client.read(&mut question) => {
                let text = &question[..length];
                if String::from_utf8_lossy(text).contains("EVALSHA") {
                    return;
                }
                server.write_all(text).await.unwrap();
            }
            Ok(length @ 1..) = server.read(&mut answer) => client.write_all(&answer[..length]).await.unwrap(),
            else => return,
        }
    }
}

/// A server that loses each connection isn't flooded with new ones.
#[tokio::test]
async fn a_connection_that_does_not_last_is_made_again_more_and_more_seldom() {
    let Some(redis) = Redis::start(free_port()).await else { return };
    let (sender, mut connected) = mpsc::unbounded_channel();
    let port = unsteady(redis.port, sender).await;
    let gateway = TestGateway::start(&config(port, "on_failure = \"allow\"", ""));
    let mut times = Vec::new();
    within("four connections", async {
        while times.len() < 4 {
            assert_eq!(status(&gateway).await, 200);
            times.extend(std::iter::from_fn(|| connected.try_recv().ok()));
        }
    })
    .await;
    let pauses: Vec<_> = times.windows(2).map(|pair| pair[1] - pair[0]).collect();
    for (pause, least) in pauses.iter().zip([100, 200, 400]) {
        assert!(*pause >= Duration::from_millis(least), "{pauses:?}");
    }
}
