//! A gateway that has nothing to do does nothing: connections that stand still, in whatever state, cost no processor time. A
//! task that is woken again and again finishes its work all the same, so that no other test would notice it.

use std::net::SocketAddr;
use std::time::Duration;

use http::Request;

use crate::support::h2 as http2;
use crate::support::process::Process;
use crate::support::raw::RawClient;
use crate::support::recorder::{Answer, RecordingUpstream, Script, Step};
use crate::support::sole::Sole;
use crate::support::within;

/// Of each kind.
const CONNECTIONS: usize = 10;
/// How often it is looked, until they have come to rest: what spins never does.
const LOOKS: usize = 20;
const LOOK: Duration = Duration::from_secs(1);
/// One that spins takes all of a processor, and one that is woken each millisecond a good deal of one.
const ALLOWED: Duration = Duration::from_millis(50);

#[tokio::test]
async fn connections_that_stand_still_cost_no_processor_time() {
    let upstream = RecordingUpstream::start(|request| match request.target.as_str() {
        "/tunnel" => Script::upgrade("websocket", b"").then(Step::AwaitClose),
        "/large" => Script::answer(Answer::new(200).body("x".repeat(16 << 20))),
        "/half" => Script::raw("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf").then(Step::AwaitClose),
        "/silent" => Script::silence(),
        _ => Script::ok("fine"),
    })
    .await;
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("gateway.toml");
    let config = Sole::new(upstream.addr()).config();
    std::fs::write(&file, format!("listen = \"127.0.0.1:0\"\nworkers = 2\n{config}")).unwrap();
    let process = Process::gateway(["--config".as_ref(), file.as_os_str()]);
    let announced = process.line_with("gateway on http://").await;
    let addr: SocketAddr = announced.trim_start_matches("gateway on http://").parse().unwrap();

    let mut standing = Vec::new();
    for _ in 0..CONNECTIONS {
        let mut idle = RawClient::connect(addr).await;
        assert_eq!(idle.get("/x").await.text(), "fine");

        let mut half_a_head = RawClient::connect(addr).await;
        half_a_head.send("GET /x HTTP/1.1\r\nHos").await;

        let mut half_an_upload = RawClient::connect(addr).await;
        half_an_upload.send("POST /silent HTTP/1.1\r\nHost: test\r\nContent-Length: 9\r\n\r\nhalf").await;

        let mut refused_upload = RawClient::connect(addr).await;
        refused_upload.send("POST /gated/x HTTP/1.1\r\nHost: test\r\nContent-Length: 9\r\n\r\n").await;
        assert_eq!(refused_upload.response().await.status(), 401);

        let mut half_an_answer = RawClient::connect(addr).await;
        half_an_answer.send("GET /half HTTP/1.1\r\nHost: test\r\n\r\n").await;
        let mut response = half_an_answer.response_head("GET").await;
        half_an_answer.until(&mut response, "half").await;

        let mut unread_answer = RawClient::connect(addr).await;
        unread_answer.send("GET /large HTTP/1.1\r\nHost: test\r\n\r\n").await;

        let mut half_closed_tunnel = RawClient::connect(addr).await;
        half_closed_tunnel
            .send("GET /tunnel HTTP/1.1\r\nHost: test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
            .await;
        assert_eq!(half_closed_tunnel.response_head("GET").await.status(), 101);
        half_closed_tunnel.finish().await;

        standing.extend([idle, half_a_head, half_an_upload, refused_upload, half_an_answer]);
        standing.extend([unread_answer, half_closed_tunnel]);
    }
    let mut streams = Vec::new();
    for _ in 0..CONNECTIONS {
        let (requests, connection) = http2::raw(addr).await;
        for path in ["/silent", "/large", "/half"] {
            let mut requests = within("a stream", requests.clone().ready()).await.unwrap();
            let request = Request::get(format!("http://test{path}")).body(()).unwrap();
            streams.push((requests.send_request(request, true).unwrap(), requests));
        }
        drop(connection);
    }

    let mut used = Vec::new();
    while used.last().is_none_or(|used| *used >= ALLOWED) {
        assert!(used.len() < LOOKS, "each {LOOK:?} took {used:?} of a processor");
        let before = processor_time(process.pid());
        tokio::time::sleep(LOOK).await;
        used.push(processor_time(process.pid()) - before);
    }
    println!("{} connections took {used:?} of a processor", standing.len() + CONNECTIONS);
    assert_eq!(RawClient::connect(addr).await.get("/x").await.text(), "fine");
}

/// proc_pid_stat(5): utime and stime are fields 14 and 15, in ticks of 10 ms; field 2 ends with the last `)`.
fn processor_time(pid: u32) -> Duration {
    let text = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    let fields = text.rsplit(')').next().unwrap().split_ascii_whitespace();
    let ticks = fields.skip(11).take(2).map(|ticks| ticks.parse::<u64>().unwrap());
    Duration::from_millis(10 * ticks.sum::<u64>())
}
