//! The debug log has the reasons for every request, whether the client asked or not.

use super::told::Told;
use super::{OPEN, config, get, pair};
use crate::support::process::Stream;
use crate::support::running::Running;

/// How the line in the log begins.
const TARGET: &str = " gateway::pick: ";

#[tokio::test]
async fn it_is_logged_where_the_log_listens() {
    let [one, two] = pair().await;
    let gateway = Running::start(&config(&one.url(), &two.url(), ""), "info,gateway::pick=debug").await;
    for (index, upstream) in [&one, &two].into_iter().enumerate() {
        let response = get(gateway.addr, OPEN, &[]).await;
        assert!(!response.headers().has("x-gateway-pick"), "{response:?}");
        let line = gateway.process.line_with(&format!("index={index}")).await;
        let (head, told) = line.split_once(TARGET).unwrap_or_else(|| panic!("{line}"));
        assert!(head.contains("DEBUG"), "{line}");
        assert_eq!(Told::parse(told), Some(Told::plain(&upstream.url(), index)), "{line}");
    }
}

#[tokio::test]
async fn and_not_by_default() {
    let [one, two] = pair().await;
    let gateway = Running::start(&config(&one.url(), &two.url(), ""), "info").await;
    assert_eq!(get(gateway.addr, OPEN, &[]).await.status(), 200);
    gateway.process.line_with(" access: ").await;
    let log = gateway.process.text(Stream::Err);
    assert!(!log.contains("gateway::pick"), "{log}");
}
