//! What can't be told, since nothing is sent.

use super::*;

#[tokio::test]
async fn keys_that_would_have_to_be_fetched_are_not_told() {
    let config = config(
        r#"
        [pools.one]
        upstreams = ["http://127.0.0.1:9001"]
        [routes."/"]
        pool = "one"
        jwt = { keys_url = "http://id.example/jwks", headers = { x-user = "sub" } }
        "#,
    );
    let note = "Whether its token is valid can't be told: the keys come from http://id.example, and nothing is sent for this \
                answer. It goes on as if it were.";
    let with_token = explained_by(&config, "GET /x | authorization: Bearer abc | x-user: ann").await;
    let sent = &with_token.sends.as_ref().unwrap_or_else(|| panic!("{with_token}")).text;
    assert!(!sent.contains("Bearer") && !sent.contains("x-user"), "{sent}");
    assert_eq!(with_token.notes, [note]);
    let entry = with_token.layers.iter().find(|layer| layer.name == "entry").unwrap();
    assert_eq!(
        entry.does,
        "asks for a JSON Web Token, whose keys come from http://id.example (not now: nothing is fetched)"
    );

    let without = explained_by(&config, "GET /x").await;
    let answer = without.answer.unwrap();
    assert_eq!((answer.status, answer.why.as_deref()), (401, Some("token_missing")));
    assert_eq!(without.notes, [""; 0]);
}

#[tokio::test]
async fn the_consent_of_a_service_is_not_told() {
    let config = config(
        r#"
        [pools.one]
        upstreams = ["http://127.0.0.1:9001"]
        [routes."/"]
        pool = "one"
        forward_auth = { url = "http://127.0.0.1:1/check" }
        "#,
    );
    let note = "Whether http://127.0.0.1:1 consents can't be told: nothing is sent for this answer. It goes on as if it did.";
    assert_eq!(explained_by(&config, "GET /x").await.notes, [note]);
}
