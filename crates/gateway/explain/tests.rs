mod answers;
mod several_pools;
#[cfg(feature = "jwt")]
mod unasked;

use super::*;

const TOPOLOGY: &str = r#"
    [pools.api]
    upstreams = ["http://127.0.0.1:9001", "http://127.0.0.1:9002"]
    [pools.by_user]
    upstreams = ["http://127.0.0.1:9001/base", "http://127.0.0.1:9002/base"]
    balance = { hash = "header:x-user" }
    [pools.one]
    upstreams = ["http://one.internal:9003"]
    [pools.two]
    upstreams = ["http://127.0.0.1:9004"]
    protocol = "http2"
    [routes."/api"]
    pool = "api"
    max_body = 3
    [routes."/api/users"]
    pool = "by_user"
    [routes."/admin"]
    pool = "one"
    admin_tokens = ["letmein"]
    [routes."/grpc"]
    pool = "two"
"#;

fn config(text: &str) -> Config {
    Config::parse("test.toml", text, |_| None).unwrap_or_else(|errors| panic!("{errors}"))
}

async fn explained_by(config: &Config, line: &str) -> Explanation {
    let mut words = line.split(" | ");
    let (method, url) = words.next().unwrap().split_once(' ').unwrap();
    let question =
        words.fold(Question::new(method, url).unwrap(), |question, word| match word.strip_prefix("body ") {
            Some(body) => question.body(body),
            None => question.field(word).unwrap(),
        });
    explain(config, &question, &Known::default()).await.unwrap()
}

#[tokio::test]
async fn what_is_sent_on() {
    let config = config(TOPOLOGY);
    for (line, route, pool, begins) in [
        ("GET http://a/api/x?y", "/api", "api", "GET /x?y HTTP/1.1\r\nhost: 127.0.0.1:900"),
        ("GET /api", "/api", "api", "GET / HTTP/1.1\r\n"),
        ("GET /api/users", "/api/users", "by_user", "GET /base HTTP/1.1\r\n"),
        ("GET /api/users/%2f", "/api/users", "by_user", "GET /base/%2f HTTP/1.1\r\n"),
        ("POST /api/x | body abc", "/api", "api", "POST /x HTTP/1.1\r\n"),
        (
            "GET /admin/x | x-admin-token: letmein",
            "/admin",
            "one",
            "GET /x HTTP/1.1\r\nhost: one.internal:9003",
        ),
        (
            "GET /grpc/x",
            "/grpc",
            "two",
            ":method: GET\r\n:scheme: http\r\n:authority: 127.0.0.1:9004\r\n:path: /x\r\n",
        ),
    ] {
        let explanation = explained_by(&config, line).await;
        assert_eq!(explanation.route.as_deref(), Some(route), "{line}: {explanation}");
        assert_eq!(explanation.endpoint.as_ref().unwrap().pool, pool, "{line}");
        let sent = &explanation.sends.as_ref().unwrap().text;
        assert!(sent.starts_with(begins), "{line}: {sent}");
        assert!(!sent.contains("letmein"), "{sent}");
        assert!(explanation.is_forwarded() && explanation.answer.is_none());
        assert!(explanation.layers.iter().all(|layer| layer.outcome == Outcome::Passed), "{explanation}");
    }
}

#[tokio::test]
async fn what_the_gateway_answers_itself() {
    let config = config(TOPOLOGY);
    for (line, status, layer, why) in [
        ("GET /nowhere", 404, "routing", None),
        ("GET /healthz", 200, "routing", None),
        ("GET /admin/x", 401, "gate", Some("missing")),
        ("GET /admin/x | x-admin-token: wrong", 403, "gate", Some("unknown")),
        ("GET //admin/x", 400, "admission", Some("a way around a gate")),
        ("GET /api/x | host: a b", 400, "listener", Some("the Host is malformed")),
        ("GET /api/x | host: a | host: b", 400, "listener", Some("Host")),
        ("TRACE /api/x", 405, "admission", None),
        ("GET /api/x y", 400, "listener", None),
        ("POST /api/x | body abcd", 413, "proxy", Some("max_body")),
        ("POST /api/x | content-length: 1 | transfer-encoding: chunked", 400, "listener", None),
    ] {
        let explanation = explained_by(&config, line).await;
        let answer = explanation.answer.as_ref().unwrap_or_else(|| panic!("{line}: {explanation}"));
        let stopped = explanation.layers.iter().find(|layer| layer.outcome == Outcome::Answered);
        assert_eq!(
            (answer.status, stopped.map(|layer| layer.name)),
            (status, Some(layer)),
            "{line}: {explanation}"
        );
        if let Some(why) = why {
            assert!(answer.why.as_ref().is_some_and(|said| said.contains(why)), "{line}: {explanation}");
        }
        assert!(!explanation.is_forwarded() && explanation.endpoint.is_none());
    }
}

#[tokio::test]
async fn who_may_enter() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let users = "ann:$2y$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW\n";
    std::fs::write(file.path(), users).unwrap();
    let config = config(&format!(
        "{TOPOLOGY}[routes.\"/net\"]\npool = \"one\"\nallow = [\"10.0.0.0/8\"]\ndeny = [\"10.9.0.0/16\"]\n\
         [routes.\"/users\"]\npool = \"one\"\nbasic_auth = {{ file = {} }}\n\
         [routes.\"/asked\"]\npool = \"one\"\nforward_auth = {{ url = \"http://127.0.0.1:1/check\" }}\n",
        toml::Value::from(file.path().to_str().unwrap())
    ));
    let layer = |explanation: &Explanation, name: &str| {
        let layer = explanation.layers.iter().find(|layer| layer.name == name);
        layer.map(|layer| (layer.does.clone(), layer.outcome)).unwrap_or_else(|| panic!("{explanation}"))
    };
    let net = explained_by(&config, "GET /net/x").await;
    let does = "lets in 10.0.0.0/8, but not 10.9.0.0/16".to_owned();
    assert_eq!(layer(&net, "addresses"), (does, Outcome::Answered));
    assert_eq!(net.answer.unwrap().why.as_deref(), Some("address_denied"));

    let does = "asks for the password of one of 1 users".to_owned();
    let users = explained_by(&config, "GET /users/x").await;
    assert_eq!(layer(&users, "entry"), (does.clone(), Outcome::Answered));
    assert_eq!(users.answer.unwrap().why.as_deref(), Some("credentials_missing"));
    let ann = explained_by(&config, "GET /users/x | authorization: Basic YW5uOnNlY3JldA==").await;
    assert_eq!(layer(&ann, "entry"), (does, Outcome::Passed));
    assert!(ann.is_forwarded());

    // Nobody is asked.
    let asked = explained_by(&config, "GET /asked/x").await;
    let does = "asks http://127.0.0.1:1 for its consent (not now: nothing is sent)".to_owned();
    assert_eq!(layer(&asked, "entry"), (does, Outcome::Passed));
    assert!(asked.is_forwarded());
}

#[tokio::test]
async fn a_hash_is_certain_and_turns_are_not() {
    let config = config(TOPOLOGY);
    let of = async |line: &str| explained_by(&config, line).await.endpoint.unwrap();
    let turns = of("GET /api/x").await;
    assert!(!turns.is_certain && turns.others.len() == 1, "{turns:?}");
    let mut picked = BTreeSet::new();
    for user in 0..32 {
        let line = format!("GET /api/users/x | x-user: {user}");
        let hashed = of(&line).await;
        assert!(hashed.is_certain && hashed.others.is_empty(), "{hashed:?}");
        assert_eq!(hashed.url, of(&line).await.url);
        picked.insert(hashed.url);
    }
    assert_eq!(picked.len(), 2, "{picked:?}");
    assert!(!of("GET /api/users/x").await.is_certain);
}

#[tokio::test]
async fn each_route_has_its_reason() {
    let config = config(TOPOLOGY);
    for (line, prefix, why) in [
        ("GET /api/users/7", "/api/users", "the path is below it"),
        ("GET /api/users", "/api/users", "it is the path"),
        ("GET /api/users/7", "/api", "the path is below it as well, but /api/users is asked before"),
        ("GET /api/usersx", "/api/users", "the path goes on with \"x\" where a segment would have to end"),
        ("GET /api/users/7", "/admin", "the path doesn't begin with it"),
        ("GET /API/users", "/api", "the path has other capitals"),
        ("GET //admin", "/admin", "it is answered before"),
    ] {
        let explanation = explained_by(&config, line).await;
        let route = explanation.routes.iter().find(|route| route.prefix == prefix).unwrap();
        assert_eq!(route.why, why, "{line} {prefix}");
        assert_eq!(route.matches, explanation.route.as_deref() == Some(prefix));
    }
}

#[tokio::test]
async fn what_is_known_of_a_gateway_that_runs_takes_the_place_of_its_list() {
    let config = config("[pools.a]\nupstreams = [\"http://127.0.0.1:1\"]\n[routes.\"/\"]\npool = \"a\"");
    let endpoint = |port: u16, out: Option<&str>| KnownEndpoint {
        target: format!("http://127.0.0.1:{port}").parse().unwrap(),
        weight: 1,
        priority: 0,
        out: out.map(str::to_owned),
    };
    let endpoints = vec![endpoint(2, Some("ejected")), endpoint(3, None)];
    let known = Known { pools: vec![KnownPool { name: "a".into(), endpoints }] };
    let question = Question::new("GET", "/x").unwrap();
    let picked = explain(&config, &question, &known).await.unwrap().endpoint.unwrap();
    assert_eq!((picked.url.as_str(), picked.is_certain), ("http://127.0.0.1:3", true));
    assert_eq!(picked.out, ["http://127.0.0.1:2: ejected"]);

    let all_out =
        Known { pools: vec![KnownPool { name: "a".into(), endpoints: vec![endpoint(2, Some("down"))] }] };
    let answer = explain(&config, &question, &all_out).await.unwrap().answer.unwrap();
    assert_eq!(answer.status, 503);
}

#[tokio::test]
async fn what_was_not_looked_up_is_said() {
    let named = r#"
        [pools.a]
        upstreams = ["http://app.internal:8080"]
        [routes."/"]
        pool = "a"
    "#;
    let explanation = explained_by(&config(named), "GET http://a/").await;
    assert!(explanation.notes.iter().any(|note| note.contains("app.internal")), "{explanation}");
    let explanation = explained_by(&config(named), "GET https://a/").await;
    assert!(explanation.notes.iter().any(|note| note.contains("TLS")), "{explanation}");
}

#[test]
fn no_questions() {
    for (method, url) in [
        ("", "/"),
        ("GE T", "/"),
        ("GET", "example.com/"),
        ("GET", "ftp://a/"),
        ("GET", "http:///"),
        ("GET", "http://u@a/"),
    ] {
        assert!(Question::new(method, url).is_err(), "{method} {url}");
    }
    let question = Question::new("GET", "http://a").unwrap();
    for line in ["", "no colon", ": 7", "x: a\r\ny: b"] {
        assert!(question.clone().field(line).is_err(), "{line:?}");
    }
}

#[test]
fn a_question_is_written_as_a_client_sends_it() {
    for (url, expected) in [
        ("http://a.example?x#y", "GET /?x HTTP/1.1\r\nhost: a.example\r\n\r\n"),
        ("HTTPS://a.example:8443/%2F//b?c", "GET /%2F//b?c HTTP/1.1\r\nhost: a.example:8443\r\n\r\n"),
        ("/x", "GET /x HTTP/1.1\r\nhost: 127.0.0.1:8080\r\n\r\n"),
    ] {
        let wire = Question::new("GET", url).unwrap().wire("127.0.0.1:8080");
        assert_eq!(String::from_utf8(wire).unwrap(), expected, "{url}");
    }
    let question = Question::new("PUT", "/").unwrap().field("Host: b").unwrap().body("four");
    let wire = String::from_utf8(question.wire("a")).unwrap();
    assert_eq!(wire, "PUT / HTTP/1.1\r\nHost: b\r\ncontent-length: 4\r\n\r\nfour");
}

#[tokio::test]
async fn people_read_it() {
    let config = config(TOPOLOGY);
    let line = "GET http://a.example/api/users/7 | x-user: 1 | x-request-id: r1";
    let told = explained_by(&config, line).await.to_string();
    // The id in Via is another one in each process.
    let id = told.split_once("gateway (").and_then(|(_, rest)| rest.split_once(')')).unwrap().0;
    insta::assert_snapshot!("sent_on", told.replace(id, "ID"));
    insta::assert_snapshot!("answered", explained_by(&config, "GET /admin | x-request-id: r1").await);
}

#[test]
fn a_service_can_explain() {
    fn is_send(_: impl Send) {}
    let (config, question) = (Config::default_demo(), Question::new("GET", "/").unwrap());
    is_send(explain(&config, &question, &Known::default()));
}

/// Each in its place, and a route's own time in place of the gateway's.
#[tokio::test]
async fn the_limits_of_a_route_are_layers_and_count_nothing() {
    let config = config(
        r#"
        timeouts.request = "1m"
        [pools.one]
        upstreams = ["http://127.0.0.1:9001"]
        [routes."/"]
        pool = "one"
        admin_tokens = ["letmein"]
        rate_limit = [{ requests = 1, per = "1m" }, { requests = 2, per = "1s", burst = 1, key = "token" }]
        concurrency = 5
        buffer = "1KiB"
        timeouts = { request = "2m" }
        "#,
    );
    for _ in 0..3 {
        let explanation = explained_by(&config, "GET /x | x-admin-token: letmein").await;
        assert!(explanation.sends.is_some(), "{explanation}");
        let text = explanation.to_string();
        let found: Vec<Option<usize>> = [
            "answers 503 after 2m",
            "counts it for the client's address: 1 in 1m, 1 at once",
            "asks for an admin token",
            "counts it for its user: 2 in 1s, 1 at once",
            "reads up to 1024 bytes",
            "at most 5 in flight, 100 more wait for up to 1s",
        ]
        .map(|does| text.find(does))
        .into();
        assert!(found.iter().all(Option::is_some) && found.is_sorted(), "{found:?} in {text}");
    }
}
