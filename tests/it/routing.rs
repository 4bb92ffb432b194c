//! Two upstreams behind `/api`, `/static` and `/admin`, over real sockets: which upstream answers, and what it gets to
//! see.

use crate::support::gateway::TestGateway;
use crate::support::raw::RawClient;
use crate::support::recorder::{RecordingUpstream, Script};

#[tokio::test]
async fn api_alternates_from_the_first_and_static_stays() {
    let one = RecordingUpstream::start(|_| Script::ok("one")).await;
    let two = RecordingUpstream::start(|_| Script::ok("two")).await;
    let gateway = TestGateway::over(one.addr(), two.addr());
    let mut client = RawClient::connect(gateway.addr).await;
    let mut answers = Vec::new();
    for path in ["/api/users", "/api", "/api/", "/static/x", "/api/users", "/static"] {
        answers.push(client.get(path).await.text());
    }
    assert_eq!(answers, ["one", "two", "one", "one", "two", "one"]);
    one.assert_clean();
    two.assert_clean();
}

/// An application may redirect `/docs` to `/docs/`, or back. If the gateway added or removed the slash, the client
/// would be redirected for ever.
#[tokio::test]
async fn a_route_to_a_base_path_invents_no_slash() {
    let upstream = RecordingUpstream::start(|_| Script::ok("")).await;
    let url = upstream.url();
    let gateway = TestGateway::start(&format!(
        "[pools.docs]\nupstreams = [\"{url}/docs\"]\n[pools.root]\nupstreams = [\"{url}\"]\n\
         [routes.\"/docs\"]\npool = \"docs\"\n[routes.\"/api\"]\npool = \"root\"\n"
    ));
    let mut client = RawClient::connect(gateway.addr).await;
    let targets = [
        ("/docs", "/docs"),
        ("/docs?x", "/docs?x"),
        ("/docs?", "/docs?"),
        ("/docs/", "/docs/"),
        ("/docs/?x", "/docs/?x"),
        ("/docs//", "/docs//"),
        ("/docs/a", "/docs/a"),
        ("/api", "/"),
        ("/api?x", "/?x"),
        ("/api/", "/"),
    ];
    for (asked, _) in targets {
        assert_eq!(client.get(asked).await.status(), 200, "{asked}");
    }
    let seen: Vec<String> = upstream.requests().into_iter().map(|request| request.target).collect();
    assert_eq!(seen, targets.map(|(_, arrives)| arrives));
    upstream.assert_clean();
}

/// Every kind of condition, in front of a gate that has a pattern and a host.
#[tokio::test]
async fn conditions_choose_the_route() {
    let one = RecordingUpstream::start(|_| Script::ok("one")).await;
    let two = RecordingUpstream::start(|_| Script::ok("two")).await;
    let (of_one, of_two) = (one.url(), two.url());
    let gateway = TestGateway::start(&format!(
        r#"
        [pools.one]
        upstreams = ["{of_one}"]
        [pools.two]
        upstreams = ["{of_two}"]
        [routes."/"]
        pool = "one"
        [[route]]
        name = "items"
        path = "/users/{{id}}/items"
        methods = "GET"
        pool = "two"
        [[route]]
        name = "hosted"
        host = "*.example.com"
        query = {{ version = "2" }}
        pool = "two"
        [[route]]
        name = "tenant"
        headers = {{ x-tenant = {{ prefix = "t-" }} }}
        client = "127.0.0.0/8"
        scheme = "http"
        pool = "two"
        [[route]]
        name = "gate"
        path = "/{{team}}/admin"
        host = "gated.example"
        admin_tokens = ["0123456789abcdef-token"]
        pool = "two"
        "#
    ));
    for (line, fields, status, answer) in [
        ("GET /users/7/items", "host: a", 200, "two"),
        ("HEAD /users/7/items", "host: a", 200, ""),
        ("GET /users/7/items/x", "host: a", 200, "one"),
        ("DELETE /users/7/items", "host: a", 200, "one"),
        ("GET /x?version=2", "host: a.b.EXAMPLE.com:80", 200, "two"),
        ("GET /x?version=3&v%65rsion=%32", "host: a.example.com.", 200, "two"),
        ("GET /x?version=3", "host: a.example.com", 200, "one"),
        ("GET /x?version=2", "host: example.com", 200, "one"),
        ("GET /x", "host: a\r\nx-tenant: t-1", 200, "two"),
        ("GET /x", "host: a\r\nx-tenant: T-1", 200, "one"),
        ("GET /red/admin", "host: gated.example", 401, ""),
        ("GET /red/Admin", "host: gated.example", 400, ""),
        ("GET /red%2fadmin", "host: Gated.Example.", 400, ""),
        ("GET /red/Admin", "host: open.example", 200, "one"),
    ] {
        let mut client = RawClient::connect(gateway.addr).await;
        client.send(format!("{line} HTTP/1.1\r\n{fields}\r\n\r\n")).await;
        let got = client.response_to(line.split(' ').next().unwrap()).await;
        assert_eq!(got.status(), status, "{line} {fields}");
        assert!(status != 200 || got.text() == answer, "{line} {fields}: {}", got.text());
    }
    assert!(two.requests().iter().all(|request| !request.target.to_lowercase().contains("admin")));
}
