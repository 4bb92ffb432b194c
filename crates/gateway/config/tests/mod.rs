mod accepted;
#[cfg(feature = "acme")]
mod acme;
mod answers;
mod examples;
mod limits;
#[cfg(feature = "tls")]
mod listen_tls;
mod log;
mod matching;
mod misplaced;
mod pool_keys;
mod properties;
mod refused;
mod rewriting;
mod schema;
mod secrecy;
mod several_pools;
#[cfg(feature = "tls")]
mod tls_files;
mod traces;
mod unreadable;
mod upstreams;

use super::*;

/// The shortest valid file, to which a test adds what it is about.
const MINIMAL: &str =
    "[pools.api]\nupstreams = [\"http://127.0.0.1:9001\"]\n[routes.\"/api\"]\npool = \"api\"\n";

/// The environment variables of all tests.
fn variable(name: &str) -> Option<String> {
    let value = match name {
        "ADMIN_TOKEN" => "from-the-environment\n",
        "ADMIN_DIGEST" => "sha256:1c8bfe8f801d79745c4631d09fff36c82aa37fc4cce4fc946683d7b336b63032",
        "GW_SECRET" => "0123456789abcdef-from-the-environment\n",
        "EMPTY" => "",
        "NEWLINE" => "\n",
        "LISTEN" => "0.0.0.0:80",
        "UPSTREAM" => "http://api.internal:8080",
        "HOST" => "api.internal",
        "PORT" => "8080",
        "USERINFO" => "user:hunter2@api.internal",
        "GARBAGE" => "s3cr3t garbage",
        _ => return None,
    };
    Some(value.to_owned())
}

fn parse(text: impl AsRef<[u8]>) -> Result<Config, ConfigErrors> {
    Config::parse("gateway.toml", text, variable)
}
