//! A text that parses as a target has one scheme, one base path, and either one authority without user information or
//! one Unix socket.
#![no_main]

use std::path::Path;

use libfuzzer_sys::fuzz_target;
use proxy_service::{Target, path};

fuzz_target!(|text: &str| {
    let target = match text.parse::<Target>() {
        Ok(target) => target,
        Err(error) => {
            assert!(!error.to_string().is_empty());
            return;
        }
    };
    let shown = target.to_string();
    assert_eq!(shown.parse::<Target>().as_ref(), Ok(&target), "{text:?} came back different");
    assert!(matches!(target.scheme().as_str(), "http" | "https"));
    assert!(!shown.contains(['?', '#']));
    let base = target.base_path();
    assert!(base.is_empty() || base.starts_with('/') && !base.ends_with('/'), "{base:?}");
    assert_eq!(path::check(base), Ok(()));
    let scheme = &shown[..target.scheme().as_str().len() + 3];
    assert!(text.to_ascii_lowercase().starts_with(scheme) && text.contains(base));
    match target.unix_socket() {
        None => over_network(text, &target),
        Some(socket) => over_socket(text, &target, socket),
    }
});

fn over_network(text: &str, target: &Target) {
    let authority = target.authority();
    assert!(text.contains(authority.as_str()) && !authority.as_str().contains('@'));
    assert_ne!(authority.port_u16(), Some(0));
    assert!(!authority.host().is_empty());
}

fn over_socket(text: &str, target: &Target, socket: &Path) {
    assert_eq!((target.scheme().as_str(), target.authority().as_str()), ("http", "localhost"));
    let socket = socket.to_str().unwrap();
    assert!(socket.starts_with('/') && !socket.ends_with('/') && !socket.contains(':'));
    assert!(text.contains(socket) && !socket.contains(char::is_control));
}
