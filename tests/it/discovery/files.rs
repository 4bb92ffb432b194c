//! Upstreams in a file that another program writes.

use std::fs;
use std::path::Path;

use super::*;
use crate::support::gateway::TestGateway;

fn list(farm: &Farm, numbers: &[u8]) -> String {
    let targets: Vec<String> =
        numbers.iter().map(|number| format!("\"{}:{}\"", address(*number), farm.port)).collect();
    format!("[{{ \"targets\": [{}], \"labels\": {{ \"job\": \"api\" }} }}]", targets.join(", "))
}

#[tokio::test]
async fn it_is_read_again_however_it_is_replaced_and_garbage_changes_nothing() {
    let farm = Farm::at(&[1, 2, 3]).await;
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("endpoints.json");
    fs::write(&file, list(&farm, &[1])).unwrap();
    let upstreams = format!("{{ file = \"{}\" }}", file.display());
    let gateway = TestGateway::start(&config("", &upstreams, ANY));
    let steady = Steady::start(gateway.addr);
    assert_eq!(answerers(gateway.addr, 4).await, [1].into());

    // Written in place.
    fs::write(&file, list(&farm, &[1, 2])).unwrap();
    until_answered_by(gateway.addr, &[1, 2]).await;
    // Garbage, then renamed into its place.
    fs::write(&file, "[{").unwrap();
    fs::write(directory.path().join("new"), list(&farm, &[3])).unwrap();
    assert_eq!(answerers(gateway.addr, 20).await, [1, 2].into());
    fs::rename(directory.path().join("new"), &file).unwrap();
    until_answered_by(gateway.addr, &[3]).await;
    // Gone.
    fs::remove_file(&file).unwrap();
    assert_eq!(answerers(gateway.addr, 20).await, [3].into());
    fs::write(&file, list(&farm, &[2])).unwrap();
    until_answered_by(gateway.addr, &[2]).await;
    steady.stop().await;
}

#[tokio::test]
async fn it_may_come_later() {
    let farm = Farm::at(&[1]).await;
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("endpoints.json");
    let gateway = TestGateway::start(&config("", &format!("[{{ file = \"{}\" }}]", file.display()), ""));
    let mut client = RawClient::connect(gateway.addr).await;
    assert_eq!(client.get("/api/x").await.status(), 503);
    write(&file, &list(&farm, &[1]));
    let asking = async { while client.get("/api/x").await.status() != 200 {} };
    within("the file to be read", asking).await;
}

fn write(file: &Path, text: &str) {
    fs::write(file, text).unwrap();
}
