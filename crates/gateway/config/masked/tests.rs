use proptest::prelude::*;

use super::*;
use crate::config::Config;

fn shown(text: &str) -> String {
    let config = Config::parse("gateway.toml", text, |_| Some("from-the-environment-16".to_owned()));
    config.unwrap_or_else(|errors| panic!("{errors}\n{text}")).origin.unwrap().masked().to_owned()
}

#[test]
fn all_but_secrets_is_shown() {
    let text = r#"
        listen = "127.0.0.1:0" # not s3cr3t
        [pools.api]
        upstreams = ["http://${HOST}:9001", { url = "http://127.0.0.1:9002", weight = 2 }]
        affinity = { cookie = "gw", secret = "0123456789abcdef" }
        [routes."/api"]
        pool = "api"
        admin_tokens = ["0123456789abcdef", { token = "fedcba9876543210", label = "ops" }]
        request_headers = { set = { authorization = "Basic YTpi", x-user = "a" }, add = { X-Api-Key = "k" } }
    "#;
    assert_eq!(
        shown(text),
        r#"listen = "127.0.0.1:0"

[pools.api]
upstreams = ["http://${HOST}:9001", { url = "http://127.0.0.1:9002", weight = 2 }]

[pools.api.affinity]
cookie = "gw"
secret = "…"

[routes."/api"]
admin_tokens = ["…", "…"]
pool = "api"

[routes."/api".request_headers.add]
X-Api-Key = "…"

[routes."/api".request_headers.set]
authorization = "…"
x-user = "a"
"#
    );
    let collector = "[traces.headers]\nauthorization = \"ask me\"\n";
    assert_eq!(masked(collector), collector.replace("ask me", MASK));
    assert_eq!(masked("no = TOML ="), "");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// Wherever a secret may stand, and however it is written.
    #[test]
    fn no_secret_gets_out(
        secret in "[A-Za-z0-9]{24,40}",
        digest in "[0-9a-f]{64}",
        forms in prop::collection::vec(0_usize..7, 1..5),
        quote in prop::sample::select(vec!["\"", "'", "\"\"\"", "'''"]),
    ) {
        let quoted = format!("{quote}{secret}{quote}");
        let token = |form: &usize| match form {
            0 => quoted.clone(),
            1 => format!("{{ token = {quoted} }}"),
            2 => format!("{{ token = {quoted}, label = \"ops\", expires = 2100-01-01T00:00:00Z }}"),
            3 => format!("\"sha256:{digest}\""),
            4 => format!("{{ sha256 = \"{digest}\" }}"),
            5 => "\"${TOKEN}\"".to_owned(),
            _ => "{ env = \"TOKEN\" }".to_owned(),
        };
        let tokens: Vec<String> = forms.iter().map(token).collect();
        let tokens = tokens.join(",\n    ");
        let text = format!(
            "# {secret}\n[admin]\nadmin_tokens = [{tokens}]\n\
             [pools.api]\nupstreams = [\"http://127.0.0.1:1\"] # {secret}\n\
             affinity = {{ cookie = \"gw\", secret = {quoted} }}\n\
             [pools.b]\nupstreams = [\"http://127.0.0.1:1\"]\n[pools.b.affinity]\ncookie = \"gw2\"\nsecret = {quoted}\n\
             [routes.\"/a\"]\npool = \"api\"\nadmin_tokens = [\n    {tokens},\n]\n\
             [routes]\n\"/b\" = {{ pool = \"b\", admin_tokens = [{tokens}] }}\n"
        );
        let text = text.replace("[routes]\n\"/b\" = ", "[routes.\"/b\"]\n#").replace("#{ pool", "pool");
        let text = text.replace(", admin_tokens = [", "\nadmin_tokens = [").trim_end().trim_end_matches('}').to_owned();
        let shown = shown(&text);
        prop_assert!(!shown.contains(&secret) && !shown.contains(&digest), "{}", shown);
        prop_assert!(shown.contains("cookie = \"gw\""), "{}", shown);
    }
}
