//! Any file gives either a configuration in which each gate has a token, or a list of errors, each with its place.
#![no_main]

use gateway::config::{Config, Position, Severity};
use libfuzzer_sys::fuzz_target;

/// The value of an environment variable. No error may show it.
const CANARY: &str = "Zq7-canary-from-the-environment";

fuzz_target!(|bytes: &[u8]| {
    let variable = |name: &str| match name {
        "ADMIN_TOKEN" => Some(CANARY.to_owned()),
        "EMPTY" => Some(String::new()),
        _ => None,
    };
    let shown = match Config::parse("gateway.toml", bytes, variable) {
        Ok(config) => {
            assert!(!config.routes.is_empty());
            for route in &config.routes {
                assert!(config.pool_of(route).is_none_or(|pool| !pool.upstreams.is_empty()));
                assert!(route.entry.admin_tokens.as_ref().is_none_or(|tokens| !tokens.is_empty()), "an open gate");
            }
            assert!(config.warnings.iter().all(|warning| warning.severity == Severity::Warning));
            format!("{config:?}")
        }
        Err(errors) => {
            let lines = bytes.split(|byte| *byte == b'\n').count();
            let mut last = Position { line: 1, column: 1 };
            assert!(errors.len() > 0);
            for error in &errors {
                let position = error.position.expect("an error has its place");
                assert!((1..=lines).contains(&position.line) && position.column >= 1, "{error}");
                assert!(position >= last, "out of order: {error}");
                last = position;
            }
            let shown = errors.to_string();
            assert!(shown.chars().all(|c| c == '\n' || !c.is_control()), "{shown:?}");
            shown
        }
    };
    let is_in_the_file = bytes.windows(CANARY.len()).any(|window| window == CANARY.as_bytes());
    assert!(is_in_the_file || !shown.contains(CANARY), "a secret is shown");
});
