//! What routes do with answers.

use super::*;

#[tokio::test]
async fn each_layer_of_an_answer_has_its_line() {
    let config = config(
        r#"
        errors = { 404 = { body = "x" }, problem = false }
        timeouts.request = "1m"
        [pools.one]
        upstreams = ["http://127.0.0.1:9001"]
        [routes."/"]
        pool = "one"
        security_headers = { referrer = false, frames = false }
        errors = { 404 = { body = "x" }, 5xx = { body = "y" }, intercept = true }
        cors = { origins = ["https://a.example", "https://*.b.example"], max_age = "10m" }
        [routes."/bare"]
        pool = "one"
        errors = false
        cors = { origins = "*" }
        security_headers = { replace = true, frames = false, referrer = false }
        "#,
    );
    let layers = |explanation: &Explanation| {
        let names = ["security", "compression", "errors", "cors", "timeout"];
        let layers = explanation.layers.iter().filter(|layer| names.contains(&layer.name));
        layers.map(|layer| format!("{}: {}", layer.name, layer.does)).collect::<Vec<_>>()
    };
    let common = "errors: has pages for 404, unless its route says what errors are";
    let timeout = "timeout: answers 503 after 1m";
    assert_eq!(
        layers(&explained_by(&config, "GET /x").await),
        [
            common,
            "security: sets x-content-type-options where the upstream sets none",
            "errors: has pages for 404, 5xx, the upstream's too; has problem details for clients that rather read JSON",
            "cors: lets pages of https://a.example, https://*.b.example read answers, and answers preflights, which hold \
             for 10m",
            timeout,
        ]
    );
    assert_eq!(
        layers(&explained_by(&config, "GET /bare/x").await),
        [
            common,
            "security: sets x-content-type-options in place of the upstream's",
            "errors: leaves a line of text",
            "cors: lets pages of any origin read answers, and answers preflights",
            timeout,
        ]
    );
    let preflight = "OPTIONS /x | origin: https://a.example | access-control-request-method: PUT";
    let explanation = explained_by(&config, preflight).await;
    let answered = explanation.layers.iter().find(|layer| layer.outcome == Outcome::Answered).unwrap();
    assert_eq!((answered.name, explanation.answer.unwrap().status), ("cors", 200));
    assert!(explained_by(&config, "OPTIONS /x | origin: https://a.example").await.is_forwarded());
}

#[cfg(feature = "compression")]
#[tokio::test]
async fn compression_has_its_line() {
    let text = "[routes.\"/\"]\nrespond = { body = \"ok\" }\ncompression = { algorithms = [\"br\", \"gzip\"], min_size = 9 }\n";
    let explanation = explained_by(&config(text), "GET /x").await;
    let compression = explanation.layers.iter().find(|layer| layer.name == "compression").unwrap();
    assert_eq!(compression.does, "compresses answers of 9 bytes and more by br, gzip, as the client likes");
    assert_eq!(explanation.routes[0].to, "answer 200");
}
