//! Interim answers on their way from an HTTP/1 upstream, or from a handler, to a client that takes them one by one.

use std::future::Future;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONNECTION, CONTENT_LENGTH, LINK};
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use proxy_service::{
    ErrorKind, Informational, InformationalError, InformationalSender, ProxyLayer, Timeouts, client,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};
use tower::{Layer, ServiceExt};

/// The time for the head of an answer.
pub(crate) const PATIENCE: Duration = Duration::from_secs(2);

/// The client of a request. It takes as many interim answers as the test lets it.
pub(crate) struct Downstream {
    taken: mpsc::UnboundedReceiver<Response<()>>,
    room: Arc<Mutex<Room>>,
}

struct Room {
    left: usize,
    is_answered: bool,
    waiting: Option<Waker>,
}

struct Sender {
    taken: mpsc::UnboundedSender<Response<()>>,
    room: Arc<Mutex<Room>>,
}

impl Downstream {
    pub(crate) fn with_room(left: usize) -> (Self, Informational) {
        let (sent, taken) = mpsc::unbounded_channel();
        let room = Arc::new(Mutex::new(Room { left, is_answered: false, waiting: None }));
        (Self { taken, room: Arc::clone(&room) }, Informational::new(Sender { taken: sent, room }))
    }

    pub(crate) fn make_room(&self) {
        let mut room = self.room.lock().unwrap();
        room.left += 1;
        room.waiting.take().into_iter().for_each(Waker::wake);
    }

    fn answer(&self) {
        self.room.lock().unwrap().is_answered = true;
    }

    pub(crate) async fn next(&mut self) -> Response<()> {
        within(self.taken.recv()).await.unwrap()
    }

    pub(crate) fn assert_no_more(&mut self) {
        assert!(self.taken.try_recv().is_err());
    }

    /// The links of all that were taken.
    pub(crate) fn links(&mut self) -> Vec<String> {
        let mut links = Vec::new();
        while let Ok(interim) = self.taken.try_recv() {
            links.push(interim.headers()[LINK].to_str().unwrap().to_owned());
        }
        links
    }
}

impl InformationalSender for Sender {
    fn poll_room(&self, cx: &mut Context<'_>) -> Poll<Result<(), InformationalError>> {
        let mut room = self.room.lock().unwrap();
        if room.is_answered {
            return Poll::Ready(Err(InformationalError::Answered));
        }
        if room.left > 0 {
            return Poll::Ready(Ok(()));
        }
        room.waiting = Some(cx.waker().clone());
        Poll::Pending
    }

    fn send(&self, interim: Response<()>, _cx: &mut Context<'_>) -> Result<(), InformationalError> {
        self.room.lock().unwrap().left -= 1;
        self.taken.send(interim).unwrap();
        Ok(())
    }
}

/// Its output, within a time that is long even while the clock is paused.
pub(crate) async fn within<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(3600), future).await.unwrap()
}

/// No time passes while a test waits for sockets: as long as a task blocks, tokio does not move a paused clock.
pub(crate) async fn at_once<F: Future>(events: F) -> F::Output {
    let (_end, blocked) = std::sync::mpsc::channel::<()>();
    tokio::task::spawn_blocking(move || blocked.recv_timeout(Duration::from_secs(20)));
    events.await
}

/// A request that is on its way to an upstream, which is the test itself.
struct Asked {
    upstream: TcpStream,
    answer: JoinHandle<Result<String, ErrorKind>>,
}

impl Asked {
    async fn with(informational: Option<Informational>) -> Self {
        at_once(async {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let target = format!("http://{}", listener.local_addr().unwrap());
            let timeouts = Timeouts { response_head: PATIENCE, ..Timeouts::default() };
            let proxy = ProxyLayer::new(target.parse().unwrap()).timeouts(timeouts).layer(client());
            let mut request =
                Request::get("/").header("host", "test").body(Full::<Bytes>::default()).unwrap();
            informational.map(|informational| request.extensions_mut().insert(informational));
            let answer = tokio::spawn(async move {
                let answer = proxy.oneshot(request).await.map_err(|failed| failed.error().kind())?;
                let body = answer.into_body().collect().await.unwrap();
                Ok(String::from_utf8(body.to_bytes().to_vec()).unwrap())
            });
            let (mut upstream, _) = listener.accept().await.unwrap();
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                head.push(upstream.read_u8().await.unwrap());
            }
            Self { upstream, answer }
        })
        .await
    }

    async fn say(&mut self, bytes: &str) {
        self.upstream.write_all(bytes.as_bytes()).await.unwrap();
    }

    async fn answer(self) -> Result<String, ErrorKind> {
        within(self.answer).await.unwrap()
    }
}

const ANSWER: &str = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

fn hint(number: usize) -> String {
    format!("HTTP/1.1 103 Early Hints\r\nLink: </{number}>\r\n\r\n")
}

#[tokio::test]
async fn they_are_passed_on_as_they_come() {
    let (mut downstream, informational) = Downstream::with_room(usize::MAX);
    let mut asked = Asked::with(Some(informational)).await;
    asked
        .say("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\nLink: </b>\r\nConnection: x-hop\r\nX-Hop: 1\r\nKeep-Alive: 1\r\n\r\n")
        .await;
    let interim = downstream.next().await;
    assert_eq!(interim.status(), StatusCode::EARLY_HINTS);
    let links: Vec<_> =
        interim.headers().iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
    assert_eq!(links, [("link", &b"</a>"[..]), ("link", b"</b>")]);
    for status in [102, 199] {
        asked.say(&format!("HTTP/1.1 {status} x\r\n\r\n")).await;
        assert_eq!(downstream.next().await.status().as_u16(), status);
    }
    asked.say(ANSWER).await;
    assert_eq!(asked.answer().await.unwrap(), "hello");
    downstream.assert_no_more();
}

#[tokio::test]
async fn a_100_is_for_the_server_to_send() {
    let (mut downstream, informational) = Downstream::with_room(usize::MAX);
    let mut asked = Asked::with(Some(informational)).await;
    asked.say(&format!("HTTP/1.1 100 Continue\r\n\r\n{ANSWER}")).await;
    assert_eq!(asked.answer().await.unwrap(), "hello");
    downstream.assert_no_more();
}

#[tokio::test]
async fn without_anybody_to_take_them_they_are_dropped() {
    let (downstream, informational) = Downstream::with_room(0);
    downstream.answer();
    for informational in [None, Some(informational)] {
        let mut asked = Asked::with(informational).await;
        asked.say(&format!("{}{}{ANSWER}", hint(1), hint(2))).await;
        assert_eq!(asked.answer().await.unwrap(), "hello");
    }
}

/// The answer stays behind them, however long that takes: the upstream is not to blame for it.
#[tokio::test(start_paused = true)]
async fn they_wait_for_the_client_in_their_order() {
    let (mut downstream, informational) = Downstream::with_room(0);
    let mut asked = Asked::with(Some(informational)).await;
    asked.say(&format!("{}{}{}{ANSWER}", hint(1), hint(2), hint(3))).await;
    for number in 1..=3 {
        sleep(PATIENCE * 3).await;
        assert!(!asked.answer.is_finished());
        downstream.assert_no_more();
        downstream.make_room();
        assert_eq!(downstream.next().await.headers()[LINK], format!("</{number}>"));
    }
    assert_eq!(asked.answer().await.unwrap(), "hello");
}

#[tokio::test(start_paused = true)]
async fn each_is_a_sign_of_life() {
    for ends_well in [true, false] {
        let (mut downstream, informational) = Downstream::with_room(usize::MAX);
        let mut asked = Asked::with(Some(informational)).await;
        for number in 0..4 {
            sleep(PATIENCE * 2 / 3).await;
            asked.say(&hint(number)).await;
            at_once(downstream.next()).await;
        }
        if ends_well {
            sleep(PATIENCE * 2 / 3).await;
            asked.say(ANSWER).await;
            assert_eq!(asked.answer().await.unwrap(), "hello");
        } else {
            let silent_since = Instant::now();
            assert_eq!(asked.answer().await.unwrap_err(), ErrorKind::HttpResponseTimeout);
            assert!((PATIENCE * 9 / 10..PATIENCE * 11 / 10).contains(&silent_since.elapsed()));
        }
    }
}

#[tokio::test]
async fn only_interim_answers_can_be_sent() {
    let (mut downstream, informational) = Downstream::with_room(usize::MAX);
    for status in [StatusCode::SWITCHING_PROTOCOLS, StatusCode::OK, StatusCode::NOT_FOUND] {
        let sent = informational.send(status, HeaderMap::new()).await;
        assert_eq!(sent, Err(InformationalError::NotInterim), "{status}");
    }
    let fields = [
        (LINK, "</a>"),
        (CONNECTION, "close, x-hop"),
        ("x-hop".parse().unwrap(), "1"),
        (CONTENT_LENGTH, "5"),
    ];
    let headers = fields.map(|(name, value)| (name, HeaderValue::from_static(value))).into_iter().collect();
    informational.send(StatusCode::EARLY_HINTS, headers).await.unwrap();
    let interim = downstream.next().await;
    assert_eq!(interim.headers().keys().collect::<Vec<_>>(), ["link"]);
    downstream.answer();
    let sent = informational.send(StatusCode::PROCESSING, HeaderMap::new()).await;
    assert_eq!(sent, Err(InformationalError::Answered));
    downstream.assert_no_more();
}

/// Whoever has the turn may be dropped while it waits.
#[tokio::test]
async fn those_who_send_at_the_same_time_take_turns() {
    let (mut downstream, informational) = Downstream::with_room(0);
    let mut sending = Vec::new();
    for number in 0..3 {
        let informational = informational.clone();
        let link = HeaderValue::from_str(&format!("</{number}>")).unwrap();
        sending.push(tokio::spawn(async move {
            informational.send(StatusCode::EARLY_HINTS, HeaderMap::from_iter([(LINK, link)])).await
        }));
        tokio::task::yield_now().await;
    }
    let given_up = sending.remove(0);
    given_up.abort();
    assert!(given_up.await.is_err());
    for (number, sent) in (1..).zip(sending) {
        downstream.assert_no_more();
        downstream.make_room();
        assert_eq!(downstream.next().await.headers()[LINK], format!("</{number}>"));
        sent.await.unwrap().unwrap();
    }
}
