//! Errors and `Debug` output don't show a secret, whatever is wrong near it.

use proptest::prelude::*;

use super::*;

const SECRET: &str = "s3cr3t";

#[test]
fn errors_show_no_secret() {
    for gate in [
        r#"admin_tokens = ["s3cr3t", 1]"#,
        r#"admin_tokens = ["s3cr3t s3cr3t"]"#,
        r#"admin_tokens = "s3cr3t""#,
        r#"admin_tokens = { token = "s3cr3t" }"#,
        r#"admin_tokens = [["s3cr3t"]]"#,
        r#"admin_tokens = ["${GARBAGE}", { env = "GARBAGE" }]"#,
        r#"admin_tokens = ["s3cr3t${ADMIN_TOKEN}"]"#,
        r#"admin_tokens = ["sha256:s3cr3t"]"#,
        r#"admin_tokens = [{ sha256 = "s3cr3t" }]"#,
        r#"admin_tokens = [{ token = "s3cr3t", nope = "s3cr3t" }]"#,
        r#"admin_tokens = [{ token = "s3cr3t", token = "s3cr3t" }]"#,
        r#"admin_tokens = [{ token = "a", token = "s3cr3t", nope = 1 }]"#,
        r#"admin_tokens = [{ token = "a", token = "s3cr3t", expires = 1 }]"#,
        r#"admin_tokens = [{ "s3cr3t" = "ops" }]"#,
        r#"admin_tokens = [{ s3cr3t = "ops", label = 1 }]"#,
        r#"admin_tokens = [{ "s3cr3t" = "ops", "s3cr3t" = "ops" }]"#,
        r#"admin_tokens = [{ token = "s3cr3t", label = 1, expires = "s3cr3t" }]"#,
        r#"admin_token = "s3cr3t""#,
        r#"admin_tokens = ["s3cr3t"], pol = 1"#,
        r#"admin_tokens = ["s3cr3t"#,
        r#"admin_tokens = [s3cr3t]"#,
        r#"admin_tokens = ["a", "s3cr3t" "b"]"#,
        "admin_tokens = [\n  's3cr3t\n]",
        "admin_tokens = [\n\n  [s3cr3t],\n]",
        "admin_tokens = [\"\"\"s3cr3t\ns3cr3t\"\"\", { lable = 1 }]",
        "admin_tokens = [\"s3cr3t\"] admin_tokens = [\"s3cr3t\"]",
        "\"/x\" = { admin_tokens = [\"s3cr3t\"], pool = 7 }",
        "host = 1 # not s3cr3t",
        "admin_tokens = [\"x\"]\ns3cr3t",
        "admin_tokens = [\"x\"]\n[s3cr3t",
        "admin_tokens s3cr3t",
        "admin_tokens: s3cr3t",
        "admin_tokens = [ # s3cr3t",
        "admin_tokens = s3cr3t s3cr3t",
        "admin_tokens = \"\"\"s3cr3t",
    ] {
        for file in [format!("{MINIMAL}{gate}\n"), format!("{MINIMAL}{gate}"), gate.to_owned()] {
            let errors = parse(&file).expect_err(gate);
            assert!(!errors.to_string().contains(SECRET), "{file}\n=>\n{errors}");
            assert!(!format!("{errors:?}").contains(SECRET), "{file}");
        }
    }
}

#[test]
fn secrets_of_cookies_are_secrets() {
    for affinity in [
        r#"affinity = "s3cr3t""#,
        r#"affinity = ["s3cr3t"]"#,
        r#"affinity = { secret = "s3cr3t" }"#,
        r#"affinity = { cookie = "gw", secret = "s3cr3t" }"#,
        r#"affinity = { cookie = "gw", secret = ["s3cr3t"] }"#,
        r#"affinity = { cookie = "gw", secret = "s3cr3t${GW_SECRET}" }"#,
        r#"affinity = { cookie = "gw", secret = "${GARBAGE}" }"#,
        r#"affinity = { cookie = "gw", secret = { env = "GARBAGE", file = "/dev/null" } }"#,
        r#"affinity = { cookie = "gw", secret = { nope = "s3cr3t" } }"#,
        r#"affinity = { cookie = "gw", secrets = "s3cr3t" }"#,
        r#"affinity = { cookie = 7, secret = "s3cr3t-s3cr3t-s3cr3t" }"#,
        r#"affinity = { cookie = "gw", secret = "s3cr3t-s3cr3t-s3cr3t"#,
        "affinity = { cookie = \"gw\",\n\"s3cr3t\" }",
        "[pools.api.affinity]\ncookie = \"gw\"\ns3cr3t",
    ] {
        let file = MINIMAL.replace("[routes", &format!("{affinity}\n[routes"));
        let errors = parse(&file).expect_err(affinity);
        assert!(!errors.to_string().contains(SECRET), "{file}\n=>\n{errors}");
        assert!(!format!("{errors:?}").contains(SECRET), "{file}");
    }
}

#[test]
fn upstream_passwords_are_secrets() {
    for upstreams in [
        r#"["URL"]"#,
        r#"[{ url = "URL" }]"#,
        r#"[{ url = "URL", weight = 0 }]"#,
        r#"[{ url = ["URL"] }]"#,
        r#"[{ uri = "URL" }]"#,
        r#"[{ "URL" = 2 }]"#,
        r#"[{ url = "http://a", url = "URL" }]"#,
        r#"[{ url = "http://a", url = "URL", url = "URL" }]"#,
        r#"[{ url = "http://a", url = "URL", wieght = 1 }]"#,
        r#"[{ url = "URL${PORT}" }]"#,
        r#"["${URL}"]"#,
        r#"["URL", "URL"]"#,
        r#""URL""#,
        r#"{ url = "URL" }"#,
        r#"["URL]"#,
        r#"["URL" "URL"]"#,
        r#"[URL]"#,
        "\n  [URL]",
        "[]\n\"URL\" = 1",
        "[]\nhealth = \"URL\"",
        "[]\nprotocol = \"URL\"",
        "[]\ntls.server_name = \"URL\"",
        "[]\ntls = \"URL\"",
    ] {
        let upstreams = upstreams.replace("URL", "http://user:s3cr3t@host");
        let file = MINIMAL.replace("[\"http://127.0.0.1:9001\"]", &upstreams);
        let errors = parse(&file).expect_err(&upstreams);
        assert!(!errors.to_string().contains(SECRET), "{file}\n=>\n{errors}");
        assert!(!format!("{errors:?}").contains(SECRET), "{file}");
    }
}

#[test]
#[cfg(feature = "tls")]
fn keys_where_their_paths_are_meant_are_secrets() {
    for pem in [
        r#""-----BEGIN EC PRIVATE KEY-----\ns3cr3t""#,
        r#""-----BEGIN EC PRIVATE KEY----- s3cr3t""#,
        r#""s3cr3t\ns3cr3t""#,
        r#"["-----BEGIN EC PRIVATE KEY-----\ns3cr3t"]"#,
        "\"\"\"-----BEGIN EC PRIVATE KEY-----\ns3cr3t\"\"\"",
        "'''\ns3cr3t\ns3cr3t'''",
        "\"-----BEGIN EC PRIVATE KEY-----\ns3cr3t",
        "-----BEGIN EC PRIVATE KEY-----\ns3cr3t",
    ] {
        for key in ["client_key", "client_cert", "ca_file"] {
            let file = MINIMAL.replace("[routes", &format!("tls.{key} = {pem}\n[routes"));
            let errors = parse(&file).expect_err(pem);
            assert!(!errors.to_string().contains(SECRET), "{file}\n=>\n{errors}");
        }
    }
}

#[test]
fn a_configuration_prints_no_secret() {
    let affinity = "affinity = { cookie = \"gw\", secret = \"s3cr3t-s3cr3t-s3cr3t\" }\n[routes";
    let pool = MINIMAL.replace("[routes", affinity);
    let file = format!("{pool}admin_tokens = [\"s3cr3t\", \"${{ADMIN_DIGEST}}\"]\n");
    let config = parse(file).unwrap();
    let printed = format!("{config:?} {config:#?} {:?}", config.warnings);
    assert!(!printed.contains(SECRET) && printed.contains("[redacted]"), "{printed}");
    assert!(!printed.contains("28, 139, 254"), "the digest is printed: {printed}");
}

/// A file with secrets in all places, which a test damages. URLs have three `@`, so that no damage removes all of them:
/// without an `@`, the password would be read as a port.
const GATED: &str = r#"
[pools.api]
upstreams = ["http://u:s3cr3t@@@h", { url = "http://u:s3cr3t@@@h", weight = 2 }]
affinity = { cookie = "gw", secret = "s3cr3t-s3cr3t-s3cr3t", max_age = "1h" }

[pools.b]
upstreams = ["http://127.0.0.1:9001"]
[pools.b.affinity]
cookie = "gw"
secret = 's3cr3t'

[routes."/a"]
pool = "api"
admin_tokens = ["s3cr3t-s3cr3t", "sha256:s3cr3t", { token = "s3cr3t", label = "ops" }]

[routes."/b"]
pool = "api"
admin_tokens = [
    "s3cr3t",
    { token = 's3cr3t', expires = 2027-01-01T00:00:00Z }, { sha256 = """s3cr3t""" },
]

[routes]
"/c" = { admin_tokens = ["s3cr3t"], pool = "api" }

[limits]
uri = 1000
"#;

/// Found by the property below: keys of one table as names of tables.
#[test]
fn a_header_that_is_cut_short_shows_no_secret() {
    for file in [
        "[pools]#.b.affinity]\nsecret = 's3cr3t'\n",
        "[routes]#.\"/a\"]\nadmin_tokens = [\"s3cr3t\"]\n",
        "[routes]#.\"/a\"]\nadmin_tokens = \"s3cr3t\"\ntoken = \"s3cr3t\"\n",
    ] {
        let errors = parse(file).unwrap_err().to_string();
        assert!(!errors.contains(SECRET), "{file}\n=>\n{errors}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4096))]

    /// A typing error anywhere in the file doesn't make an error show the secret.
    #[test]
    fn a_slip_shows_no_secret(at in 0..GATED.len(), removed in 0_usize..3, added in "[\\[\\]{}=\"'#,.\n a]{0,2}") {
        let mut file = GATED.to_owned();
        file.replace_range(at..(at + removed).min(GATED.len()), &added);
        if let Err(errors) = parse(&file) {
            prop_assert!(!errors.to_string().contains(SECRET), "{}\n=>\n{}", file, errors);
        }
    }
}
