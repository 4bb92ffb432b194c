//! What guards know outlives a reload, as long as what they were made from stays the same.

use super::{USERS, ask, basic, configuration, users};
use crate::support::gateway::TestGateway;
use crate::support::raw::RawClient;
use crate::support::recorder::{RecordingUpstream, Script};

#[tokio::test]
async fn another_file_of_users_counts_from_the_next_request_on() {
    let upstream = RecordingUpstream::start(|_| Script::ok("in")).await;
    let (directory, file) = users(USERS);
    let config = configuration(&upstream, &format!("basic_auth = {{ file = {file} }}"));
    let gateway = TestGateway::start(&config);
    let mut client = RawClient::connect(gateway.addr).await;
    assert_eq!(ask(&mut client, &basic("ann:secret")).await.status(), 200);
    let without_ann = USERS.replace("ann:", "amy:");
    std::fs::write(directory.path().join("htpasswd"), without_ann).unwrap();
    assert_eq!(ask(&mut client, &basic("ann:secret")).await.status(), 200, "nothing was applied yet");
    gateway.apply(&config).await.unwrap();
    assert_eq!(ask(&mut client, &basic("ann:secret")).await.status(), 401, "it was remembered before");
    assert_eq!(ask(&mut client, &basic("amy:secret")).await.status(), 200);
}

#[tokio::test]
async fn wrong_tries_count_on_over_a_reload() {
    let upstream = RecordingUpstream::start(|_| Script::ok("in")).await;
    let (_kept, file) = users(USERS);
    let config = configuration(&upstream, &format!("basic_auth = {{ file = {file} }}"));
    let gateway = TestGateway::start(&config);
    let mut client = RawClient::connect(gateway.addr).await;
    for guess in 0..10 {
        assert_eq!(ask(&mut client, &basic(&format!("ann:{guess}"))).await.status(), 401);
        gateway.apply(&format!("{config}max_body = {}", guess + 1)).await.unwrap();
    }
    assert_eq!(ask(&mut client, &basic("ann:secret")).await.status(), 429);
}
