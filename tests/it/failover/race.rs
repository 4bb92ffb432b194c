//! The keep-alive race: an upstream that closes every connection just when the next request is on its way. Not one GET
//! may fail, and no POST may arrive twice.

use std::collections::HashMap;

use crate::support::ask::{Client, GET, POST, Protocol};
use crate::support::gateway::{TestGateway, one_pool};
use crate::support::recorder::{Answer, RecordingUpstream, Script, Step};

const CLIENTS: usize = 8;
const REQUESTS: usize = 60;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_get_fails_and_no_post_arrives_twice() {
    // It says that it keeps the connection, and closes it right after the answer.
    let closing = || Script::answer(Answer::new(200).body("ok")).then(Step::Close);
    let upstream = RecordingUpstream::start(move |_| closing()).await;
    let gateway = TestGateway::start(&one_pool(&upstream.url(), ""));

    let mut clients = tokio::task::JoinSet::new();
    for number in 0..CLIENTS {
        let addr = gateway.addr;
        clients.spawn(async move {
            let mut client = Client::connect(Protocol::Http1, addr).await;
            let mut failed_posts = 0;
            for turn in 0..REQUESTS {
                let got = client.ask(GET, &format!("/api/get/{number}/{turn}")).await.unwrap();
                assert_eq!(got.status, 200, "{got:?}");
                let posted = client.ask(POST, &format!("/api/post/{number}/{turn}")).await.unwrap();
                if posted.status != 200 {
                    posted.assert_own_error("POST", 502, "connection_terminated", "a POST in the race");
                    failed_posts += 1;
                }
            }
            failed_posts
        });
    }
    let mut failed_posts = 0;
    while let Some(failed) = clients.join_next().await {
        failed_posts += failed.unwrap();
    }

    let mut arrivals: HashMap<String, usize> = HashMap::new();
    for request in upstream.requests().into_iter().filter(|request| request.method == "POST") {
        *arrivals.entry(request.target).or_default() += 1;
    }
    let twice: Vec<_> = arrivals.iter().filter(|(_, count)| **count > 1).collect();
    assert!(twice.is_empty(), "{twice:?}");
    eprintln!("{} GETs, 0 failed; {0} POSTs, {failed_posts} answered 502", CLIENTS * REQUESTS);
    assert!(arrivals.len() + failed_posts >= CLIENTS * REQUESTS);
}
