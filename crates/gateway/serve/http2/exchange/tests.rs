use bytes::Bytes;
use h2::RecvStream;
use h2::client::SendRequest;
use http::Request;
use http_body_util::Full;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream, split};
use tokio::time::{Instant, sleep};

use super::*;
use crate::serve::http2::activity::Activity;
use crate::serve::interim::Interims;

const PATIENCE: Duration = Duration::from_secs(60);
const ANSWER: Bytes = Bytes::from_static(&[b'x'; 200_000]);

/// A client that has this window for each stream, and the answer to its request.
struct Client {
    answer: RecvStream,
    _requests: SendRequest<Bytes>,
}

impl Client {
    /// Asks for an answer with this body.
    async fn ask(window: u32, body: Bytes) -> Self {
        let (client, server) = tokio::io::duplex(1 << 20);
        tokio::spawn(serve(server, body));
        Self::over(client, window).await
    }

    async fn over(stream: DuplexStream, window: u32) -> Self {
        let mut builder = h2::client::Builder::new();
        builder.initial_window_size(window).initial_connection_window_size(1 << 20);
        let (mut requests, connection) = builder.handshake(stream).await.unwrap();
        tokio::spawn(connection);
        let request = Request::get("http://test/").body(()).unwrap();
        let (answer, _) = requests.send_request(request, true).unwrap();
        Self { answer: answer.await.unwrap().into_body(), _requests: requests }
    }

    /// Reads to the end, or to the reset, and opens the window by as much as it reads, each time after a pause. Returns
    /// how much there was.
    async fn read(&mut self, pause: Duration) -> Result<usize, Option<Reason>> {
        let mut read = 0;
        while let Some(data) = self.answer.data().await {
            let length = data.map_err(|error| error.reason())?.len();
            read += length;
            sleep(pause).await;
            self.answer.flow_control().release_capacity(length).unwrap();
        }
        Ok(read)
    }

    /// Reads to the end, or to the reset, and never opens the window.
    async fn read_unopened(&mut self) -> Result<usize, Option<Reason>> {
        let mut read = 0;
        while let Some(data) = self.answer.data().await {
            read += data.map_err(|error| error.reason())?.len();
        }
        Ok(read)
    }
}

async fn serve(stream: DuplexStream, body: Bytes) {
    let mut connection = h2::server::Builder::new().handshake::<_, Piece>(stream).await.unwrap();
    let activity = std::sync::Arc::new(Activity::new(PATIENCE, std::sync::Arc::default()));
    while let Some(Ok((_, respond))) = connection.accept().await {
        let answer = std::future::ready(Response::new(Full::new(body.clone())));
        tokio::spawn(Exchange::new(
            answer,
            Interim::new(Interims::new(), None),
            respond,
            PATIENCE,
            InFlight::begin(&activity),
        ));
    }
}

#[tokio::test(start_paused = true)]
async fn a_window_that_is_never_opened_is_waited_for_as_long_as_the_patience_says() {
    for window in [0, 1, 1_000, 65_535, 100_000] {
        let mut client = Client::ask(window, ANSWER).await;
        let begun = Instant::now();
        assert_eq!(client.read_unopened().await, Err(Some(Reason::CANCEL)), "{window}");
        let waited = begun.elapsed();
        assert!(waited >= PATIENCE && waited < PATIENCE + Duration::from_secs(1), "{window}: {waited:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_small_answer_waits_no_longer() {
    let mut client = Client::ask(2, Bytes::from_static(b"abc")).await;
    assert_eq!(client.read_unopened().await, Err(Some(Reason::CANCEL)));
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_fits_needs_no_more_window() {
    let window = ANSWER.len().try_into().unwrap();
    let mut client = Client::ask(window, ANSWER).await;
    assert_eq!(client.read_unopened().await, Ok(ANSWER.len()));
}

#[tokio::test(start_paused = true)]
async fn a_client_that_opens_it_late_each_time_gets_all() {
    for window in [1_000, 65_535] {
        let mut client = Client::ask(window, ANSWER).await;
        assert_eq!(client.read(PATIENCE / 2 - Duration::from_secs(1)).await, Ok(ANSWER.len()), "{window}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_slow_line_is_no_stall() {
    let (near, far) = (tokio::io::duplex(1 << 20), tokio::io::duplex(1 << 20));
    tokio::spawn(serve(near.0, ANSWER));
    tokio::spawn(slow_line(near.1, far.0));
    let mut client = Client::over(far.1, 65_535).await;
    let begun = Instant::now();
    assert_eq!(client.read(Duration::ZERO).await, Ok(ANSWER.len()));
    assert!(begun.elapsed() > PATIENCE * 3, "{:?}", begun.elapsed());
}

/// Passes 800 bytes a second from `server` to `client`, and everything the other way.
async fn slow_line(server: DuplexStream, client: DuplexStream) {
    let ((mut answers, mut up), (mut requests, mut down)) = (split(server), split(client));
    tokio::spawn(async move { tokio::io::copy(&mut requests, &mut up).await });
    let mut second = [0; 800];
    while let Ok(count @ 1..) = answers.read(&mut second).await {
        down.write_all(&second[..count]).await.unwrap();
        sleep(Duration::from_secs(1)).await;
    }
}
