use std::time::{Duration, UNIX_EPOCH};

use http::HeaderValue;
use proxy_service::{HeaderCase, HostPolicy, Upgrades};

use super::*;

#[test]
fn the_default_is_the_demo() {
    let config = Config::default_demo();
    assert_eq!(where_it_listens(&config), "127.0.0.1:8080");
    let routes: Vec<_> = config
        .routes
        .iter()
        .map(|route| {
            let pool = config.pool_of(route).unwrap();
            let upstreams: Vec<_> =
                pool.upstreams.iter().map(|upstream| upstream.location.to_string()).collect();
            (route.name.as_str(), pool.name.as_str(), upstreams.join(" "), route.entry.admin_tokens.is_some())
        })
        .collect();
    let both = "http://127.0.0.1:9001 http://127.0.0.1:9002".to_owned();
    let (one, two) = ("http://127.0.0.1:9001".to_owned(), "http://127.0.0.1:9002".to_owned());
    assert_eq!(
        routes,
        [("/admin", "admin", two, true), ("/api", "api", both, false), ("/static", "static", one, false)]
    );
    assert_eq!(tokens(&config), ["letmein"]);
    let admin = config.admin.as_ref().unwrap();
    assert_eq!((admin.listen.to_string().as_str(), admin.is_exposed()), ("127.0.0.1:9900", false));
    assert_eq!((config.timeouts, config.limits), (Timeouts::default(), Limits::default()));
}

/// All addresses of `listen`.
fn where_it_listens(config: &Config) -> String {
    config.listen.iter().map(|listen| listen.address.to_string()).collect::<Vec<_>>().join(" ")
}

#[test]
fn it_listens_on_several_addresses() {
    for (listen, addresses) in [
        ("\":8080\"", ":8080"),
        ("\"localhost:0\"", "localhost:0"),
        ("[\"127.0.0.1:80\", { address = \"[::1]:80\" }]", "127.0.0.1:80 [::1]:80"),
        ("[{ address = \"unix:/run/gateway.sock\" }, \"${LISTEN}\"]", "unix:/run/gateway.sock 0.0.0.0:80"),
        ("[\"127.0.0.1:0\", \"127.0.0.1:0\"]", "127.0.0.1:0 127.0.0.1:0"),
    ] {
        let config = parse(format!("listen = {listen}\n{MINIMAL}")).unwrap();
        assert_eq!(where_it_listens(&config), addresses);
    }
}

#[test]
fn a_listener_may_redirect() {
    for (redirect, port) in [("https", 443), ("https:8443", 8443)] {
        let listen = format!("listen = [{{ address = \":80\", redirect = \"{redirect}\" }}]");
        let config = parse(format!("{listen}\n{MINIMAL}")).unwrap();
        assert_eq!(config.listen[0].redirect, Some(Redirect { port }));
    }
}

/// The plain tokens of all routes.
fn tokens(config: &Config) -> Vec<&str> {
    let specs = config.routes.iter().filter_map(|route| route.entry.admin_tokens.as_ref()).flatten();
    specs
        .map(|spec| match &spec.secret {
            Secret::Plain(text) => text.expose(),
            Secret::Sha256(_) => "(digest)",
        })
        .collect()
}

#[test]
fn a_minimal_file_has_the_defaults() {
    let config = parse(MINIMAL).unwrap();
    assert_eq!(config.listen, Config::default_demo().listen);
    assert_eq!(config.workers, std::thread::available_parallelism().unwrap());
    assert_eq!((config.timeouts, config.limits), (Timeouts::default(), Limits::default()));
    assert!(config.trusted_proxies.is_empty() && config.warnings.is_empty());
    assert_eq!((config.header_case, config.pools[0].header_case), (HeaderCase::Lower, HeaderCase::Lower));
    assert_eq!(config.pools[0].failover, 1);
    assert_eq!(config.pools[0].upstreams[0].weight.get(), 1);
    let route = &config.routes[0];
    assert!(route.entry.admin_tokens.is_none() && route.limits.max_body.is_none());
    assert_eq!((&route.rewrite.host, &route.upgrade), (&HostPolicy::Target, &Upgrades::default()));
}

#[test]
fn a_listener_may_ask_for_proxy_headers() {
    let file = |listen: &str, trusted: &str| {
        parse(format!("listen = {listen}\ntrusted_proxies = {trusted}\n{MINIMAL}"))
            .unwrap_or_else(|errors| panic!("{errors}"))
            .listen
    };
    let listen =
        file("[{ address = \":1\", proxy_protocol = true }, { address = \":2\" }, \":3\"]", "[\"10.0.0.1\"]");
    assert_eq!(listen.iter().map(|listen| listen.proxy_protocol).collect::<Vec<_>>(), [true, false, false]);
    let local = file("[{ address = \"unix:/run/gateway.sock\", proxy_protocol = true }]", "[]");
    assert!(local[0].proxy_protocol, "whoever may open the socket is trusted");
}

#[test]
fn every_key_has_its_effect() {
    let config = parse(
        r#"
        listen = "[::1]:0"
        workers = 3
        trusted_proxies = ["10.0.0.0/8", "192.168.1.1"]
        header_case = "title"
        [timeouts]
        connect = "1s"
        response_head = "2s"
        body_idle = "3s"
        request_head = "4s"
        keep_alive = "5s"
        tunnel_idle = "6s"
        request = "7s"
        shutdown = "8s"
        shutdown_delay = "9s"
        drain = "10s"
        [limits]
        header_section = "8KiB"
        header_fields = 50
        response_section = "1KiB"
        response_fields = 10000
        uri = 1024
        connections = 7
        handshakes = 9
        buffers = "1KiB"
        [pools]
        b.upstreams = ["http://127.0.0.1:1"]
        a = { upstreams = [{ url = "http://127.0.0.1:2", weight = 5 }], failover = 0 }
        [routes]
        "/".pool = "b"
        "/up" = { pool = "a", max_body = "10MiB", host = "preserve", upgrade = [] }
        "/docker" = { pool = "a", upgrade = ["websocket", "tcp", "SPDY/3.1"] }
        "#,
    )
    .unwrap();
    assert_eq!(where_it_listens(&config), "[::1]:0");
    assert_eq!(config.workers.get(), 3);
    let proxies: Vec<_> = config.trusted_proxies.iter().map(ToString::to_string).collect();
    assert_eq!(proxies, ["10.0.0.0/8", "192.168.1.1/32"]);
    assert_eq!(config.header_case, HeaderCase::Title);
    let seconds = Duration::from_secs;
    let timeouts = Timeouts {
        connect: seconds(1),
        response_head: seconds(2),
        body_idle: seconds(3),
        request_head: seconds(4),
        keep_alive: seconds(5),
        tunnel_idle: seconds(6),
        request: Some(seconds(7)),
        shutdown: seconds(8),
        shutdown_delay: seconds(9),
        drain: seconds(10),
    };
    assert_eq!(config.timeouts, timeouts);
    let limits = Limits {
        header_section: 8192,
        header_fields: 50,
        response_section: 1024,
        response_fields: 10_000,
        uri: 1024,
        connections: 7,
        handshakes: 9,
        buffers: 1024,
    };
    assert_eq!(config.limits, limits);
    let [root, docker, up] = config.routes.as_slice() else { panic!("three routes") };
    assert_eq!((root.name.as_str(), up.name.as_str()), ("/", "/up"));
    assert_eq!(config.pool_of(root).unwrap().name, "b");
    let pool = config.pool_of(up).unwrap();
    assert_eq!((pool.name.as_str(), pool.failover, pool.upstreams[0].weight.get()), ("a", 0, 5));
    assert_eq!((up.limits.max_body, &up.rewrite.host), (Some(10 << 20), &HostPolicy::Preserve));
    assert_eq!(up.upgrade, Upgrades::none());
    let protocols = ["websocket", "tcp", "SPDY/3.1"].map(HeaderValue::from_static);
    assert_eq!(docker.upgrade, Upgrades::only(protocols));
}

#[test]
fn the_operators_listener_is_off_unless_it_is_asked_for() {
    assert_eq!(parse(MINIMAL).unwrap().admin, None);
    let admin = |lines: &str| parse(format!("[admin]\n{lines}\n{MINIMAL}")).unwrap().admin.unwrap();
    assert_eq!(admin(""), Admin::from("127.0.0.1:9900".parse::<Address>().unwrap()));
    for local in ["127.0.0.1:0", "[::1]:9900", "localhost:9900", "unix:/run/gateway/admin.sock"] {
        assert_eq!(admin(&format!("listen = \"{local}\"")).listen.to_string(), local);
    }
    let open = admin(
        "listen = \"${LISTEN}\"\nadmin_tokens = [\"${ADMIN_TOKEN}\"]\nready = \"any\"\nhosts = [\"A.b\", \"::1\"]",
    );
    assert_eq!((open.listen.to_string().as_str(), open.ready), ("0.0.0.0:80", ReadyPools::Any));
    assert_eq!(open.hosts, ["a.b", "::1"]);
    assert_eq!(open.admin_tokens.unwrap().len(), 1);
}

#[test]
fn pages_give_way_to_routes_of_their_own() {
    let pages = |text: &str| {
        let Pages { index, health, ready } = parse(text).unwrap().pages;
        [index, health, ready].map(Option::unwrap_or_default)
    };
    let route = |prefix: &str| format!("[routes.\"{prefix}\"]\npool = \"api\"\n");
    let usual = ["", "/healthz", "/readyz"];
    for (more, expected) in [
        (String::new(), usual),
        ("[pages]\n".to_owned(), usual),
        ("pages = false\n".to_owned(), ["", "", ""]),
        ("[pages]\nindex = \"/gateway\"\nhealth = false\n".to_owned(), ["/gateway", "", "/readyz"]),
        ("[pages]\nhealth = \"/api/healthz\"\n".to_owned(), ["", "/api/healthz", "/readyz"]),
        (route("/"), ["", "/healthz", "/readyz"]),
        (route("/healthz"), ["", "", "/readyz"]),
        (route("/readyz/x"), usual),
        ("[pages]\nindex = \"/readyz\"\n".to_owned(), ["/readyz", "/healthz", ""]),
    ] {
        assert_eq!(pages(&format!("{more}{MINIMAL}")), expected, "{more}");
    }
}

#[test]
fn what_may_take_for_ever_can_be_off() {
    let off = ["response_head", "body_idle", "tunnel_idle", "shutdown", "drain", "request"];
    let lines: String = off.iter().map(|key| format!("{key} = \"off\"\n")).collect();
    let config = parse(format!("[timeouts]\n{lines}{MINIMAL}")).unwrap();
    let (timeouts, default, never) = (&config.timeouts, Timeouts::default(), Duration::MAX);
    assert_eq!(
        [timeouts.response_head, timeouts.body_idle, timeouts.tunnel_idle, timeouts.shutdown, timeouts.drain],
        [never; 5]
    );
    assert_eq!(timeouts.request, None);
    assert_eq!((timeouts.connect, timeouts.request_head), (default.connect, default.request_head));
}

#[test]
fn a_pool_has_the_timeouts_of_the_gateway_but_for_its_own() {
    let seconds = Duration::from_secs;
    let text = format!(
        "[timeouts]\nconnect = \"1s\"\nresponse_head = \"2s\"\nbody_idle = \"3s\"\ntunnel_idle = \"off\"\n{MINIMAL}\
         [pools.polled]\nupstreams = [\"http://127.0.0.1:1\"]\n\
         timeouts = {{ response_head = \"off\", tunnel_idle = \"4s\" }}\n\
         [routes.\"/polled\"]\npool = \"polled\"\n"
    );
    let config = parse(text).unwrap();
    let common = PoolTimeouts {
        connect: seconds(1),
        response_head: seconds(2),
        body_idle: seconds(3),
        tunnel_idle: Duration::MAX,
    };
    let own = PoolTimeouts { response_head: Duration::MAX, tunnel_idle: seconds(4), ..common.clone() };
    let timeouts: Vec<_> = config.pools.into_iter().map(|pool| pool.timeouts).collect();
    assert_eq!(timeouts, [common, own]);
}

#[test]
fn tokens_come_from_everywhere() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("admin"), "from-a-secret-file\r\n").unwrap();
    let text = format!(
        r#"
        {MINIMAL}
        admin_tokens = [
            "a-literal-that-is-long",
            "${{ADMIN_TOKEN}}",
            "${{ADMIN_DIGEST}}",
            {{ token = "labelled-and-expiring", label = "ops", expires = 2100-01-01T00:00:00Z }},
            {{ env = "ADMIN_TOKEN", expires = "2100-01-01T00:00:00Z" }},
            {{ file = "admin" }},
            {{ sha256 = "1C8BFE8F801D79745C4631D09FFF36C82AA37FC4CCE4FC946683D7B336B63032" }},
        ]
        "#
    );
    let file = directory.path().join("gateway.toml");
    let config = Config::parse(file.to_str().unwrap(), text, variable).unwrap();
    assert_eq!(
        tokens(&config),
        [
            "a-literal-that-is-long",
            "from-the-environment",
            "(digest)",
            "labelled-and-expiring",
            "from-the-environment",
            "from-a-secret-file",
            "(digest)",
        ]
    );
    assert!(config.warnings.is_empty(), "{:?}", config.warnings);
    let specs = config.routes[0].entry.admin_tokens.as_ref().unwrap();
    assert_eq!(specs[3].label.as_deref(), Some("ops"));
    let year_2100 = UNIX_EPOCH + Duration::from_secs(4_102_444_800);
    assert_eq!(
        (specs[3].expires_at, specs[4].expires_at, specs[5].expires_at),
        (Some(year_2100), Some(year_2100), None)
    );
    let Secret::Sha256(digest) = specs[6].secret else { panic!("a digest") };
    assert_eq!((digest[0], digest[31]), (0x1c, 0x32));
}

#[test]
fn tokens_have_a_longest_length() {
    let with_length = |length| parse(format!("{MINIMAL}admin_tokens = [\"{}\"]\n", "x".repeat(length)));
    assert_eq!(tokens(&with_length(4096).unwrap())[0].len(), 4096);
    assert!(with_length(4097).unwrap_err().to_string().contains("the token is too long"));
}

#[test]
fn the_environment_gives_addresses_too() {
    let text =
        "listen = \"${LISTEN}\"\n".to_owned() + &MINIMAL.replace("http://127.0.0.1:9001", "${UPSTREAM}");
    let config = parse(text).unwrap();
    assert_eq!(where_it_listens(&config), "0.0.0.0:80");
    assert_eq!(config.pools[0].upstreams[0].location.to_string(), "http://api.internal:8080");
}

#[test]
fn the_environment_gives_parts_of_an_upstream() {
    for (url, target) in [
        ("http://${HOST}:9001", "http://api.internal:9001"),
        ("http://${HOST}:${PORT}/v1", "http://api.internal:8080/v1"),
        ("${UPSTREAM}/v1", "http://api.internal:8080/v1"),
        ("http://$HOST.example", ""),
    ] {
        match parse(MINIMAL.replace("http://127.0.0.1:9001", url)) {
            Ok(config) => assert_eq!(config.pools[0].upstreams[0].location.to_string(), target),
            Err(errors) => assert_eq!(target, "", "{errors}"),
        }
    }
}

#[test]
fn what_is_probably_not_meant_is_a_warning() {
    let config = parse(
        r#"
trusted_proxies = ["0.0.0.0/0"]
[pools.api]
upstreams = ["http://127.0.0.1:9001"]
[pools.spare]
upstreams = ["http://127.0.0.1:9002"]
[routes."/api"]
pool = "api"
admin_tokens = ["short", { token = "long-enough-to-be-safe", expires = 2001-01-01T00:00:00Z }]
"#,
    )
    .unwrap();
    let warnings: Vec<_> = config.warnings.iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(warnings.join("\n"));
}
