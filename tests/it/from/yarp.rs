//! YARP, whose documentation says what comes of each request: it isn't run.

use super::example::Example;

#[tokio::test]
async fn yarps_sample_does_what_its_documentation_says() {
    let example = Example {
        folder: "yarp",
        original: None,
        host: "localhost",
        upstreams: &[("minimal", 5010), ("all", 5011), ("all", 5012), ("cluster1", 5013)],
    };
    example.start().await.ask_the_gateway().await;
}
