//! A server that is there, and loses every connection.

use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::sync::mpsc;

use super::{config, status};
use crate::support::gateway::TestGateway;
use crate::support::within;

/// A server that takes connections, knows the script, and breaks off at the first decision.
async fn unsteady(connected: mpsc::UnboundedSender<Instant>) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ = connected.send(Instant::now());
            let mut piece = vec![0; 4096];
            while let Ok(length @ 1..) = stream.read(&mut piece).await {
                let text = String::from_utf8_lossy(&piece[..length]).into_owned();
                let commands = text.lines().filter(|line| line.starts_with('*')).count();
                if text.contains("EVALSHA")
                    || stream.write_all("+OK\r\n".repeat(commands).as_bytes()).await.is_err()
                {
                    break;
                }
            }
        }
    });
    port
}

/// A server that loses each connection isn't flooded with new ones.
#[tokio::test]
async fn a_connection_that_does_not_last_is_made_again_more_and_more_seldom() {
    let (sender, mut connected) = mpsc::unbounded_channel();
    let gateway = TestGateway::start(&config(unsteady(sender).await, "on_failure = \"allow\"", ""));
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
