//! Routes with several pools.

use super::*;

/// Pools `blue` and `green`, `dead` with nobody, and `shadow`, with a route that has these keys.
fn with_keys(keys: &str) -> Config {
    let pools = ["blue", "green", "shadow"]
        .map(|name| format!("[pools.{name}]\nupstreams = [\"http://{name}:1\"]\n"));
    config(&format!(
        "{}[pools.dead]\nupstreams = [{{ file = \"/nonexistent/endpoints.json\" }}]\n[routes.\"/\"]\n{keys}\n",
        pools.concat()
    ))
}

fn does<'a>(explanation: &'a Explanation, name: &str) -> &'a str {
    let layer = explanation.layers.iter().find(|layer| layer.name == name);
    layer.map(|layer| layer.does.as_str()).unwrap_or_else(|| panic!("{explanation}"))
}

#[tokio::test]
async fn each_share_is_named_and_chance_is_never_certain() {
    let config = with_keys("split = { blue = 9999, green = 1 }\nfallback = \"shadow\"");
    let explanation = explained_by(&config, "GET /x").await;
    assert_eq!(explanation.routes[0].to, "blue 9999, green 1, else shadow");
    assert_eq!(does(&explanation, "split"), "blue 9999, green 1, by chance");
    assert_eq!(does(&explanation, "fallback"), "pool shadow if this one has nobody");
    let pick = explanation.endpoint.as_ref().unwrap();
    assert!(!pick.is_certain, "{pick:?}");
    assert!(does(&explanation, "balancer").contains(&format!("pool {}: ", pick.pool)), "{explanation}");
    assert!(explanation.to_string().contains("-> /  blue 9999, green 1, else shadow  ("), "{explanation}");

    let all = with_keys("split = { blue = 1, green = 1 }");
    let pick = explained_by(&all, "GET /x").await.endpoint.unwrap();
    let other = if pick.pool == "blue" { "green" } else { "blue" };
    assert_eq!(pick.url, format!("http://{}:1", pick.pool));
    assert_eq!(pick.others, [format!("http://{other}:1 in pool {other}")]);
    let why = format!("pool {} by its share; upstreams take turns, by their weights", pick.pool);
    assert_eq!(pick.why, why);

    let only = with_keys("split = { blue = 1, green = 0 }");
    assert!(explained_by(&only, "GET /x").await.endpoint.unwrap().is_certain);
}

#[tokio::test]
async fn a_header_or_cookie_decides_for_certain() {
    for (by, said, with, without) in [
        ("header = \"x-user\"", "by the header x-user, and without it by chance", "x-user: 7", "x-other: 7"),
        (
            "cookie = \"share\"",
            "by the cookie share, which clients without it get",
            "cookie: share=0123456789abcdef",
            "cookie: other=0123456789abcdef",
        ),
    ] {
        let config = with_keys(&format!("split = {{ blue = 1, green = 1 }}\nsplit_by = {{ {by} }}"));
        let explanation = explained_by(&config, &format!("GET /x | {with}")).await;
        assert_eq!(does(&explanation, "split"), format!("blue 1, green 1, {said}"));
        let first = explanation.endpoint.unwrap();
        assert!(first.is_certain && first.others.is_empty(), "{first:?}");
        let again = explained_by(&config, &format!("GET /x | {with}")).await.endpoint.unwrap();
        assert_eq!(first.pool, again.pool);
        assert!(!explained_by(&config, &format!("GET /x | {without}")).await.endpoint.unwrap().is_certain);
    }
}

#[tokio::test]
async fn the_fallback_gets_what_the_first_has_nobody_for() {
    let config =
        with_keys("pool = \"dead\"\nfallback = \"green\"\nmirror = { pool = \"shadow\", percent = 10 }");
    let explanation = explained_by(&config, "GET /x").await;
    assert_eq!(explanation.routes[0].to, "dead, else green; 10 % copied to shadow");
    assert_eq!(does(&explanation, "mirror"), "copies 10 % to pool shadow (not now: nothing is sent)");
    let pick = explanation.endpoint.as_ref().unwrap();
    assert_eq!((pick.pool.as_str(), pick.url.as_str(), pick.is_certain), ("green", "http://green:1", true));
    assert_eq!(pick.why, "pool green since no other has anybody; upstreams take turns, by their weights");
    assert!(does(&explanation, "balancer").starts_with("pool green: "), "{explanation}");
}
