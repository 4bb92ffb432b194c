//! What errors look like: a snapshot for each theme, which has the file of each case and all of its errors.

use super::*;

/// Compares the file and the errors of each case with the stored snapshot.
pub(super) fn snapshot<const N: usize>(theme: &str, cases: [(&str, String); N]) {
    let rendered = cases.map(|(name, text)| {
        let errors = parse(&text).expect_err(name);
        let numbered: Vec<_> =
            text.lines().enumerate().map(|(n, line)| format!("{:>3}  {line}", n + 1)).collect();
        format!("## {name}\n{}\n\n{errors}\n", numbered.join("\n"))
    });
    let mut settings = insta::Settings::clone_current();
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(theme, rendered.join("\n\n")));
}

/// The minimal file, with `line` before it.
fn with(line: &str) -> String {
    format!("{line}\n{MINIMAL}")
}

/// The minimal file, with `line` in its route.
fn route_with(line: &str) -> String {
    format!("{MINIMAL}{line}\n")
}

/// The minimal file with other upstreams.
fn upstreams(value: &str) -> String {
    MINIMAL.replace("[\"http://127.0.0.1:9001\"]", value)
}

/// The minimal file with another prefix.
fn prefix(prefix: &str) -> String {
    MINIMAL.replace("\"/api\"", prefix)
}

#[test]
fn top_level() {
    snapshot(
        "top_level",
        [
            ("empty file", String::new()),
            ("listen has no valid host", with("listen = \"127.0.0:8080\"")),
            ("listen has no port", with("listen = \"127.0.0.1\"")),
            ("listen is a number", with("listen = 8080")),
            ("listen is empty", with("listen = []")),
            ("listen has no address", with("listen = [{ adress = \":8080\" }]")),
            ("listen has a socket without a path", with("listen = [\"unix:gateway.sock\"]")),
            ("PROXY headers from nobody", with("listen = [{ address = \":8080\", proxy_protocol = true }]")),
            (
                "PROXY headers by a version",
                with("listen = [{ address = \":8080\", proxy_protocol = \"v2\" }]"),
            ),
            ("listen redirects to nothing", with("listen = [{ address = \":80\", redirect = \"http\" }]")),
            ("listen has an address twice", with("listen = [\":8080\", { address = \"127.0.0.1:8080\" }]")),
            ("no workers", with("workers = 0")),
            ("workers is a text", with("workers = \"2\"")),
            ("unknown key, slip", with("lisen = \"127.0.0.1:80\"")),
            ("unknown key, no idea", with("certificate = \"cert.pem\"")),
            ("unknown key, a singular", "[route.\"/api\"]\npool = \"api\"\n".to_owned() + MINIMAL),
            ("trusted_proxies is a text", with("trusted_proxies = \"10.0.0.0/8\"")),
            (
                "trusted_proxies are no networks",
                with("trusted_proxies = [\"10.0.0.0/33\", \"proxy\", \"10.0.0.1/8\", 10]"),
            ),
            ("a case of names that there isn't", with("header_case = \"upper\"")),
            ("a table is a number", with("timeouts = 5")),
        ],
    );
}

#[test]
fn timeouts_and_limits() {
    snapshot(
        "timeouts_and_limits",
        [
            ("duration without unit", with("[timeouts]\nconnect = 5")),
            ("duration as text without unit", with("[timeouts]\nconnect = \"5\"")),
            ("duration zero", with("[timeouts]\nbody_idle = \"0s\"")),
            ("duration too long", with("[timeouts]\nbody_idle = \"2 years\"")),
            ("duration with a strange unit", with("[timeouts]\nbody_idle = \"5 fortnights\"")),
            ("zero where off is meant", with("[timeouts]\nresponse_head = \"0s\"")),
            (
                "off where that isn't sane",
                with("[timeouts]\nconnect = \"off\"\nrequest_head = \"off\"\nkeep_alive = \"off\""),
            ),
            ("unknown timeout", with("[timeouts]\nconnection = \"5s\"\nread = \"5s\"")),
            ("size with a strange unit", with("[limits]\nheader_section = \"64KBit\"")),
            ("answers out of range", with("[limits]\nresponse_section = \"1000\"\nresponse_fields = 0")),
            ("size too small", with("[limits]\nheader_section = \"1KiB\"")),
            ("size negative", with("[limits]\nuri = -1")),
            ("size too large", with("[limits]\nuri = \"64KiB\"")),
            ("count too large", with("[limits]\nconnections = 99999999999999999999")),
            ("count is a float", with("[limits]\nheader_fields = 1e3")),
        ],
    );
}

#[test]
fn pools() {
    snapshot(
        "pools",
        [
            ("no upstreams key", MINIMAL.replace("upstreams = [\"http://127.0.0.1:9001\"]", "")),
            ("no upstreams", upstreams("[]")),
            ("upstreams is a text", upstreams("\"http://127.0.0.1:9001\"")),
            ("no URL", upstreams("[\"127.0.0.1:9001\", \"\", \"ftp://files\", 9001]")),
            (
                "other spellings",
                upstreams(
                    "[\"unix:/run/app.sock\", \"unix:///run/a.sock\", \"/run/b.sock\", \"h2c://app:80\", \"GRPCS://app\", \"ws://app/chat\", \"wss://app\", \"ws://a b\"]",
                ),
            ),
            ("a name in other letters", upstreams("[\"http://bücher.example\", \"https://例え.jp:8443/a\"]")),
            ("a password in a URL", upstreams("[\"http://user:hunter2@127.0.0.1\"]")),
            (
                "the same upstream twice",
                upstreams("[\"http://a:1\", \"http://b:1\", { url = \"http://a:1\" }]"),
            ),
            (
                "weights out of range",
                upstreams("[{ url = \"http://a:1\", weight = 0 }, { url = \"http://b:1\", weight = 1001 }]"),
            ),
            ("an upstream without url", upstreams("[{ uri = \"http://a:1\" }]")),
            (
                "environment",
                upstreams("[\"${NOPE}\", \"${EMPTY}\", \"${GARBAGE}\", \"http://${NOPE}/\", \"${}\"]"),
            ),
            (
                "environment in parts of a URL",
                upstreams(
                    "[\"http://${HOST}:${NOPE}\", \"http://${HOST\", \"http://${GARBAGE}:80\", \"http://${HOST}:${GARBAGE}\", \"http://${USERINFO}/\"]",
                ),
            ),
            ("failover out of range", MINIMAL.replace("[routes", "failover = 11\n[routes")),
            ("a strange name", format!("{MINIMAL}[pools.\"a pool\"]\nupstreams = [\"http://a:1\"]\n")),
            ("a pool is an array", with("pools = []").replace("[pools.api]", "[other]")),
        ],
    );
}

#[test]
fn pages() {
    let gated = "[routes.\"/Gated\"]\npool = \"api\"\nadmin_tokens = [\"0123456789abcdef\"]\n";
    snapshot(
        "pages",
        [
            ("neither off nor a table", with("pages = true")),
            (
                "all that is wrong",
                with("[pages]\nindex = true\nhealth = \"healthz\"\nready = \"/a{b}\"\nhealthz = 1"),
            ),
            ("a route's own", with("[pages]\nhealth = \"/api\"")),
            ("the same twice", with("[pages]\nindex = \"/x\"\nhealth = \"/x\"")),
            ("below a gate", format!("{gated}{}", with("[pages]\nindex = \"/gated/state\""))),
        ],
    );
}

#[test]
fn admin() {
    let admin = |lines: &str| format!("[admin]\n{lines}\n{MINIMAL}");
    snapshot(
        "admin",
        [
            ("no table", with("admin = \"127.0.0.1:9900\"")),
            ("open to other machines", admin("listen = \"0.0.0.0:9900\"")),
            ("open to other machines by a name", admin("listen = \"gateway.internal:9900\"\nhosts = []")),
            ("where clients connect to", admin("listen = \":8080\"\nadmin_tokens = [\"${ADMIN_TOKEN}\"]")),
            ("no tokens after all", admin("listen = \":9900\"\nadmin_tokens = []")),
            ("names with more than a name", admin("hosts = [\"http://a\", \"a:9900\", \"\", 7]")),
            ("a kind of readiness that there isn't", admin("ready = \"most\"\nhost = \"a\"")),
        ],
    );
}

#[test]
fn routes() {
    snapshot(
        "routes",
        [
            ("no routes", "[pools.api]\nupstreams = [\"http://a:1\"]\n".to_owned()),
            ("unknown pool, slip", MINIMAL.replace("pool = \"api\"", "pool = \"apii\"")),
            ("unknown pool, there is none", "[routes.\"/api\"]\npool = \"api\"\n".to_owned()),
            ("no pool", MINIMAL.replace("pool = \"api\"", "")),
            ("no leading slash", prefix("api")),
            ("neither a slash nor plain", prefix("\"*.js\"")),
            ("a trailing slash", prefix("\"/api/\"")),
            ("an axum pattern", prefix("\"/api/{*rest}\"")),
            ("a percent-encoded prefix", prefix("\"/%61dmin\"")),
            ("dot segments", prefix("\"/api/../admin\"")),
            ("an empty segment", prefix("\"/api//v2\"")),
            (
                "strange max_body, host, upgrade",
                route_with("max_body = 0\nhost = \"upstream\"\nupgrade = [\"h2c\", \"spdy 3\", 1]"),
            ),
            (
                "upgrades to more requests, and to nothing",
                route_with(
                    "upgrade = [\"HTTP/2.0\", \"TLS/1.0\", \"H2C\", \"\", \"tcp/\", \"a/b/c\", \"a, b\"]",
                ),
            ),
            (
                "a way around a broken gate",
                route_with("admin_tokens = 7\n[routes.\"/api/open\"]\npool = \"api\""),
            ),
            ("unknown key", route_with("timeout = \"5s\"\nadmin_token = \"s3cr3t\"")),
            (
                "a way around a gate",
                route_with(
                    "admin_tokens = [\"0123456789abcdef\"]\n[routes.\"/API/open\"]\npool = \"api\"\n[routes.\"/Api\"]\npool = \"api\"",
                ),
            ),
        ],
    );
}

#[test]
fn tokens() {
    snapshot(
        "tokens",
        [
            ("an empty list", route_with("admin_tokens = []")),
            ("no list", route_with("admin_tokens = \"s3cr3t\"")),
            (
                "empty, blank, not ASCII",
                route_with("admin_tokens = [\"\", \"s3cr3t s3cr3t\", \"s3cr3té\", 12345]"),
            ),
            (
                "environment",
                route_with(
                    "admin_tokens = [\"${NOPE}\", \"${EMPTY}\", \"${NEWLINE}\", \"${GARBAGE}\", \"${1}\"]",
                ),
            ),
            ("half a reference", route_with("admin_tokens = [\"$ADMIN_TOKEN\", \"s3cr3t-${ADMIN_TOKEN}\"]")),
            (
                "tables with environment",
                route_with("admin_tokens = [{ env = \"NOPE\" }, { env = \"EMPTY\" }, { env = \"\" }]"),
            ),
            (
                "a secret file that isn't there",
                route_with("admin_tokens = [{ file = \"/nonexistent/admin\" }]"),
            ),
            ("an empty secret file", route_with("admin_tokens = [{ file = \"/dev/null\" }]")),
            ("no digest", route_with("admin_tokens = [\"sha256:s3cr3t\", { sha256 = \"s3cr3t\" }]")),
            (
                "none and two of what there must be one",
                route_with(
                    "admin_tokens = [{ label = \"ops\" }, { token = \"s3cr3t\", env = \"ADMIN_TOKEN\" }]",
                ),
            ),
            (
                "strange label and expiry",
                route_with(
                    "admin_tokens = [{ token = \"s3cr3t\", lable = \"x\", label = \"\", expires = 2027-01-01 }]",
                ),
            ),
        ],
    );
}

#[test]
fn not_toml() {
    snapshot(
        "not_toml",
        [
            ("no closing quote", with("listen = \"127.0.0.1:8080")),
            ("truncated", MINIMAL.trim_end().trim_end_matches("i\"").to_owned()),
            ("truncated in an array", "[pools.api]\nupstreams = [\"http://127.0.0.1:9001\",".to_owned()),
            ("no value", with("listen =\nworkers = 2")),
            ("two on two lines", with("listen = 127.0.0.1:8080\nworkers = two")),
            (
                "a key twice, and other errors",
                format!("listen = \"127.0.0.1:80\"\nlisten = \"127.0.0.1:81\"\n{MINIMAL}pol = 1\n"),
            ),
            ("a table twice", format!("{MINIMAL}[pools.api]\nupstreams = [\"http://a:1\"]\n")),
            ("an unquoted secret", route_with("admin_tokens = [s3cr3t]")),
            ("an unfinished secret", route_with("admin_tokens = [\"s3cr3t]")),
            (
                "something after a secret",
                route_with("admin_tokens = [\"0123456789abcdef\"]\n[limits]\nuri = big"),
            ),
            ("YAML", "listen: 127.0.0.1:8080\npools:\n  - api\n".to_owned()),
        ],
    );
}

#[test]
fn all_of_them() {
    let text = r#"
listen = "localhost"
worker = 2

[timeouts]
connect = 5
response_head = "0s"

[pools.api]
upstreams = ["127.0.0.1:9001", { url = "http://127.0.0.1:9002", weight = 0 }]

[routes."/api/"]
pool = "aip"

[routes."/admin"]
pool = "admin"
admin_tokens = ["${NOT_SET}"]
"#;
    assert_eq!(parse(text).unwrap_err().len(), 10);
    snapshot("all_of_them", [("ten errors", text.to_owned())]);
}
