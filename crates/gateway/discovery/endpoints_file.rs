//! The format of a file with endpoints: that of Prometheus' `file_sd`, in JSON.
//!
//! ```json
//! [{ "targets": ["10.0.0.7:8080", "10.0.0.8:8080"], "labels": { "weight": "2" } }]
//! ```

use std::collections::HashMap;

use proxy_service::Target;
use serde::Deserialize;

use super::found::Found;
use super::looked::Trouble;

/// How many endpoints of a file are used.
const MOST: usize = 1024;

#[derive(Deserialize)]
struct Group {
    targets: Vec<String>,
    #[serde(default)]
    labels: HashMap<String, String>,
}

/// Reads a file's endpoints.
///
/// # Errors
/// If it isn't of that format, or has an endpoint that can't be used: then nothing of it is.
pub(super) fn read(text: &[u8]) -> Result<Vec<Found>, Trouble> {
    let groups: Vec<Group> = serde_json::from_slice(text).map_err(Trouble::of)?;
    let mut found = Vec::new();
    for Group { targets, labels } in groups {
        let scheme = labels.get("__scheme__").map_or("http", String::as_str);
        let weight = number(&labels, "weight")?.unwrap_or(1);
        let priority = number(&labels, "priority")?.unwrap_or(0);
        for written in targets {
            let url = if written.contains("://") { written } else { format!("{scheme}://{written}") };
            let target: Target = url.parse().map_err(Trouble::of)?;
            found.push(Found::new(target).weight(weight).priority(priority));
        }
    }
    if found.len() > MOST {
        return Err(Trouble::of(format_args!(
            "it has {} endpoints, and {MOST} are too many already",
            found.len()
        )));
    }
    if found.is_empty() { Err(Trouble::Nothing) } else { Ok(found) }
}

fn number<T: std::str::FromStr>(labels: &HashMap<String, String>, name: &str) -> Result<Option<T>, Trouble> {
    let Some(text) = labels.get(name) else { return Ok(None) };
    match text.parse() {
        Ok(number) => Ok(Some(number)),
        Err(_) => Err(Trouble::of(format_args!("the label {name} is no number that it can be: {text:?}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn good_files() {
        let text = r#"[
            { "targets": ["10.0.0.7:8080", "[::1]:80"] },
            { "targets": ["app.internal:8443"], "labels": { "__scheme__": "https", "weight": "3", "env": "prod" } },
            { "targets": ["http://10.0.0.9/base"], "labels": { "priority": "1" } }
        ]"#;
        let target = |url: &str| Found::new(url.parse().unwrap());
        let secure = if cfg!(feature = "tls") { "https://app.internal:8443" } else { return };
        assert_eq!(
            read(text.as_bytes()).unwrap(),
            [
                target("http://10.0.0.7:8080"),
                target("http://[::1]:80"),
                target(secure).weight(3),
                target("http://10.0.0.9/base").priority(1),
            ]
        );
    }

    #[test]
    fn bad_files_say_why() {
        for (text, why) in [
            ("", "EOF while parsing"),
            ("[{\"targets\": [\"a\"]", "EOF while parsing"),
            ("{}", "invalid type"),
            ("[]", "there is no endpoint"),
            ("[{\"targets\": []}]", "there is no endpoint"),
            ("[{\"targets\": [\"a b\"]}]", "no URI"),
            ("[{\"targets\": [\"a\"], \"labels\": {\"weight\": \"-1\"}}]", "the label weight"),
            ("[{\"targets\": [\"a\"], \"labels\": {\"priority\": \"256\"}}]", "the label priority"),
        ] {
            let trouble = read(text.as_bytes()).unwrap_err().to_string();
            assert!(trouble.contains(why), "{text}: {trouble}");
        }
        let many = format!("[{{\"targets\": [{}\"a\"]}}]", "\"a\", ".repeat(MOST));
        assert!(read(many.as_bytes()).unwrap_err().to_string().contains("too many"));
    }
}
