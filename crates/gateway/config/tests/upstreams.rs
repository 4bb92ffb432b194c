//! Where an upstream's endpoints are: `upstreams`, `resolve`, `[dns]`.

use std::path::Path;

use super::*;

fn with(upstreams: &str, keys: &str) -> Result<Config, ConfigErrors> {
    parse(format!("[pools.a]\nupstreams = {upstreams}\n{keys}\n[routes.\"/a\"]\npool = \"a\"\n"))
}

fn locations(upstreams: &str, keys: &str) -> Vec<Location> {
    let mut config = with(upstreams, keys).unwrap_or_else(|errors| panic!("{errors}"));
    config.pools.remove(0).upstreams.into_iter().map(|upstream| upstream.location).collect()
}

#[test]
fn a_name_has_addresses_and_an_address_is_itself() {
    let target = |url: &str| url.parse().unwrap();
    for (url, is_name) in [
        ("http://api.internal:8080", true),
        ("http://api/base", true),
        ("http://api.internal.", true),
        ("http://10.0.0.1", false),
        ("http://[::1]:80", false),
        ("http://localhost:80", false),
        ("http://LOCALHOST.", false),
        ("http://app.localhost", false),
        ("http://unix:/run/app.sock", false),
    ] {
        let followed = if is_name && cfg!(feature = "dns") { Location::Name } else { Location::Fixed };
        assert_eq!(locations(&format!("[\"{url}\"]"), ""), [followed(target(url))], "{url}");
        assert_eq!(
            locations(&format!("[\"{url}\"]"), "resolve = \"once\""),
            [Location::Fixed(target(url))],
            "{url}"
        );
    }
}

#[cfg(feature = "dns")]
#[test]
fn srv_records_have_a_name_and_no_port() {
    let found = locations("[\"srv+http://_api._tcp.internal/base\"]", "resolve = \"once\"");
    assert_eq!(found, [Location::Service("http://_api._tcp.internal/base".parse().unwrap())]);
    assert_eq!(found[0].to_string(), "srv+http://_api._tcp.internal/base");
    for url in ["srv+http://_api._tcp.internal:80", "srv+http://10.0.0.1", "srv+http://unix:/run/app.sock"] {
        let errors = with(&format!("[\"{url}\"]"), "").unwrap_err().to_string();
        assert!(errors.contains("SRV records have a name, and say the ports themselves"), "{errors}");
    }
    assert!(with("[\"srv+ftp://_api._tcp.internal\"]", "").is_err());
}

#[test]
fn a_file_is_relative_to_the_configuration() {
    for upstreams in ["{ file = \"list.json\" }", "[{ file = \"list.json\" }]"] {
        let text = format!("[pools.a]\nupstreams = {upstreams}\n[routes.\"/a\"]\npool = \"a\"\n");
        let config = Config::parse("/etc/gateway/gateway.toml", text, |_| None).unwrap();
        let expected = Path::new("/etc/gateway/list.json").to_owned();
        assert_eq!(config.pools[0].upstreams[0].location, Location::File(expected), "{upstreams}");
    }
}

#[test]
fn priorities_and_backups() {
    let config = with(
        "[\"http://10.0.0.1\", { url = \"http://10.0.0.2\", priority = 3 }, { url = \"http://10.0.0.3\", backup = true }]",
        "tier_share = 1",
    );
    let pool = config.unwrap().pools.remove(0);
    assert_eq!(pool.upstreams.iter().map(|upstream| upstream.priority).collect::<Vec<_>>(), [0, 3, 255]);
    assert_eq!(pool.tier_share, 1);
}

#[test]
fn what_makes_no_sense_is_refused() {
    for (upstreams, keys, why) in [
        (
            "[{ url = \"http://10.0.0.1\", priority = 1, backup = true }]",
            "",
            "a backup has the last priority already",
        ),
        ("[{ url = \"http://10.0.0.1\", priority = 255 }]", "", "255 is out of range"),
        ("[{ url = \"http://10.0.0.1\", file = \"a\" }]", "", "has both a url and a file"),
        ("[{ weight = 1 }]", "", "has no url or file"),
        ("{ file = \"\" }", "", "is empty"),
        ("[\"http://a\", \"http://a\"]", "", "the upstream http://a stands in this pool twice"),
        ("[\"http://a\"]", "resolve = \"never\"", "found \"never\""),
        ("[\"http://a\"]", "tier_share = 0", "0 is out of range"),
        ("[\"http://a\"]", "[dns]\nservers = []", "there are 0 name servers"),
        ("[\"http://a\"]", "[dns]\nservers = [\"ns.example\"]", "\"ns.example\" is no name server"),
        ("[\"http://a\"]", "[dns]\nservers = [\"10.0.0.1:0\"]", "\"10.0.0.1:0\" is no name server"),
    ] {
        let errors = with(upstreams, keys).unwrap_err().to_string();
        assert!(errors.contains(why), "{upstreams} {keys}: {errors}");
    }
}

#[test]
fn name_servers_listen_on_53() {
    let config =
        with("[\"http://a\"]", "[dns]\nservers = [\"10.0.0.2\", \"127.0.0.1:5353\", \"::1\"]").unwrap();
    let expected = ["10.0.0.2:53", "127.0.0.1:5353", "[::1]:53"].map(|server| server.parse().unwrap());
    assert_eq!(config.dns.servers, expected);
}
