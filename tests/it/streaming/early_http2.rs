//! An answer that comes before the end of an HTTP/2 client's upload: the stream is not reset before the client has had
//! time to read the answer.

use std::convert::Infallible;
use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use gateway::serve::{Limits, Linger, Shutdown, bind, serve};
use h2::{Reason, SendStream};
use http::{Request, Response};
use tokio::process::Command;
use tower::service_fn;

use crate::support::recorder::{Answer, RecordingUpstream, Script, Step};
use crate::support::sole::Sole;
use crate::support::{h2 as client, tools, within};

/// More than the windows and sockets on the way can hold.
const UPLOAD: usize = 4 << 20;

/// Which part of the gateway answers an upload of this path early, and how.
const EARLY: [(&str, u16); 5] =
    [("/upstream", 413), ("/leaves", 413), ("/limited", 413), ("/gated/x", 401), ("/limited/%00", 400)];

async fn upstream() -> RecordingUpstream {
    RecordingUpstream::start(|request| {
        let early = Script::answer(Answer::new(413).body("early")).before_body();
        if request.target == "/leaves" { early.then(Step::Close) } else { early }
    })
    .await
}

fn config(upstream: &RecordingUpstream) -> Sole {
    Sole::new(upstream.addr()).route("[routes.\"/limited\"]\npool = \"sole\"\nmax_body = 100")
}

/// Sends as much as it may, for as long as it may; returns how much was left in the end.
async fn upload(sending: &mut SendStream<Bytes>, mut left: usize) -> usize {
    while left > 0 {
        sending.reserve_capacity(left.min(1 << 16));
        let room = within("room for an upload", std::future::poll_fn(|cx| sending.poll_capacity(cx))).await;
        let Some(Ok(room)) = room else { return left };
        let piece = room.min(left);
        if sending.send_data(vec![b'u'; piece].into(), piece == left).is_err() {
            return left;
        }
        left -= piece;
    }
    0
}

/// As httpx does it: it looks at the answer only when everything is sent. If the stream were reset by then, it would
/// see nothing but the reset.
#[tokio::test]
async fn a_client_that_sends_everything_first_reads_the_answer() {
    let upstream = upstream().await;
    let gateway = config(&upstream).start();
    for (path, status) in EARLY {
        for round in 0..5 {
            let (mut requests, _connection) = client::raw(gateway.addr).await;
            let request = Request::post(format!("http://test{path}")).body(()).unwrap();
            let (answer, mut sending) = requests.send_request(request, false).unwrap();
            assert_eq!(upload(&mut sending, UPLOAD).await, 0, "{path} {round}: reset before all was sent");
            let mut answer = within("the answer", answer).await.unwrap();
            assert_eq!(answer.status(), status, "{path} {round}");
            while let Some(data) = within("the answer's body", answer.body_mut().data()).await {
                data.unwrap();
            }
        }
    }
}

#[tokio::test]
async fn curl_reads_the_answer_to_a_large_upload() {
    const LARGE: usize = 20 << 20;
    let Some(curl) = tools::require("curl") else { return };
    let upstream = upstream().await;
    let gateway = config(&upstream).start();
    let file = tempfile::NamedTempFile::new().unwrap();
    file.as_file().set_len(LARGE as u64).unwrap();
    for (path, status) in EARLY {
        for round in 0..10 {
            let mut command = Command::new(&curl);
            command.args(["--silent", "--http2-prior-knowledge", "--path-as-is", "--output", "/dev/null"]);
            command.args([
                "--write-out",
                "%{http_code}",
                "--max-time",
                "9",
                "--header",
                "Expect:",
                "--data-binary",
            ]);
            command.arg(format!("@{}", file.path().display())).arg(format!("http://{}{path}", gateway.addr));
            let output = within("curl", command.output()).await.unwrap();
            assert_eq!(
                String::from_utf8_lossy(&output.stdout),
                status.to_string(),
                "{path} {round}: {output:?}"
            );
        }
    }
}

/// But not for ever: neither for a client that goes on sending, nor for one that sends nothing more.
#[tokio::test]
async fn what_is_left_is_read_for_a_moment_only() {
    let listener = bind(([127, 0, 0, 1], 0).into()).unwrap();
    let addr = listener.local_addr().unwrap();
    let linger = Linger { idle: Duration::from_millis(200), total: Duration::from_millis(600) };
    let limits = Limits { linger, ..Limits::default() };
    let refuse = |_peer| {
        service_fn(async |_: Request<_>| {
            Ok::<_, Infallible>(Response::builder().status(413).body(Body::empty()).unwrap())
        })
    };
    let served = tokio::spawn(serve(listener, refuse, limits, Shutdown::new()));
    for goes_on in [true, false] {
        let (mut requests, _connection) = client::raw(addr).await;
        let request = Request::post("http://test/").body(()).unwrap();
        let (answer, mut sending) = requests.send_request(request, false).unwrap();
        assert_eq!(within("the answer", answer).await.unwrap().status(), 413);
        if goes_on {
            assert!(upload(&mut sending, usize::MAX).await > 0);
        }
        let reason = within("the reset", std::future::poll_fn(|cx| sending.poll_reset(cx))).await.unwrap();
        assert_eq!(reason, Reason::NO_ERROR);
    }
    served.abort();
}
